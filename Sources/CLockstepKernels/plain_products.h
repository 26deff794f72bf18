// SPDX-License-Identifier: Apache-2.0
//
// The products of a chunk, summed in double.
//
// The last m mod 8 columns, fewer than a panel, are left factors only: their products with all others are kept as rows. Of a
// tile on the diagonal, the quarter below it is left out. Meanwhile the memory of the next chunk is asked for.

/// A tile of products, panel by panels, of which rows 4 to 7 of a diagonal one take only the second half of the vector: the
/// other half lies below the diagonal. `ahead` is memory that will be read next, asked for line by line meanwhile.
INLINE void plain_tile(
  const d8 *a, const d8 *b, ptrdiff_t count, int width, bool is_diagonal, d8 *high, const char *ahead) {
  UNROLLED for (int first = 0; first < 8; first += GRAM_HEIGHT) {
    d8 sum[GRAM_HEIGHT][GRAM_WIDTH];
    d4 half[GRAM_HEIGHT];
    UNROLLED for (int i = 0; i < GRAM_HEIGHT; i++) {
      UNROLLED for (int v = 0; v < width; v++) {
        __builtin_prefetch(high + 8 * v + first + i, 1, 3);
        sum[i][v] = 0;
      }
      half[i] = 0;
    }
    for (ptrdiff_t k = 0; k < count; k++) {
      const double *ak = (const double *)(a + k) + first;
      d8 bk[GRAM_WIDTH];
      UNROLLED for (int v = 0; v < width; v++) bk[v] = b[v * PLAIN_ROWS + k];
      const d4 right = *(const d4 *)((const double *)(b + k) + 4);
      if (first == 0) __builtin_prefetch(ahead + 64 * k, 0, 2);
      UNROLLED for (int i = 0; i < GRAM_HEIGHT; i++) {
        const bool is_half = is_diagonal && first + i >= 4;
        if (is_half) half[i] = fma4((d4)ak[i], right, half[i]);
        UNROLLED for (int v = is_half; v < width; v++) sum[i][v] = fma8((d8)ak[i], bk[v], sum[i][v]);
      }
    }
    UNROLLED for (int i = 0; i < GRAM_HEIGHT; i++) {
      const bool is_half = is_diagonal && first + i >= 4;
      if (is_half) *(d4 *)((double *)(high + first + i) + 4) += half[i];
      UNROLLED for (int v = is_half; v < width; v++) high[8 * v + first + i] += sum[i][v];
    }
  }
}

/// Products of `height` columns, fewer than a panel, with some panels b; and, in the first such tile, the sums of the weighted
/// panels c.
INLINE void edge_tile(
  const double *a, const d8 *b, const d8 *c, ptrdiff_t count, int height, int width, d8 *high, dd8 *sums) {
  d8 product[GRAM_HEIGHT][GRAM_WIDTH], sum[GRAM_WIDTH];
  UNROLLED for (int v = 0; v < width; v++) {
    sum[v] = 0;
    UNROLLED for (int i = 0; i < height; i++) product[i][v] = 0;
  }
  for (ptrdiff_t k = 0; k < count; k++) UNROLLED for (int v = 0; v < width; v++) {
    const d8 right = b[v * PLAIN_ROWS + k];
    if (sums) sum[v] += c[v * PLAIN_ROWS + k];
    UNROLLED for (int i = 0; i < height; i++) product[i][v] = fma8((d8)a[8 * k + i], right, product[i][v]);
  }
  UNROLLED for (int v = 0; v < width; v++) {
    if (sums) sums[v] = dd8_add1(sums[v], sum[v]);
    UNROLLED for (int i = 0; i < height; i++) high[8 * v + i] += product[i][v];
  }
}

INLINE void edge_tiles(cross_space *s, ptrdiff_t count, int height, int first, ptrdiff_t j, int width) {
  const ptrdiff_t full = s->m / 8;
  const double *a = (const double *)(s->a_high + full * PLAIN_ROWS) + first;
  const d8 *b = s->b_high + j * PLAIN_ROWS, *c = s->a_high + j * PLAIN_ROWS;
  d8 *high = s->high + (full * s->panels + j) * 8 + first;
  if (first > 0) edge_tile(a, b, c, count, height, width, high, 0);
  else edge_tile(a, b, c, count, height, width, high, s->sums + j);
}

/// The sums of all columns, and the products of the last m mod 8 columns with all.
INLINE void plain_edge(cross_space *s, ptrdiff_t count, int width, ptrdiff_t j) {
  int height = s->m % 8, first = 0;
  do {
    switch (height - first) {
      case 0: edge_tiles(s, count, 0, 0, j, width); break;
      case 1: edge_tiles(s, count, 1, first, j, width); break;
      case 2: edge_tiles(s, count, 2, first, j, width); break;
      case 3: edge_tiles(s, count, 3, first, j, width); break;
#if GRAM_HEIGHT > 4
      case 4: edge_tiles(s, count, 4, 0, j, width); break;
      case 5: edge_tiles(s, count, 5, 0, j, width); break;
      case 6: edge_tiles(s, count, 6, 0, j, width); break;
      default: edge_tiles(s, count, 7, 0, j, width);
#else
      default: edge_tiles(s, count, 4, first, j, width);
#endif
    }
    first += GRAM_HEIGHT;
  } while (first < height);
}

// A macro body once for each width, so that the register tile has constant size.
#if GRAM_WIDTH == 3
#define FOR_GRAM_WIDTH(width, CALL) \
  switch (width) {                  \
    case 1: CALL(1); break;         \
    case 2: CALL(2); break;         \
    default: CALL(3); break;        \
  }
#else
#define FOR_GRAM_WIDTH(width, CALL) CALL(1)
#endif

/// The products of a packed chunk. Each tile asks for as many lines of what comes next as the chunk has rows, up to
/// `ahead_bytes` in all.
static __attribute__((noinline)) void plain_products(
  cross_space *s, ptrdiff_t count, const char *ahead, ptrdiff_t ahead_bytes) {
  const ptrdiff_t full = s->m / 8;
  ptrdiff_t asked = 0;
  for (ptrdiff_t j = 0; j < full; j += GRAM_WIDTH) {
    const ptrdiff_t end = j + GRAM_WIDTH < full ? j + GRAM_WIDTH : full;
    for (ptrdiff_t i = 0; i < end; i++) {
      const ptrdiff_t start = i > j ? i : j;
      const d8 *a = s->a_high + i * PLAIN_ROWS, *b = s->b_high + start * PLAIN_ROWS;
      d8 *high = s->high + (i * s->panels + start) * 8;
      const char *lines = ahead + asked;
      asked = asked + 128 * count <= ahead_bytes ? asked + 64 * count : asked;
#define TILE(width)                                                         \
  {                                                                         \
    if (i < j) plain_tile(a, b, count, width, false, high, lines);          \
    else plain_tile(a, b, count, width, true, high, lines);                 \
  }
      FOR_GRAM_WIDTH(end - start, TILE)
#undef TILE
    }
  }
  for (ptrdiff_t j = 0; j < s->panels; j += GRAM_WIDTH) {
#define EDGE(width) plain_edge(s, count, width, j)
    FOR_GRAM_WIDTH(s->panels - j, EDGE);
#undef EDGE
  }
}

INLINE void plain_chunk(cross_space *s, bool is_float, ptrdiff_t first, ptrdiff_t count) {
  pack_columns(s, s->x, is_float, 0, first, count, PLAIN_ROWS, false);
  if (s->y.column_count > 0) pack_columns(s, s->y, false, s->x.column_count, first, count, PLAIN_ROWS, false);
  if (s->weights)
    for (ptrdiff_t c = 0; c < s->panels; c++)
      for (ptrdiff_t k = c * PLAIN_ROWS; k < c * PLAIN_ROWS + count; k++)
        s->a_high[k] = s->b_high[k] * s->weights[first + k - c * PLAIN_ROWS];
  const ptrdiff_t bytes = s->x.stride * (is_float ? 4 : 8);
  plain_products(s, count, row_at(s->x, is_float, first + count), count * bytes);
}
