// SPDX-License-Identifier: Apache-2.0
//
// Summaries of the columns of a block of rows, and maps of its rows. See CLockstepKernels.h for the rules; included there.

#ifndef LOCKSTEP_STATISTICS_KERNELS_H
#define LOCKSTEP_STATISTICS_KERNELS_H

// A double-double is the unevaluated sum high + low with |low| ≤ ½ ulp(high): about 32 digits. Arrays of them are an
// array of the high parts and one of the low parts.

/// An unevaluated sum.
typedef struct {
  double high;
  double low;
} lockstep_dd;

/// The moments of p columns: six runs of p numbers, one after the other in memory.
///
///   0 minimum, 1 maximum, 2 mean high, 3 mean low, 4 Σ w (x − mean)² high, 5 low
///
/// Minimums and maximums are over the rows of a weight other than 0.
enum { LOCKSTEP_MOMENT_RUNS = 6 };

/// The bytes of scratch memory (aligned to 64) that `lockstep_block_moments` needs.
ptrdiff_t lockstep_moments_scratch(ptrdiff_t column_count);
/// Summarizes a block of at least one row. `weights`: one a row, or null for ones. Returns the sum of the weights.
///
/// If an element is an infinity or a NaN, that column's sums are not finite.
lockstep_dd lockstep_block_moments(
  lockstep_rows rows, const double *_Nullable weights, double *_Nonnull moments, void *_Nonnull scratch);
/// Absorbs the moments of later rows (Chan, Golub & LeVeque 1979). Neither weight is 0.
void lockstep_merge_moments(
  ptrdiff_t column_count, double *_Nonnull moments, lockstep_dd weight, const double *_Nonnull later,
  lockstep_dd later_weight);

/// The moments to the fourth order: thirteen runs of p numbers, of which the first six are those above.
///
///   6 Σ w (x − mean)³ high, 7 low, 8 Σ w (x − mean)⁴ high, 9 low, 10 Σ w high, 11 low, 12 Σ w of the zeros
///
/// Σ w is over the numbers that are there. Of a column without any, the extremes are infinite and the rest is 0.
enum { LOCKSTEP_SHAPE_RUNS = 13 };

/// The bytes of scratch memory (aligned to 64) that `lockstep_block_shapes` needs.
ptrdiff_t lockstep_shapes_scratch(ptrdiff_t column_count);
/// Summarizes a block of at least one row to the fourth order; returns the sum of the weights of all rows.
///
/// `skips_missing`: numbers that are NaN are left out. The first six runs of columns of a block in which none is are those of
/// `lockstep_block_moments`, to the bit.
lockstep_dd lockstep_block_shapes(
  lockstep_rows rows, const double *_Nullable weights, bool skips_missing, double *_Nonnull shapes, void *_Nonnull scratch);
/// Absorbs the moments of later rows (Pébay 2008).
void lockstep_merge_shapes(ptrdiff_t column_count, double *_Nonnull shapes, const double *_Nonnull later);

/// The bytes of scratch memory (aligned to 64) that `lockstep_block_cross_products` needs for m columns in all.
ptrdiff_t lockstep_cross_products_scratch(ptrdiff_t column_count, bool is_exact, bool has_weights);
/// Σ w (z − mean)(z − mean)ᵀ of the rows z = [x y] of a block of at least one row, m columns in all.
///
/// `y`: as many rows, of Double; no columns if there are no responses. `means`: m high parts, then m low parts. `highs`: the
/// upper triangle row by row, m (m + 1) / 2 numbers. `lows`: the low parts, or null for sums in double. Returns Σ w.
///
/// If an element is an infinity or a NaN, that column's mean is not finite.
lockstep_dd lockstep_block_cross_products(
  lockstep_rows x, lockstep_rows y, const double *_Nullable weights, double *_Nonnull means, double *_Nonnull highs,
  double *_Nullable lows, void *_Nonnull scratch);
/// Absorbs the products of later rows (Chan, Golub & LeVeque 1979). Neither weight is 0.
void lockstep_merge_cross_products(
  ptrdiff_t column_count, double *_Nonnull means, double *_Nonnull highs, double *_Nullable lows, lockstep_dd weight,
  const double *_Nonnull later_means, const double *_Nonnull later_highs, const double *_Nullable later_lows,
  lockstep_dd later_weight);

/// out (count × width) = constants + (x − shift) M for each row x; M is p × width, padded to a multiple of eight columns, and
/// so are the constants.
void lockstep_affine_map(
  lockstep_rows rows, const double *_Nonnull shift, const double *_Nonnull matrix, const double *_Nonnull constants,
  ptrdiff_t width, double *_Nonnull out);

/// out (count × classes) = Σⱼ scales_cj (xⱼ − centers_cj)² for each row x and each class c; centers and scales are classes × p.
void lockstep_scaled_squares(
  lockstep_rows rows, const double *_Nonnull centers, const double *_Nonnull scales, ptrdiff_t class_count,
  double *_Nonnull out);

/// Adds what the residuals r = y − b₀ − x·b of a block come to, for each of the q columns of y: Σ w r (x − shift), p numbers, Σ w r
/// and Σ w r². `coefficients`: q × p; `intercepts`: q; `shift`: p.
void lockstep_add_residual_sums(
  lockstep_rows x, lockstep_rows y, const double *_Nullable weights, const double *_Nonnull coefficients,
  const double *_Nonnull intercepts, const double *_Nonnull shift, double *_Nonnull sums);

#endif
