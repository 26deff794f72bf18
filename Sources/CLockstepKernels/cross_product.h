// SPDX-License-Identifier: Apache-2.0
//
// C = Σ w (z − mean)(z − mean)ᵀ of the rows z = [x y] of a block, m columns in all, upper triangle.
//
// Rows are packed, less a shift, into panels of eight columns; a chunk of rows is multiplied panel by panel in registers,
// each product a chain of fused multiply-adds down the rows of the chunk; chunks are added to the block's sums. At the end
// Σ z zᵀ − (Σ z)(Σ z)ᵀ / Σ w. The shift, the mean of rows spread over the block, makes that harmless (see moments.h).
//
// The plain kernel sums in double. The exact one sums in double-double, at four operations a product: it scales columns by
// powers of two so that |z| ≤ 1 in a chunk of 64 rows, and starts each sum at 192. All partial sums then lie in [128, 256] and
// are multiples of 2⁻⁴⁵, so that in
//   t = fma(a, b, s),  d = t − s,  e = fma(a, b, −d)
// d is exact, and e = ab − d, what t has rounded away, has a relative error of 2⁻⁵³: |e| ≤ 2⁻⁴⁶, so an error below 2⁻⁹⁹.
// (Extracting with a large constant: Rump, Ogita & Oishi 2008.) The sum of the e is the low part.
// A difference z = x − shift that is not exact is carried as two doubles; where all are exact (a shift is used only where the
// column's spread is below half of its mean, so that they mostly are), the second ones are left out.

#define PLAIN_ROWS 128
#define EXACT_ROWS 64
#define EXACT_START 192.0

#if TILE_VECTORS > 1  // 32 registers of eight doubles
#define GRAM_HEIGHT 8
#define GRAM_WIDTH 3
#define EXACT_HEIGHT 8
#else
#define GRAM_HEIGHT 4
#define GRAM_WIDTH 1
#define EXACT_HEIGHT 2
#endif

typedef struct {
  lockstep_rows x, y;
  const double *weights;
  ptrdiff_t m, panels;
  double *shift;        // 8 · panels, and so are
  dd8 *sums;            // (panels of dd8) Σ w (z − shift)
  d8 *b_high, *b_low;   // panels × rows: z − shift
  d8 *a_high, *a_low;   // the same times w; where there are no weights, the same memory
  d8 *high, *low;       // panels² × 8: the products
  double *a_scale, *b_scale;
} cross_space;

INLINE cross_space make_cross_space(
  lockstep_rows x, lockstep_rows y, const double *weights, bool is_exact, char *scratch) {
  cross_space s;
  s.x = x;
  s.y = y;
  s.weights = weights;
  s.m = x.column_count + y.column_count;
  s.panels = (s.m + 7) / 8;
  const ptrdiff_t rows = is_exact ? EXACT_ROWS : PLAIN_ROWS, lane = s.panels * 64;
  s.shift = (double *)scratch, scratch += lane;
  s.sums = (dd8 *)scratch, scratch += 2 * lane;
  s.a_scale = (double *)scratch, scratch += lane;
  s.b_scale = (double *)scratch, scratch += lane;
  s.b_high = s.a_high = (d8 *)scratch, scratch += rows * lane;
  if (weights) s.a_high = (d8 *)scratch, scratch += rows * lane;
  s.b_low = s.a_low = s.low = 0;
  s.high = (d8 *)scratch, scratch += 8 * s.panels * lane;
  if (is_exact) {
    s.low = (d8 *)scratch, scratch += 8 * s.panels * lane;
    s.b_low = s.a_low = (d8 *)scratch, scratch += rows * lane;
    if (weights) s.a_low = (d8 *)scratch, scratch += rows * lane;
  }
  memset(s.shift, 0, lane);
  memset(s.sums, 0, 2 * lane);
  memset(s.b_high, 0, rows * lane);
  if (is_exact) memset(s.b_low, 0, rows * lane);
  for (ptrdiff_t i = 0; i < s.panels; i++) {
    const ptrdiff_t first = (i * s.panels + i) * 8, count = (s.panels - i) * 8;
    memset(s.high + first, 0, count * sizeof(d8));
    if (is_exact) memset(s.low + first, 0, count * sizeof(d8));
  }
  return s;
}

/// The shift of a column: the mean of some rows; in exact sums 0 where the rows spread too far about it.
INLINE double column_shift(lockstep_rows rows, bool is_float, ptrdiff_t j, bool is_exact) {
  const double mean = spread_mean1(rows, is_float, j);
  if (!is_exact) return mean;
  ptrdiff_t count = 16;
  while (count > rows.count) count >>= 1;
  double spread = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    double d = fabs(load1(row_at(rows, is_float, i * rows.count / count), is_float, j) - mean);
    spread = d > spread ? d : spread;
  }
  return spread <= 0.5 * fabs(mean) ? mean : 0;
}

/// z = x − s, and what the difference leaves.
#define TWO_DIFFERENCE(type, x, s, z, e)   \
  type z = (x) - (s), e;                   \
  {                                        \
    type bb = z - (x);                     \
    e = ((x) - (z - bb)) - ((s) + bb);     \
  }

INLINE void pack_columns(
  cross_space *s, lockstep_rows rows, bool is_float, ptrdiff_t column, ptrdiff_t first, ptrdiff_t count, ptrdiff_t depth,
  bool is_exact) {
  const ptrdiff_t p = rows.column_count;
  double *high = (double *)s->b_high, *low = (double *)s->b_low;
  for (ptrdiff_t k = 0; k < count; k++) {
    const void *row = row_at(rows, is_float, first + k);
    prefetch_row(row, is_float, p);
    ptrdiff_t j = 0;
    if (column == 0)
      for (; j + 8 <= p; j += 8) {
        TWO_DIFFERENCE(d8, load8(row, is_float, j), *(const d8 *)(s->shift + j), z, e)
        s->b_high[j / 8 * depth + k] = z;
        if (is_exact) s->b_low[j / 8 * depth + k] = e;
      }
    for (; j < p; j++) {
      const ptrdiff_t c = column + j, place = (c / 8 * depth + k) * 8 + c % 8;
      TWO_DIFFERENCE(double, load1(row, is_float, j), s->shift[c], z, e)
      high[place] = z;
      if (is_exact) low[place] = e;
    }
  }
}

// MARK: Double

/// Weighs a panel of a chunk, and adds its rows up.
INLINE void sum_plain_panel(cross_space *s, ptrdiff_t panel, ptrdiff_t first, ptrdiff_t count) {
  const d8 *b = s->b_high + panel * PLAIN_ROWS;
  d8 sum = 0;
  if (s->weights) {
    d8 *a = s->a_high + panel * PLAIN_ROWS;
    for (ptrdiff_t k = 0; k < count; k++) sum += a[k] = b[k] * s->weights[first + k];
  } else {
    for (ptrdiff_t k = 0; k < count; k++) sum += b[k];
  }
  s->sums[panel] = dd8_add1(s->sums[panel], sum);
}

INLINE void plain_tile(
  const d8 *a, const d8 *b, ptrdiff_t count, int width, d8 *high) {
  for (int first = 0; first < 8; first += GRAM_HEIGHT) {
    d8 sum[GRAM_HEIGHT][GRAM_WIDTH];
    UNROLLED for (int i = 0; i < GRAM_HEIGHT; i++)
      UNROLLED for (int v = 0; v < width; v++) sum[i][v] = 0;
    for (ptrdiff_t k = 0; k < count; k++) {
      const double *ak = (const double *)(a + k) + first;
      d8 bk[GRAM_WIDTH];
      UNROLLED for (int v = 0; v < width; v++) bk[v] = b[v * PLAIN_ROWS + k];
      UNROLLED for (int i = 0; i < GRAM_HEIGHT; i++)
        UNROLLED for (int v = 0; v < width; v++) sum[i][v] = fma8((d8)ak[i], bk[v], sum[i][v]);
    }
    UNROLLED for (int i = 0; i < GRAM_HEIGHT; i++)
      UNROLLED for (int v = 0; v < width; v++) high[8 * v + first + i] += sum[i][v];
  }
}

INLINE void plain_chunk(cross_space *s, bool is_float, ptrdiff_t first, ptrdiff_t count) {
  pack_columns(s, s->x, is_float, 0, first, count, PLAIN_ROWS, false);
  if (s->y.column_count > 0) pack_columns(s, s->y, false, s->x.column_count, first, count, PLAIN_ROWS, false);
  for (ptrdiff_t c = 0; c < s->panels; c++) sum_plain_panel(s, c, first, count);
  for (ptrdiff_t j = 0; j < s->panels; j += GRAM_WIDTH) {
    const ptrdiff_t end = j + GRAM_WIDTH < s->panels ? j + GRAM_WIDTH : s->panels;
    for (ptrdiff_t i = 0; i < end; i++) {
      const ptrdiff_t start = i > j ? i : j;
      const d8 *a = s->a_high + i * PLAIN_ROWS, *b = s->b_high + start * PLAIN_ROWS;
      d8 *high = s->high + (i * s->panels + start) * 8;
      switch (end - start) {
#if GRAM_WIDTH > 1
        case 3: plain_tile(a, b, count, 3, high); break;
        case 2: plain_tile(a, b, count, 2, high); break;
#endif
        default: plain_tile(a, b, count, 1, high);
      }
    }
  }
}

// MARK: Double-double

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

// MARK: Blocks

INLINE dd cross_products(
  lockstep_rows x, lockstep_rows y, const double *weights, bool is_float, bool is_exact, double *means, double *highs,
  double *lows, void *scratch) {
  const dd weight = weight_sum(weights, x.count);
  cross_space s = make_cross_space(x, y, weights, is_exact, scratch);
  const ptrdiff_t m = s.m, depth = is_exact ? EXACT_ROWS : PLAIN_ROWS;
  for (ptrdiff_t j = 0; j < x.column_count; j++) s.shift[j] = column_shift(x, is_float, j, is_exact);
  for (ptrdiff_t j = 0; j < y.column_count; j++) s.shift[x.column_count + j] = column_shift(y, false, j, is_exact);
  for (ptrdiff_t first = 0; first < x.count; first += depth) {
    const ptrdiff_t count = x.count - first < depth ? x.count - first : depth;
    if (is_exact) exact_chunk(&s, is_float, first, count);
    else plain_chunk(&s, is_float, first, count);
  }
  for (ptrdiff_t i = 0; i < m; i++) {
    const dd sum = dd_quick(s.sums[i / 8].high[i % 8], s.sums[i / 8].low[i % 8]), about = dd_divide(sum, weight);
    const dd mean = dd_add1(about, s.shift[i]);
    means[i] = mean.high;
    means[m + i] = mean.low;
    double *high = highs + i * m - i * (i - 1) / 2 - i;  // high[j] is entry (i, j) of the packed triangle
    double *low = is_exact ? lows + i * m - i * (i - 1) / 2 - i : 0;
    for (ptrdiff_t c = i / 8; c < s.panels; c++) {
      const ptrdiff_t place = (i / 8 * s.panels + c) * 8 + i % 8, end = 8 * c + 8 < m ? 8 * c + 8 : m;
      d8 h, l = 0;
      if (is_exact) {
        dd8 all = dd8_quick(s.high[place], s.low[place]);
        dd8 product = dd8_multiply(dd8_of(about), dd8_quick(s.sums[c].high, s.sums[c].low));
        all = dd8_add(all, dd8_negated(product));
        h = all.high;
        l = all.low;
      } else {
        h = fma8((d8)-about.high, s.sums[c].high, s.high[place]);
      }
      if (8 * c >= i && end == 8 * c + 8) {
        *(d8u *)(high + 8 * c) = h;
        if (is_exact) *(d8u *)(low + 8 * c) = l;
        continue;
      }
      for (ptrdiff_t j = 8 * c > i ? 8 * c : i; j < end; j++) {
        high[j] = h[j - 8 * c];
        if (is_exact) low[j] = l[j - 8 * c];
      }
    }
    // Rounding can leave less than nothing of a square.
    if (high[i] < 0) {
      high[i] = 0;
      if (is_exact) low[i] = 0;
    }
  }
  return weight;
}

static void merge_cross_products(
  ptrdiff_t m, double *means, double *highs, double *lows, dd weight, const double *later_means,
  const double *later_highs, const double *later_lows, dd later_weight) {
  const dd total = dd_add(weight, later_weight), share = dd_divide(later_weight, total), factor = dd_multiply(share, weight);
  // The differences of the means take the place of the means, then the means come back: delta = b − a, a + delta · share.
  for (ptrdiff_t i = 0; i < m; i++) {
    const dd delta_i = dd_subtract((dd){later_means[i], later_means[m + i]}, (dd){means[i], means[m + i]});
    const dd scaled = dd_multiply(delta_i, factor);
    const ptrdiff_t row = i * m - i * (i - 1) / 2 - i;
    for (ptrdiff_t j = i; j < m; j++) {
      const dd delta = dd_subtract((dd){later_means[j], later_means[m + j]}, (dd){means[j], means[m + j]});
      if (lows) {
        dd sum = dd_add((dd){highs[row + j], lows[row + j]}, (dd){later_highs[row + j], later_lows[row + j]});
        sum = dd_add(sum, dd_multiply(scaled, delta));
        highs[row + j] = sum.high;
        lows[row + j] = sum.low;
      } else {
        highs[row + j] = __builtin_fma(scaled.high, delta.high, highs[row + j] + later_highs[row + j]);
      }
    }
  }
  for (ptrdiff_t i = 0; i < m; i++) {
    const dd mean = {means[i], means[m + i]};
    const dd delta = dd_subtract((dd){later_means[i], later_means[m + i]}, mean);
    const dd merged = dd_add(mean, dd_multiply(delta, share));
    means[i] = merged.high;
    means[m + i] = merged.low;
  }
}
