// SPDX-License-Identifier: Apache-2.0
//
// out = constants + (x − shift) M for each row x: predictions and scores. Each number is one chain over the columns in order,
// from the constant, each step fma(x_j − shift_j, M_jk, ·). M is padded to a multiple of eight columns.

INLINE void map_rows(
  lockstep_rows rows, bool is_float, const double *shift, const double *matrix, const double *constants, ptrdiff_t width,
  double *out) {
  const ptrdiff_t p = rows.column_count, padded = (width + 7) / 8 * 8;
  for (ptrdiff_t first = 0; first < rows.count; first += 4) {
    const ptrdiff_t count = rows.count - first < 4 ? rows.count - first : 4;
    const void *row[4];
    for (ptrdiff_t i = 0; i < 4; i++) {
      row[i] = row_at(rows, is_float, first + (i < count ? i : 0));
      prefetch_row(row[i], is_float, p);
    }
    for (ptrdiff_t k = 0; k < width; k += 8) {
      d8 sum[4];
      UNROLLED for (int i = 0; i < 4; i++) sum[i] = load8(constants, false, k);
      for (ptrdiff_t j = 0; j < p; j++) {
        const d8 m = load8(matrix, false, j * padded + k);
        UNROLLED for (int i = 0; i < 4; i++) sum[i] = fma8((d8)(load1(row[i], is_float, j) - shift[j]), m, sum[i]);
      }
      for (ptrdiff_t i = 0; i < count; i++)
        for (ptrdiff_t c = k; c < width && c < k + 8; c++) out[(first + i) * width + c] = sum[i][c - k];
    }
  }
}
