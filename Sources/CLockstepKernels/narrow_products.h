// SPDX-License-Identifier: Apache-2.0
//
// The products of few columns, in double-double at nearly the speed of memory.
//
// A lane is one of eight rows: chunks of rows are turned into vectors of eight rows, column after column, with a column of
// ones after the last, whose products with the others are their sums. No lane is spent on columns that would fill up a panel.
//
// Products are added as in exact_products.h, by two fused multiply-adds and two additions, but numbers are not scaled: a chain
// of at most 64 terms starts at 192 times the units of its two columns, powers of two above all that they have had in this
// block. When a column brings more, or a chain is full, all chains are moved to the totals and begin anew.

#define NARROW_GROUPS 16  // vectors of eight rows in a chunk
#define NARROW_CHAIN 64
#define NARROW_TOTALS (NARROW_COLUMNS * (NARROW_COLUMNS + 3) / 2 + 8)
#define NARROW_LEAST 0x1p-400
#define NARROW_MOST 0x1p400

#if TILE_VECTORS > 1  // 32 registers of eight doubles
#define NARROW_WIDTH 4
#else
#define NARROW_WIDTH 1
#endif

typedef double d4u __attribute__((ext_vector_type(4), aligned(8)));
typedef float f4u __attribute__((ext_vector_type(4), aligned(4)));

typedef struct {
  ptrdiff_t m, stride;   // columns, and with the ones
  double *shift, *unit;  // stride
  d8 *highs, *lows;      // stride × groups: z − shift, and what the difference leaves
  dd8 *chains;           // stride²; only those with i ≤ j count
  dd8 *totals;           // the products with i ≤ j row by row, the sum of column i behind row i
  ptrdiff_t filled;      // terms in each chain
  const char *ahead;     // memory that will be read next; it is asked for while products are made
  ptrdiff_t ahead_bytes, ahead_step;
} narrow_space;

INLINE narrow_space make_narrow_space(ptrdiff_t m, char *scratch) {
  narrow_space s;
  s.m = m;
  s.stride = m + 1;
  s.shift = (double *)scratch, scratch += 256;
  s.unit = (double *)scratch, scratch += 256;
  s.highs = (d8 *)scratch, scratch += s.stride * NARROW_GROUPS * 64;
  s.lows = (d8 *)scratch, scratch += s.stride * NARROW_GROUPS * 64;
  s.chains = (dd8 *)scratch, scratch += s.stride * s.stride * 128;
  s.totals = (dd8 *)scratch;
  s.filled = 0;
  memset(s.totals, 0, (m * (m + 3) / 2 + 8) * 128);
  for (ptrdiff_t j = 0; j < s.stride; j++) s.unit[j] = j < m ? NARROW_LEAST : 1;
  for (ptrdiff_t g = 0; g < NARROW_GROUPS; g++) {
    s.highs[m * NARROW_GROUPS + g] = 1;
    s.lows[m * NARROW_GROUPS + g] = 0;
  }
  return s;
}

INLINE void start_chains(narrow_space *s) {
  for (ptrdiff_t i = 0; i < s->stride; i++)
    for (ptrdiff_t j = i & ~1; j < s->stride; j++)
      s->chains[i * s->stride + j] = (dd8){(d8)(EXACT_START * s->unit[i] * s->unit[j]), 0};
  s->filled = 0;
}

INLINE void move_chains(narrow_space *s) {
  dd8 *total = s->totals;
  for (ptrdiff_t i = 0; i < s->m; i++)
    for (ptrdiff_t j = i; j < s->stride; j++, total++) {
      const dd8 chain = s->chains[i * s->stride + j];
      *total = dd8_add1(*total, chain.high - (d8)(EXACT_START * s->unit[i] * s->unit[j]));
      total->low += chain.low;
    }
}

/// Subtracts the shift of a column from eight rows, and stores them. Returns what is not zero of the second parts.
INLINE i8 store_narrow(narrow_space *s, ptrdiff_t j, ptrdiff_t group, d8 x, bool has_shifts) {
  d8 *high = s->highs + j * NARROW_GROUPS + group;
  if (!has_shifts) {
    *high = x;
    return 0;
  }
  TWO_DIFFERENCE(d8, x, (d8)s->shift[j], z, e)
  *high = z;
  s->lows[j * NARROW_GROUPS + group] = e;
  return e != 0;
}

INLINE d4 load4(const char *row, bool is_float, ptrdiff_t j) {
  if (is_float) return __builtin_convertvector(*(const f4u *)((const float *)row + j), d4);
  return *(const d4u *)((const double *)row + j);
}

/// Four columns from j on of eight rows, each as a vector.
INLINE void turn4(const char *row, ptrdiff_t step, bool is_float, ptrdiff_t j, d8 out[4]) {
  d8 a[4], t[4];
  UNROLLED for (int r = 0; r < 4; r++)
    a[r] = SHUFFLE(load4(row + r * step, is_float, j), load4(row + (r + 4) * step, is_float, j), 0, 1, 2, 3, 4, 5, 6, 7);
  UNROLLED for (int r = 0; r < 4; r += 2) {
    t[r] = SHUFFLE(a[r], a[r + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    t[r + 1] = SHUFFLE(a[r], a[r + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  UNROLLED for (int c = 0; c < 2; c++) {
    out[c] = SHUFFLE(t[c], t[c + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    out[c + 2] = SHUFFLE(t[c], t[c + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
}

/// Some rows, `column` the place of the first of their columns among all. Returns whether some second part is not zero.
INLINE bool turn_rows(
  narrow_space *s, lockstep_rows rows, bool is_float, ptrdiff_t column, ptrdiff_t first, ptrdiff_t count, bool has_shifts) {
  const ptrdiff_t p = rows.column_count, step = rows.stride * (is_float ? 4 : 8);
  i8 lows = 0;
  for (ptrdiff_t g = 0; 8 * g < count; g++) {
    const char *row = row_at(rows, is_float, first + 8 * g);
    const ptrdiff_t left = count - 8 * g;
    if (left < 8) {
      for (ptrdiff_t j = 0; j < p; j++) {
        d8 x = s->shift[column + j];  // the missing rows count nothing
        for (ptrdiff_t l = 0; l < left; l++) x[l] = load1(row + l * step, is_float, j);
        lows |= store_narrow(s, column + j, g, x, has_shifts);
      }
      continue;
    }
    if (p == 1 && rows.stride == 1) {
      lows |= store_narrow(s, column, g, load8(row, is_float, 0), has_shifts);
    } else if (p < 4) {
      for (ptrdiff_t j = 0; j < p; j++) {
        d8 x;
        UNROLLED for (int l = 0; l < 8; l++) x[l] = load1(row + l * step, is_float, j);
        lows |= store_narrow(s, column + j, g, x, has_shifts);
      }
    } else {
      for (ptrdiff_t j = 0; j < p; j += 4) {
        const ptrdiff_t start = j + 4 <= p ? j : p - 4;  // the last four may be some of those before, alike
        d8 x[4];
        turn4(row, step, is_float, start, x);
        UNROLLED for (int c = 0; c < 4; c++) lows |= store_narrow(s, column + start + c, g, x[c], has_shifts);
      }
    }
  }
  return __builtin_reduce_or(lows) != 0;
}

/// Lifts the units to what the chunk has. Returns whether all are in range; if not, numbers need scaling.
INLINE bool lift_units(narrow_space *s, ptrdiff_t groups) {
  double lifted[24];
  bool grows = s->filled == 0 || s->filled + groups > NARROW_CHAIN;
  for (ptrdiff_t j = 0; j < s->m; j++) {
    d8 largest = 0;
    for (ptrdiff_t g = 0; g < groups; g++)
      largest = max8(__builtin_elementwise_abs(s->highs[j * NARROW_GROUPS + g]), largest);
    const double most = __builtin_reduce_max(largest);
    lifted[j] = s->unit[j];
    if (most <= s->unit[j] && !(most < NARROW_LEAST && most > 0)) continue;
    if (!(most >= NARROW_LEAST && most < NARROW_MOST)) return false;
    lifted[j] = power_above(most);
    grows = true;
  }
  if (!grows) return true;
  if (s->filled > 0) move_chains(s);
  memcpy(s->unit, lifted, s->m * sizeof(double));
  start_chains(s);
  return true;
}

/// Two columns from i on times some from j on.
INLINE void narrow_tile(narrow_space *s, ptrdiff_t i, ptrdiff_t j, int width, ptrdiff_t groups, bool has_lows) {
  dd8 *chains = s->chains + i * s->stride + j;
  const d8 *a = s->highs + i * NARROW_GROUPS, *al = s->lows + i * NARROW_GROUPS;
  const d8 *b = s->highs + j * NARROW_GROUPS, *bl = s->lows + j * NARROW_GROUPS;
  d8 sum[2][NARROW_WIDTH], rest[2][NARROW_WIDTH];
  UNROLLED for (int r = 0; r < 2; r++) UNROLLED for (int v = 0; v < width; v++) {
    sum[r][v] = chains[r * s->stride + v].high;
    rest[r][v] = chains[r * s->stride + v].low;
  }
  const char *ahead = s->ahead;
  for (ptrdiff_t g = 0; g < groups; g++) {
    __builtin_prefetch(ahead + s->ahead_step * g, 0, 2);
    __builtin_prefetch(ahead + s->ahead_step * g + 64, 0, 2);
    const d8 left[2] = {a[g], a[NARROW_GROUPS + g]};
    UNROLLED for (int v = 0; v < width; v++) {
      const d8 right = b[v * NARROW_GROUPS + g];
      UNROLLED for (int r = 0; r < 2; r++) {
        const d8 t = fma8(left[r], right, sum[r][v]), d = t - sum[r][v];
        d8 e = fma8(left[r], right, -d);
        if (has_lows) e = fma8(left[r], bl[v * NARROW_GROUPS + g], fma8(al[r * NARROW_GROUPS + g], right, e));
        sum[r][v] = t;
        rest[r][v] += e;
      }
    }
  }
  UNROLLED for (int r = 0; r < 2; r++) UNROLLED for (int v = 0; v < width; v++)
    chains[r * s->stride + v] = (dd8){sum[r][v], rest[r][v]};
  const ptrdiff_t asked = s->ahead_step * groups;
  if (s->ahead_bytes >= asked) {
    s->ahead += asked;
    s->ahead_bytes -= asked;
  }
}

INLINE void narrow_tiles(narrow_space *s, ptrdiff_t groups, bool has_lows) {
  for (ptrdiff_t i = 0; i < s->m; i += 2) {
    ptrdiff_t j = i;
    for (; j + NARROW_WIDTH <= s->stride; j += NARROW_WIDTH) narrow_tile(s, i, j, NARROW_WIDTH, groups, has_lows);
#if NARROW_WIDTH > 1
    switch (s->stride - j) {
      case 1: narrow_tile(s, i, j, 1, groups, has_lows); break;
      case 2: narrow_tile(s, i, j, 2, groups, has_lows); break;
      case 3: narrow_tile(s, i, j, 3, groups, has_lows); break;
      default: break;
    }
#endif
  }
}

INLINE bool narrow_chunk(
  narrow_space *s, lockstep_rows x, lockstep_rows y, bool is_float, ptrdiff_t first, ptrdiff_t count, bool has_shifts) {
  const ptrdiff_t groups = (count + 7) / 8;
  bool has_lows = turn_rows(s, x, is_float, 0, first, count, has_shifts);
  if (y.column_count > 0) has_lows |= turn_rows(s, y, false, x.column_count, first, count, has_shifts);
  if (!lift_units(s, groups)) return false;
  s->ahead = row_at(x, is_float, first + count);
  s->ahead_bytes = count * x.stride * (is_float ? 4 : 8);
  s->ahead_step = s->m < 8 ? 128 : 64;
  if (has_lows) narrow_tiles(s, groups, true);
  else narrow_tiles(s, groups, false);
  s->filled += groups;
  return true;
}

/// Adds the lanes of eight totals.
INLINE dd8 add_lanes(const dd8 *totals) {
  d8 high[8], low[8];
  UNROLLED for (int k = 0; k < 8; k++) {
    high[k] = totals[k].high;
    low[k] = totals[k].low;
  }
  transpose8(high);
  transpose8(low);
  dd8 sum[8];
  UNROLLED for (int l = 0; l < 8; l++) sum[l] = dd8_quick(high[l], low[l]);
  UNROLLED for (int count = 4; count > 0; count /= 2)
    UNROLLED for (int l = 0; l < count; l++) sum[l] = dd8_add(sum[l], sum[l + count]);
  return sum[0];
}

/// Returns whether it could: where numbers are too large or too small, nothing is stored.
INLINE bool narrow_products(
  lockstep_rows x, lockstep_rows y, bool is_float, double *means, double *highs, double *lows, void *scratch) {
  const ptrdiff_t m = x.column_count + y.column_count, depth = 8 * NARROW_GROUPS;
  narrow_space s = make_narrow_space(m, scratch);
  column_shifts(x, is_float, true, s.shift);
  column_shifts(y, false, true, s.shift + x.column_count);
  bool has_shifts = false;
  for (ptrdiff_t j = 0; j < m; j++) has_shifts |= s.shift[j] != 0;
  for (ptrdiff_t first = 0; first < x.count; first += depth) {
    const ptrdiff_t count = x.count - first < depth ? x.count - first : depth;
    const bool is_done = has_shifts ? narrow_chunk(&s, x, y, is_float, first, count, true)
                                    : narrow_chunk(&s, x, y, is_float, first, count, false);
    if (!is_done) return false;
  }
  move_chains(&s);

  double all_highs[NARROW_TOTALS], all_lows[NARROW_TOTALS];
  double sum_high[NARROW_COLUMNS + 8] = {0}, sum_low[NARROW_COLUMNS + 8] = {0};
  for (ptrdiff_t k = 0; k < m * (m + 3) / 2; k += 8) {
    const dd8 sums = add_lanes(s.totals + k);
    *(d8u *)(all_highs + k) = sums.high;
    *(d8u *)(all_lows + k) = sums.low;
  }
  const dd weight = dd_of((double)x.count);
  for (ptrdiff_t i = 0, k = m; i < m; k += m - i, i++) {
    sum_high[i] = all_highs[k];
    sum_low[i] = all_lows[k];
  }
  const double *high = all_highs, *low = all_lows;
  for (ptrdiff_t i = 0; i < m; i++) {
    const dd about = dd_divide((dd){sum_high[i], sum_low[i]}, weight), mean = dd_add1(about, s.shift[i]);
    means[i] = mean.high;
    means[m + i] = mean.low;
    for (ptrdiff_t j = i; j < m; j += 8) {
      const dd8 sums = {*(d8u *)(sum_high + j), *(d8u *)(sum_low + j)};
      const dd8 raw = {*(d8u *)(high + j - i), *(d8u *)(low + j - i)};
      const dd8 centred = dd8_add(raw, dd8_negated(dd8_multiply(dd8_of(about), sums)));
      const ptrdiff_t width = m - j < 8 ? m - j : 8;
      for (ptrdiff_t l = 0; l < width; l++) {
        highs[j - i + l] = centred.high[l];
        lows[j - i + l] = centred.low[l];
      }
    }
    // Rounding can leave less than nothing of a square.
    if (highs[0] < 0) highs[0] = lows[0] = 0;
    high += m - i + 1;
    low += m - i + 1;
    highs += m - i;
    lows += m - i;
  }
  return true;
}
