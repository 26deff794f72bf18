// SPDX-License-Identifier: Apache-2.0

#include "level.h"

ptrdiff_t lockstep_moments_scratch(ptrdiff_t column_count) {
  // As moments.h uses it: seven vectors for each eight columns, or for each of fewer than eight.
  const ptrdiff_t strips = column_count < 8 ? 8 : (column_count + 7) / 8;
  return strips * 7 * 64;
}

lockstep_dd lockstep_block_moments(lockstep_rows rows, const double *weights, double *moments, void *scratch) {
  return lockstep_current_table()->block_moments(rows, weights, moments, scratch);
}

void lockstep_merge_moments(
  ptrdiff_t column_count, double *moments, lockstep_dd weight, const double *later, lockstep_dd later_weight) {
  lockstep_current_table()->merge_moments(column_count, moments, weight, later, later_weight);
}

ptrdiff_t lockstep_shapes_scratch(ptrdiff_t column_count) {
  // As shape.h uses it: fourteen vectors for each eight columns, or for each of fewer than eight, and fourteen numbers a column.
  const ptrdiff_t strips = column_count < 8 ? 8 : (column_count + 7) / 8;
  return strips * 14 * 64 + column_count * 14 * 8;
}

lockstep_dd lockstep_block_shapes(
  lockstep_rows rows, const double *weights, bool skips_missing, double *shapes, void *scratch) {
  return lockstep_current_table()->block_shapes(rows, weights, skips_missing, shapes, scratch);
}

void lockstep_merge_shapes(ptrdiff_t column_count, double *shapes, const double *later) {
  lockstep_current_table()->merge_shapes(column_count, shapes, later);
}

ptrdiff_t lockstep_cross_products_scratch(ptrdiff_t column_count, bool is_exact, bool has_weights) {
  // As `make_cross_space` of cross_space.h divides it.
  const ptrdiff_t panels = (column_count + 7) / 8, lane = panels * 64, rows = is_exact ? 64 : 128;
  const ptrdiff_t packed = rows * lane * (has_weights ? 2 : 1), products = 8 * panels * lane;
  const ptrdiff_t panelled = 5 * lane + (packed + products) * (is_exact ? 2 : 1);
  if (!is_exact || has_weights || column_count > NARROW_COLUMNS) return panelled;
  // As `make_narrow_space` of narrow_products.h does.
  const ptrdiff_t stride = column_count + 1, totals = column_count * (column_count + 3) / 2 + 8;
  const ptrdiff_t narrow = 512 + stride * (2 * 16 * 64 + stride * 128) + totals * 128;
  return panelled > narrow ? panelled : narrow;
}

lockstep_dd lockstep_block_cross_products(
  lockstep_rows x, lockstep_rows y, const double *weights, double *means, double *highs, double *lows, void *scratch) {
  return lockstep_current_table()->block_cross_products(x, y, weights, means, highs, lows, scratch);
}

void lockstep_merge_cross_products(
  ptrdiff_t column_count, double *means, double *highs, double *lows, lockstep_dd weight, const double *later_means,
  const double *later_highs, const double *later_lows, lockstep_dd later_weight) {
  lockstep_current_table()->merge_cross_products(
    column_count, means, highs, lows, weight, later_means, later_highs, later_lows, later_weight);
}

void lockstep_affine_map(
  lockstep_rows rows, const double *shift, const double *matrix, const double *constants, ptrdiff_t width, double *out) {
  lockstep_current_table()->affine_map(rows, shift, matrix, constants, width, out);
}

void lockstep_scaled_squares(
  lockstep_rows rows, const double *centers, const double *scales, ptrdiff_t class_count, double *out) {
  lockstep_current_table()->scaled_squares(rows, centers, scales, class_count, out);
}

void lockstep_add_residual_sums(
  lockstep_rows x, lockstep_rows y, const double *weights, const double *coefficients, const double *intercepts,
  const double *shift, double *sums) {
  lockstep_current_table()->add_residual_sums(x, y, weights, coefficients, intercepts, shift, sums);
}

ptrdiff_t lockstep_first_uncountable(lockstep_rows rows) { return lockstep_current_table()->first_uncountable(rows); }

void lockstep_add_class_sums(lockstep_rows rows, const int32_t *classes, const double *weights, double *sums) {
  lockstep_current_table()->add_class_sums(rows, classes, weights, sums);
}

void lockstep_add_sparse_class_sums(
  lockstep_sparse_rows rows, const int32_t *classes, const double *weights, double *sums) {
  lockstep_current_table()->add_sparse_class_sums(rows, classes, weights, sums);
}
