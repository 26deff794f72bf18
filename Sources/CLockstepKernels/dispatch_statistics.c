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
