// SPDX-License-Identifier: Apache-2.0
//
// The products of a chunk, summed in double-double, at four operations a product: columns are scaled by powers of two so
// that |z| ≤ 1 in a chunk of 64 rows, and each sum starts at 192. All partial sums then lie in [128, 256] and are multiples
// of 2⁻⁴⁵, so that in
//   t = fma(a, b, s),  d = t − s,  e = fma(a, b, −d)
// d is exact, and e = ab − d, what t has rounded away, has a relative error of 2⁻⁵³: |e| ≤ 2⁻⁴⁶, so an error below 2⁻⁹⁹.
// (Extracting with a large constant: Rump, Ogita & Oishi 2008.) The sum of the e is the low part.
// A difference z = x − shift that is not exact is carried as two doubles; where all are exact (a shift is used only where the
// column's spread is below half of its mean, so that they mostly are), the second ones are left out.

#define EXACT_START 192.0

INLINE double power_above(double v) {  // a power of two 2ᵏ with v ≤ 2ᵏ, kept away from the ends of the range
  if (!(v > 0x1p-900)) return 0x1p-900;
  if (!(v < 0x1p900)) return 0x1p900;
  int exponent;
  frexp(v, &exponent);
  return ldexp(1, exponent);
}

INLINE void scale_panel(d8 *high, d8 *low, ptrdiff_t count, d8 largest, double *scale) {
  d8 inverse;
  for (int l = 0; l < 8; l++) {
    scale[l] = power_above(largest[l]);
    inverse[l] = 1 / scale[l];
  }
  for (ptrdiff_t k = 0; k < count; k++) {
    high[k] *= inverse;
    low[k] *= inverse;
  }
}

/// Weighs, adds up and scales a panel of a chunk. Returns whether some second part is not zero.
INLINE bool sum_exact_panel(cross_space *s, ptrdiff_t panel, ptrdiff_t first, ptrdiff_t count) {
  d8 *bh = s->b_high + panel * EXACT_ROWS, *bl = s->b_low + panel * EXACT_ROWS;
  d8 *ah = s->a_high + panel * EXACT_ROWS, *al = s->a_low + panel * EXACT_ROWS;
  d8 largest_a = 0, largest_b = 0, lows = 0;
  dd8 sum = s->sums[panel];
  for (ptrdiff_t k = 0; k < count; k++) {
    d8 high = bh[k], low = bl[k];
    largest_b = max8(__builtin_elementwise_abs(high), largest_b);
    lows = max8(__builtin_elementwise_abs(low), lows);
    if (s->weights) {
      d8 w = s->weights[first + k], product = w * high;
      low = fma8(w, high, -product) + w * low;
      high = product;
      ah[k] = high;
      al[k] = low;
      largest_a = max8(__builtin_elementwise_abs(high), largest_a);
      lows = max8(__builtin_elementwise_abs(low), lows);
    }
    sum = dd8_add1(sum, high);
    sum.low += low;
  }
  s->sums[panel] = sum;
  scale_panel(bh, bl, count, largest_b, s->b_scale + 8 * panel);
  if (s->weights) scale_panel(ah, al, count, largest_a, s->a_scale + 8 * panel);
  else memcpy(s->a_scale + 8 * panel, s->b_scale + 8 * panel, 64);
  return __builtin_reduce_max(lows) > 0;
}

INLINE void exact_tile(const cross_space *s, ptrdiff_t i, ptrdiff_t j, ptrdiff_t count, bool has_lows) {
  const d8 *ah = s->a_high + i * EXACT_ROWS, *al = s->a_low + i * EXACT_ROWS;
  const d8 *bh = s->b_high + j * EXACT_ROWS, *bl = s->b_low + j * EXACT_ROWS;
  d8 *high = s->high + (i * s->panels + j) * 8, *low = s->low + (i * s->panels + j) * 8;
  const d8 b_scale = *(const d8 *)(s->b_scale + 8 * j);
  for (int first = 0; first < 8; first += EXACT_HEIGHT) {
    d8 sum[EXACT_HEIGHT], rest[EXACT_HEIGHT];
    UNROLLED for (int r = 0; r < EXACT_HEIGHT; r++) {
      sum[r] = EXACT_START;
      rest[r] = 0;
    }
    for (ptrdiff_t k = 0; k < count; k++) {
      const double *ak = (const double *)(ah + k) + first, *lk = (const double *)(al + k) + first;
      const d8 b = bh[k], c = has_lows ? bl[k] : (d8)0;
      UNROLLED for (int r = 0; r < EXACT_HEIGHT; r++) {
        const d8 a = ak[r], t = fma8(a, b, sum[r]), d = t - sum[r];
        d8 e = fma8(a, b, -d);
        if (has_lows) e = fma8(a, c, fma8((d8)lk[r], b, e));
        sum[r] = t;
        rest[r] += e;
      }
    }
    UNROLLED for (int r = 0; r < EXACT_HEIGHT; r++) {
      const d8 scale = s->a_scale[8 * i + first + r] * b_scale;
      dd8 all = dd8_add1((dd8){high[first + r], low[first + r]}, (sum[r] - EXACT_START) * scale);
      high[first + r] = all.high;
      low[first + r] = all.low + rest[r] * scale;
    }
  }
}

INLINE void exact_chunk(cross_space *s, bool is_float, ptrdiff_t first, ptrdiff_t count) {
  pack_columns(s, s->x, is_float, 0, first, count, EXACT_ROWS, true);
  if (s->y.column_count > 0) pack_columns(s, s->y, false, s->x.column_count, first, count, EXACT_ROWS, true);
  bool has_lows = false;
  for (ptrdiff_t c = 0; c < s->panels; c++) has_lows |= sum_exact_panel(s, c, first, count);
  for (ptrdiff_t i = 0; i < s->panels; i++)
    for (ptrdiff_t j = i; j < s->panels; j++)
      if (has_lows) exact_tile(s, i, j, count, true);
      else exact_tile(s, i, j, count, false);
}
