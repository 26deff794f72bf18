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
/// See `list_open_rows`.
#define PART_SHARE 4
/// Rows that need so many groups have them scanned in one tile, others group by group with their like.
#define TILED_GROUPS 4
/// Tiles of codes are scanned whole while at least one row of so many is open.
#define CODED_SHARE 2

typedef float f4 __attribute__((ext_vector_type(4)));
typedef float f4u __attribute__((ext_vector_type(4), aligned(4)));
typedef bool b8 __attribute__((ext_vector_type(8)));
typedef float f2 __attribute__((ext_vector_type(2)));
typedef float f2u __attribute__((ext_vector_type(2), aligned(4)));

/// A row whose label the bounds leave open, while its groups are scanned.
typedef struct {
  double score;    // of the nearest centroid so far; a NaN while that is the old one and nobody has asked
  int32_t cluster; // the nearest centroid so far,
  float upper;     // its distance, or more,
  float lower;     // or less
  float own_lower; // the distance to the old centroid, or less
  uint16_t row;    // index in the stretch
} open_row;

/// The least square distance of the codes of sixteen rows over a group, the second least, and the cluster of the least.
typedef struct {
  n16 least;
  n16 second;
  n16 cluster;
} coded_nearest;

typedef struct {
  d8 *packed;              // a tile
  nearest *found;          // t: what the groups hold for a tile
  open_row *open;          // STRETCH_ROWS
  ptrdiff_t *list_counts;  // t
  uint16_t *rows;          // STRETCH_ROWS: indices in the stretch
  uint16_t *tiled;         // STRETCH_ROWS: indices into `open` of rows that need most groups
  uint16_t *lists;         // t × STRETCH_ROWS: for each group, indices into `open` of other rows that need it
  uint16_t *panels;        // STRETCH_ROWS × t: how many panels of each group an open row needs
  n16 *products;           // k: of codes
  coded_nearest *coded;    // t: what the groups hold for a tile of codes
  uint8_t *is_touched;     // k: whether a row has come to the cluster, or left it
} workspace;

INLINE workspace make_workspace(void *scratch, ptrdiff_t p, ptrdiff_t t, ptrdiff_t coded_count) {
  workspace space;
  space.products = scratch;
  space.coded = (coded_nearest *)(space.products + coded_count);
  space.packed = (d8 *)(space.coded + (coded_count ? t : 0));
  space.found = (nearest *)(space.packed + TILE_VECTORS * p);
  space.open = (open_row *)(space.found + t);
  space.list_counts = (ptrdiff_t *)(space.open + STRETCH_ROWS);
  space.rows = (uint16_t *)(space.list_counts + t);
  space.tiled = space.rows + STRETCH_ROWS;
  space.lists = space.tiled + STRETCH_ROWS;
  space.panels = space.lists + t * STRETCH_ROWS;
  space.is_touched = (uint8_t *)(space.panels + t * STRETCH_ROWS);
  return space;
}

// MARK: Sums

INLINE void add_row(const void *row, bool is_float, ptrdiff_t p, const double *shift, double *sum) {
  ptrdiff_t j = 0;
  for (; j + 8 <= p; j += 8) *(d8u *)(sum + j) += load8(row, is_float, j) - load8(shift, false, j);
  for (; j < p; j++) sum[j] += load1(row, is_float, j) - shift[j];
}

/// sum += w (x − shift)
INLINE void add_weighted_row(const void *row, bool is_float, ptrdiff_t p, const double *shift, double w, double *sum) {
  ptrdiff_t j = 0;
  for (; j + 8 <= p; j += 8)
    *(d8u *)(sum + j) = fma8((d8)w, load8(row, is_float, j) - load8(shift, false, j), *(d8u *)(sum + j));
  for (; j < p; j++) sum[j] = __builtin_elementwise_fma(w, load1(row, is_float, j) - shift[j], sum[j]);
}

/// Adds row i to the sums of its cluster.
INLINE void add_to_cluster(
  lockstep_rows rows, bool is_float, ptrdiff_t i, const double *shift, int32_t label, const lockstep_cluster_sums *to) {
  const ptrdiff_t p = rows.column_count;
  const void *row = row_at(rows, is_float, i);
  if (!to->weights) {
    to->counts[label] += 1;
    add_row(row, is_float, p, shift, to->sums + label * p);
  } else if (to->weights[i] != 0) {
    to->counts[label] += 1;
    to->cluster_weights[label] += to->weights[i];
    add_weighted_row(row, is_float, p, shift, to->weights[i], to->sums + label * p);
  }
}

/// sums[label] += x − shift, counts[label] += 1, row by row. Asks for the memory `ahead` bytes further on.
INLINE void add_rows(
  lockstep_rows rows, bool is_float, const double *shift, const int32_t *labels, const lockstep_cluster_sums *to,
  ptrdiff_t ahead) {
  const ptrdiff_t p = rows.column_count, bytes = p * (is_float ? 4 : 8);
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const void *row = row_at(rows, is_float, i);
    for (ptrdiff_t offset = 0; offset < bytes; offset += 64)
      __builtin_prefetch((const char *)row + ahead + offset, 0, 2);
    add_to_cluster(rows, is_float, i, shift, labels[i], to);
  }
}

/// Sums the clusters that rows have come to or left afresh; the others hold what the same additions gave before.
INLINE void add_touched_rows(
  lockstep_rows rows, bool is_float, const double *shift, const int32_t *labels, ptrdiff_t k, const uint8_t *is_touched,
  uint16_t *list, const lockstep_cluster_sums *to) {
  const ptrdiff_t p = rows.column_count, bytes = p * (is_float ? 4 : 8);
  ptrdiff_t touched = 0;
  for (ptrdiff_t c = 0; c < k; c++)
    if (is_touched[c]) {
      touched++;
      to->counts[c] = 0;
      if (to->weights) to->cluster_weights[c] = 0;
      for (ptrdiff_t j = 0; j < p; j++) to->sums[c * p + j] = 0;
    }
  if (touched == 0) return;
  if (touched == k) {
    add_rows(rows, is_float, shift, labels, to, PREFETCH_BYTES);
    return;
  }
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
      const ptrdiff_t i = first + list[n];
      add_to_cluster(rows, is_float, i, shift, labels[i], to);
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
    // The rows of the next tile; rows in line are not far behind the last of the list.
    for (ptrdiff_t i = 0; i < TILE_ROWS; i++) {
      const ptrdiff_t next = first + TILE_ROWS + i;
      prefetch(
        row_at(rows, is_float, next < count ? list[next] : list[count - 1] + (next - count) + 1), is_float,
        centroids->column_count);
    }
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

/// The score of one row and centroid, in the same steps as a tile takes.
INLINE double chain_score(
  const lockstep_centroids *centroids, const void *row, bool is_float, ptrdiff_t cluster) {
  const ptrdiff_t p = centroids->column_count;
  const double *z = centroids->negated + cluster * p;
  double score = centroids->half_norms[cluster];
  for (ptrdiff_t j = 0; j < p; j++)
    score = __builtin_elementwise_fma(z[j], load1(row, is_float, j) - centroids->shift[j], score);
  return score;
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

/// The groups that may hold something nearer than u to a row, as bits.
INLINE uint64_t groups_to_scan(const float *lower, const float *separations, ptrdiff_t t, float u, float above) {
  uint64_t bits = 0;
  if (t % 8 == 0)
    for (ptrdiff_t g = 0; g < t; g += 8) {
      f8 l = *(const f8u *)(lower + g), e = *(const f8u *)(separations + g) - u;
      e = e > l ? e : l;
      e = e > 0 ? e : 0;
      const b8 is_settled = __builtin_convertvector(e * e > above, b8);
      uint8_t settled;
      memcpy(&settled, &is_settled, 1);
      bits |= (uint64_t)(uint8_t)~settled << g;
    }
  else
    for (ptrdiff_t g = 0; g < t; g++) {
      float e = separations[g] - u;
      e = e > lower[g] ? e : lower[g];
      bits |= (uint64_t)!(e > 0 && e * e > above) << g;
    }
  return bits;
}

/// How many panels of a group that `groups_to_scan` names may hold something nearer; all unless `in_part`.
INLINE ptrdiff_t panels_to_scan(
  const lockstep_centroids *centroids, ptrdiff_t g, float moved, float group_drift, float above, bool in_part) {
  const ptrdiff_t all = (centroids->group_ends[g] - centroids->group_starts[g] + 3) / 4;
  for (ptrdiff_t panels = 1; in_part && panels < all; panels++) {
    float rest = rest_bound(centroids, g, panels, moved, group_drift);
    if (rest > 0 && rest * rest > above) return panels;
  }
  return all;
}

/// `move_bounds` for eight rows with one group, in the same steps. Returns, as bits, the rows that may not keep their label.
INLINE uint8_t move_eight_bounds(
  const lockstep_centroids *centroids, const int32_t *labels, float *bounds, float twice_radius, float guard) {
  f8 drift, group_drift, separation;
  UNROLLED for (int i = 0; i < 8; i++) {
    drift[i] = centroids->drifts[labels[i]];
    group_drift[i] = centroids->group_drifts[labels[i]];
    separation[i] = centroids->separations[labels[i]];
  }
  const f8 head = *(const f8u *)bounds, tail = *(const f8u *)(bounds + 8);
  f8 u = SHUFFLE(head, tail, 0, 2, 4, 6, 8, 10, 12, 14), l = SHUFFLE(head, tail, 1, 3, 5, 7, 9, 11, 13, 15);
  u = (u + drift) * (1 + 0x1p-22f);
  l -= group_drift;
  l -= __builtin_elementwise_abs(l) * 0x1p-22f;
  *(f8u *)bounds = SHUFFLE(u, l, 0, 8, 1, 9, 2, 10, 3, 11);
  *(f8u *)(bounds + 8) = SHUFFLE(u, l, 4, 12, 5, 13, 6, 14, 7, 15);
  const f8 m = u + twice_radius, above = (u * u + (guard * m) * m) * (1 + 0x1p-20f) + 2 * FLT_MIN;
  f8 e = separation - u;
  e = e > l ? e : l;
  const b8 keeps = __builtin_convertvector((e > 0) & (e * e > above), b8);
  uint8_t bits;
  memcpy(&bits, &keeps, 1);
  return (uint8_t)~bits;
}

/// Moves the bounds of a stretch, and lists the rows whose label they leave open in `rows`. Returns how many.
INLINE ptrdiff_t list_unsettled_rows(
  const lockstep_centroids *centroids, lockstep_rows rows, const int32_t *labels, float *bounds, workspace space) {
  const ptrdiff_t t = centroids->group_count;
  const float twice_radius = float_above(2 * centroids->radius), guard = float_above(centroids->guard);
  ptrdiff_t count = 0;
  ptrdiff_t begin = 0;
  if (t == 1)
    for (; begin + 8 <= rows.count; begin += 8)
      for (uint8_t open = move_eight_bounds(centroids, labels + begin, bounds + begin * 2, twice_radius, guard); open;
           open &= open - 1)
        space.rows[count++] = (uint16_t)(begin + __builtin_ctz(open));
#define SCAN(width)                                                                               \
  for (ptrdiff_t i = begin; i < rows.count; i++) {                                                \
    const ptrdiff_t a = labels[i];                                                                \
    space.rows[count] = (uint16_t)i;                                                              \
    count += !move_bounds(                                                                        \
      bounds + i * (1 + width), width, centroids->drifts[a], centroids->group_drifts + a * width, \
      centroids->separations + a * width, twice_radius, guard);                                   \
  }
  if (t == 1) SCAN(1)
  else if (t == 2) SCAN(2)
  else if (t == 4) SCAN(4)
  else if (t == 8) SCAN(8)
  else SCAN(t)
#undef SCAN
  return count;
}

/// Computes u for the `count` rows in `rows`, and lists those for which some group may still hold something nearer.
/// Returns how many need most groups (`tiled`); the others are in `lists`.
INLINE ptrdiff_t list_open_rows(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, const int32_t *labels, float *bounds,
  workspace space, ptrdiff_t count, ptrdiff_t *open_count) {
  const ptrdiff_t p = centroids->column_count, t = centroids->group_count;
  const float twice_radius = float_above(2 * centroids->radius), guard = float_above(centroids->guard);
  // While most rows are open, most are so for a few centroids that have moved far: those alone are scanned. Later a
  // whole group is, which renews its bound.
  const bool in_part = PART_SHARE * count >= rows.count;
  const i8 mask = tail_mask(p);
  ptrdiff_t open = 0, tiled = 0;
  for (ptrdiff_t g = 0; g < t; g++) space.list_counts[g] = 0;
  for (ptrdiff_t n = 0; n < count; n++) {
    const ptrdiff_t index = space.rows[n], a = labels[index];
    prefetch(row_at(rows, is_float, space.rows[n + 6 < count ? n + 6 : count - 1]), is_float, p);
    const double distance =
      sqrt(squared_distance(row_at(rows, is_float, index), is_float, centroids->centroids + a * p, p, mask));
    const float u = float_above(distance), above = threshold(u, twice_radius, guard);
    float *lower = bounds + index * (1 + t) + 1;
    lower[-1] = u;
    const uint64_t groups = groups_to_scan(lower, centroids->separations + a * t, t, u, above);
    if (groups == 0) continue;
    const bool is_tiled = __builtin_popcountll(groups) >= TILED_GROUPS;
    uint16_t *panels = space.panels + open * t;
    memset(panels, 0, sizeof(uint16_t) * (size_t)t);
    for (uint64_t rest = groups; rest; rest &= rest - 1) {
      const ptrdiff_t g = __builtin_ctzll(rest);
      panels[g] =
        (uint16_t)panels_to_scan(centroids, g, lower[g], centroids->group_drifts[a * t + g], above, in_part);
      if (!is_tiled) space.lists[g * STRETCH_ROWS + space.list_counts[g]++] = (uint16_t)open;
    }
    if (is_tiled) space.tiled[tiled++] = (uint16_t)open;
    const float below = float_below(distance);
    space.open[open++] = (open_row){
      .score = NAN, .cluster = (int32_t)a, .upper = u, .lower = below, .own_lower = below, .row = (uint16_t)index};
  }
  *open_count = open;
  return tiled;
}

/// Whether a row's nearest centroid is the one found, by score; if so the row takes it over. Distances settle most
/// cases; the others ask for the score of the row's old centroid.
INLINE bool take_nearer(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, int32_t cluster, double score, double norm,
  float least, float *lower, float above, open_row *open) {
  if (cluster == open->cluster) return true;
  if (least * least > above) return false;
  if (isnan(open->score)) {
    open->score = chain_score(centroids, row_at(rows, is_float, open->row), is_float, open->cluster);
    if (!(open->score < (double)INFINITY)) {
      // As the plain algorithm does with a row that has no score below +infinity.
      open->score = (double)INFINITY;
      open->cluster = 0;
    }
  }
  if (!(score < open->score || (score == open->score && cluster < open->cluster))) return false;
  const ptrdiff_t left = centroids->groups[open->cluster];
  if (open->lower < lower[left]) lower[left] = open->lower;
  open->score = score;
  open->cluster = cluster;
  open->upper = upper(score, norm, centroids->radius, centroids->guard);
  open->lower = least;
  return true;
}

/// Scans a run of groups for up to TILE_ROWS open rows, each as far as one of them needs. Returns how many scores that
/// took.
INLINE ptrdiff_t scan_tile(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, const int32_t *labels, float *bounds,
  workspace space, const uint16_t *list, ptrdiff_t count, ptrdiff_t first_group, ptrdiff_t end_group) {
  const ptrdiff_t p = centroids->column_count, t = centroids->group_count;
  const float twice_radius = float_above(2 * centroids->radius), guard = float_above(centroids->guard);
  const void *row[TILE_ROWS];
  for (ptrdiff_t i = 0; i < TILE_ROWS; i++)
    row[i] = row_at(rows, is_float, space.open[list[i < count ? i : count - 1]].row);
  pack_tile(row, is_float, p, centroids->shift, space.packed);
  d8 norms[TILE_VECTORS];
  tile_norms(space.packed, p, norms);

  uint16_t panels[LOCKSTEP_MAX_GROUPS] = {0};
  for (ptrdiff_t i = 0; i < count; i++)
    for (ptrdiff_t g = first_group; g < end_group; g++) {
      const uint16_t needed = space.panels[list[i] * t + g];
      panels[g] = needed > panels[g] ? needed : panels[g];
    }
  ptrdiff_t scored = 0;
  for (ptrdiff_t g = first_group; g < end_group; g++) {
    if (panels[g] == 0) continue;
    const ptrdiff_t start = centroids->group_starts[g], all = centroids->group_ends[g];
    const ptrdiff_t end = start + 4 * panels[g] < all ? start + 4 * panels[g] : all;
    score_range(centroids, start, end, space.packed, space.found + g);
    scored += count * (end - start);
  }

  for (int v = 0; v < TILE_VECTORS; v++) {
    d8 least = (double)INFINITY;
    i8 cluster = centroids->cluster_count, group = -1;
    for (ptrdiff_t g = first_group; g < end_group; g++) {
      if (panels[g] == 0) continue;
      d8 other = space.found[g].least[v];
      i8 other_cluster = space.found[g].cluster[v];
      i8 is_nearer = (other < least) | ((other == least) & (other_cluster < cluster));
      least = is_nearer ? other : least;
      cluster = is_nearer ? other_cluster : cluster;
      group = is_nearer ? (i8)g : group;
    }
    const f8 least_distances = lowers(least, norms[v], centroids->radius, centroids->guard);
    const ptrdiff_t in_vector = count - 8 * v < 8 ? count - 8 * v : 8;
    i8 is_taken = 0;
    for (ptrdiff_t i = 0; i < in_vector; i++) {
      open_row *open = space.open + list[8 * v + i];
      is_taken[i] = -take_nearer(
        centroids, rows, is_float, (int32_t)cluster[i], least[i], norms[v][i], least_distances[i],
        bounds + open->row * (1 + t) + 1, threshold(open->upper, twice_radius, guard), open);
    }
    // The bound of a group leaves the row's own centroid out.
    group = is_taken ? group : -1;
    for (ptrdiff_t g = first_group; g < end_group; g++) {
      if (panels[g] == 0) continue;
      d8 other = group == (i8)g ? space.found[g].second[v] : space.found[g].least[v];
      const f8 others = lowers(other, norms[v], centroids->radius, centroids->guard);
      const bool is_whole = centroids->group_starts[g] + 4 * panels[g] >= centroids->group_ends[g];
      for (ptrdiff_t i = 0; i < in_vector; i++) {
        const ptrdiff_t index = space.open[list[8 * v + i]].row;
        float *lower = bounds + index * (1 + t) + 1 + g, bound = others[i];
        if (!is_whole) {
          const float rest =
            rest_bound(centroids, g, panels[g], *lower, centroids->group_drifts[labels[index] * t + g]);
          bound = rest < bound ? rest : bound;
        }
        *lower = bound;
      }
    }
  }
  return scored;
}
