// SPDX-License-Identifier: Apache-2.0
//
// The summary of a block of rows, from the products of its chunks (cross_space.h), and the merge of two summaries.

#define MERGE_COLUMNS 64

INLINE dd cross_products(
  lockstep_rows x, lockstep_rows y, const double *weights, bool is_float, bool is_exact, double *means, double *highs,
  double *lows, void *scratch) {
  const dd weight = weight_sum(weights, x.count);
  cross_space s = make_cross_space(x, y, weights, is_exact, scratch);
  const ptrdiff_t m = s.m, depth = is_exact ? EXACT_ROWS : PLAIN_ROWS;
  column_shifts(x, is_float, is_exact, s.shift);
  column_shifts(y, false, is_exact, s.shift + x.column_count);
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
    const ptrdiff_t whole = m / 8, panel_end = is_exact || i / 8 == whole ? s.panels : whole;
    for (ptrdiff_t c = i / 8; c < panel_end; c++) {
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
    for (ptrdiff_t j = 8 * panel_end; j < m; j++)  // the last columns' products with these are below the diagonal
      high[j] = __builtin_fma(
        -about.high, s.sums[whole].high[j % 8], s.high[(whole * s.panels + i / 8) * 8 + j % 8][i % 8]);
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
  for (ptrdiff_t first = 0; first < m; first += MERGE_COLUMNS) {
    const ptrdiff_t end = first + MERGE_COLUMNS < m ? first + MERGE_COLUMNS : m;
    double delta_highs[MERGE_COLUMNS], delta_lows[MERGE_COLUMNS];
    for (ptrdiff_t j = first; j < end; j++) {
      const dd delta = dd_subtract((dd){later_means[j], later_means[m + j]}, (dd){means[j], means[m + j]});
      delta_highs[j - first] = delta.high;
      delta_lows[j - first] = delta.low;
    }
    for (ptrdiff_t i = 0; i < end; i++) {
      const dd delta_i = dd_subtract((dd){later_means[i], later_means[m + i]}, (dd){means[i], means[m + i]});
      const dd scaled = dd_multiply(delta_i, factor);
      const ptrdiff_t row = i * m - i * (i - 1) / 2 - i, start = i > first ? i : first;
      if (lows) {
        for (ptrdiff_t j = start; j < end; j++) {
          const dd delta = {delta_highs[j - first], delta_lows[j - first]};
          dd sum = dd_add((dd){highs[row + j], lows[row + j]}, (dd){later_highs[row + j], later_lows[row + j]});
          sum = dd_add(sum, dd_multiply(scaled, delta));
          highs[row + j] = sum.high;
          lows[row + j] = sum.low;
        }
      } else {
        for (ptrdiff_t j = start; j < end; j++)
          highs[row + j] = __builtin_fma(scaled.high, delta_highs[j - first], highs[row + j] + later_highs[row + j]);
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
