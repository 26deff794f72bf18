// SPDX-License-Identifier: Apache-2.0

#include "level.h"

ptrdiff_t lockstep_sparse_moments_scratch(ptrdiff_t column_count) {
  return column_count * 64;  // a `sparse_column` of sparse_statistics.h and room to spare
}

lockstep_dd lockstep_sparse_moments(
  lockstep_sparse_rows rows, const double *weights, double *moments, void *scratch) {
  return lockstep_current_table()->sparse_moments(rows, weights, moments, scratch);
}

ptrdiff_t lockstep_sparse_shapes_scratch(ptrdiff_t column_count) {
  return column_count * (13 + 3) * 8;  // as `sparse_column_shapes` of shape.h divides it
}

lockstep_dd lockstep_sparse_shapes(
  lockstep_sparse_rows rows, const double *weights, bool skips_missing, double *shapes, void *scratch) {
  return lockstep_current_table()->sparse_shapes(rows, weights, skips_missing, shapes, scratch);
}

ptrdiff_t lockstep_sparse_cross_products_scratch(ptrdiff_t column_count) {
  return column_count * (16 + 16 + 8 + 8 + 8);  // as `make_sparse_cross_space` divides it
}

lockstep_dd lockstep_sparse_cross_products(
  lockstep_sparse_rows x, lockstep_rows y, const double *weights, double *means, double *highs, double *lows,
  void *scratch) {
  return lockstep_current_table()->sparse_cross_products(x, y, weights, means, highs, lows, scratch);
}

ptrdiff_t lockstep_sparse_map_scratch(ptrdiff_t width) { return (width + 7) / 8 * 256; }

void lockstep_sparse_affine_map(
  lockstep_sparse_rows rows, const double *shift, const double *matrix, const double *constants, ptrdiff_t width,
  double *out, void *scratch) {
  lockstep_current_table()->sparse_affine_map(rows, shift, matrix, constants, width, out, scratch);
}

void lockstep_sparse_gram(lockstep_sparse_rows rows, ptrdiff_t step, double *gram) {
  lockstep_current_table()->sparse_gram(rows, step, gram);
}

ptrdiff_t lockstep_sparse_sweep_scratch(ptrdiff_t cluster_count, ptrdiff_t group_count) {
  return ((cluster_count + 7) / 8 * 8 + group_count) * 8;
}

ptrdiff_t lockstep_sparse_sweep(
  const lockstep_centroids *centroids, const lockstep_sparse_centroids *sparse, lockstep_sparse_rows rows,
  int32_t *labels, float *bounds, bool is_first, bool *is_touched, double *scratch, ptrdiff_t *scored) {
  return lockstep_current_table()->sparse_sweep(
    centroids, sparse, rows, labels, bounds, is_first, is_touched, scratch, scored);
}

double lockstep_sparse_squared_distances(
  lockstep_sparse_rows rows, const double *centroids, ptrdiff_t cluster_count, const int32_t *labels, double *distances,
  void *scratch) {
  return lockstep_current_table()->sparse_squared_distances(
    rows, centroids, cluster_count, labels, distances, scratch);
}

void lockstep_sparse_update_minimums(lockstep_sparse_rows rows, const double *centre, double *minimums) {
  lockstep_current_table()->sparse_update_minimums(rows, centre, minimums);
}
