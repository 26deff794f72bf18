// SPDX-License-Identifier: Apache-2.0
//
// All kernels of one level. A level file includes this once, after defining
//   LOCKSTEP_TABLE  the table to fill
//   TILE_VECTORS, TILE_CENTROIDS  the register tile of the score kernel: so many times eight rows, so many centroids

#include "vectors.h"

#include "scores.h"

#include "distances.h"

#include "codes.h"

#include "lloyd.h"

#include "lloyd_codes.h"

#include "lloyd_sweep.h"

#include "columns.h"

#include "double_double.h"

#include "moments.h"

#include "cross_space.h"

#include "plain_products.h"

#include "exact_products.h"

#include "narrow_products.h"

#include "cross_product.h"

#include "row_maps.h"

#include "residuals.h"

#include "spreads.h"

#include "sparse_statistics.h"

#include "shape.h"

#include "sparse_lloyd.h"
#include "counts.h"
#include "links.h"
#include "neighbours.h"

// `is_float` becomes a constant here, so that each kernel is compiled for Float and for Double.

static ptrdiff_t lloyd_sweep(
  const lockstep_centroids *centroids, lockstep_rows rows, const lockstep_row_codes *codes, int32_t *labels, float *bounds,
  bool is_first, const lockstep_cluster_sums *sums, void *scratch, ptrdiff_t *scored) {
  if (rows.is_float) return sweep(centroids, rows, true, codes, labels, bounds, is_first, sums, scratch, scored);
  return sweep(centroids, rows, false, codes, labels, bounds, is_first, sums, scratch, scored);
}

static double squared_distances(lockstep_rows rows, const double *centroids, const int32_t *labels, double *distances) {
  if (rows.is_float) return label_distances(rows, true, centroids, labels, distances);
  return label_distances(rows, false, centroids, labels, distances);
}

static double update_minimums(lockstep_rows rows, const double *centre, double *minimums) {
  return rows.is_float ? lower_minimums(rows, true, centre, minimums) : lower_minimums(rows, false, centre, minimums);
}

static void encode_rows(lockstep_rows rows, lockstep_row_codes codes) {
  if (rows.is_float) make_row_codes(rows, true, codes);
  else make_row_codes(rows, false, codes);
}

static ptrdiff_t nearer_rows(
  lockstep_rows rows, lockstep_row_codes codes, const float *reaches, lockstep_centre_codes centres,
  const double *minimums, int32_t *nearer, double *distances, void *scratch) {
  if (rows.is_float) return find_nearer_rows(rows, true, codes, reaches, centres, minimums, nearer, distances, scratch);
  return find_nearer_rows(rows, false, codes, reaches, centres, minimums, nearer, distances, scratch);
}

static ptrdiff_t first_non_finite(lockstep_rows rows) {
  return rows.is_float ? find_non_finite(rows, true) : find_non_finite(rows, false);
}

static void column_extremes(lockstep_rows rows, double *minimums, double *maximums) {
  if (rows.is_float) widen_extremes(rows, true, minimums, maximums);
  else widen_extremes(rows, false, minimums, maximums);
}

static lockstep_dd block_moments(lockstep_rows rows, const double *weights, double *moments, void *scratch) {
  if (rows.is_float) {
    if (weights) return column_moments(rows, true, weights, true, moments, scratch);
    return column_moments(rows, true, weights, false, moments, scratch);
  }
  if (weights) return column_moments(rows, false, weights, true, moments, scratch);
  return column_moments(rows, false, weights, false, moments, scratch);
}

static lockstep_dd block_shapes(
  lockstep_rows rows, const double *weights, bool skips_missing, double *shapes, void *scratch) {
  return rows.is_float ? column_shapes(rows, true, weights, skips_missing, shapes, scratch)
                       : column_shapes(rows, false, weights, skips_missing, shapes, scratch);
}

static lockstep_dd sparse_shapes(
  lockstep_sparse_rows rows, const double *weights, bool skips_missing, double *shapes, void *scratch) {
  return rows.is_float ? sparse_column_shapes(rows, true, weights, skips_missing, shapes, scratch)
                       : sparse_column_shapes(rows, false, weights, skips_missing, shapes, scratch);
}

static lockstep_dd block_cross_products(
  lockstep_rows x, lockstep_rows y, const double *weights, double *means, double *highs, double *lows, void *scratch) {
  if (lows && !weights && x.column_count + y.column_count <= NARROW_COLUMNS) {
    const bool is_done = x.is_float ? narrow_products(x, y, true, means, highs, lows, scratch)
                                    : narrow_products(x, y, false, means, highs, lows, scratch);
    if (is_done) return dd_of((double)x.count);
  }
  if (x.is_float) {
    if (lows) return cross_products(x, y, weights, true, true, means, highs, lows, scratch);
    return cross_products(x, y, weights, true, false, means, highs, lows, scratch);
  }
  if (lows) return cross_products(x, y, weights, false, true, means, highs, lows, scratch);
  return cross_products(x, y, weights, false, false, means, highs, lows, scratch);
}

static void affine_map(
  lockstep_rows rows, const double *shift, const double *matrix, const double *constants, ptrdiff_t width, double *out) {
  if (rows.is_float) map_rows(rows, true, shift, matrix, constants, width, out);
  else map_rows(rows, false, shift, matrix, constants, width, out);
}

static void scaled_squares(
  lockstep_rows rows, const double *centers, const double *scales, ptrdiff_t class_count, double *out) {
  if (rows.is_float) measure_scaled_squares(rows, true, centers, scales, class_count, out);
  else measure_scaled_squares(rows, false, centers, scales, class_count, out);
}

static void add_residual_sums(
  lockstep_rows x, lockstep_rows y, const double *weights, const double *coefficients, const double *intercepts,
  const double *shift, double *sums) {
  if (x.is_float) add_residuals(x, y, true, weights, coefficients, intercepts, shift, sums);
  else add_residuals(x, y, false, weights, coefficients, intercepts, shift, sums);
}

static lockstep_dd sparse_block_moments(lockstep_sparse_rows rows, const double *weights, double *moments, void *scratch) {
  if (rows.is_float) return sparse_moments(rows, true, weights, moments, scratch);
  return sparse_moments(rows, false, weights, moments, scratch);
}

static lockstep_dd sparse_cross_products(
  lockstep_sparse_rows x, lockstep_rows y, const double *weights, double *means, double *highs, double *lows,
  void *scratch) {
  if (x.is_float) {
    if (lows) return sparse_products(x, y, true, true, weights, means, highs, lows, scratch);
    return sparse_products(x, y, true, false, weights, means, highs, lows, scratch);
  }
  if (lows) return sparse_products(x, y, false, true, weights, means, highs, lows, scratch);
  return sparse_products(x, y, false, false, weights, means, highs, lows, scratch);
}

static void sparse_affine_map(
  lockstep_sparse_rows rows, const double *shift, const double *matrix, const double *constants, ptrdiff_t width,
  double *out, void *scratch) {
  if (rows.is_float) sparse_map_rows(rows, true, shift, matrix, constants, width, out, scratch);
  else sparse_map_rows(rows, false, shift, matrix, constants, width, out, scratch);
}

static void sparse_gram(lockstep_sparse_rows rows, ptrdiff_t step, double *gram) {
  if (rows.is_float) sparse_gram_rows(rows, true, step, gram);
  else sparse_gram_rows(rows, false, step, gram);
}

static ptrdiff_t sparse_lloyd_sweep(
  const lockstep_centroids *centroids, const lockstep_sparse_centroids *sparse, lockstep_sparse_rows rows,
  int32_t *labels, float *bounds, bool is_first, bool *is_touched, double *scratch, ptrdiff_t *scored) {
  if (rows.is_float)
    return sparse_sweep(centroids, sparse, rows, true, labels, bounds, is_first, is_touched, scratch, scored);
  return sparse_sweep(centroids, sparse, rows, false, labels, bounds, is_first, is_touched, scratch, scored);
}

static double sparse_squared_distances(
  lockstep_sparse_rows rows, const double *centroids, ptrdiff_t cluster_count, const int32_t *labels, double *distances,
  void *scratch) {
  if (rows.is_float)
    return sparse_label_distances(rows, true, centroids, cluster_count, labels, distances, scratch);
  return sparse_label_distances(rows, false, centroids, cluster_count, labels, distances, scratch);
}

static void sparse_update_minimums(lockstep_sparse_rows rows, const double *centre, double *minimums) {
  if (rows.is_float) sparse_lower_minimums(rows, true, centre, minimums);
  else sparse_lower_minimums(rows, false, centre, minimums);
}

static ptrdiff_t first_uncountable(lockstep_rows rows) {
  return rows.is_float ? find_uncountable(rows, true) : find_uncountable(rows, false);
}

static void add_class_sums(lockstep_rows rows, const int32_t *classes, const double *weights, double *sums) {
  if (rows.is_float) {
    if (weights) sum_classes(rows, true, classes, weights, true, sums);
    else sum_classes(rows, true, classes, weights, false, sums);
  } else {
    if (weights) sum_classes(rows, false, classes, weights, true, sums);
    else sum_classes(rows, false, classes, weights, false, sums);
  }
}

static void add_sparse_class_sums(
  lockstep_sparse_rows rows, const int32_t *classes, const double *weights, double *sums) {
  if (rows.is_float) {
    if (weights) sum_sparse_classes(rows, true, classes, weights, true, sums);
    else sum_sparse_classes(rows, true, classes, weights, false, sums);
  } else {
    if (weights) sum_sparse_classes(rows, false, classes, weights, true, sums);
    else sum_sparse_classes(rows, false, classes, weights, false, sums);
  }
}

const lockstep_table LOCKSTEP_TABLE = {
  .lloyd_sweep = lloyd_sweep,
  .squared_distances = squared_distances,
  .update_minimums = update_minimums,
  .encode_rows = encode_rows,
  .encode_centres = make_centre_codes,
  .set_reaches = set_reaches,
  .nearer_rows = nearer_rows,
  .first_non_finite = first_non_finite,
  .column_extremes = column_extremes,
  .drifts = measure_drifts,
  .separations = measure_separations,
  .block_moments = block_moments,
  .merge_moments = merge_column_moments,
  .block_shapes = block_shapes,
  .merge_shapes = merge_column_shapes,
  .block_cross_products = block_cross_products,
  .merge_cross_products = merge_cross_products,
  .affine_map = affine_map,
  .scaled_squares = scaled_squares,
  .add_residual_sums = add_residual_sums,
  .sparse_moments = sparse_block_moments,
  .sparse_shapes = sparse_shapes,
  .sparse_cross_products = sparse_cross_products,
  .sparse_affine_map = sparse_affine_map,
  .sparse_gram = sparse_gram,
  .sparse_sweep = sparse_lloyd_sweep,
  .sparse_squared_distances = sparse_squared_distances,
  .sparse_update_minimums = sparse_update_minimums,
  .first_uncountable = first_uncountable,
  .add_class_sums = add_class_sums,
  .add_sparse_class_sums = add_sparse_class_sums,
  .link_rows = link_rows,
  .class_probabilities = class_probabilities,
  .class_weights = class_weights,
  .find_cores = find_cores,
  .link_cores = link_cores,
  .find_lowest_cores = find_lowest_cores,
};
