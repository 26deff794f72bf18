// SPDX-License-Identifier: Apache-2.0
//
// Householder QR by panels of eight columns (a panel's row is one vector), with the trailing columns updated by the block
// reflector I − V S⁻¹ Vᵀ, where S is the upper triangle of VᵀV with half its diagonal (Puglisi 1992; Joffrain et al. 2006).
// S follows from V alone, so nothing but V is kept: H_j = I − v vᵀ / (½ vᵀv), and v = 0 means H_j = I.
//
// A panel has a top, the eight rows of its pivots, and a rest. In the first step of a block the top belongs to the rows
// themselves (LAPACK's geqrf); afterwards it is the triangle that has been made, over new rows (tpqrt), which may be a
// triangle themselves.

/// Squares of what is left below the diagonal that are taken for zero; columns are scaled to about 1 before.
#define NEGLIGIBLE 0x1p-900

typedef struct {
  double top[8][8];      // V's top: unit lower triangular, but 0 for a unit where v = 0
  double s[8][8];        // S, upper
  double reciprocal[8];  // 1 / s_jj
} reflector;

/// Factors a panel: the upper triangle of the top becomes R, all below V.
INLINE void factor_panel(d8 *panel, ptrdiff_t rest) {
  const double *numbers = (const double *)panel;
  for (int j = 0; j < 8; j++) {
    d8 sum[4] = {0, 0, 0, 0};
    for (int i = j + 1; i < 8; i++) sum[0] = fma8((d8)numbers[8 * i + j], panel[i], sum[0]);
    ptrdiff_t r = 8;
    for (; r + 4 <= 8 + rest; r += 4)
      UNROLLED for (int k = 0; k < 4; k++)
        sum[k] = fma8((d8)numbers[8 * (r + k) + j], panel[r + k], sum[k]);
    for (; r < 8 + rest; r++) sum[0] = fma8((d8)numbers[8 * r + j], panel[r], sum[0]);
    const d8 dots = (sum[0] + sum[2]) + (sum[1] + sum[3]);
    const double square = dots[j], alpha = numbers[8 * j + j];
    const i8 lane = {0, 1, 2, 3, 4, 5, 6, 7};
    const i8 is_column = lane == (i8)(int64_t)j, is_later = lane > (i8)(int64_t)j;
    if (square < NEGLIGIBLE) {
      for (ptrdiff_t i = j + 1; i < 8 + rest; i++) panel[i] = is_column ? (d8)0 : panel[i];
      continue;
    }
    const double length = sqrt(fma(alpha, alpha, square)), beta = alpha >= 0 ? -length : length;
    const double inverse = 1 / (alpha - beta), tau = (beta - alpha) / beta;
    const d8 w = is_later ? tau * fma8(dots, (d8)inverse, panel[j]) : (d8)0;
    panel[j] = is_column ? (d8)beta : panel[j] - w;
    for (ptrdiff_t i = j + 1; i < 8 + rest; i++) {
      d8 v = numbers[8 * i + j] * inverse;
      panel[i] = is_column ? v : fma8(-v, w, panel[i]);
    }
  }
}

/// The block reflector of a factored panel.
INLINE void make_reflector(const d8 *panel, ptrdiff_t rest, reflector *h) {
  const double *numbers = (const double *)panel;
  d8 gram[8];
  UNROLLED for (int i = 0; i < 8; i++) gram[i] = 0;
  for (ptrdiff_t r = 8; r < 8 + rest; r++)
    UNROLLED for (int i = 0; i < 8; i++) gram[i] = fma8((d8)numbers[8 * r + i], panel[r], gram[i]);
  for (int j = 0; j < 8; j++) {
    double square = gram[j][j];
    for (int i = 0; i < 8; i++) h->top[i][j] = i > j ? numbers[8 * i + j] : 0;
    for (int i = j + 1; i < 8; i++) square = fma(h->top[i][j], h->top[i][j], square);
    h->top[j][j] = square > 0;
  }
  for (int i = 0; i < 8; i++)
    for (int j = i; j < 8; j++) {
      double dot = gram[i][j];
      for (int k = j; k < 8; k++) dot = fma(h->top[k][i], h->top[k][j], dot);
      h->s[i][j] = i < j ? dot : h->top[i][i] > 0 ? 0.5 * dot : 1;
    }
  for (int j = 0; j < 8; j++) h->reciprocal[j] = 1 / h->s[j][j];
}

INLINE void apply_tile(
  const reflector *h, const double *v, ptrdiff_t rest, bool is_transposed, double *top, ptrdiff_t top_stride, double *rows,
  ptrdiff_t stride, int width) {
  d8 z[8][TILE_VECTORS];
  UNROLLED for (int half = 0; half < 8; half += TILE_HALF) {
    d8 sum[TILE_HALF][TILE_VECTORS];
    UNROLLED for (int k = 0; k < TILE_HALF; k++)
      UNROLLED for (int w = 0; w < width; w++) sum[k][w] = 0;
    for (ptrdiff_t r = 0; r < rest; r++) {
      d8 c[TILE_VECTORS];
      UNROLLED for (int w = 0; w < width; w++) c[w] = *(const d8 *)(rows + r * stride + 8 * w);
      UNROLLED for (int k = 0; k < TILE_HALF; k++) {
        d8 factor = v[8 * r + half + k];
        UNROLLED for (int w = 0; w < width; w++) sum[k][w] = fma8(factor, c[w], sum[k][w]);
      }
    }
    UNROLLED for (int k = 0; k < TILE_HALF; k++)
      UNROLLED for (int w = 0; w < width; w++) z[half + k][w] = sum[k][w];
  }
  UNROLLED for (int w = 0; w < width; w++) {
    for (int k = 0; k < 8; k++)
      for (int i = k; i < 8; i++) z[k][w] = fma8((d8)h->top[i][k], *(const d8 *)(top + i * top_stride + 8 * w), z[k][w]);
    if (is_transposed) {
      for (int k = 0; k < 8; k++) {
        for (int i = 0; i < k; i++) z[k][w] = fma8((d8)-h->s[i][k], z[i][w], z[k][w]);
        z[k][w] *= h->reciprocal[k];
      }
    } else {
      for (int k = 7; k >= 0; k--) {
        for (int i = 7; i > k; i--) z[k][w] = fma8((d8)-h->s[k][i], z[i][w], z[k][w]);
        z[k][w] *= h->reciprocal[k];
      }
    }
    for (int k = 0; k < 8; k++) z[k][w] = -z[k][w];
    for (int i = 0; i < 8; i++) {
      d8 *c = (d8 *)(top + i * top_stride + 8 * w);
      for (int k = 0; k <= i; k++) *c = fma8((d8)h->top[i][k], z[k][w], *c);
    }
  }
  for (ptrdiff_t r = 0; r < rest; r++) {
    d8 c[TILE_VECTORS];
    UNROLLED for (int w = 0; w < width; w++) c[w] = *(const d8 *)(rows + r * stride + 8 * w);
    UNROLLED for (int k = 0; k < 8; k++) {
      d8 factor = v[8 * r + k];
      UNROLLED for (int w = 0; w < width; w++) c[w] = fma8(factor, z[k][w], c[w]);
    }
    UNROLLED for (int w = 0; w < width; w++) *(d8 *)(rows + r * stride + 8 * w) = c[w];
  }
}

/// Applies the panel's Q, or Qᵀ, to the columns `from` … `to` (whole vectors) of [top; rows].
INLINE void apply_reflector(
  const d8 *panel, ptrdiff_t rest, bool is_transposed, double *top, ptrdiff_t top_stride, double *rows, ptrdiff_t stride,
  ptrdiff_t from, ptrdiff_t to) {
  if (from >= to) return;
  reflector h;
  make_reflector(panel, rest, &h);
  const double *v = (const double *)(panel + 8);
  for (ptrdiff_t j = from; j < to; j += TILE_ROWS) {
#define CALL(width) apply_tile(&h, v, rest, is_transposed, top + j, top_stride, rows + j, stride, width)
    FOR_WIDTH((to - j) / 8, CALL);
#undef CALL
  }
}

INLINE void copy_panel(d8 *panel, const double *rows, ptrdiff_t stride, ptrdiff_t count) {
  for (ptrdiff_t r = 0; r < count; r++) panel[r] = *(const d8 *)(rows + r * stride);
}

INLINE void copy_back(const d8 *panel, double *rows, ptrdiff_t stride, ptrdiff_t count) {
  for (ptrdiff_t r = 0; r < count; r++) *(d8 *)(rows + r * stride) = panel[r];
}

/// QR of `height` rows (whole vectors) in place.
INLINE void factor_first(double *rows, ptrdiff_t stride, ptrdiff_t height, ptrdiff_t p8, d8 *panel) {
  for (ptrdiff_t j = 0; j < at_most(height, p8); j += 8) {
    double *corner = rows + j * stride + j;
    ptrdiff_t rest = height - j - 8;
    copy_panel(panel, corner, stride, 8 + rest);
    factor_panel(panel, rest);
    copy_back(panel, corner, stride, 8 + rest);
    apply_reflector(
      panel, rest, true, rows + j * stride, stride, rows + (j + 8) * stride, stride, j + 8, p8);
  }
}

/// QR of [triangle; rows] in place; with is_triangle, row i of the rows begins at column i.
INLINE void factor_next(
  double *triangle, double *rows, ptrdiff_t stride, ptrdiff_t count, bool is_triangle, ptrdiff_t p8, d8 *panel) {
  for (ptrdiff_t j = 0; j < p8; j += 8) {
    ptrdiff_t rest = is_triangle ? at_most(count, j + 8) : count;
    copy_panel(panel, triangle + j * stride + j, stride, 8);
    copy_panel(panel + 8, rows + j, stride, rest);
    factor_panel(panel, rest);
    copy_back(panel, triangle + j * stride + j, stride, 8);
    copy_back(panel + 8, rows + j, stride, rest);
    apply_reflector(panel, rest, true, triangle + j * stride, stride, rows, stride, j + 8, p8);
  }
}

// Packed triangles and trapezoids of `height` rows, to and from rows of scratch memory; what is not there is 0.

INLINE const double *unpack_upper(const double *packed, ptrdiff_t p, ptrdiff_t height, double *rows, ptrdiff_t stride) {
  memset(rows, 0, sizeof(double) * whole_vectors(p) * stride);
  for (ptrdiff_t i = 0; i < height; i++)
    for (ptrdiff_t j = i; j < p; j++) rows[i * stride + j] = *packed++;
  return packed;
}

INLINE void pack_upper(const double *rows, ptrdiff_t stride, ptrdiff_t p, ptrdiff_t height, double *packed) {
  for (ptrdiff_t i = 0; i < height; i++)
    for (ptrdiff_t j = i; j < p; j++) *packed++ = rows[i * stride + j];
}

INLINE void load_scaled(
  lockstep_rows rows, bool is_float, ptrdiff_t first, ptrdiff_t count, const double *scales, double *to, ptrdiff_t stride,
  ptrdiff_t height) {
  const ptrdiff_t p = rows.column_count;
  for (ptrdiff_t r = 0; r < count; r++) {
    const void *row = row_at(rows, is_float, first + r);
    prefetch_row(row, is_float, p);
    for (ptrdiff_t j = 0; j < p; j += 8)
      *(d8 *)(to + r * stride + j) = load8_of(row, is_float, j, p) * load8_of(scales, false, j, p);
  }
  if (height > count) memset(to + count * stride, 0, sizeof(double) * (height - count) * stride);
}

INLINE void store_rows(const double *rows, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t c, double *to, ptrdiff_t to_stride) {
  for (ptrdiff_t r = 0; r < count; r++)
    for (ptrdiff_t j = 0; j < c; j += 8) store8_of(to + r * to_stride, j, c, *(const d8 *)(rows + r * stride + j));
}

INLINE void factor_block(
  lockstep_rows rows, bool is_float, const double *scales, double *r, double *reflectors, ptrdiff_t reflector_stride,
  void *scratch) {
  const ptrdiff_t p = rows.column_count, p8 = whole_vectors(p), stride = padded_stride(p);
  const ptrdiff_t first = at_most(rows.count, first_step_rows(p)), height = whole_vectors(first);
  double *triangle = scratch, *step = triangle + p8 * stride;
  d8 *panel = (d8 *)(step + at_least(first_step_rows(p), p8) * stride);
  load_scaled(rows, is_float, 0, first, scales, step, stride, height);
  factor_first(step, stride, height, p8, panel);
  if (reflectors) store_rows(step, stride, first, p, reflectors, reflector_stride);
  memset(triangle, 0, sizeof(double) * p8 * stride);
  for (ptrdiff_t i = 0; i < at_most(height, p8); i++)
    for (ptrdiff_t j = i; j < p; j++) triangle[i * stride + j] = step[i * stride + j];
  for (ptrdiff_t start = first; start < rows.count; start += step_rows(p)) {
    ptrdiff_t count = at_most(step_rows(p), rows.count - start);
    load_scaled(rows, is_float, start, count, scales, step, stride, count);
    factor_next(triangle, step, stride, count, false, p8, panel);
    if (reflectors) store_rows(step, stride, count, p, reflectors + start * reflector_stride, reflector_stride);
  }
  pack_upper(triangle, stride, p, at_most(rows.count, p), r);
}

static void expand_block(
  const double *reflectors, ptrdiff_t reflector_stride, ptrdiff_t count, ptrdiff_t p, const double *seed, ptrdiff_t c,
  double *out, ptrdiff_t out_stride, void *scratch) {
  const ptrdiff_t p8 = whole_vectors(p), c8 = whole_vectors(c), stride = padded_stride(c), kept = at_most(count, p);
  const ptrdiff_t first = at_most(count, first_step_rows(p)), height = whole_vectors(first);
  double *top = scratch, *step = top + p8 * stride;
  d8 *panel = (d8 *)(step + at_least(first_step_rows(p), p8) * stride);
  memset(top, 0, sizeof(double) * p8 * stride);
  for (ptrdiff_t i = 0; i < kept; i++)
    for (ptrdiff_t j = 0; j < c; j++) top[i * stride + j] = seed[i * c + j];
  const ptrdiff_t steps = (count - first + step_rows(p) - 1) / step_rows(p);
  for (ptrdiff_t s = steps - 1; s >= 0; s--) {
    const ptrdiff_t start = first + s * step_rows(p), rest = at_most(step_rows(p), count - start);
    memset(step, 0, sizeof(double) * rest * stride);
    UNROLLED for (int i = 0; i < 8; i++) panel[i] = 0;
    for (ptrdiff_t j = p8 - 8; j >= 0; j -= 8) {
      for (ptrdiff_t r = 0; r < rest; r++)
        panel[8 + r] = load8_of(reflectors + (start + r) * reflector_stride, false, j, p);
      apply_reflector(panel, rest, false, top + j * stride, stride, step, stride, 0, c8);
    }
    store_rows(step, stride, rest, c, out + start * out_stride, out_stride);
  }
  memcpy(step, top, sizeof(double) * at_most(height, p8) * stride);
  if (height > p8) memset(step + p8 * stride, 0, sizeof(double) * (height - p8) * stride);
  for (ptrdiff_t j = at_most(height, p8) - 8; j >= 0; j -= 8) {
    const ptrdiff_t rest = height - j - 8;
    for (ptrdiff_t r = 0; r < 8 + rest; r++)
      panel[r] = j + r < count ? load8_of(reflectors + (j + r) * reflector_stride, false, j, p) : (d8)0;
    apply_reflector(panel, rest, false, step + j * stride, stride, step + (j + 8) * stride, stride, 0, c8);
  }
  store_rows(step, stride, first, c, out, out_stride);
}

static void merge_triangles(double *upper, double *lower, ptrdiff_t p, ptrdiff_t k, void *scratch) {
  const ptrdiff_t p8 = whole_vectors(p), stride = padded_stride(p);
  double *triangle = scratch, *rows = triangle + p8 * stride;
  d8 *panel = (d8 *)(rows + p8 * stride);
  unpack_upper(upper, p, p, triangle, stride);
  unpack_upper(lower, p, k, rows, stride);
  factor_next(triangle, rows, stride, k, true, p8, panel);
  pack_upper(triangle, stride, p, p, upper);
  pack_upper(rows, stride, p, k, lower);
}

static void split_seed(
  const double *reflectors, ptrdiff_t p, ptrdiff_t k, double *seed, ptrdiff_t c, double *rest, void *scratch) {
  const ptrdiff_t p8 = whole_vectors(p), c8 = whole_vectors(c), stride = padded_stride(c);
  double *top = scratch, *rows = top + p8 * stride;
  d8 *panel = (d8 *)(rows + p8 * stride);
  memset(top, 0, sizeof(double) * p8 * stride);
  memset(rows, 0, sizeof(double) * p8 * stride);
  for (ptrdiff_t i = 0; i < p; i++)
    for (ptrdiff_t j = 0; j < c; j++) top[i * stride + j] = seed[i * c + j];
  UNROLLED for (int i = 0; i < 8; i++) panel[i] = 0;
  for (ptrdiff_t j = p8 - 8; j >= 0; j -= 8) {
    const ptrdiff_t count = at_most(k, j + 8);
    for (ptrdiff_t r = 0; r < count; r++) {
      const double *row = reflectors + r * p - r * (r - 1) / 2;  // columns r … p − 1
      d8 v = 0;
      for (ptrdiff_t l = 0; l < 8; l++)
        if (j + l >= r && j + l < p) v[l] = row[j + l - r];
      panel[8 + r] = v;
    }
    apply_reflector(panel, count, false, top + j * stride, stride, rows, stride, 0, c8);
  }
  store_rows(top, stride, p, c, seed, c);
  store_rows(rows, stride, k, c, rest, c);
}
