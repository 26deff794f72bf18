// SPDX-License-Identifier: Apache-2.0
//
// Labels by the codes of rows and centroids (codes.h), with the bounds of lloyd.h.

/// Labels those rows of a tile of sixteen that `wanted` names, by the codes of rows and centroids where these leave one centroid
/// alone, and else by the distances of those that they leave. Starts the bounds (if not null). Returns, as bits, the rows that the
/// codes say nothing about.
INLINE uint16_t label_coded_tile(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, lockstep_row_codes codes, ptrdiff_t first,
  uint16_t wanted, int32_t *labels, float *bounds, workspace space) {
  const ptrdiff_t p = centroids->column_count, t = centroids->group_count, k = centroids->cluster_count;
  const lockstep_centre_codes *centres = &centroids->codes;
  const float above = 1 + 0x1p-20f, below = 1 - 0x1p-20f;
  const float step = (float)codes.step, twice_radius = float_above(2 * centroids->radius), guard = float_above(centroids->guard);
  const ptrdiff_t in_tile = rows.count - first < 16 ? rows.count - first : 16;
  code_products(codes.codes + first * ((p + 3) / 4 * 4), 1, (p + 3) / 4, centres->codes, k, (int32_t *)space.products);
  n16 row_squares = 0;
  f16 errors = 0;
  if (in_tile == 16) {
    row_squares = *(const n16u *)(codes.squares + first);
    errors = *(const f16u *)(codes.errors + first);
  } else {
    for (ptrdiff_t l = 0; l < in_tile; l++) {
      row_squares[l] = codes.squares[first + l];
      errors[l] = codes.errors[first + l];
    }
  }
  errors = errors + centres->largest_error;
  coded_nearest *found = space.coded;
  for (ptrdiff_t g = 0; g < t; g++) {
    n16 least = INT32_MAX / 2, second = least, cluster = -1;
    for (ptrdiff_t s = centroids->group_starts[g]; s < centroids->group_ends[g]; s++) {
      const ptrdiff_t c = centroids->slot_clusters[s];
      const n16 square = row_squares + centres->constants[c] - 2 * space.products[c], is_less = square < least;
      space.products[c] = square;
      const n16 more = is_less ? least : square;
      second = more < second ? more : second;
      least = is_less ? square : least;
      cluster = is_less ? (n16)(int32_t)c : cluster;
    }
    found[g] = (coded_nearest){least, second, cluster};
  }
  n16 best = found[0].least, next = found[0].second, label = found[0].cluster;
  for (ptrdiff_t g = 1; g < t; g++) {
    const n16 least = found[g].least, is_less = least < best;
    const n16 more = is_less ? best : least, rest = is_less ? found[g].second : next;
    next = more < rest ? more : rest;
    best = is_less ? least : best;
    label = is_less ? found[g].cluster : label;
  }
  // In units of the data. What is added or taken away is rounded with the rest.
  const f16 root = __builtin_elementwise_sqrt(__builtin_convertvector(best, f16));
  f16 u = (root * above + errors) * step * above;
  f16 m = u + twice_radius;
  const f16 limit = (u * u + (guard * m) * m) * above + 2 * FLT_MIN;
  f16 others = __builtin_elementwise_sqrt(__builtin_convertvector(next, f16)) * below - errors * above;
  others = (others > 0 ? others : 0) * step * below;
  const b16 is_settled = __builtin_convertvector(others * others > limit, b16);
  uint16_t settled;
  memcpy(&settled, &is_settled, 2);
  uint16_t open = wanted & (uint16_t)~settled, unknown = 0;
  if (open) {
    // How far a code may be, squared, in steps.
    const f16 far = __builtin_elementwise_sqrt(limit) / step * above + errors * above, farthest = far * far * above;
    n16 limits = -1;
    double distances[16], scores[16];
    for (uint16_t rest = open; rest; rest &= rest - 1) {
      const int l = __builtin_ctz(rest);
      prefetch(row_at(rows, is_float, first + l), is_float, p);
      if (!(farthest[l] < 0x1p30f)) {
        unknown |= (uint16_t)(1 << l);
        continue;
      }
      limits[l] = (int32_t)farthest[l] + 1;
      distances[l] = (double)INFINITY;
      scores[l] = NAN;
    }
    const i8 mask = tail_mask(p);
    for (ptrdiff_t c = 0; c < k; c++) {
      const b16 is_near = __builtin_convertvector(space.products[c] <= limits, b16);
      uint16_t near;
      memcpy(&near, &is_near, 2);
      for (near &= open; near; near &= near - 1) {
        const int l = __builtin_ctz(near);
        const void *row = row_at(rows, is_float, first + l);
        const double d = squared_distance(row, is_float, centroids->centroids + c * p, p, mask);
        const double most = sqrt(d < distances[l] && distances[l] < (double)INFINITY ? distances[l] : d) + 2 * centroids->radius;
        bool is_nearer = d < distances[l];
        // Where distances do not decide, scores do, as in the plain algorithm.
        if (fabs(d - distances[l]) <= 2 * centroids->guard * most * most) {
          if (isnan(scores[l])) scores[l] = chain_score(centroids, row, is_float, label[l]);
          const double score = chain_score(centroids, row, is_float, c);
          is_nearer = score < scores[l];  // centroids ascend, so of equal scores the first stays
          if (is_nearer) scores[l] = score;
        } else if (is_nearer) {
          scores[l] = NAN;
        }
        if (is_nearer) {
          distances[l] = d;
          label[l] = (int32_t)c;
        }
      }
    }
    for (uint16_t rest = open & (uint16_t)~unknown; rest; rest &= rest - 1) {
      const int l = __builtin_ctz(rest);
      u[l] = float_above(sqrt(distances[l]));
    }
  }
  for (uint16_t rest = wanted & (uint16_t)~unknown; rest; rest &= rest - 1) {
    const ptrdiff_t l = __builtin_ctz(rest), i = first + l;
    labels[i] = label[l];
    if (bounds) bounds[i * (1 + t)] = u[l];
  }
  for (ptrdiff_t g = 0; bounds && g < t; g++) {
    const n16 square = found[g].cluster == label ? found[g].second : found[g].least;
    f16 lower = __builtin_elementwise_sqrt(__builtin_convertvector(square, f16)) * below - errors * above;
    lower = (lower > 0 ? lower : 0) * step * below;
    for (uint16_t rest = wanted & (uint16_t)~unknown; rest; rest &= rest - 1) {
      const ptrdiff_t l = __builtin_ctz(rest);
      bounds[(first + l) * (1 + t) + 1 + g] = lower[l];
    }
  }
  return unknown;
}

/// Labels the rows listed, ascending, by codes, and marks the clusters that they leave and come to. Returns how many do.
static ptrdiff_t label_coded_list(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, lockstep_row_codes codes, uint16_t *list,
  ptrdiff_t count, int32_t *labels, float *bounds, bool is_first, workspace space) {
  ptrdiff_t changed = 0, unknown_count = 0;
  int32_t before[16];
  for (ptrdiff_t n = 0; n < count;) {
    const ptrdiff_t first = list[n] / 16 * 16;
    uint16_t wanted = 0;
    for (; n < count && list[n] < first + 16; n++) {
      wanted |= (uint16_t)(1 << (list[n] - first));
      before[list[n] - first] = labels[list[n]];
    }
    const uint16_t unknown = label_coded_tile(centroids, rows, is_float, codes, first, wanted, labels, bounds, space);
    // The list is used up to here.
    for (uint16_t rest = unknown; rest; rest &= rest - 1) list[unknown_count++] = (uint16_t)(first + __builtin_ctz(rest));
    if (is_first) continue;
    for (uint16_t rest = wanted & (uint16_t)~unknown; rest; rest &= rest - 1) {
      const int l = __builtin_ctz(rest);
      if (labels[first + l] == before[l]) continue;
      changed++;
      space.is_touched[before[l]] = space.is_touched[labels[first + l]] = 1;
    }
  }
  changed += label_list(centroids, rows, is_float, list, unknown_count, labels, bounds, is_first, space);
  return is_first ? count : changed;
}
