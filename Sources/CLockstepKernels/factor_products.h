// SPDX-License-Identifier: Apache-2.0
//
// Gram matrices, triangular solves and products.
//
// Gram: each entry is a chain of fused multiply-adds over the rows of a run in order; runs are added up in order. A run is
// packed into panels of eight columns, and a register tile holds eight by TILE_VECTORS · 8 entries.
//
// Solves and products: a lane holds one row. A tile of rows is transposed into vectors, one for each column, and each
// entry is a chain of fused multiply-adds over the columns of the row in order.

#define TILE_ROWS (8 * TILE_VECTORS)

// A macro body once for each width, so that the register tile has constant size.
#if TILE_VECTORS == 3
#define FOR_WIDTH(width, CALL) \
  switch (width) { \
  case 1: CALL(1); break; \
  case 2: CALL(2); break; \
  default: CALL(3); break; \
  }
#else
#define FOR_WIDTH(width, CALL) CALL(1)
#endif

/// Columns j … j + 7 of a row of p, zero past the end.
INLINE d8 load8_of(const void *row, bool is_float, ptrdiff_t j, ptrdiff_t p) {
  if (j + 8 <= p) return load8(row, is_float, j);
  d8 v = 0;
  for (ptrdiff_t i = 0; i < 8 && j + i < p; i++) v[i] = load1(row, is_float, j + i);
  return v;
}

INLINE void store8_of(double *row, ptrdiff_t j, ptrdiff_t p, d8 v) {
  if (j + 8 <= p) *(d8u *)(row + j) = v;
  else
    for (ptrdiff_t i = 0; i < 8 && j + i < p; i++) row[j + i] = v[i];
}

/// Panel j / 8 of the run's rows is at panels + j · count, eight numbers a row.
INLINE void pack_run(lockstep_rows rows, bool is_float, ptrdiff_t first, ptrdiff_t count, double *panels) {
  const ptrdiff_t p = rows.column_count;
  for (ptrdiff_t r = 0; r < count; r++) {
    const void *row = row_at(rows, is_float, first + r);
    prefetch_row(row, is_float, p);
    for (ptrdiff_t j = 0; j < p; j += 8) *(d8 *)(panels + j * count + 8 * r) = load8_of(row, is_float, j, p);
  }
}

/// `ahead`: memory that will be read next, asked for line by line while this is computed.
INLINE void gram_tile(
  const double *a, const d8 *b, ptrdiff_t count, int width, double *gram, ptrdiff_t stride, const char *ahead) {
  d8 sum[TILE_HALF][TILE_VECTORS];
  UNROLLED for (int i = 0; i < TILE_HALF; i++)
    UNROLLED for (int v = 0; v < width; v++) sum[i][v] = 0;
  for (ptrdiff_t r = 0; r < count; r++) {
    d8 right[TILE_VECTORS];
    UNROLLED for (int v = 0; v < width; v++) right[v] = b[v * count + r];
    __builtin_prefetch(ahead + 64 * r, 0, 2);
    UNROLLED for (int i = 0; i < TILE_HALF; i++) {
      d8 left = a[8 * r + i];
      UNROLLED for (int v = 0; v < width; v++) sum[i][v] = fma8(left, right[v], sum[i][v]);
    }
  }
  UNROLLED for (int i = 0; i < TILE_HALF; i++)
    UNROLLED for (int v = 0; v < width; v++) *(d8 *)(gram + i * stride + 8 * v) += sum[i][v];
}

/// gram (p8 × p8, upper panels) += the run's XᵀX.
///
/// Each tile asks for as many lines of what comes next as the run has rows, up to `ahead_bytes` in all.
INLINE void gram_run(
  const double *panels, ptrdiff_t count, ptrdiff_t p8, double *gram, const void *ahead, ptrdiff_t ahead_bytes) {
  ptrdiff_t asked = 0;
  for (ptrdiff_t i = 0; i < p8; i += 8)
    for (ptrdiff_t j = i; j < p8; j += TILE_ROWS)
      for (int half = 0; half < 8; half += TILE_HALF) {
        const char *lines = (const char *)ahead + asked;
        asked = asked + 128 * count <= ahead_bytes ? asked + 64 * count : asked;
#define CALL(width) \
  gram_tile( \
    panels + i * count + half, (const d8 *)(panels + j * count), count, width, gram + (i + half) * p8 + j, p8, lines)
        FOR_WIDTH((p8 - j) / 8, CALL);
#undef CALL
      }
}

INLINE void add_upper(const double *gram, ptrdiff_t p, ptrdiff_t p8, double *packed) {
  for (ptrdiff_t i = 0; i < p; i++)
    for (ptrdiff_t j = i; j < p; j++) *packed++ += gram[i * p8 + j];
}

INLINE void gram_rows(lockstep_rows rows, bool is_float, double *gram, void *scratch) {
  const ptrdiff_t p = rows.column_count, p8 = whole_vectors(p), run = run_rows(p);
  double *square = scratch, *panels = square + p8 * p8;
  memset(square, 0, sizeof(double) * p8 * p8);
  for (ptrdiff_t first = 0; first < rows.count; first += run) {
    ptrdiff_t count = at_most(run, rows.count - first);
    pack_run(rows, is_float, first, count, panels);
    const ptrdiff_t bytes = rows.stride * (is_float ? 4 : 8);
    gram_run(panels, count, p8, square, row_at(rows, is_float, first + count), count * bytes);
  }
  add_upper(square, p, p8, gram);
}

/// Transposes TILE_ROWS rows from `first` into tile[column · TILE_VECTORS + vector]; past the last row, it is repeated.
INLINE void load_tile(lockstep_rows rows, bool is_float, ptrdiff_t first, d8 *tile) {
  const ptrdiff_t p = rows.column_count, bytes = rows.stride * (is_float ? 4 : 8) * TILE_ROWS;
  UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
    const char *row[8];
    UNROLLED for (int i = 0; i < 8; i++)
      row[i] = row_at(rows, is_float, at_most(first + 8 * v + i, rows.count - 1));
    for (ptrdiff_t j = 0; j < p; j += 8) {
      d8 x[8];
      UNROLLED for (int i = 0; i < 8; i++) {
        x[i] = load8_of(row[i], is_float, j, p);
        __builtin_prefetch(row[i] + (is_float ? 4 : 8) * j + bytes, 0, 3);
      }
      transpose8(x);
      UNROLLED for (int i = 0; i < 8; i++) tile[(j + i) * TILE_VECTORS + v] = x[i];
    }
  }
}

/// Writes the first `count` rows of a tile, `columns` numbers each.
INLINE void store_tile(const d8 *tile, ptrdiff_t columns, double *out, ptrdiff_t stride, ptrdiff_t count) {
  UNROLLED for (int v = 0; v < TILE_VECTORS; v++)
    for (ptrdiff_t j = 0; j < columns; j += 8) {
      d8 x[8];
      UNROLLED for (int i = 0; i < 8; i++) x[i] = tile[(j + i) * TILE_VECTORS + v];
      transpose8(x);
      UNROLLED for (int i = 0; i < 8; i++)
        if (8 * v + i < count) store8_of(out + (8 * v + i) * stride, j, columns, x[i]);
    }
}

/// Replaces each row y of the tile by the x of x R = y.
INLINE void solve_tile(const double *packed, ptrdiff_t p8, d8 *tile) {
  for (ptrdiff_t j = 0; j < p8; j += 8) {
    const double *reciprocals = packed + (j + 8) * 8;
    for (int half = 0; half < 8; half += TILE_HALF) {
      d8 x[TILE_HALF][TILE_VECTORS], *block = tile + (j + half) * TILE_VECTORS;
      UNROLLED for (int k = 0; k < TILE_HALF; k++)
        UNROLLED for (int v = 0; v < TILE_VECTORS; v++) x[k][v] = block[k * TILE_VECTORS + v];
      for (ptrdiff_t i = 0; i < j + half; i++) {
        d8 q[TILE_VECTORS];
        UNROLLED for (int v = 0; v < TILE_VECTORS; v++) q[v] = tile[i * TILE_VECTORS + v];
        UNROLLED for (int k = 0; k < TILE_HALF; k++) {
          d8 r = packed[8 * i + half + k];
          UNROLLED for (int v = 0; v < TILE_VECTORS; v++) x[k][v] = fma8(r, q[v], x[k][v]);
        }
      }
      UNROLLED for (int k = 0; k < TILE_HALF; k++) {
        UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
          x[k][v] *= reciprocals[half + k];
          block[k * TILE_VECTORS + v] = x[k][v];
        }
        UNROLLED for (int m = k + 1; m < TILE_HALF; m++) {
          d8 r = packed[8 * (j + half + k) + half + m];
          UNROLLED for (int v = 0; v < TILE_VECTORS; v++) x[m][v] = fma8(r, x[k][v], x[m][v]);
        }
      }
    }
    packed = reciprocals + 8;
  }
}

/// out = tile · W.
INLINE void multiply_tile(const double *packed, ptrdiff_t p, ptrdiff_t c, const d8 *tile, d8 *out) {
  for (ptrdiff_t j = 0; j < c; j += 8, packed += 8 * p)
    for (int half = 0; half < 8; half += TILE_HALF) {
      d8 x[TILE_HALF][TILE_VECTORS];
      UNROLLED for (int k = 0; k < TILE_HALF; k++)
        UNROLLED for (int v = 0; v < TILE_VECTORS; v++) x[k][v] = 0;
      for (ptrdiff_t i = 0; i < p; i++) {
        d8 y[TILE_VECTORS];
        UNROLLED for (int v = 0; v < TILE_VECTORS; v++) y[v] = tile[i * TILE_VECTORS + v];
        UNROLLED for (int k = 0; k < TILE_HALF; k++) {
          d8 w = packed[8 * i + half + k];
          UNROLLED for (int v = 0; v < TILE_VECTORS; v++) x[k][v] = fma8(w, y[v], x[k][v]);
        }
      }
      UNROLLED for (int k = 0; k < TILE_HALF; k++)
        UNROLLED for (int v = 0; v < TILE_VECTORS; v++) out[(j + half + k) * TILE_VECTORS + v] = x[k][v];
    }
}

/// out = X R⁻¹ (is_triangle, c = p) or X W, run by run, and the Gram matrix of out while it is in the cache.
INLINE void transform_rows(
  lockstep_rows rows, bool is_float, bool is_triangle, const double *packed, ptrdiff_t c, double *out,
  ptrdiff_t out_stride, double *gram, void *scratch) {
  const ptrdiff_t p = rows.column_count, c8 = whole_vectors(c), run = run_rows(at_least(p, c));
  double *square = scratch, *panels = square + c8 * c8;
  d8 *tile = (d8 *)(panels + run * c8), *product = tile + TILE_VECTORS * whole_vectors(p);
  double *own = (double *)(product + TILE_VECTORS * c8);
  memset(square, 0, sizeof(double) * c8 * c8);
  for (ptrdiff_t first = 0; first < rows.count; first += run) {
    ptrdiff_t count = at_most(run, rows.count - first);
    double *to = out ? out + first * out_stride : own;
    ptrdiff_t stride = out ? out_stride : c8;
    for (ptrdiff_t t = 0; t < count; t += TILE_ROWS) {
      load_tile(rows, is_float, first + t, tile);
      if (is_triangle) solve_tile(packed, c8, tile);
      else multiply_tile(packed, p, c, tile, product);
      store_tile(is_triangle ? tile : product, c, to + t * stride, stride, at_most(TILE_ROWS, count - t));
    }
    if (!gram) continue;
    lockstep_rows made = {.elements = to, .count = count, .stride = stride, .column_count = c};
    pack_run(made, false, 0, count, panels);
    const ptrdiff_t bytes = rows.stride * (is_float ? 4 : 8);
    gram_run(panels, count, c8, square, row_at(rows, is_float, first + count), at_most(TILE_ROWS, count) * bytes);
  }
  if (gram) add_upper(square, c, c8, gram);
}
