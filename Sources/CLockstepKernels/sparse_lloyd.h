// SPDX-License-Identifier: Apache-2.0
//
// k-means over stored entries. The score of a row x and a centroid c is ½‖c‖² − x·c, without a shift: one chain, from ½‖c‖²
// over the stored entries in order, each step fma(−c_j, x_j, ·). Entries that are not stored would leave it as it is. A lane
// is a centroid.
//
// Bounds are those of lloyd.h, whose account of rounding holds with a shift of 0.

/// ‖c‖² without rounding to speak of.
INLINE dd square_norm(const double *c, ptrdiff_t p) {
  dd sum = dd_of(0);
  for (ptrdiff_t j = 0; j < p; j++) sum = dd_accumulate_product(sum, c[j], c[j]);
  return dd_quick(sum.high, sum.low);
}

/// ‖x − c‖² = Σ over stored entries of (x − c)² + what ‖c‖² has besides them, which is a difference in double-double.
INLINE double sparse_distance(lockstep_sparse_rows rows, bool is_float, ptrdiff_t i, const double *c, dd norm) {
  double near = 0;
  for (ptrdiff_t e = rows.offsets[i]; e < rows.offsets[i + 1]; e++) {
    const double z = c[rows.columns[e]], d = entry_at(rows, is_float, e) - z;
    near = __builtin_fma(d, d, near);
    norm = dd_accumulate_product(norm, -z, z);
  }
  const double rest = norm.high + norm.low;
  return near + (rest < 0 ? 0 : rest);
}

INLINE double sparse_label_distances(
  lockstep_sparse_rows rows, bool is_float, const double *centroids, ptrdiff_t k, const int32_t *labels,
  double *distances, void *scratch) {
  const ptrdiff_t p = rows.column_count;
  dd *norms = scratch;
  for (ptrdiff_t c = 0; c < k; c++) norms[c] = square_norm(centroids + c * p, p);
  double sum = 0;
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const double d = sparse_distance(rows, is_float, i, centroids + labels[i] * p, norms[labels[i]]);
    if (distances) distances[i] = d;
    sum += d;
  }
  return sum;
}

INLINE void sparse_lower_minimums(lockstep_sparse_rows rows, bool is_float, const double *centre, double *minimums) {
  const dd norm = square_norm(centre, rows.column_count);
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const double d = sparse_distance(rows, is_float, i, centre, norm);
    minimums[i] = d < minimums[i] ? d : minimums[i];
  }
}

/// Labels one row by all its scores and starts its bounds (if not null). Returns the label.
INLINE int32_t sparse_label_row(
  const lockstep_centroids *centroids, const lockstep_sparse_centroids *sparse, lockstep_sparse_rows rows, bool is_float,
  ptrdiff_t i, float *bounds, double *scores, double *least_of_groups) {
  const ptrdiff_t k = centroids->cluster_count, t = centroids->group_count, padded = (k + 7) / 8 * 8;
  memcpy(scores, sparse->half_norms, (size_t)padded * sizeof *scores);
  double norm = 0;
  for (ptrdiff_t e = rows.offsets[i]; e < rows.offsets[i + 1]; e++) {
    const double x = entry_at(rows, is_float, e);
    const double *c = sparse->negated + rows.columns[e] * padded;
    norm = __builtin_fma(x, x, norm);
    for (ptrdiff_t s = 0; s < padded; s += 8)
      *(d8u *)(scores + s) = fma8(load8(c, false, s), (d8)x, *(d8u *)(scores + s));
  }
  double least = INFINITY;
  ptrdiff_t label = 0;  // as for dense rows with no score below +infinity
  for (ptrdiff_t c = 0; c < k; c++)
    if (scores[c] < least) {
      least = scores[c];
      label = c;
    }
  if (!bounds) return (int32_t)label;
  for (ptrdiff_t g = 0; g < t; g++) least_of_groups[g] = INFINITY;
  for (ptrdiff_t c = 0; c < k; c++) {
    double *of_group = least_of_groups + centroids->groups[c];
    // A NaN stays: then no bound holds.
    if (c != label && (scores[c] < *of_group || isnan(scores[c]))) *of_group = scores[c];
  }
  bounds[0] = upper(least, norm, sparse->radius, centroids->guard);
  const double far = sqrt(norm) + sparse->radius;
  for (ptrdiff_t g = 0; g < t; g++) {
    const double square = (norm + 2 * least_of_groups[g]) - centroids->guard * (far * far);
    bounds[1 + g] = float_below(square > 0 ? sqrt(square) : 0);
  }
  return (int32_t)label;
}

/// Labels rows, and marks the clusters that they leave and come to. Returns how many labels changed.
INLINE ptrdiff_t sparse_sweep(
  const lockstep_centroids *centroids, const lockstep_sparse_centroids *sparse, lockstep_sparse_rows rows, bool is_float,
  int32_t *labels, float *bounds, bool is_first, bool *is_touched, double *scratch, ptrdiff_t *scored) {
  const ptrdiff_t k = centroids->cluster_count, t = centroids->group_count, padded = (k + 7) / 8 * 8;
  const float twice_radius = float_above(2 * sparse->radius), guard = float_above(centroids->guard);
  ptrdiff_t changed = 0;
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    float *own = bounds ? bounds + i * (1 + t) : 0;
    if (own && !is_first) {
      const ptrdiff_t a = labels[i];
      const float *separations = centroids->separations + a * t;
      if (move_bounds(own, t, centroids->drifts[a], centroids->group_drifts + a * t, separations, twice_radius, guard))
        continue;
      // The distance to its own centroid, before those to all.
      double score = sparse->half_norms[a], norm = 0;
      for (ptrdiff_t e = rows.offsets[i]; e < rows.offsets[i + 1]; e++) {
        const double x = entry_at(rows, is_float, e);
        norm = __builtin_fma(x, x, norm);
        score = __builtin_fma(sparse->negated[rows.columns[e] * padded + a], x, score);
      }
      *scored += 1;
      own[0] = upper(score, norm, sparse->radius, centroids->guard);
      const float above = threshold(own[0], twice_radius, guard);
      if (groups_to_scan(own + 1, separations, t, own[0], above) == 0) continue;
    }
    const int32_t label = sparse_label_row(centroids, sparse, rows, is_float, i, own, scratch, scratch + padded);
    *scored += k;
    if (!is_first && label != labels[i]) {
      changed++;
      is_touched[labels[i]] = is_touched[label] = true;
    }
    labels[i] = label;
  }
  return is_first ? rows.count : changed;
}
