// SPDX-License-Identifier: Apache-2.0
//
// One sweep of Lloyd's iteration over a block of rows, skipping what the triangle inequality settles.
//
// For each row, u ≥ ‖x − c_a‖ bounds the distance to its centroid a from above and l_g ≤ ‖x − c‖ the distances to all
// other centroids c of group g from below (Hamerly, SDM 2010, with one group; Ding et al., ICML 2015, with several).
// When centroids move, u grows by the drift of a and l_g shrinks by the largest drift in g. Also ‖x − c‖ ≥
// ‖c_a − c‖ − u (Elkan, ICML 2003). A group whose bounds say that it holds nothing nearer is left out.
//
// The labels must be those of the plain algorithm: least score, ties to the lowest index, scores as `scores.h` computes
// them, rounding included. With ε = 2⁻⁵³, Z ≥ all ‖z‖ and M = ‖y‖ + Z:
//   - the chain and ½‖z‖² each err by at most γ_p = pε/(1 − pε) of what they sum: together γ_p ‖z‖ (‖y‖ + ‖z‖) ≤ γ_p M²;
//   - y and z are rounded differences: ½‖y − z‖² and ½‖x − c‖² differ by at most ε M²;
// so | score + ½‖y‖² − ½‖x − c‖² | ≤ Γ M² with Γ = (p + 4) ε · 1.01 (the rest pays for terms of second order). Hence
//   ‖x − c‖² > ‖x − c_a‖² + 4 Γ M²  implies  score(c) > score(c_a),
// and as ‖y‖ ≤ u + Z (up to ε), M may be replaced by u + 2Z: a group is left out if
//   max(l_g, s_ag − u)² > u² + G (u + 2Z)²,  G = 4 Γ,  s_ag ≤ ‖c_a − c‖ for all other c in g.
// From a computed score, ‖x − c‖² = q ± G M² with q = ‖y‖² + 2 score, the rounding of ‖y‖² included.
// Bounds are floats; each step that rounds is pushed to the safe side by 2⁻²² or more, the comparison by 2⁻²⁰. What
// overflows becomes an infinity or a NaN, every comparison with which says "compute"; what underflows is below FLT_MIN.

/// Rows are worked on in stretches that stay in the second-level cache.
#define STRETCH_ROWS 512
#define STRETCH_BYTES (224 * 1024)
/// xx
#define PART_SHARE 10

/// Rows that need this many tenths of the scores get all of them.
#define FULL_TENTHS 6

typedef float f4 __attribute__((ext_vector_type(4)));
typedef float f4u __attribute__((ext_vector_type(4), aligned(4)));
typedef float f2 __attribute__((ext_vector_type(2)));
typedef float f2u __attribute__((ext_vector_type(2), aligned(4)));

typedef struct {
  d8 *packed;         // a tile
  nearest *found;     // t: what the groups hold for a tile
  double *scores;     // of the work list: the least score so far,
  double *owns;       // the score of the label's centroid,
  double *norms;      // ‖y‖²,
  int32_t *clusters;  // its cluster,
  uint16_t *rows;     // and the row's index in the stretch
  uint16_t *full;     // indices of rows to score with all centroids
  uint16_t *lists;    // t × STRETCH_ROWS: indices into the work list, for each group
  uint16_t *panels;   // t × STRETCH_ROWS: how many panels of the group to scan for it
  ptrdiff_t *list_counts;  // t
  uint8_t *is_touched;     // k: whether a row has come to the cluster, or left it
} workspace;

INLINE workspace make_workspace(void *scratch, ptrdiff_t p, ptrdiff_t t) {
  workspace space;
  space.packed = scratch;
  space.found = (nearest *)(space.packed + TILE_VECTORS * p);
  space.scores = (double *)(space.found + t);
  space.owns = space.scores + STRETCH_ROWS;
  space.norms = space.owns + STRETCH_ROWS;
  space.list_counts = (ptrdiff_t *)(space.norms + STRETCH_ROWS);
  space.clusters = (int32_t *)(space.list_counts + t);
  space.rows = (uint16_t *)(space.clusters + STRETCH_ROWS);
  space.full = space.rows + STRETCH_ROWS;
  space.lists = space.full + STRETCH_ROWS;
  space.panels = space.lists + t * STRETCH_ROWS;
  space.is_touched = (uint8_t *)(space.panels + t * STRETCH_ROWS);
  return space;
}

// MARK: Sums

INLINE void add_row(
  const void *row, bool is_float, ptrdiff_t p, const double *shift, double *sum) {
  ptrdiff_t j = 0;
  for (; j + 8 <= p; j += 8) *(d8u *)(sum + j) += load8(row, is_float, j) - load8(shift, false, j);
  for (; j < p; j++) sum[j] += load1(row, is_float, j) - shift[j];
}

/// sums[label] += x − shift, counts[label] += 1, row by row. Asks for the memory `ahead` bytes further on.
INLINE void add_rows(
  lockstep_rows rows, bool is_float, const double *shift, const int32_t *labels, double *sums, ptrdiff_t *counts,
  ptrdiff_t ahead) {
  const ptrdiff_t p = rows.column_count, bytes = p * (is_float ? 4 : 8);
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const void *row = row_at(rows, is_float, i);
    for (ptrdiff_t offset = 0; offset < bytes; offset += 64)
      __builtin_prefetch((const char *)row + ahead + offset, 0, 2);
    counts[labels[i]] += 1;
    add_row(row, is_float, p, shift, sums + labels[i] * p);
  }
}

/// Sums the clusters that rows have come to or left afresh; the others hold what the same additions gave before.
INLINE void add_touched_rows(
  lockstep_rows rows, bool is_float, const double *shift, const int32_t *labels, ptrdiff_t k, const uint8_t *is_touched,
  uint16_t *list, double *sums, ptrdiff_t *counts) {
  const ptrdiff_t p = rows.column_count, bytes = p * (is_float ? 4 : 8);
  ptrdiff_t touched = 0;
  for (ptrdiff_t c = 0; c < k; c++)
    if (is_touched[c]) {
      touched++;
      counts[c] = 0;
      for (ptrdiff_t j = 0; j < p; j++) sums[c * p + j] = 0;
    }
  if (touched == 0) return;
  for (ptrdiff_t first = 0; first < rows.count; first += STRETCH_ROWS) {
    const ptrdiff_t end = rows.count - first < STRETCH_ROWS ? rows.count : first + STRETCH_ROWS;
    ptrdiff_t count = 0;
    for (ptrdiff_t i = first; i < end; i++) {
      list[count] = (uint16_t)(i - first);
      count += is_touched[labels[i]];
    }
    for (ptrdiff_t n = 0; n < count; n++) {
      const char *ahead = row_at(rows, is_float, first + list[n + 8 < count ? n + 8 : count - 1]);
      for (ptrdiff_t offset = 0; offset < bytes; offset += 64) __builtin_prefetch(ahead + offset, 0, 3);
      const int32_t label = labels[first + list[n]];
      counts[label] += 1;
      add_row(row_at(rows, is_float, first + list[n]), is_float, p, shift, sums + label * p);
    }
  }
}

// MARK: Bounds

/// (u² + G (u + 2Z)²), rounded up.
INLINE float threshold(float u, float twice_radius, float guard) {
  float m = u + twice_radius;
  return (u * u + (guard * m) * m) * (1 + 0x1p-20f) + 2 * FLT_MIN;
}

/// Moves the bounds of one row along with the centroids. True if the row certainly keeps its label.
INLINE bool move_bounds(
  float *bounds, ptrdiff_t t, float drift, const float *group_drifts, const float *separations, float twice_radius,
  float guard) {
  const float u = (bounds[0] + drift) * (1 + 0x1p-22f), above = threshold(u, twice_radius, guard);
  bounds[0] = u;
  float *lower = bounds + 1;
  bool keeps = true;
  // A lower bound may fall below zero; what it is made of remains (see `panels_to_scan`).
#define MOVE(vector, unaligned, i)                                                               \
  {                                                                                              \
    vector l = *(unaligned *)(lower + i) - *(const unaligned *)(group_drifts + i);               \
    l -= __builtin_elementwise_abs(l) * 0x1p-22f;                                                \
    *(unaligned *)(lower + i) = l;                                                               \
    vector e = *(const unaligned *)(separations + i) - u;                                        \
    e = e > l ? e : l;                                                                           \
    e = e > 0 ? e : 0;                                                                           \
    keeps &= __builtin_reduce_and(e * e > above) != 0;                                           \
  }
  if (t == 1) {
    float l = lower[0] - group_drifts[0];
    l -= fabsf(l) * 0x1p-22f;
    lower[0] = l;
    float e = separations[0] - u;
    e = e > l ? e : l;
    keeps = e > 0 && e * e > above;
  } else if (t == 2) MOVE(f2, f2u, 0)
  else if (t == 4) MOVE(f4, f4u, 0)
  else
    for (ptrdiff_t g = 0; g < t; g += 8) MOVE(f8, f8u, g)
  return keeps;
}

INLINE d8 upper_squares(d8 score, d8 norm, double radius, double guard) {
  d8 m = sqrt8(norm) + radius, q = norm + 2 * score;
  return max8((d8)0, q) + guard * (m * m);  // max8 hands a NaN in its second operand on
}

INLINE f8 uppers(d8 score, d8 norm, double radius, double guard) {
  return floats_above(sqrt8(upper_squares(score, norm, radius, guard)));
}

INLINE f8 lowers(d8 score, d8 norm, double radius, double guard) {
  d8 m = sqrt8(norm) + radius, q = norm + 2 * score;
  return floats_below(sqrt8(max8(q - guard * (m * m), (d8)0)));  // and a NaN in its first becomes 0
}

INLINE float upper(double score, double norm, double radius, double guard) {
  double m = sqrt(norm) + radius, q = norm + 2 * score;
  return float_above(sqrt((0 > q ? 0 : q) + guard * (m * m)));
}

INLINE float lower(double score, double norm, double radius, double guard) {
  double m = sqrt(norm) + radius, square = (norm + 2 * score) - guard * (m * m);
  return float_below(sqrt(square > 0 ? square : 0));
}

// MARK: Everything computed

/// Labels up to TILE_ROWS rows of the list by all scores, and starts their bounds (if not null).
INLINE void label_tile(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, const uint16_t *list, ptrdiff_t count,
  int32_t *labels, float *bounds, workspace space) {
  const ptrdiff_t p = centroids->column_count, t = centroids->group_count, k = centroids->cluster_count;
  const void *row[TILE_ROWS];
  for (ptrdiff_t i = 0; i < TILE_ROWS; i++) row[i] = row_at(rows, is_float, list[i < count ? i : count - 1]);
  pack_tile(row, is_float, p, centroids->shift, space.packed);
  for (ptrdiff_t g = 0; g < t; g++)
    score_range(centroids, centroids->group_starts[g], centroids->group_ends[g], space.packed, space.found + g);

  d8 norms[TILE_VECTORS];
  if (bounds) tile_norms(space.packed, p, norms);
  for (int v = 0; v < TILE_VECTORS; v++) {
    d8 least = space.found[0].least[v];
    i8 cluster = space.found[0].cluster[v], group = 0;
    for (ptrdiff_t g = 1; g < t; g++) {
      d8 other = space.found[g].least[v];
      i8 other_cluster = space.found[g].cluster[v];
      i8 is_nearer = (other < least) | ((other == least) & (other_cluster < cluster));
      least = is_nearer ? other : least;
      cluster = is_nearer ? other_cluster : cluster;
      group = is_nearer ? (i8)g : group;
    }
    cluster = cluster == (i8)k ? (i8)0 : cluster;  // no score below +infinity: rows with a NaN
    const ptrdiff_t in_vector = count - 8 * v < 8 ? count - 8 * v : 8;
    for (ptrdiff_t i = 0; i < in_vector; i++) labels[list[8 * v + i]] = (int32_t)cluster[i];
    if (!bounds) continue;
    f8 u = uppers(least, norms[v], centroids->radius, centroids->guard);
    for (ptrdiff_t i = 0; i < in_vector; i++) bounds[list[8 * v + i] * (1 + t)] = u[i];
    for (ptrdiff_t g = 0; g < t; g++) {
      d8 other = group == (i8)g ? space.found[g].second[v] : space.found[g].least[v];
      f8 l = lowers(other, norms[v], centroids->radius, centroids->guard);
      for (ptrdiff_t i = 0; i < in_vector; i++) bounds[list[8 * v + i] * (1 + t) + 1 + g] = l[i];
    }
  }
}

/// Labels the rows listed by all scores. Marks the clusters that they leave and come to, and returns how many do.
INLINE ptrdiff_t label_list(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, const uint16_t *list, ptrdiff_t count,
  int32_t *labels, float *bounds, bool is_first, workspace space) {
  ptrdiff_t changed = 0;
  int32_t before[TILE_ROWS];
  for (ptrdiff_t first = 0; first < count; first += TILE_ROWS) {
    const ptrdiff_t in_tile = count - first < TILE_ROWS ? count - first : TILE_ROWS;
    const uint16_t *tile = list + first;
    for (ptrdiff_t i = 0; i < in_tile; i++) before[i] = labels[tile[i]];
    label_tile(centroids, rows, is_float, tile, in_tile, labels, bounds, space);
    if (is_first) continue;
    for (ptrdiff_t i = 0; i < in_tile; i++)
      if (labels[tile[i]] != before[i]) {
        changed++;
        space.is_touched[before[i]] = space.is_touched[labels[tile[i]]] = 1;
      }
  }
  return is_first ? count : changed;
}

// MARK: What the bounds leave

/// The scores of eight rows with a centroid each, and ‖y‖².
INLINE void label_scores(
  const lockstep_centroids *centroids, const void *const row[8], bool is_float, const int32_t label[8], d8 *scores,
  d8 *norms) {
  const ptrdiff_t p = centroids->column_count;
  const double *z[8];
  d8 score, norm = 0;
  UNROLLED for (int i = 0; i < 8; i++) {
    z[i] = centroids->negated + label[i] * p;
    score[i] = centroids->half_norms[label[i]];
  }
  ptrdiff_t j = 0;
  for (; j + 8 <= p; j += 8) {
    d8 s = load8(centroids->shift, false, j), a[8], b[8];
    UNROLLED for (int i = 0; i < 8; i++) a[i] = load8(row[i], is_float, j) - s;
    UNROLLED for (int i = 0; i < 8; i++) b[i] = load8(z[i], false, j);
    transpose8(a);
    transpose8(b);
    UNROLLED for (int i = 0; i < 8; i++) score = fma8(b[i], a[i], score);
    UNROLLED for (int i = 0; i < 8; i++) norm = fma8(a[i], a[i], norm);
  }
  for (; j < p; j++) {
    d8 a, b;
    UNROLLED for (int i = 0; i < 8; i++) {
      a[i] = load1(row[i], is_float, j);
      b[i] = z[i][j];
    }
    a -= centroids->shift[j];
    score = fma8(b, a, score);
    norm = fma8(a, a, norm);
  }
  *scores = score;
  *norms = norm;
}

/// The lower bound of a row for what follows the first `panels` panels of group g: slots descend by drift, so none of
/// those has moved further than the first of them. `moved` is the bound that `move_bounds` left.
INLINE float rest_bound(
  const lockstep_centroids *centroids, ptrdiff_t g, ptrdiff_t panels, float moved, float group_drift) {
  const ptrdiff_t slot = centroids->group_starts[g] + 4 * panels;
  if (slot >= centroids->group_ends[g]) return FLT_MAX;
  float before = moved + group_drift, drift = centroids->drifts[centroids->slot_clusters[slot]];
  return (before - drift) - (fabsf(moved) + group_drift + drift) * 0x1p-22f;
}

/// How many panels of group g may hold something nearer than u to a row; 0 if none.
INLINE ptrdiff_t panels_to_scan(
  const lockstep_centroids *centroids, ptrdiff_t g, float moved, float group_drift, float separation, float u,
  float above, bool in_part) {
  float e = separation - u;
  e = e > moved ? e : moved;
  if (e > 0 && e * e > above) return 0;
  if (!in_part) return (centroids->group_ends[g] - centroids->group_starts[g] + 3) / 4;
  for (ptrdiff_t panels = 1;; panels++) {
    float rest = rest_bound(centroids, g, panels, moved, group_drift);
    if (rest > 0 && rest * rest > above) return panels;
    if (centroids->group_starts[g] + 4 * panels >= centroids->group_ends[g]) return panels;
  }
}

/// Lists the rows of a stretch whose label the old bounds leave open, computes their u, and lists for each group the
/// rows for which it may hold something nearer, or those for which most groups may as full. Returns the lengths.
INLINE void list_work(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, const int32_t *labels, float *bounds,
  workspace space, ptrdiff_t *work_count, ptrdiff_t *full_count) {
  const ptrdiff_t t = centroids->group_count;
  const float twice_radius = float_above(2 * centroids->radius), guard = float_above(centroids->guard);
  ptrdiff_t open = 0;
#define SCAN(width)                                                                               \
  for (ptrdiff_t i = 0; i < rows.count; i++) {                                                    \
    const ptrdiff_t a = labels[i];                                                                \
    space.rows[open] = (uint16_t)i;                                                               \
    open += !move_bounds(                                                                         \
      bounds + i * (1 + width), width, centroids->drifts[a], centroids->group_drifts + a * width, \
      centroids->separations + a * width, twice_radius, guard);                                   \
  }
  if (t == 1) SCAN(1)
  else if (t == 2) SCAN(2)
  else if (t == 4) SCAN(4)
  else if (t == 8) SCAN(8)
  else SCAN(t)

  const bool in_part = PART_SHARE * open >= rows.count;
  ptrdiff_t work = 0, full = 0;
  for (ptrdiff_t g = 0; g < t; g++) space.list_counts[g] = 0;
  for (ptrdiff_t first = 0; first < open; first += 8) {
    const void *row[8];
    int32_t label[8];
    ptrdiff_t index[8];
    for (ptrdiff_t i = 0; i < 8; i++) {
      index[i] = space.rows[first + i < open ? first + i : open - 1];
      row[i] = row_at(rows, is_float, index[i]);
      label[i] = labels[index[i]];
    }
    d8 scores, norms;
    label_scores(centroids, row, is_float, label, &scores, &norms);
    const f8 upper = uppers(scores, norms, centroids->radius, centroids->guard);
    for (ptrdiff_t i = 0; i < 8 && first + i < open; i++) {
      const float u = upper[i], above = threshold(u, twice_radius, guard);
      const float *lower = bounds + index[i] * (1 + t) + 1;
      const float *separations = centroids->separations + label[i] * t, *drifts = centroids->group_drifts + label[i] * t;
      bounds[index[i] * (1 + t)] = u;
      ptrdiff_t panels = 0;
      for (ptrdiff_t g = 0; g < t; g++) {
        const ptrdiff_t of_group = panels_to_scan(centroids, g, lower[g], drifts[g], separations[g], u, above, in_part);
        space.lists[g * STRETCH_ROWS + space.list_counts[g]] = (uint16_t)work;
        space.panels[g * STRETCH_ROWS + space.list_counts[g]] = (uint16_t)of_group;
        space.list_counts[g] += of_group > 0;
        panels += of_group;
      }
      if (panels == 0) continue;
      if (4 * panels * 10 >= centroids->cluster_count * FULL_TENTHS) {
        // Not worth the lists: take the row off them again.
        for (ptrdiff_t g = 0; g < t; g++) {
          const ptrdiff_t last = space.list_counts[g] - 1;
          space.list_counts[g] -= last >= 0 && space.lists[g * STRETCH_ROWS + last] == work;
        }
        space.full[full++] = (uint16_t)index[i];
        continue;
      }
      const bool is_finite = scores[i] < (double)INFINITY;
      space.rows[work] = (uint16_t)index[i];  // at or before what has been read
      space.scores[work] = space.owns[work] = is_finite ? scores[i] : (double)INFINITY;
      space.clusters[work] = is_finite ? label[i] : 0;
      space.norms[work] = norms[i];
      work++;
    }
  }
  *work_count = work;
  *full_count = full;
}

/// Scores one group for the rows listed, and brings their least score and the group's bound up to date. Returns how many
/// scores that took.
INLINE ptrdiff_t score_list(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, const int32_t *labels, float *bounds,
  workspace space, ptrdiff_t g) {
  const ptrdiff_t p = centroids->column_count, t = centroids->group_count, count = space.list_counts[g];
  const uint16_t *list = space.lists + g * STRETCH_ROWS, *panels = space.panels + g * STRETCH_ROWS;
  ptrdiff_t scored = 0;
  for (ptrdiff_t first = 0; first < count; first += TILE_ROWS) {
    const void *row[TILE_ROWS];
    const ptrdiff_t in_tile = count - first < TILE_ROWS ? count - first : TILE_ROWS;
    ptrdiff_t scanned = 0;
    for (ptrdiff_t i = 0; i < TILE_ROWS; i++) {
      const ptrdiff_t n = first + (i < in_tile ? i : in_tile - 1);
      row[i] = row_at(rows, is_float, space.rows[list[n]]);
      scanned = panels[n] > scanned ? panels[n] : scanned;
    }
    const ptrdiff_t start = centroids->group_starts[g];
    ptrdiff_t end = start + 4 * scanned;
    end = end < centroids->group_ends[g] ? end : centroids->group_ends[g];
    pack_tile(row, is_float, p, centroids->shift, space.packed);
    nearest found;
    score_range(centroids, start, end, space.packed, &found);
    scored += in_tile * (end - start);
    d8 norms[TILE_VECTORS];
    tile_norms(space.packed, p, norms);
    for (int v = 0; v < TILE_VECTORS; v++) {
      const f8 least = lowers(found.least[v], norms[v], centroids->radius, centroids->guard);
      const f8 second = lowers(found.second[v], norms[v], centroids->radius, centroids->guard);
      for (ptrdiff_t i = 0; i < 8 && 8 * v + i < in_tile; i++) {
        const ptrdiff_t w = list[first + 8 * v + i], index = space.rows[w];
        const int32_t cluster = (int32_t)found.cluster[v][i];
        const double score = found.least[v][i];
        float *row_lower = bounds + index * (1 + t) + 1;
        const float rest =
          rest_bound(centroids, g, scanned, row_lower[g], centroids->group_drifts[labels[index] * t + g]);
        const bool is_nearer =
          score < space.scores[w] || (score == space.scores[w] && cluster < space.clusters[w]);
        const float other = is_nearer || cluster == space.clusters[w] ? second[i] : least[i];
        row_lower[g] = rest < other ? rest : other;
        if (is_nearer) {
          const ptrdiff_t left = centroids->groups[space.clusters[w]];
          const float bound = lower(space.scores[w], space.norms[w], centroids->radius, centroids->guard);
          if (bound < row_lower[left]) row_lower[left] = bound;
          space.scores[w] = score;
          space.clusters[w] = cluster;
        }
      }
    }
  }
  return scored;
}

/// Labels a stretch by its bounds and those scores that they leave open. Returns how many labels change.
INLINE ptrdiff_t label_stretch(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, int32_t *labels, float *bounds,
  workspace space, ptrdiff_t *scored) {
  const ptrdiff_t t = centroids->group_count;
  ptrdiff_t work, full;
  list_work(centroids, rows, is_float, labels, bounds, space, &work, &full);
  for (ptrdiff_t g = 0; g < t; g++) *scored += score_list(centroids, rows, is_float, labels, bounds, space, g);
  ptrdiff_t changed = 0;
  for (ptrdiff_t w = 0; w < work; w++) {
    const ptrdiff_t i = space.rows[w];
    if (labels[i] == space.clusters[w]) continue;
    space.is_touched[labels[i]] = space.is_touched[space.clusters[w]] = 1;
    // The centroid left is one of the others now, and its panel may not have been scanned.
    float *of_left = bounds + i * (1 + t) + 1 + centroids->groups[labels[i]];
    const float bound = lower(space.owns[w], space.norms[w], centroids->radius, centroids->guard);
    if (bound < *of_left) *of_left = bound;
    labels[i] = space.clusters[w];
    bounds[i * (1 + t)] = upper(space.scores[w], space.norms[w], centroids->radius, centroids->guard);
    changed++;
  }
  *scored += full * centroids->cluster_count;
  return changed + label_list(centroids, rows, is_float, space.full, full, labels, bounds, false, space);
}

INLINE ptrdiff_t sweep(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, int32_t *labels, float *bounds, bool is_first,
  double *sums, ptrdiff_t *counts, bool keeps_sums, void *scratch, ptrdiff_t *scored) {
  const ptrdiff_t p = centroids->column_count, t = centroids->group_count, k = centroids->cluster_count;
  const ptrdiff_t bytes = rows.stride * (is_float ? 4 : 8);
  workspace space = make_workspace(scratch, p, t);
  memset(space.is_touched, keeps_sums && is_first, (size_t)k);
  ptrdiff_t stretch = STRETCH_BYTES / bytes, changed = 0;
  stretch = stretch < 32 ? 32 : stretch > STRETCH_ROWS ? STRETCH_ROWS : stretch / TILE_ROWS * TILE_ROWS;
  for (ptrdiff_t first = 0; first < rows.count; first += stretch) {
    lockstep_rows part = rows;
    part.elements = row_at(rows, is_float, first);
    part.count = rows.count - first < stretch ? rows.count - first : stretch;
    float *part_bounds = bounds ? bounds + first * (1 + t) : NULL;
    if (bounds && !is_first) {
      changed += label_stretch(centroids, part, is_float, labels + first, part_bounds, space, scored);
    } else {
      for (ptrdiff_t i = 0; i < part.count; i++) space.full[i] = (uint16_t)i;
      changed += label_list(
        centroids, part, is_float, space.full, part.count, labels + first, part_bounds, is_first, space);
      *scored += part.count * k;
    }
    if (sums && !keeps_sums)
      add_rows(part, is_float, centroids->shift, labels + first, sums, counts, stretch * bytes);
  }
  if (sums && keeps_sums)
    add_touched_rows(rows, is_float, centroids->shift, labels, k, space.is_touched, space.full, sums, counts);
  return changed;
}
