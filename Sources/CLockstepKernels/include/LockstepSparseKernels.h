// SPDX-License-Identifier: Apache-2.0
//
// Rows of which only some entries are stored; the others are zeros.

#ifndef LOCKSTEP_SPARSE_KERNELS_H
#define LOCKSTEP_SPARSE_KERNELS_H

// Included by CLockstepKernels.h, after lockstep_rows.

/// Compressed rows. Row i has the entries offsets[i] … offsets[i + 1] − 1 of `columns` and `values`, columns ascending.
typedef struct {
  const ptrdiff_t *_Nonnull offsets;  // count + 1
  const int32_t *_Nullable columns;
  const void *_Nullable values;
  bool is_float;
  ptrdiff_t count;
  ptrdiff_t column_count;
} lockstep_sparse_rows;

/// Writes the entries of the rows first, first + step, … into `count` dense rows of zeros, of the rows' own type.
void lockstep_scatter_rows(
  lockstep_sparse_rows rows, ptrdiff_t first, ptrdiff_t step, ptrdiff_t count, void *_Nonnull dense);
/// Writes zeros where `lockstep_scatter_rows` wrote.
void lockstep_clear_rows(
  lockstep_sparse_rows rows, ptrdiff_t first, ptrdiff_t step, ptrdiff_t count, void *_Nonnull dense);
/// magnitudes[j] = max(magnitudes[j], |x_ij|); a NaN is passed over.
void lockstep_sparse_magnitudes(lockstep_sparse_rows rows, double *_Nonnull magnitudes);
/// sums[label] += x − shift and counts[label] += 1 for the rows whose cluster is wanted, row by row: the additions of dense
/// rows. `row`: room for one.
void lockstep_sparse_add_rows(
  lockstep_sparse_rows rows, const double *_Nonnull shift, const int32_t *_Nonnull labels, const bool *_Nonnull is_wanted,
  double *_Nonnull sums, ptrdiff_t *_Nonnull counts, double *_Nonnull row);

#endif
