// SPDX-License-Identifier: Apache-2.0
//
// Squared distances by differences. Lane l sums the columns j = l, l + 8, l + 16 …; what is left over of the columns
// goes to the upper lanes (p ≥ 8) or the lower ones; the lanes are added in one fixed order. Sums over rows are taken
// row by row.

INLINE double squared_distance(const void *row, bool is_float, const double *centre, ptrdiff_t p, i8 mask) {
  d8 sum = 0;
  if (p < 8) {
    for (ptrdiff_t j = 0; j < p; j++) {
      double d = load1(row, is_float, j) - centre[j];
      sum[j] = d * d;
    }
    return sum8(sum);
  }
  ptrdiff_t j = 0;
  for (; j + 8 <= p; j += 8) {
    d8 d = load8(row, is_float, j) - load8(centre, false, j);
    sum = fma8(d, d, sum);
  }
  if (j < p) {
    d8 d = load8(row, is_float, p - 8) - load8(centre, false, p - 8);
    d = mask ? d : (d8)0;
    sum = fma8(d, d, sum);
  }
  return sum8(sum);
}

INLINE double label_distances(
  lockstep_rows rows, bool is_float, const double *centroids, const int32_t *labels, double *distances) {
  const ptrdiff_t p = rows.column_count;
  const i8 mask = tail_mask(p);
  double sum = 0;
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const void *row = row_at(rows, is_float, i);
    prefetch_row(row, is_float, p);
    double d = squared_distance(row, is_float, centroids + labels[i] * p, p, mask);
    if (distances) distances[i] = d;
    sum += d;
  }
  return sum;
}

INLINE double lower_minimums(lockstep_rows rows, bool is_float, const double *centre, double *minimums) {
  const ptrdiff_t p = rows.column_count;
  const i8 mask = tail_mask(p);
  double sum = 0;
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const void *row = row_at(rows, is_float, i);
    prefetch_row(row, is_float, p);
    double d = squared_distance(row, is_float, centre, p, mask);
    d = d < minimums[i] ? d : minimums[i];
    minimums[i] = d;
    sum += d;
  }
  return sum;
}

// The two tables of the bounds. Differences have a relative error of a few p·2⁻⁵³, far inside what `float_above` and
// `float_below` give away.

static void measure_drifts(
  const double *a, const double *b, ptrdiff_t cluster_count, ptrdiff_t column_count, float *drifts) {
  const i8 mask = tail_mask(column_count);
  for (ptrdiff_t c = 0; c < cluster_count; c++) {
    double d = squared_distance(a + c * column_count, false, b + c * column_count, column_count, mask);
    drifts[c] = d == 0 ? 0 : float_above(sqrt(d));
  }
}

static void measure_separations(
  const double *centroids, ptrdiff_t cluster_count, ptrdiff_t column_count, const int32_t *groups, ptrdiff_t group_count,
  float *separations) {
  const i8 mask = tail_mask(column_count);
  for (ptrdiff_t i = 0; i < cluster_count * group_count; i++) separations[i] = FLT_MAX;
  for (ptrdiff_t c = 0; c < cluster_count; c++)
    for (ptrdiff_t d = 0; d < c; d++) {
      const double *a = centroids + c * column_count, *b = centroids + d * column_count;
      float below = float_below(sqrt(squared_distance(a, false, b, column_count, mask)));
      float *of_c = separations + c * group_count + groups[d], *of_d = separations + d * group_count + groups[c];
      if (!(below >= *of_c)) *of_c = below;
      if (!(below >= *of_d)) *of_d = below;
    }
}
