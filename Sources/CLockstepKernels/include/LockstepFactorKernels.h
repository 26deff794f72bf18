// SPDX-License-Identifier: Apache-2.0
//
// Kernels of the factorizations: Gram matrices, triangular solves, products and Householder reflections of blocks of rows.
// As everywhere, each number is one fixed sequence of IEEE operations, the same on every CPU and at every level.
//
// Packed triangles: row i holds the columns i … p − 1; the first k rows of an upper triangle make a trapezoid of
// k·p − k(k − 1)/2 numbers. `scratch` is memory aligned to 64 bytes, of as many bytes as `lockstep_factor_scratch` says.

#ifndef LOCKSTEP_FACTOR_KERNELS_H
#define LOCKSTEP_FACTOR_KERNELS_H

// Included by CLockstepKernels.h, after lockstep_rows.

/// The bytes of scratch memory for kernels on p columns and, where they take them, c columns of a seed or product.
ptrdiff_t lockstep_factor_scratch(ptrdiff_t p, ptrdiff_t c);

/// gram += the upper triangle of XᵀX, packed. Each sum runs over the rows in order, in runs of a length that p decides.
void lockstep_gram(lockstep_rows rows, double *_Nonnull gram, void *_Nonnull scratch);

/// The number of doubles that p columns of packed coefficients take (`lockstep_pack_triangle`, `lockstep_pack_matrix`).
ptrdiff_t lockstep_packed_triangle_count(ptrdiff_t p);
ptrdiff_t lockstep_packed_matrix_count(ptrdiff_t p, ptrdiff_t c);
/// Packs R, a packed upper triangle with a diagonal without zeros, for `lockstep_solve_rows`.
void lockstep_pack_triangle(const double *_Nonnull r, ptrdiff_t p, double *_Nonnull packed);
/// Packs W, p × c row-major, for `lockstep_multiply_rows`.
void lockstep_pack_matrix(const double *_Nonnull w, ptrdiff_t p, ptrdiff_t c, double *_Nonnull packed);

/// out = X R⁻¹ by forward substitution, row by row; gram (if not null) += the upper triangle of outᵀ out, packed.
/// `out` may be the rows themselves.
void lockstep_solve_rows(
  lockstep_rows rows, const double *_Nonnull packed, double *_Nullable out, ptrdiff_t out_stride,
  double *_Nullable gram, void *_Nonnull scratch);

/// out = X W, count × c; gram (if not null) += the upper triangle of outᵀ out, packed. `out` may be the rows themselves.
void lockstep_multiply_rows(
  lockstep_rows rows, const double *_Nonnull packed, ptrdiff_t c, double *_Nullable out, ptrdiff_t out_stride,
  double *_Nullable gram, void *_Nonnull scratch);

/// Householder QR of X·diag(scales): r becomes the trapezoid of min(count, p) rows; the reflectors go to `reflectors`
/// (count × p, `stride` apart) if not null. The diagonal may be negative.
void lockstep_factor_rows(
  lockstep_rows rows, const double *_Nonnull scales, double *_Nonnull r, double *_Nullable reflectors, ptrdiff_t stride,
  void *_Nonnull scratch);

/// out = Q · [seed; 0], count × c, Q given by `reflectors`, seed min(count, p) × c. `out` may be the reflectors themselves.
void lockstep_expand_rows(
  const double *_Nonnull reflectors, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t p, const double *_Nonnull seed,
  ptrdiff_t c, double *_Nonnull out, ptrdiff_t out_stride, void *_Nonnull scratch);

/// QR of [upper; lower]: an upper triangle of p rows over a trapezoid of k ≤ p rows. `upper` becomes R, `lower` the
/// reflectors.
void lockstep_merge_triangles(
  double *_Nonnull upper, double *_Nonnull lower, ptrdiff_t p, ptrdiff_t k, void *_Nonnull scratch);

/// [seed; rest] = Q · [seed; 0] for the Q of `lockstep_merge_triangles`: seed p × c, rest k × c.
void lockstep_split_seed(
  const double *_Nonnull reflectors, ptrdiff_t p, ptrdiff_t k, double *_Nonnull seed, ptrdiff_t c, double *_Nonnull rest,
  void *_Nonnull scratch);

#endif
