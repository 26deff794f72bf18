// SPDX-License-Identifier: Apache-2.0
//
// Rows rounded to bytes, from which distances are bounded from below at a fraction of the reading and arithmetic that they take.
// See codes.h for the bounds. What is computed of a row that the bounds leave open has the bits that it has without them.

#ifndef LOCKSTEP_CODE_KERNELS_H
#define LOCKSTEP_CODE_KERNELS_H

// Included by CLockstepKernels.h, after lockstep_rows.

/// Rows share a tile by sixteens: four columns of a row lie side by side, then those of the next row.
enum { LOCKSTEP_CODE_ROWS = 16 };

/// Codes of a block of rows. Their memory holds whole tiles.
typedef struct {
  const double *_Nonnull shift;  // p
  double step;                   // what one unit of a code stands for; greater than 0
  uint8_t *_Nonnull codes;       // tiles × ⌈p / 4⌉ × 16 × 4: round((x − shift) / step) + 128
  int32_t *_Nonnull squares;     // the sum of the squares of round((x − shift) / step)
  float *_Nonnull errors;        // how far a row is from what its code stands for, or more, in steps
} lockstep_row_codes;

/// Centres as the codes of rows meet them.
typedef struct {
  const double *_Nullable centres;     // count × p
  const int32_t *_Nullable codes;      // count × ⌈p / 4⌉: four signed bytes each, round((c − shift) / step)
  const int32_t *_Nullable constants;  // what a product with biased codes lacks for a squared distance
  const float *_Nullable errors;       // as those of rows
  float largest_error;
  ptrdiff_t count;
} lockstep_centre_codes;

/// Fills the codes of all rows, and zeros in what is left of the last tile.
void lockstep_encode_rows(lockstep_rows rows, lockstep_row_codes codes);
/// Fills the codes of centres.
void lockstep_encode_centres(
  const double *_Nonnull centres, ptrdiff_t count, ptrdiff_t column_count, const double *_Nonnull shift, double step,
  int32_t *_Nonnull codes, int32_t *_Nonnull constants, float *_Nonnull errors);

/// reaches[i] = how far from a row's code, in steps, a centre's code may be while the centre is nearer than √minimums[i].
void lockstep_set_reaches(lockstep_row_codes codes, const double *_Nonnull minimums, ptrdiff_t count, float *_Nonnull reaches);

/// The bytes of scratch memory (aligned to 64) for `lockstep_nearer_rows`.
ptrdiff_t lockstep_nearer_rows_scratch(ptrdiff_t centre_count);
/// Lists the rows that are nearer to one of the centres than √minimums[i], ascending, with the least squared distance, which has
/// the bits of `lockstep_update_minimums`. Returns their number.
ptrdiff_t lockstep_nearer_rows(
  lockstep_rows rows, lockstep_row_codes codes, const float *_Nonnull reaches, lockstep_centre_codes centres,
  const double *_Nonnull minimums, int32_t *_Nonnull nearer, double *_Nonnull distances, void *_Nonnull scratch);

#endif
