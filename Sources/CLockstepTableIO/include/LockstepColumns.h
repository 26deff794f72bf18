// SPDX-License-Identifier: Apache-2.0

/// Columns of any number type, as columnar formats store them, to rows of floating-point numbers.

#ifndef LOCKSTEP_COLUMNS_H
#define LOCKSTEP_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How the values of a column are stored; numbers of several bytes begin with the least significant one.
typedef enum {
  LockstepColumnFloat64 = 0,
  LockstepColumnFloat32,
  LockstepColumnFloat16,
  LockstepColumnInt64,
  LockstepColumnInt32,
  LockstepColumnInt16,
  LockstepColumnInt8,
  LockstepColumnUInt64,
  LockstepColumnUInt32,
  LockstepColumnUInt16,
  LockstepColumnUInt8,
  /// Truth values, eight in a byte, the least significant bit first.
  LockstepColumnBit,
  /// Whole numbers of 10^-scale.
  LockstepColumnDecimal128,
  LockstepColumnDecimal64,
  LockstepColumnDecimal32,
  /// All values are missing.
  LockstepColumnNull,
} LockstepColumnKind;

/// A column in memory.
typedef struct {
  LockstepColumnKind kind;
  /// Decimal places of decimals.
  int32_t scale;
  /// What the numbers are multiplied by, and divided by: 1, or what makes seconds of dates and times.
  int64_t factor;
  int64_t divisor;
  /// The values; need not be aligned. Null if there are none.
  const void *_Nullable values;
  /// The index among the values of the first row's, and the number of values from one row to the next.
  int64_t first;
  int64_t stride;
  /// A bit for each value, 0 if it is missing; null if none is.
  const uint8_t *_Nullable validity;
  /// The index among these bits of the first row's.
  int64_t validityFirst;
  /// A bit for each row, 0 if all of the row is missing; null if none is.
  const uint8_t *_Nullable rowValidity;
  int64_t rowValidityFirst;
} LockstepColumn;

/// Copies rows `firstRow` up to `firstRow + rowCount` of columns to rows of 32-bit or 64-bit numbers, of which `rowStride` lie between the
/// beginnings of two rows.
///
/// What is missing becomes NaN. Whole numbers above 2^53 are rounded.
void lockstep_columns_to_rows(
    const LockstepColumn *_Nonnull columns, int64_t columnCount, int64_t firstRow, int64_t rowCount, bool is32Bit,
    void *_Nonnull rows, int64_t rowStride);

/// Counts the NaN of each column of some rows, marks the rows that have one, and returns the number of rows newly marked.
///
/// `counts` and `isIncomplete` are added to.
int64_t lockstep_rows_missing(
    const void *_Nonnull rows, int64_t rowCount, int64_t columnCount, bool is32Bit, uint64_t *_Nonnull counts,
    uint8_t *_Nonnull isIncomplete);

/// Moves the rows that are not marked to the front, in order, and returns their number.
int64_t lockstep_rows_keep(
    void *_Nonnull rows, int64_t rowCount, size_t rowByteCount, const uint8_t *_Nonnull isIncomplete);

#ifdef __cplusplus
}
#endif

#endif
