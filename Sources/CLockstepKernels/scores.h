// SPDX-License-Identifier: Apache-2.0
//
// The score of row y and centroid z (both relative to the shift) is ½‖z‖² − y·z, which orders centroids as the distance
// does: ½‖y − z‖² = ½‖y‖² + score. It is one chain, from ½‖z‖² over the columns in order, each step fma(−z_j, y_j, ·).
// A lane holds one row, so the value cannot depend on which rows share a vector or a tile.

#define TILE_ROWS (8 * TILE_VECTORS)

/// Packs eight rows, less the shift, column by column into packed[0], packed[step], packed[2 · step] …
INLINE void pack8(
  const void *const row[8], bool is_float, ptrdiff_t p, const double *shift, d8 *packed, ptrdiff_t step) {
  if (p < 8) {
    for (ptrdiff_t j = 0; j < p; j++) {
      d8 v;
      UNROLLED for (int i = 0; i < 8; i++) v[i] = load1(row[i], is_float, j);
      packed[j * step] = v - shift[j];
    }
    return;
  }
  for (ptrdiff_t j = 0;; j += 8) {
    if (j + 8 > p) j = p - 8;  // the last eight columns; some are packed twice, alike
    d8 s = load8(shift, false, j), v[8];
    UNROLLED for (int i = 0; i < 8; i++) v[i] = load8(row[i], is_float, j) - s;
    transpose8(v);
    UNROLLED for (int i = 0; i < 8; i++) packed[(j + i) * step] = v[i];
    if (j + 8 == p) break;
  }
}

/// Packs up to TILE_ROWS rows, the last one repeated to fill the tile.
INLINE void pack_tile(
  const void *const row[TILE_ROWS], bool is_float, ptrdiff_t p, const double *shift, d8 *packed) {
  UNROLLED for (int v = 0; v < TILE_VECTORS; v++) pack8(row + 8 * v, is_float, p, shift, packed + v, TILE_VECTORS);
}

/// ‖y‖² of the packed rows.
INLINE void tile_norms(const d8 *packed, ptrdiff_t p, d8 norms[TILE_VECTORS]) {
  UNROLLED for (int v = 0; v < TILE_VECTORS; v++) norms[v] = 0;
  for (ptrdiff_t j = 0; j < p; j++)
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
      d8 y = packed[j * TILE_VECTORS + v];
      norms[v] = fma8(y, y, norms[v]);
    }
}

/// The least score of each row over some slots, the second least (of another slot), and the cluster of the least.
typedef struct {
  d8 least[TILE_VECTORS];
  d8 second[TILE_VECTORS];
  i8 cluster[TILE_VECTORS];
} nearest;

/// Scores `width` slots. Of equal scores the first scanned stays, or if `by_index` the lowest cluster.
INLINE void score_slots(
  const d8 *packed, ptrdiff_t p, const double *panel, const double *half_norms, const ptrdiff_t *clusters, int width,
  bool by_index, nearest *found) {
  d8 score[TILE_CENTROIDS][TILE_VECTORS];
  UNROLLED for (int c = 0; c < width; c++)
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++) score[c][v] = half_norms[c];
  for (ptrdiff_t j = 0; j < p; j++) {
    d8 y[TILE_VECTORS];
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++) y[v] = packed[j * TILE_VECTORS + v];
    UNROLLED for (int c = 0; c < width; c++) {
      d8 z = panel[(c / 4) * 4 * p + 4 * j + c % 4];
      UNROLLED for (int v = 0; v < TILE_VECTORS; v++) score[c][v] = fma8(z, y[v], score[c][v]);
    }
  }
  UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
    d8 least = found->least[v], second = found->second[v];
    i8 cluster = found->cluster[v];
    UNROLLED for (int c = 0; c < width; c++) {
      d8 s = score[c][v];
      i8 is_less = s < least;
      if (by_index) is_less |= (s == least) & (s < (d8)(double)INFINITY) & ((i8)clusters[c] < cluster);
      second = min8(max8(s, least), second);
      least = min8(s, least);
      cluster = is_less ? (i8)clusters[c] : cluster;
    }
    found->least[v] = least;
    found->second[v] = second;
    found->cluster[v] = cluster;
  }
}

#define SCORE(width, by_index)                                                                          \
  score_slots(                                                                                          \
    packed, p, centroids->panels + slot * p, centroids->slot_half_norms + slot, centroids->slot_clusters + slot, \
    width, by_index, found)

INLINE void start_scan(ptrdiff_t none, nearest *found) {
  UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
    found->least[v] = found->second[v] = (d8)(double)INFINITY;
    found->cluster[v] = (i8)none;
  }
}

/// `score_range` for tiles with ties.
static __attribute__((noinline)) void score_range_with_ties(
  const lockstep_centroids *centroids, ptrdiff_t slot, ptrdiff_t end, const d8 *packed, nearest *found) {
  const ptrdiff_t p = centroids->column_count;
  start_scan(centroids->cluster_count, found);
  for (; slot < end; slot += 4) SCORE(4, true);  // with padding, scored +infinity
}

/// Scans slots, from a multiple of four. With no score below +infinity the cluster is `cluster_count`.
static __attribute__((noinline)) void score_range(
  const lockstep_centroids *centroids, ptrdiff_t slot, ptrdiff_t end, const d8 *packed, nearest *found) {
  const ptrdiff_t p = centroids->column_count, start = slot;
  start_scan(centroids->cluster_count, found);
  for (; slot + TILE_CENTROIDS <= end; slot += TILE_CENTROIDS) SCORE(TILE_CENTROIDS, false);
  switch (end - slot) {
    case 1: SCORE(1, false); break;
    case 2: SCORE(2, false); break;
    case 3: SCORE(3, false); break;
#if TILE_CENTROIDS > 4
    case 4: SCORE(4, false); break;
    case 5: SCORE(5, false); break;
    case 6: SCORE(6, false); break;
    case 7: SCORE(7, false); break;
#endif
    default: break;
  }
  // Slots are not in the order of clusters. A tie shows in the second least score, and is rare.
  i8 is_tie = 0;
  UNROLLED for (int v = 0; v < TILE_VECTORS; v++)
    is_tie |= (found->second[v] == found->least[v]) & (found->least[v] < (d8)(double)INFINITY);
  if (__builtin_reduce_or(is_tie)) score_range_with_ties(centroids, start, end, packed, found);
}
#undef SCORE
