// SPDX-License-Identifier: Apache-2.0

#include "level.h"

lockstep_link_sums lockstep_link_rows(
  int family, ptrdiff_t count, const double *predictors, ptrdiff_t stride, bool has_direction, const double *targets,
  const double *row_weights, double *weights, double *residuals) {
  return lockstep_current_table()->link_rows(
    family, count, predictors, stride, has_direction, targets, row_weights, weights, residuals);
}

lockstep_link_sums lockstep_class_probabilities(
  ptrdiff_t count, ptrdiff_t class_count, const double *predictors, ptrdiff_t stride, bool has_directions,
  const int32_t *classes, const double *row_weights, double *probabilities) {
  return lockstep_current_table()->class_probabilities(
    count, class_count, predictors, stride, has_directions, classes, row_weights, probabilities);
}

void lockstep_class_weights(
  ptrdiff_t count, ptrdiff_t k, ptrdiff_t l, const double *probabilities, ptrdiff_t class_count, const int32_t *classes,
  const double *row_weights, double *weights, double *residuals) {
  lockstep_current_table()->class_weights(
    count, k, l, probabilities, class_count, classes, row_weights, weights, residuals);
}
