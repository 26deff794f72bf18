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
/// Adds the rows whose cluster is wanted to its sums, row by row: the additions of dense rows. `row`: room for one.
void lockstep_sparse_add_rows(
  lockstep_sparse_rows rows, const double *_Nonnull shift, const int32_t *_Nonnull labels, const bool *_Nonnull is_wanted,
  const lockstep_cluster_sums *_Nonnull sums, double *_Nonnull row);

// What follows reads stored entries only.

/// The bytes of scratch memory (aligned to 16) for `lockstep_sparse_moments`.
ptrdiff_t lockstep_sparse_moments_scratch(ptrdiff_t column_count);
/// As `lockstep_block_moments`, of any number of rows.
lockstep_dd lockstep_sparse_moments(
  lockstep_sparse_rows rows, const double *_Nullable weights, double *_Nonnull moments, void *_Nonnull scratch);

/// The bytes of scratch memory (aligned to 64) for `lockstep_sparse_shapes`.
ptrdiff_t lockstep_sparse_shapes_scratch(ptrdiff_t column_count);
/// As `lockstep_block_shapes`, the first six runs being those of `lockstep_sparse_moments`.
lockstep_dd lockstep_sparse_shapes(
  lockstep_sparse_rows rows, const double *_Nullable weights, bool skips_missing, double *_Nonnull shapes,
  void *_Nonnull scratch);

/// The bytes of scratch memory (aligned to 16) for `lockstep_sparse_cross_products` of m columns in all.
ptrdiff_t lockstep_sparse_cross_products_scratch(ptrdiff_t column_count);
/// As `lockstep_block_cross_products`.
lockstep_dd lockstep_sparse_cross_products(
  lockstep_sparse_rows x, lockstep_rows y, const double *_Nullable weights, double *_Nonnull means,
  double *_Nonnull highs, double *_Nullable lows, void *_Nonnull scratch);

/// The bytes of scratch memory (aligned to 64) for `lockstep_sparse_affine_map`.
ptrdiff_t lockstep_sparse_map_scratch(ptrdiff_t width);
/// As `lockstep_affine_map`.
void lockstep_sparse_affine_map(
  lockstep_sparse_rows rows, const double *_Nonnull shift, const double *_Nonnull matrix,
  const double *_Nonnull constants, ptrdiff_t width, double *_Nonnull out, void *_Nonnull scratch);

/// gram += the upper triangle of XᵀX of every `step`th row from the first on, packed.
void lockstep_sparse_gram(lockstep_sparse_rows rows, ptrdiff_t step, double *_Nonnull gram);

/// The centroids as sparse rows meet them: without a shift, column by column.
typedef struct {
  const double *_Nullable negated;     // p × k padded to a multiple of eight: −c
  const double *_Nullable half_norms;  // as many: ½‖c‖², and infinity
  double radius;                       // max ‖c‖, or more
} lockstep_sparse_centroids;

/// Fills `negated` and `half_norms` and returns the radius.
double lockstep_pack_sparse_centroids(
  const double *_Nonnull centroids, ptrdiff_t cluster_count, ptrdiff_t column_count, double *_Nonnull negated,
  double *_Nonnull half_norms);

/// The bytes of scratch memory for `lockstep_sparse_sweep`.
ptrdiff_t lockstep_sparse_sweep_scratch(ptrdiff_t cluster_count, ptrdiff_t group_count);
/// Labels rows as `lockstep_lloyd_sweep` does. `is_touched`: k; set, unless `is_first`, where a row came or left.
ptrdiff_t lockstep_sparse_sweep(
  const lockstep_centroids *_Nonnull centroids, const lockstep_sparse_centroids *_Nonnull sparse,
  lockstep_sparse_rows rows, int32_t *_Nonnull labels, float *_Nullable bounds, bool is_first,
  bool *_Nonnull is_touched, double *_Nonnull scratch, ptrdiff_t *_Nonnull scored);
/// sums[label] += x and counts[label] += 1 for the rows whose cluster is wanted, row by row; then sums[c] −= n_c · shift for
/// the n_c rows that were added to cluster c; with weights, w x and the sum of the weights. `added`: k numbers.
void lockstep_sparse_add_entries(
  lockstep_sparse_rows rows, const double *_Nonnull shift, const int32_t *_Nonnull labels, const bool *_Nonnull is_wanted,
  ptrdiff_t cluster_count, const lockstep_cluster_sums *_Nonnull sums, double *_Nonnull added);

/// As `lockstep_squared_distances`, for k centroids; scratch: 16 bytes for each.
double lockstep_sparse_squared_distances(
  lockstep_sparse_rows rows, const double *_Nonnull centroids, ptrdiff_t cluster_count, const int32_t *_Nonnull labels,
  double *_Nullable distances, void *_Nonnull scratch);
/// minimums[i] = min(minimums[i], ‖x_i − centre‖²).
void lockstep_sparse_update_minimums(
  lockstep_sparse_rows rows, const double *_Nonnull centre, double *_Nonnull minimums);

#endif
