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

INLINE void score_slots(
  const d8 *packed, ptrdiff_t p, const double *panel, const double *half_norms, const ptrdiff_t *clusters, int width,
  nearest *found) {
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
      i8 is_less = s < least;  // a tie stays with the lower index
      second = min8(max8(s, least), second);
      least = min8(s, least);
      cluster = is_less ? (i8)clusters[c] : cluster;
    }
    found->least[v] = least;
    found->second[v] = second;
    found->cluster[v] = cluster;
  }
}

/// Scans the slots of one group. With no score below +infinity the cluster is `none`.
INLINE void score_group(
  const lockstep_centroids *centroids, ptrdiff_t group, const d8 *packed, ptrdiff_t none, nearest *found) {
  const ptrdiff_t p = centroids->column_count, end = centroids->group_starts[group + 1];
  UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
    found->least[v] = found->second[v] = (d8)(double)INFINITY;
    found->cluster[v] = (i8)none;
  }
  ptrdiff_t slot = centroids->group_starts[group];
  for (; slot + TILE_CENTROIDS <= end; slot += TILE_CENTROIDS)
    score_slots(
      packed, p, centroids->panels + slot * p, centroids->slot_half_norms + slot, centroids->slot_clusters + slot,
      TILE_CENTROIDS, found);
#if TILE_CENTROIDS > 4
  for (; slot < end; slot += 4)
    score_slots(
      packed, p, centroids->panels + slot * p, centroids->slot_half_norms + slot, centroids->slot_clusters + slot, 4,
      found);
#endif
}
