// SPDX-License-Identifier: Apache-2.0
//
// Sums of counts by class. See CLockstepKernels.h for the rules.

#ifndef LOCKSTEP_COUNT_KERNELS_H
#define LOCKSTEP_COUNT_KERNELS_H

// Included by CLockstepKernels.h, after lockstep_rows and lockstep_sparse_rows.

/// The index, row · p + column, of the first number that cannot be a count: below 0, infinite or NaN. −1 if there is none.
ptrdiff_t lockstep_first_uncountable(lockstep_rows rows);

/// sums[classes[i] · p + j] += w_i · x_ij, row by row in order, fused where there are weights.
void lockstep_add_class_sums(
  lockstep_rows rows, const int32_t *_Nonnull classes, const double *_Nullable weights, double *_Nonnull sums);
/// The same for rows of which only some entries are stored: the same bits.
void lockstep_add_sparse_class_sums(
  lockstep_sparse_rows rows, const int32_t *_Nonnull classes, const double *_Nullable weights, double *_Nonnull sums);

#endif
