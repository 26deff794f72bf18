// SPDX-License-Identifier: Apache-2.0
//
// Checks of the data at the speed of memory.

INLINE bool row_is_finite(const void *row, bool is_float, ptrdiff_t p) {
  d8 zeros = 0;  // v · 0 is a NaN where v is an infinity or a NaN
  ptrdiff_t j = 0;
  for (; j + 8 <= p; j += 8) zeros += load8(row, is_float, j) * 0.0;
  double rest = 0;
  for (; j < p; j++) rest += load1(row, is_float, j) * 0.0;
  return sum8(zeros) + rest == 0;
}

INLINE ptrdiff_t find_non_finite(lockstep_rows rows, bool is_float) {
  const ptrdiff_t p = rows.column_count;
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const void *row = row_at(rows, is_float, i);
    prefetch_row(row, is_float, p);
    if (!row_is_finite(row, is_float, p))
      for (ptrdiff_t j = 0; j < p; j++)
        if (!(load1(row, is_float, j) * 0.0 == 0)) return i * p + j;
  }
  return -1;
}

INLINE void widen_extremes(lockstep_rows rows, bool is_float, double *minimums, double *maximums) {
  const ptrdiff_t p = rows.column_count;
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const void *row = row_at(rows, is_float, i);
    prefetch_row(row, is_float, p);
    ptrdiff_t j = 0;
    for (; j + 8 <= p; j += 8) {
      d8 v = load8(row, is_float, j);
      *(d8u *)(minimums + j) = min8(v, *(d8u *)(minimums + j));
      *(d8u *)(maximums + j) = max8(v, *(d8u *)(maximums + j));
    }
    for (; j < p; j++) {
      double v = load1(row, is_float, j);
      minimums[j] = v < minimums[j] ? v : minimums[j];
      maximums[j] = v > maximums[j] ? v : maximums[j];
    }
  }
}
