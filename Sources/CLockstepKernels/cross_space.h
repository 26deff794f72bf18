// SPDX-License-Identifier: Apache-2.0
//
// C = Σ w (z − mean)(z − mean)ᵀ of the rows z = [x y] of a block, m columns in all, upper triangle.
//
// Rows are packed, less a shift, into panels of eight columns; a chunk of rows is multiplied panel by panel in registers,
// each product a chain of fused multiply-adds down the rows of the chunk; chunks are added to the block's sums. At the end
// Σ z zᵀ − (Σ z)(Σ z)ᵀ / Σ w. The shift, the mean of rows spread over the block, makes that harmless (see moments.h).
//
// Here is what the double kernel (plain_products.h) and the double-double one (exact_products.h) share.

#define PLAIN_ROWS 128
#define EXACT_ROWS 64
#define PACK_ROWS 8

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
    const ptrdiff_t start = i < s.m / 8 ? i : 0, first = (i * s.panels + start) * 8, count = (s.panels - start) * 8;
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

INLINE void column_shifts(lockstep_rows rows, bool is_float, bool is_exact, double *shift) {
  ptrdiff_t j = 0;
  if (!is_exact)
    for (; j + 8 <= rows.column_count; j += 8) *(d8u *)(shift + j) = spread_mean(rows, is_float, j);
  for (; j < rows.column_count; j++) shift[j] = column_shift(rows, is_float, j, is_exact);
}

/// z = x − s, and what the difference leaves.
#define TWO_DIFFERENCE(type, x, s, z, e)   \
  type z = (x) - (s), e;                   \
  {                                        \
    type bb = z - (x);                     \
    e = ((x) - (z - bb)) - ((s) + bb);     \
  }

#define SCALAR _Pragma("clang loop vectorize(disable)")  // vectors would have to be scattered

/// Some rows of all whole panels of columns.
INLINE void pack_panels(
  const char *row, ptrdiff_t step, bool is_float, ptrdiff_t p, const d8 *shift, ptrdiff_t depth, int rows, bool is_exact,
  d8 *high, d8 *low) {
  for (ptrdiff_t j = 0; j + 8 <= p; j += 8, high += depth, low += depth) {
    const d8 s = *shift++;
    UNROLLED for (int r = 0; r < rows; r++) {
      __builtin_prefetch(row + r * step + (is_float ? 4 : 8) * j + PREFETCH_BYTES, 0, 3);
      TWO_DIFFERENCE(d8, load8(row + r * step, is_float, j), s, z, e)
      high[r] = z;
      if (is_exact) low[r] = e;
    }
  }
}

INLINE void pack_columns(
  cross_space *s, lockstep_rows rows, bool is_float, ptrdiff_t column, ptrdiff_t first, ptrdiff_t count, ptrdiff_t depth,
  bool is_exact) {
  const ptrdiff_t p = rows.column_count, step = rows.stride * (is_float ? 4 : 8);
  const ptrdiff_t whole = column == 0 ? p / 8 * 8 : 0;  // columns of whole panels
  const double *shift = s->shift;
  d8 *high = s->b_high, *low = s->b_low;
  const char *row = row_at(rows, is_float, first);
  ptrdiff_t k = 0;
  if (whole > 0) {
    for (; k + PACK_ROWS <= count; k += PACK_ROWS)
      pack_panels(
        row + k * step, step, is_float, p, (const d8 *)shift, depth, PACK_ROWS, is_exact, high + k, low + k);
    for (; k < count; k++)
      pack_panels(row + k * step, step, is_float, p, (const d8 *)shift, depth, 1, is_exact, high + k, low + k);
  }
  for (ptrdiff_t j = whole; j < p; j++) {
    const ptrdiff_t c = column + j;
    double *highs = (double *)(high + c / 8 * depth) + c % 8, *lows = (double *)(low + c / 8 * depth) + c % 8;
    const double shift1 = shift[c];
    SCALAR for (k = 0; k < count; k++) {
      TWO_DIFFERENCE(double, load1(row + k * step, is_float, j), shift1, z, e)
      highs[8 * k] = z;
      if (is_exact) lows[8 * k] = e;
    }
  }
}
