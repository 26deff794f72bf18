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

typedef float f4 __attribute__((ext_vector_type(4)));
typedef float f4u __attribute__((ext_vector_type(4), aligned(4)));
typedef float f2 __attribute__((ext_vector_type(2)));
typedef float f2u __attribute__((ext_vector_type(2), aligned(4)));

typedef struct {
  d8 *packed;      // a tile
  nearest *found;  // t: what the groups hold for a tile
  double *scores;  // of the work list: the least score so far,
  double *norms;   // ‖y‖²,
  int32_t *clusters;  // the cluster of the least score,
  float *uppers;      // u
  uint16_t *rows;     // and the row's index in the stretch
  uint16_t *lists;    // t × STRETCH_ROWS: indices into the work list
} workspace;

INLINE workspace make_workspace(void *scratch, ptrdiff_t p, ptrdiff_t t) {
  workspace space;
  space.packed = scratch;
  space.found = (nearest *)(space.packed + TILE_VECTORS * p);
  space.scores = (double *)(space.found + t);
  space.norms = space.scores + STRETCH_ROWS;
  space.clusters = (int32_t *)(space.norms + STRETCH_ROWS);
  space.uppers = (float *)(space.clusters + STRETCH_ROWS);
  space.rows = (uint16_t *)(space.uppers + STRETCH_ROWS);
  space.lists = space.rows + STRETCH_ROWS;
  return space;
}

// MARK: Sums

/// sums[label] += x − shift, counts[label] += 1, row by row.
INLINE void add_rows(
  lockstep_rows rows, bool is_float, const double *shift, const int32_t *labels, double *sums, ptrdiff_t *counts,
  ptrdiff_t ahead) {
  const ptrdiff_t p = rows.column_count, bytes = p * (is_float ? 4 : 8);
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const void *row = row_at(rows, is_float, i);
    for (ptrdiff_t offset = 0; offset < bytes; offset += 64)
      __builtin_prefetch((const char *)row + ahead + offset, 0, 2);
    double *sum = sums + labels[i] * p;
    counts[labels[i]] += 1;
    ptrdiff_t j = 0;
    for (; j + 8 <= p; j += 8) *(d8u *)(sum + j) += load8(row, is_float, j) - load8(shift, false, j);
    for (; j < p; j++) sum[j] += load1(row, is_float, j) - shift[j];
  }
}

// MARK: Bounds

/// (u² + G (u + 2Z)²), rounded up.
INLINE float threshold(float u, float twice_radius, float guard) {
  float m = u + twice_radius;
  return (u * u + (guard * m) * m) * (1 + 0x1p-20f) + 2 * FLT_MIN;
}

#define SHRINK (1 - 0x1p-22f)

/// Moves the bounds of one row along with the centroids. True if the row certainly keeps its label.
INLINE bool move_bounds(
  float *bounds, ptrdiff_t t, float drift, const float *group_drifts, const float *separations, float twice_radius,
  float guard) {
  const float u = (bounds[0] + drift) * (1 + 0x1p-22f), above = threshold(u, twice_radius, guard);
  bounds[0] = u;
  float *lower = bounds + 1;
  bool keeps = true;
#define MOVE(vector, aligned1, i)                                                     \
  {                                                                                   \
    vector l = (*(aligned1 *)(lower + i) - *(const aligned1 *)(group_drifts + i)) * SHRINK; \
    l = l > 0 ? l : 0;                                                                \
    *(aligned1 *)(lower + i) = l;                                                     \
    vector e = *(const aligned1 *)(separations + i) - u;                              \
    e = e > l ? e : l;                                                                \
    keeps &= __builtin_reduce_and(e * e > above) != 0;                                \
  }
  if (t == 1) {
    float l = (lower[0] - group_drifts[0]) * SHRINK;
    l = l > 0 ? l : 0;
    lower[0] = l;
    float e = separations[0] - u;
    e = e > l ? e : l;
    keeps = e * e > above;
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

/// Labels up to TILE_ROWS rows by all scores, and starts their bounds (if not null).
INLINE void label_tile(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, ptrdiff_t first, int32_t *labels, float *bounds,
  workspace space) {
  const ptrdiff_t p = centroids->column_count, t = centroids->group_count, k = centroids->cluster_count;
  const ptrdiff_t count = rows.count - first < TILE_ROWS ? rows.count - first : TILE_ROWS;
  const void *row[TILE_ROWS];
  for (ptrdiff_t i = 0; i < TILE_ROWS; i++) row[i] = row_at(rows, is_float, first + (i < count ? i : count - 1));
  pack_tile(row, is_float, p, centroids->shift, space.packed);
  for (ptrdiff_t g = 0; g < t; g++) score_group(centroids, g, space.packed, k, space.found + g);

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
    for (ptrdiff_t i = 0; i < in_vector; i++) labels[first + 8 * v + i] = (int32_t)cluster[i];
    if (!bounds) continue;
    float *row_bounds = bounds + (first + 8 * v) * (1 + t);
    f8 u = uppers(least, norms[v], centroids->radius, centroids->guard);
    for (ptrdiff_t i = 0; i < in_vector; i++) row_bounds[i * (1 + t)] = u[i];
    for (ptrdiff_t g = 0; g < t; g++) {
      d8 other = group == (i8)g ? space.found[g].second[v] : space.found[g].least[v];
      f8 l = lowers(other, norms[v], centroids->radius, centroids->guard);
      for (ptrdiff_t i = 0; i < in_vector; i++) row_bounds[i * (1 + t) + 1 + g] = l[i];
    }
  }
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

/// Lists the rows of a stretch whose label the old bounds leave open, computes their u, and lists for each group the
/// rows for which it may hold something nearer. Returns the length of the work list.
INLINE ptrdiff_t list_work(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, const int32_t *labels, float *bounds,
  workspace space, ptrdiff_t *list_counts) {
  const ptrdiff_t t = centroids->group_count;
  const float twice_radius = float_above(2 * centroids->radius), guard = float_above(centroids->guard);
  ptrdiff_t count = 0;
#define SCAN(width)                                                                                       \
  for (ptrdiff_t i = 0; i < rows.count; i++) {                                                              \
    const ptrdiff_t a = labels[i];                                                                          \
    space.rows[count] = (uint16_t)i;                                                                      \
    count += !move_bounds(                                                                                \
      bounds + i * (1 + width), width, centroids->drifts[a], centroids->group_drifts + a * width,         \
      centroids->separations + a * width, twice_radius, guard);                                           \
  }
  if (t == 1) SCAN(1)
  else if (t == 2) SCAN(2)
  else if (t == 4) SCAN(4)
  else if (t == 8) SCAN(8)
  else SCAN(t)

  for (ptrdiff_t g = 0; g < t; g++) list_counts[g] = 0;
  for (ptrdiff_t first = 0; first < count; first += 8) {
    const void *row[8];
    int32_t label[8];
    for (ptrdiff_t i = 0; i < 8; i++) {
      ptrdiff_t index = space.rows[first + i < count ? first + i : count - 1];
      row[i] = row_at(rows, is_float, index);
      label[i] = labels[index];
    }
    d8 scores, norms;
    label_scores(centroids, row, is_float, label, &scores, &norms);
    f8 upper = uppers(scores, norms, centroids->radius, centroids->guard);
    for (ptrdiff_t i = 0; i < 8 && first + i < count; i++) {
      const ptrdiff_t w = first + i;
      const bool is_finite = scores[i] < (double)INFINITY;
      space.scores[w] = is_finite ? scores[i] : (double)INFINITY;
      space.clusters[w] = is_finite ? label[i] : 0;
      space.norms[w] = norms[i];
      const float u = upper[i], above = threshold(u, twice_radius, guard);
      space.uppers[w] = u;
      const float *lower = bounds + space.rows[w] * (1 + t) + 1, *separations = centroids->separations + label[i] * t;
      for (ptrdiff_t g = 0; g < t; g++) {
        float e = separations[g] - u;
        e = e > lower[g] ? e : lower[g];
        space.lists[g * STRETCH_ROWS + list_counts[g]] = (uint16_t)w;
        list_counts[g] += !(e * e > above);
      }
    }
  }
  return count;
}

/// Scores one group for the rows listed, and brings their least score and the group's bound up to date.
INLINE void score_list(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, float *bounds, workspace space, ptrdiff_t g,
  ptrdiff_t count) {
  const ptrdiff_t p = centroids->column_count, t = centroids->group_count;
  const uint16_t *list = space.lists + g * STRETCH_ROWS;
  for (ptrdiff_t first = 0; first < count; first += TILE_ROWS) {
    const void *row[TILE_ROWS];
    const ptrdiff_t in_tile = count - first < TILE_ROWS ? count - first : TILE_ROWS;
    for (ptrdiff_t i = 0; i < TILE_ROWS; i++)
      row[i] = row_at(rows, is_float, space.rows[list[first + (i < in_tile ? i : in_tile - 1)]]);
    pack_tile(row, is_float, p, centroids->shift, space.packed);
    nearest found;
    score_group(centroids, g, space.packed, centroids->cluster_count, &found);
    d8 norms[TILE_VECTORS];
    tile_norms(space.packed, p, norms);
    for (int v = 0; v < TILE_VECTORS; v++) {
      const f8 least = lowers(found.least[v], norms[v], centroids->radius, centroids->guard);
      const f8 second = lowers(found.second[v], norms[v], centroids->radius, centroids->guard);
      for (ptrdiff_t i = 0; i < 8 && 8 * v + i < in_tile; i++) {
        const ptrdiff_t w = list[first + 8 * v + i];
        const int32_t cluster = (int32_t)found.cluster[v][i];
        const double score = found.least[v][i];
        float *row_lower = bounds + space.rows[w] * (1 + t) + 1;
        if (score < space.scores[w] || (score == space.scores[w] && cluster < space.clusters[w])) {
          const ptrdiff_t left = centroids->groups[space.clusters[w]];
          const float bound = lower(space.scores[w], space.norms[w], centroids->radius, centroids->guard);
          if (bound < row_lower[left]) row_lower[left] = bound;
          space.scores[w] = score;
          space.clusters[w] = cluster;
          row_lower[g] = second[i];
        } else {
          row_lower[g] = cluster == space.clusters[w] ? second[i] : least[i];
        }
      }
    }
  }
}

/// Labels a stretch by its bounds and those scores that they leave open. Returns how many labels change.
INLINE ptrdiff_t label_stretch(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, int32_t *labels, float *bounds,
  workspace space, ptrdiff_t *list_counts, ptrdiff_t *scored) {
  const ptrdiff_t t = centroids->group_count;
  const ptrdiff_t count = list_work(centroids, rows, is_float, labels, bounds, space, list_counts);
  *scored += count;
  for (ptrdiff_t g = 0; g < t; g++) {
    score_list(centroids, rows, is_float, bounds, space, g, list_counts[g]);
    *scored += list_counts[g] * (centroids->group_starts[g + 1] - centroids->group_starts[g]);
  }
  ptrdiff_t changed = 0;
  for (ptrdiff_t w = 0; w < count; w++) {
    const ptrdiff_t i = space.rows[w];
    float *row_bounds = bounds + i * (1 + t);
    if (labels[i] == space.clusters[w]) row_bounds[0] = space.uppers[w];
    else {
      labels[i] = space.clusters[w];
      row_bounds[0] = upper(space.scores[w], space.norms[w], centroids->radius, centroids->guard);
      changed++;
    }
  }
  return changed;
}

INLINE ptrdiff_t sweep(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, int32_t *labels, float *bounds, bool is_first,
  double *sums, ptrdiff_t *counts, void *scratch, ptrdiff_t *scored) {
  const ptrdiff_t p = centroids->column_count, t = centroids->group_count;
  const ptrdiff_t bytes = rows.stride * (is_float ? 4 : 8);
  workspace space = make_workspace(scratch, p, t);
  ptrdiff_t stretch = STRETCH_BYTES / bytes, changed = 0;
  stretch = stretch < 32 ? 32 : stretch > STRETCH_ROWS ? STRETCH_ROWS : stretch / TILE_ROWS * TILE_ROWS;
  int32_t before[TILE_ROWS];
  ptrdiff_t list_counts[LOCKSTEP_MAX_GROUPS];
  for (ptrdiff_t first = 0; first < rows.count; first += stretch) {
    lockstep_rows part = rows;
    part.elements = row_at(rows, is_float, first);
    part.count = rows.count - first < stretch ? rows.count - first : stretch;
    if (!bounds || is_first) {
      for (ptrdiff_t tile = 0; tile < part.count; tile += TILE_ROWS) {
        const ptrdiff_t in_tile = part.count - tile < TILE_ROWS ? part.count - tile : TILE_ROWS;
        if (!is_first) memcpy(before, labels + first + tile, sizeof(int32_t) * in_tile);
        label_tile(
          centroids, part, is_float, tile, labels + first, bounds ? bounds + first * (1 + t) : NULL, space);
        for (ptrdiff_t i = 0; i < in_tile; i++) changed += is_first || before[i] != labels[first + tile + i];
      }
      *scored += part.count * centroids->group_starts[t];
    } else {
      changed += label_stretch(
        centroids, part, is_float, labels + first, bounds + first * (1 + t), space, list_counts, scored);
    }
    if (sums) add_rows(part, is_float, centroids->shift, labels + first, sums, counts, stretch * bytes);
  }
  return changed;
}
