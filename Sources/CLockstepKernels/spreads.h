// SPDX-License-Identifier: Apache-2.0
//
// How far rows are from centers, each column on a scale of its own: Σⱼ sⱼ (xⱼ − mⱼ)². A lane is a column; below eight columns there
// is one.

INLINE double scaled_square(const void *row, bool is_float, const double *center, const double *scales, ptrdiff_t p) {
  if (p < 8) {
    double sum = 0;
    for (ptrdiff_t j = 0; j < p; j++) {
      const double z = load1(row, is_float, j) - center[j];
      sum = __builtin_fma(scales[j], z * z, sum);
    }
    return sum;
  }
  d8 sum = 0;
  ptrdiff_t j = 0;
  for (; j + 8 <= p; j += 8) {
    const d8 z = load8(row, is_float, j) - *(const d8u *)(center + j);
    sum = fma8(*(const d8u *)(scales + j), z * z, sum);
  }
  if (j < p) {
    j = p - 8;
    const d8 z = load8(row, is_float, j) - *(const d8u *)(center + j);
    sum += tail_mask(p) ? *(const d8u *)(scales + j) * (z * z) : (d8)0.0;
  }
  return sum8(sum);
}

INLINE void measure_scaled_squares(
  lockstep_rows rows, bool is_float, const double *centers, const double *scales, ptrdiff_t count, double *out) {
  const ptrdiff_t p = rows.column_count;
  for (ptrdiff_t i = 0; i < rows.count; i++)
    for (ptrdiff_t c = 0; c < count; c++)
      out[i * count + c] = scaled_square(row_at(rows, is_float, i), is_float, centers + c * p, scales + c * p, p);
}
