// SPDX-License-Identifier: Apache-2.0
//
// Sums of counts by class. A lane is a column, and the sum of a class and a column runs over the rows in order: whole
// numbers are added exactly, and rows that are stored without their zeros give the same bits.

INLINE bool is_countable(double x) { return x >= 0 && x < (double)INFINITY; }

INLINE ptrdiff_t find_uncountable(lockstep_rows rows, bool is_float) {
  const ptrdiff_t p = rows.column_count;
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const void *row = row_at(rows, is_float, i);
    prefetch_row(row, is_float, p);
    i8 good = -1;
    ptrdiff_t j = 0;
    for (; j + 8 <= p; j += 8) {
      d8 x = load8(row, is_float, j);
      good &= (x >= 0) & (x < (d8)(double)INFINITY);
    }
    bool is_good = __builtin_reduce_and(good) != 0;
    for (; j < p; j++) is_good &= is_countable(load1(row, is_float, j));
    if (!is_good)
      for (ptrdiff_t k = 0; k < p; k++)
        if (!is_countable(load1(row, is_float, k))) return i * p + k;
  }
  return -1;
}

INLINE void sum_classes(
  lockstep_rows rows, bool is_float, const int32_t *classes, const double *weights, bool has_weights, double *sums) {
  const ptrdiff_t p = rows.column_count;
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const void *row = row_at(rows, is_float, i);
    double *sum = sums + (ptrdiff_t)classes[i] * p;
    const double w = has_weights ? weights[i] : 1;
    ptrdiff_t j = 0;
    for (; j + 8 <= p; j += 8) {
      d8 x = load8(row, is_float, j), s = *(d8u *)(sum + j);
      *(d8u *)(sum + j) = has_weights ? fma8((d8)w, x, s) : s + x;
    }
    for (; j < p; j++) {
      double x = load1(row, is_float, j);
      sum[j] = has_weights ? __builtin_fma(w, x, sum[j]) : sum[j] + x;
    }
  }
}

/// A zero that is not stored would change no sum: these are the bits of `sum_classes`.
INLINE void sum_sparse_classes(
  lockstep_sparse_rows rows, bool is_float, const int32_t *classes, const double *weights, bool has_weights, double *sums) {
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    double *sum = sums + (ptrdiff_t)classes[i] * rows.column_count;
    const double w = has_weights ? weights[i] : 1;
    const ptrdiff_t end = rows.offsets[i + 1];
    for (ptrdiff_t e = rows.offsets[i]; e < end; e++) {
      const double x = load1(rows.values, is_float, e);
      double *s = sum + rows.columns[e];
      *s = has_weights ? __builtin_fma(w, x, *s) : *s + x;
    }
  }
}
