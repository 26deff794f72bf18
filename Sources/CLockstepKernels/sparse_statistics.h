// SPDX-License-Identifier: Apache-2.0
//
// Moments, cross-products, maps and Gram matrices from the stored entries alone. Every sum that differences are taken of is in
// double-double, so that no digits are lost to the zeros that nobody reads.

INLINE double entry_at(lockstep_sparse_rows rows, bool is_float, ptrdiff_t e) { return load1(rows.values, is_float, e); }

/// sum + p + e, the low part not normalized.
INLINE dd dd_accumulate(dd sum, double p, double e) {
  TWO_SUM(double, sum.high, p, s, t)
  return (dd){s, sum.low + (t + e)};
}
INLINE dd dd_accumulate_product(dd sum, double a, double b) {
  const double p = a * b;
  return dd_accumulate(sum, p, __builtin_fma(a, b, -p));
}

// MARK: Moments

typedef struct {
  dd sum;     // Σ w x of the stored entries, then the mean
  dd square;  // Σ w (x − mean)² of them
  dd weight;  // Σ w of them
  ptrdiff_t count;
} sparse_column;

/// Two readings: the means, then the squares about them. The zeros that are not stored count by their weight:
///   Σ w (x − mean)² = Σ over stored entries + (Σ w − Σ w of stored entries) mean²
/// No term is negative, so nothing cancels.
INLINE dd sparse_moments(
  lockstep_sparse_rows rows, bool is_float, const double *weights, double *moments, void *scratch) {
  const ptrdiff_t p = rows.column_count;
  sparse_column *columns = scratch;
  const dd weight = weight_sum(weights, rows.count);
  double *minimums = moments, *maximums = moments + p;
  memset(columns, 0, (size_t)p * sizeof *columns);
  for (ptrdiff_t j = 0; j < p; j++) {
    minimums[j] = INFINITY;
    maximums[j] = -INFINITY;
  }
  ptrdiff_t weighing = 0;
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const double w = weights ? weights[i] : 1;
    const ptrdiff_t counts = w != 0;
    weighing += counts;
    for (ptrdiff_t e = rows.offsets[i]; e < rows.offsets[i + 1]; e++) {
      const ptrdiff_t j = rows.columns[e];
      const double x = entry_at(rows, is_float, e);
      sparse_column *c = columns + j;
      c->sum = dd_accumulate_product(c->sum, w, x);
      c->weight = dd_accumulate(c->weight, w, 0);
      c->count += counts;
      minimums[j] = counts && x < minimums[j] ? x : minimums[j];
      maximums[j] = counts && x > maximums[j] ? x : maximums[j];
    }
  }
  for (ptrdiff_t j = 0; j < p; j++) {
    sparse_column *c = columns + j;
    c->sum = dd_divide(dd_quick(c->sum.high, c->sum.low), weight);
    if (c->count == weighing) continue;
    minimums[j] = 0 < minimums[j] ? 0 : minimums[j];
    maximums[j] = 0 > maximums[j] ? 0 : maximums[j];
  }
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const double w = weights ? weights[i] : 1;
    for (ptrdiff_t e = rows.offsets[i]; e < rows.offsets[i + 1]; e++) {
      sparse_column *c = columns + rows.columns[e];
      const dd d = dd_add1(dd_negated(c->sum), entry_at(rows, is_float, e));
      const dd product = dd_multiply(dd_multiply(d, d), dd_of(w));
      c->square = dd_add(c->square, product);
    }
  }
  for (ptrdiff_t j = 0; j < p; j++) {
    const sparse_column *c = columns + j;
    const dd zeros = dd_subtract(weight, dd_quick(c->weight.high, c->weight.low));
    const dd square = dd_add(c->square, dd_multiply(zeros, dd_multiply(c->sum, c->sum)));
    moments[2 * p + j] = c->sum.high;
    moments[3 * p + j] = c->sum.low;
    moments[4 * p + j] = square.high;
    moments[5 * p + j] = square.low;
  }
  return weight;
}

// MARK: Cross-products

typedef struct {
  double *shift;     // m
  dd *sums;          // m: Σ w (z − shift)
  ptrdiff_t *counts; // p: stored entries
  ptrdiff_t *places; // m: the columns of a row's entries,
  dd *entries;       // m: and the entries less the shift
} sparse_cross_space;

INLINE sparse_cross_space make_sparse_cross_space(ptrdiff_t m, char *scratch) {
  sparse_cross_space s;
  s.sums = (dd *)scratch, scratch += m * 16;
  s.entries = (dd *)scratch, scratch += m * 16;
  s.shift = (double *)scratch, scratch += m * 8;
  s.counts = (ptrdiff_t *)scratch, scratch += m * 8;
  s.places = (ptrdiff_t *)scratch;
  memset(s.sums, 0, (size_t)m * 16);
  memset(s.counts, 0, (size_t)m * 8);
  return s;
}

/// Σ w z zᵀ − (Σ w z)(Σ w z)ᵀ / Σ w of z = [x y] less a shift: the mean of columns in which every entry is stored, the responses
/// among them, and 0 for the others. A column with a zero has mean² ≤ n · variance, so about 0 its square loses log₁₀ n digits at
/// the very most; in a column without zeros the shift keeps them.
INLINE dd sparse_products(
  lockstep_sparse_rows x, lockstep_rows y, bool is_float, bool is_exact, const double *weights, double *means,
  double *highs, double *lows, void *scratch) {
  const dd weight = weight_sum(weights, x.count);
  const ptrdiff_t p = x.column_count, q = y.column_count, m = p + q;
  sparse_cross_space s = make_sparse_cross_space(m, scratch);
  memset(highs, 0, (size_t)(m * (m + 1) / 2) * sizeof *highs);
  if (is_exact) memset(lows, 0, (size_t)(m * (m + 1) / 2) * sizeof *lows);

  for (ptrdiff_t i = 0; i < x.count; i++) {
    for (ptrdiff_t e = x.offsets[i]; e < x.offsets[i + 1]; e++) {
      const ptrdiff_t j = x.columns[e];
      s.counts[j]++;
      s.sums[j] = dd_accumulate(s.sums[j], entry_at(x, is_float, e), 0);
    }
    for (ptrdiff_t r = 0; r < q; r++)
      s.sums[p + r] = dd_accumulate(s.sums[p + r], load1(row_at(y, false, i), false, r), 0);
  }
  for (ptrdiff_t j = 0; j < m; j++) {
    const bool is_full = j >= p || s.counts[j] == x.count;
    s.shift[j] = is_full ? (s.sums[j].high + s.sums[j].low) / (double)x.count : 0;
    s.sums[j] = dd_of(0);
  }

  for (ptrdiff_t i = 0; i < x.count; i++) {
    const ptrdiff_t first = x.offsets[i], stored = x.offsets[i + 1] - first, count = stored + q;
    const double w = weights ? weights[i] : 1;
    for (ptrdiff_t e = 0; e < stored; e++) {
      const ptrdiff_t j = x.columns[first + e];
      s.places[e] = j;
      s.entries[e] = dd_sum(entry_at(x, is_float, first + e), -s.shift[j]);
    }
    for (ptrdiff_t r = 0; r < q; r++) {
      s.places[stored + r] = p + r;
      s.entries[stored + r] = dd_sum(load1(row_at(y, false, i), false, r), -s.shift[p + r]);
    }
    for (ptrdiff_t e = 0; e < count; e++) {
      const ptrdiff_t place = s.places[e];
      const dd a = weights ? dd_multiply(s.entries[e], dd_of(w)) : s.entries[e];
      s.sums[place] = dd_accumulate(s.sums[place], a.high, a.low);
      double *high = highs + place * m - place * (place - 1) / 2 - place;
      if (is_exact) {
        double *low = lows + place * m - place * (place - 1) / 2 - place;
        for (ptrdiff_t f = e; f < count; f++) {
          const ptrdiff_t j = s.places[f];
          const dd b = s.entries[f];
          const double product = a.high * b.high;
          const double rest = __builtin_fma(a.high, b.low, __builtin_fma(a.low, b.high, __builtin_fma(a.high, b.high, -product)));
          const dd sum = dd_accumulate((dd){high[j], low[j]}, product, rest);
          high[j] = sum.high;
          low[j] = sum.low;
        }
      } else {
        for (ptrdiff_t f = e; f < count; f++) {
          const ptrdiff_t j = s.places[f];
          high[j] = __builtin_fma(a.high, s.entries[f].high, high[j]);
        }
      }
    }
  }

  for (ptrdiff_t i = 0; i < m; i++) s.sums[i] = dd_quick(s.sums[i].high, s.sums[i].low);
  for (ptrdiff_t i = 0; i < m; i++) {
    const dd about = dd_divide(s.sums[i], weight), mean = dd_add1(about, s.shift[i]);
    means[i] = mean.high;
    means[m + i] = mean.low;
    double *high = highs + i * m - i * (i - 1) / 2 - i, *low = is_exact ? lows + i * m - i * (i - 1) / 2 - i : 0;
    if (is_exact) {
      for (ptrdiff_t j = i; j < m; j++) {
        const dd all = dd_subtract(dd_quick(high[j], low[j]), dd_multiply(about, s.sums[j]));
        high[j] = all.high;
        low[j] = all.low;
      }
    } else if (about.high != 0) {
      for (ptrdiff_t j = i; j < m; j++) high[j] = __builtin_fma(-about.high, s.sums[j].high, high[j]);
    }
    // Rounding can leave less than nothing of a square.
    if (high[i] < 0) {
      high[i] = 0;
      if (is_exact) low[i] = 0;
    }
  }
  return weight;
}

/// gram (packed upper triangle) += XᵀX of every `step`th row, each entry a chain over the rows in order.
INLINE void sparse_gram_rows(lockstep_sparse_rows rows, bool is_float, ptrdiff_t step, double *gram) {
  const ptrdiff_t p = rows.column_count;
  for (ptrdiff_t i = 0; i < rows.count; i += step)
    for (ptrdiff_t e = rows.offsets[i]; e < rows.offsets[i + 1]; e++) {
      const ptrdiff_t j = rows.columns[e];
      const double a = entry_at(rows, is_float, e);
      double *row = gram + j * p - j * (j - 1) / 2 - j;
      for (ptrdiff_t f = e; f < rows.offsets[i + 1]; f++)
        row[rows.columns[f]] = __builtin_fma(a, entry_at(rows, is_float, f), row[rows.columns[f]]);
    }
}

// MARK: Maps

/// out = (constants − shift M) + x M, all of it summed in double-double: the shift may be much larger than the difference.
INLINE void sparse_map_rows(
  lockstep_sparse_rows rows, bool is_float, const double *shift, const double *matrix, const double *constants,
  ptrdiff_t width, double *out, void *scratch) {
  const ptrdiff_t p = rows.column_count, panels = (width + 7) / 8, padded = 8 * panels;
  dd8 *base = scratch, *sums = base + panels;
#define ADD_ENTRY(sums, x, j)                                                       \
  for (ptrdiff_t k = 0; k < panels; k++) {                                          \
    const d8 m = load8(matrix, false, (j) * padded + 8 * k), product = m * (d8)(x); \
    const d8 rest = fma8(m, (d8)(x), -product);                                     \
    dd8 sum = dd8_add1(sums[k], product);                                           \
    sum.low += rest;                                                                \
    sums[k] = sum;                                                                  \
  }
  for (ptrdiff_t k = 0; k < panels; k++) base[k] = (dd8){load8(constants, false, 8 * k), 0};
  for (ptrdiff_t j = 0; j < p; j++)
    if (shift[j] != 0) ADD_ENTRY(base, -shift[j], j)
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    memcpy(sums, base, (size_t)panels * sizeof *sums);
    for (ptrdiff_t e = rows.offsets[i]; e < rows.offsets[i + 1]; e++)
      ADD_ENTRY(sums, entry_at(rows, is_float, e), rows.columns[e])
    for (ptrdiff_t c = 0; c < width; c++) out[i * width + c] = sums[c / 8].high[c % 8] + sums[c / 8].low[c % 8];
  }
#undef ADD_ENTRY
}
