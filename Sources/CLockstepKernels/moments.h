// SPDX-License-Identifier: Apache-2.0
//
// Count, extremes, mean and sum of squares of each column, in one reading.
//
// Sums are taken of y = x − shift, where the shift of a column is the mean of up to sixteen rows spread over the block. By
// Cauchy and Schwarz (shift − mean)² is at most 1/16 of Σ (x − mean)², so Σ y² − (Σ y)²/n loses at most log₁₀(n/16) digits,
// as a rule none. Rows are summed in runs of eight; the sums of the runs are added up in double-double.
//
// A lane is a column. Below eight columns, eight rows are taken at once, as p vectors of consecutive elements, and the
// eight lanes of a column are added in order at the end.

#define MOMENT_RUN 8

typedef struct {
  d8 shift;
  d8 minimum, maximum;
  dd8 sum, square;
} moment_strip;

/// The mean of a power of two of rows, up to 16, spread over the block: of equal numbers, that number exactly.
INLINE d8 spread_mean(lockstep_rows rows, bool is_float, ptrdiff_t j) {
  ptrdiff_t count = 16;
  while (count > rows.count) count >>= 1;
  const double share = 1.0 / (double)count;
  d8 v[16];
  for (ptrdiff_t i = 0; i < count; i++)
    v[i] = load8(row_at(rows, is_float, i * rows.count / count), is_float, j) * share;
  for (; count > 1; count >>= 1)
    for (ptrdiff_t i = 0; i < count / 2; i++) v[i] = v[2 * i] + v[2 * i + 1];
  return v[0];
}

INLINE double spread_mean1(lockstep_rows rows, bool is_float, ptrdiff_t j) {
  ptrdiff_t count = 16;
  while (count > rows.count) count >>= 1;
  const double share = 1.0 / (double)count;
  double v[16];
  for (ptrdiff_t i = 0; i < count; i++)
    v[i] = load1(row_at(rows, is_float, i * rows.count / count), is_float, j) * share;
  for (; count > 1; count >>= 1)
    for (ptrdiff_t i = 0; i < count / 2; i++) v[i] = v[2 * i] + v[2 * i + 1];
  return v[0];
}

/// Means and squares from the sums about the shift, for one strip.
INLINE void finish_strip(const moment_strip *strip, dd weight, dd8 *mean, dd8 *square) {
  for (int l = 0; l < 8; l++) {
    dd sum = dd_quick(strip->sum.high[l], strip->sum.low[l]), all = dd_quick(strip->square.high[l], strip->square.low[l]);
    dd about = dd_divide(sum, weight);
    dd centred = dd_subtract(all, dd_multiply(about, sum));
    dd m = dd_add1(about, strip->shift[l]);
    mean->high[l] = m.high;
    mean->low[l] = m.low;
    // Rounding can leave less than nothing; a NaN stays.
    square->high[l] = centred.high < 0 ? 0 : centred.high;
    square->low[l] = centred.high < 0 ? 0 : centred.low;
  }
}

INLINE void store_strip(const moment_strip *strip, dd weight, double *moments, ptrdiff_t p, ptrdiff_t j, ptrdiff_t width) {
  dd8 mean, square;
  finish_strip(strip, weight, &mean, &square);
  for (ptrdiff_t l = 0; l < width; l++) {
    double *column = moments + j + l;
    column[0] = strip->minimum[l];
    column[p] = strip->maximum[l];
    column[2 * p] = mean.high[l];
    column[3 * p] = mean.low[l];
    column[4 * p] = square.high[l];
    column[5 * p] = square.low[l];
  }
}

INLINE dd weight_sum(const double *weights, ptrdiff_t count) {
  if (!weights) return dd_of((double)count);
  dd sum = dd_of(0);
  for (ptrdiff_t i = 0; i < count; i++) {
    TWO_SUM(double, sum.high, weights[i], s, e)
    sum = (dd){s, sum.low + e};
  }
  return dd_quick(sum.high, sum.low);
}

/// Adds one vector of numbers x of weights w to the sums of a run.
INLINE void moment_step(
  d8 x, d8 shift, d8 w, bool has_weights, d8 *minimum, d8 *maximum, d8 *sum, d8 *square) {
  d8 y = x - shift;
  if (has_weights) {
    d8 wy = w * y;
    *sum += wy;
    *square = fma8(wy, y, *square);
    i8 counts = w != 0;
    *minimum = counts ? min8(x, *minimum) : *minimum;
    *maximum = counts ? max8(x, *maximum) : *maximum;
  } else {
    *sum += y;
    *square = fma8(y, y, *square);
    *minimum = min8(x, *minimum);
    *maximum = max8(x, *maximum);
  }
}

/// The first column of a strip: the last strip may hold columns of the one before, alike.
INLINE ptrdiff_t strip_column(ptrdiff_t s, ptrdiff_t p) { return 8 * s + 8 <= p ? 8 * s : p - 8; }

/// One run of rows of some strips. `next` walks through the memory some runs ahead, a line a step: read in any other
/// order, memory is slow.
INLINE const char *run_strips(
  lockstep_rows rows, bool is_float, const double *weights, bool has_weights, ptrdiff_t first, ptrdiff_t count,
  moment_strip *strips, ptrdiff_t s, int width, const char *next) {
  const ptrdiff_t p = rows.column_count, step = rows.stride * (is_float ? 4 : 8);
  d8 minimum[2], maximum[2], sum[2], square[2], shift[2];
  ptrdiff_t j[2];
  UNROLLED for (int u = 0; u < width; u++) {
    shift[u] = strips[s + u].shift;
    minimum[u] = strips[s + u].minimum;
    maximum[u] = strips[s + u].maximum;
    sum[u] = square[u] = 0;
    j[u] = strip_column(s + u, p);
  }
  const char *row = row_at(rows, is_float, first);
  for (ptrdiff_t i = 0; i < count; i++, row += step)
    UNROLLED for (int u = 0; u < width; u++) {
      __builtin_prefetch(next, 0, 3);
      next += is_float ? 32 : 64;
      d8 w = has_weights ? (d8)weights[first + i] : (d8)1.0;
      moment_step(
        load8(row, is_float, j[u]), shift[u], w, has_weights, minimum + u, maximum + u, sum + u, square + u);
    }
  UNROLLED for (int u = 0; u < width; u++) {
    strips[s + u].minimum = minimum[u];
    strips[s + u].maximum = maximum[u];
    strips[s + u].sum = dd8_add1(strips[s + u].sum, sum[u]);
    strips[s + u].square = dd8_add1(strips[s + u].square, square[u]);
  }
  return next;
}

INLINE void wide_moments(
  lockstep_rows rows, bool is_float, const double *weights, bool has_weights, dd weight, double *moments,
  moment_strip *strips) {
  const ptrdiff_t p = rows.column_count, strip_count = (p + 7) / 8, step = rows.stride * (is_float ? 4 : 8);
  for (ptrdiff_t s = 0; s < strip_count; s++) {
    moment_strip *strip = strips + s;
    memset(strip, 0, sizeof *strip);
    strip->shift = spread_mean(rows, is_float, strip_column(s, p));
    strip->minimum = (d8)(double)INFINITY;
    strip->maximum = (d8)-(double)INFINITY;
  }
  for (ptrdiff_t first = 0; first < rows.count; first += MOMENT_RUN) {
    const ptrdiff_t count = rows.count - first < MOMENT_RUN ? rows.count - first : MOMENT_RUN;
    const char *next = (const char *)row_at(rows, is_float, first) + 4 * MOMENT_RUN * step;
    ptrdiff_t s = 0;
    for (; s + 2 <= strip_count; s += 2)
      next = run_strips(rows, is_float, weights, has_weights, first, count, strips, s, 2, next);
    if (s < strip_count) run_strips(rows, is_float, weights, has_weights, first, count, strips, s, 1, next);
  }
  for (ptrdiff_t s = 0; s < strip_count; s++) store_strip(strips + s, weight, moments, p, strip_column(s, p), 8);
}

/// Eight consecutive elements from element `e` of eight rows.
INLINE d8 load_across(lockstep_rows rows, bool is_float, ptrdiff_t first, ptrdiff_t e) {
  const ptrdiff_t p = rows.column_count;
  if (rows.stride == p) return load8(row_at(rows, is_float, first), is_float, e);
  d8 x;
  for (ptrdiff_t l = 0; l < 8; l++) x[l] = load1(row_at(rows, is_float, first + (e + l) / p), is_float, (e + l) % p);
  return x;
}

INLINE void narrow_moments(
  lockstep_rows rows, bool is_float, const double *weights, bool has_weights, dd weight, double *moments,
  moment_strip *strips) {
  const ptrdiff_t p = rows.column_count, step = rows.stride * (is_float ? 4 : 8), whole = rows.count / 8 * 8;
  double shifts[8], minimums[8], maximums[8];
  for (ptrdiff_t j = 0; j < p; j++) {
    shifts[j] = spread_mean1(rows, is_float, j);
    minimums[j] = INFINITY;
    maximums[j] = -INFINITY;
  }
  for (ptrdiff_t v = 0; v < p; v++) {
    memset(strips + v, 0, sizeof *strips);
    for (ptrdiff_t l = 0; l < 8; l++) strips[v].shift[l] = shifts[(8 * v + l) % p];
    strips[v].minimum = (d8)(double)INFINITY;
    strips[v].maximum = (d8)-(double)INFINITY;
  }
  const ptrdiff_t ahead = 128 * step;
  for (ptrdiff_t first = 0; first < whole; first += 64) {
    const ptrdiff_t end = first + 64 < whole ? first + 64 : whole;
    for (ptrdiff_t v = 0; v < p; v++) {
      moment_strip *strip = strips + v;
      const d8 shift = strip->shift;
      d8 minimum = strip->minimum, maximum = strip->maximum, sum = 0, square = 0;
      for (ptrdiff_t i = first; i < end; i += 8) {
        __builtin_prefetch((const char *)row_at(rows, is_float, i) + ahead + v * (is_float ? 32 : 64), 0, 3);
        d8 x = load_across(rows, is_float, i, 8 * v), w = 0;
        if (has_weights)
          for (ptrdiff_t l = 0; l < 8; l++) w[l] = weights[i + (8 * v + l) / p];
        moment_step(x, shift, w, has_weights, &minimum, &maximum, &sum, &square);
      }
      strip->minimum = minimum;
      strip->maximum = maximum;
      strip->sum = dd8_add1(strip->sum, sum);
      strip->square = dd8_add1(strip->square, square);
    }
  }
  // Lane by lane into one strip of p columns, then the rows that are left over.
  moment_strip all;
  memset(&all, 0, sizeof all);
  for (ptrdiff_t j = 0; j < p; j++) {
    dd sum = dd_of(0), square = dd_of(0);
    for (ptrdiff_t e = j; e < 8 * p; e += p) {
      const moment_strip *strip = strips + e / 8;
      const ptrdiff_t l = e % 8;
      sum = dd_add(sum, dd_quick(strip->sum.high[l], strip->sum.low[l]));
      square = dd_add(square, dd_quick(strip->square.high[l], strip->square.low[l]));
      minimums[j] = strip->minimum[l] < minimums[j] ? strip->minimum[l] : minimums[j];
      maximums[j] = strip->maximum[l] > maximums[j] ? strip->maximum[l] : maximums[j];
    }
    for (ptrdiff_t i = whole; i < rows.count; i++) {
      double x = load1(row_at(rows, is_float, i), is_float, j), y = x - shifts[j], w = has_weights ? weights[i] : 1;
      sum = dd_add1(sum, w * y);
      square = dd_add1(square, w * y * y);
      minimums[j] = w != 0 && x < minimums[j] ? x : minimums[j];
      maximums[j] = w != 0 && x > maximums[j] ? x : maximums[j];
    }
    all.shift[j] = shifts[j];
    all.minimum[j] = minimums[j];
    all.maximum[j] = maximums[j];
    all.sum.high[j] = sum.high;
    all.sum.low[j] = sum.low;
    all.square.high[j] = square.high;
    all.square.low[j] = square.low;
  }
  store_strip(&all, weight, moments, p, 0, p);
}

INLINE dd column_moments(
  lockstep_rows rows, bool is_float, const double *weights, bool has_weights, double *moments, void *scratch) {
  const dd weight = weight_sum(weights, rows.count);
  // A block whose rows all have the weight 0 weighs nothing: its mean is NaN, and nobody asks for it.
  if (rows.column_count >= 8) wide_moments(rows, is_float, weights, has_weights, weight, moments, scratch);
  else narrow_moments(rows, is_float, weights, has_weights, weight, moments, scratch);
  return weight;
}

/// One column: `share` is Σ w of b over that of both, and `factor` that times Σ w of a.
INLINE void merge_one_column(ptrdiff_t p, double *a, const double *b, dd share, dd factor) {
  a[0] = b[0] < a[0] ? b[0] : a[0];
  a[p] = b[p] > a[p] ? b[p] : a[p];
  const dd mean = {a[2 * p], a[3 * p]}, square = {a[4 * p], a[5 * p]};
  const dd delta = dd_subtract((dd){b[2 * p], b[3 * p]}, mean);
  const dd merged_mean = dd_add(mean, dd_multiply(delta, share));
  const dd merged =
    dd_add(dd_add(square, (dd){b[4 * p], b[5 * p]}), dd_multiply(dd_multiply(delta, delta), factor));
  a[2 * p] = merged_mean.high;
  a[3 * p] = merged_mean.low;
  a[4 * p] = merged.high;
  a[5 * p] = merged.low;
}

static void merge_column_moments(
  ptrdiff_t p, double *moments, dd weight, const double *later, dd later_weight) {
  const dd total = dd_add(weight, later_weight), share = dd_divide(later_weight, total), factor = dd_multiply(share, weight);
  for (ptrdiff_t j = 0; j < p; j++) merge_one_column(p, moments + j, later + j, share, factor);
}
