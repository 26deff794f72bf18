// SPDX-License-Identifier: Apache-2.0
//
// The residuals of a regression, r = y − b₀ − x·b, and what the columns still explain of them. Of a nearly exact fit residuals are
// far smaller than the terms that they are made of, so terms are multiplied exactly and added in double-double; the sums over
// the rows, Σ w r (x − shift), Σ w r and Σ w r², are in double.
//
// A lane is a column, but for the sums of lanes, of eight rows at once.

/// The last columns of a row, those that no whole eight before holds; zeros in the other lanes.
INLINE d8 tail8(const void *row, bool is_float, ptrdiff_t p) {
  if (p >= 8) return (d8)((i8)load8(row, is_float, p - 8) & tail_mask(p));
  d8 v = 0;
  for (ptrdiff_t j = 0; j < p; j++) v[j] = load1(row, is_float, j);
  return v;
}

/// sum − x·b, lane by lane.
INLINE dd8 subtract_product(dd8 sum, d8 x, d8 b) {
  const d8 product = -x * b, rest = fma8(-x, b, -product);
  TWO_SUM(d8, sum.high, product, s, e)
  return (dd8){s, sum.low + (e + rest)};
}

/// Eight rows from `first` on, fewer at the end, for one response.
INLINE d8 residuals8(
  lockstep_rows x, lockstep_rows y, bool is_float, ptrdiff_t first, ptrdiff_t count, ptrdiff_t k, const double *b,
  d8 b_tail, double intercept) {
  const ptrdiff_t p = x.column_count, whole = p / 8 * 8;
  dd8 sums[8];
  d8 responses = 0;
  for (ptrdiff_t i = 0; i < 8; i++) {
    sums[i] = (dd8){0, 0};
    if (i >= count) continue;
    const void *row = row_at(x, is_float, first + i);
    if (k == 0) prefetch_row(row, is_float, p);
    for (ptrdiff_t j = 0; j < whole; j += 8) sums[i] = subtract_product(sums[i], load8(row, is_float, j), load8(b, false, j));
    if (whole < p) sums[i] = subtract_product(sums[i], tail8(row, is_float, p), b_tail);
    responses[i] = load1(row_at(y, false, first + i), false, k);
  }
  dd8 r = add_lanes(sums);
  r = dd8_add(r, (dd8){responses, 0});
  r = dd8_add(r, (dd8){(d8)-intercept, 0});
  i8 is_row = 0;
  for (ptrdiff_t i = 0; i < count; i++) is_row[i] = -1;
  return (d8)((i8)(r.high + r.low) & is_row);
}

INLINE void add_residuals(
  lockstep_rows x, lockstep_rows y, bool is_float, const double *weights, const double *coefficients,
  const double *intercepts, const double *shift, double *sums) {
  const ptrdiff_t p = x.column_count, whole = p / 8 * 8;
  for (ptrdiff_t first = 0; first < x.count; first += 8) {
    const ptrdiff_t count = x.count - first < 8 ? x.count - first : 8;
    for (ptrdiff_t k = 0; k < y.column_count; k++) {
      const double *b = coefficients + k * p;
      double *out = sums + k * (p + 2);
      const d8 r = residuals8(x, y, is_float, first, count, k, b, tail8(b, false, p), intercepts[k]);
      d8 w = 1;
      if (weights)
        for (ptrdiff_t i = 0; i < count; i++) w[i] = weights[first + i];
      const d8 wr = w * r;
      out[p] += sum8(wr);
      out[p + 1] += sum8(wr * r);
      for (ptrdiff_t j = 0; j < whole; j += 8) {
        d8 sum = 0;
        const d8 about = load8(shift, false, j);
        for (ptrdiff_t i = 0; i < count; i++)
          sum = fma8((d8)wr[i], load8(row_at(x, is_float, first + i), is_float, j) - about, sum);
        *(d8u *)(out + j) += sum;
      }
      for (ptrdiff_t j = whole; j < p; j++) {
        double sum = 0;
        for (ptrdiff_t i = 0; i < count; i++)
          sum = __builtin_fma(wr[i], load1(row_at(x, is_float, first + i), is_float, j) - shift[j], sum);
        out[j] += sum;
      }
    }
  }
}
