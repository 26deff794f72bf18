// SPDX-License-Identifier: Apache-2.0
//
// One sweep, stretch by stretch: by bounds (lloyd.h), by codes (lloyd_codes.h), or by all scores.

/// Labels a stretch by its bounds and those scores that they leave open. Returns how many labels change.
INLINE ptrdiff_t label_stretch(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, const lockstep_row_codes *codes, int32_t *labels,
  float *bounds, workspace space, ptrdiff_t *scored) {
  const ptrdiff_t t = centroids->group_count;
  const ptrdiff_t unsettled = list_unsettled_rows(centroids, rows, labels, bounds, space);
  if (codes && CODED_SHARE * unsettled >= rows.count) {
    *scored += unsettled * centroids->cluster_count;
    return label_coded_list(
      centroids, rows, is_float, *codes, space.rows, unsettled, labels, bounds, false, space);
  }
  if (centroids->cluster_count * centroids->column_count <= LOCKSTEP_CHEAP_SCORES) {
    *scored += unsettled * centroids->cluster_count;
    return label_list(centroids, rows, is_float, space.rows, unsettled, labels, bounds, false, space);
  }
  ptrdiff_t open;
  const ptrdiff_t tiled = list_open_rows(centroids, rows, is_float, labels, bounds, space, unsettled, &open);
  for (ptrdiff_t first = 0; first < tiled; first += TILE_ROWS)
    *scored += scan_tile(
      centroids, rows, is_float, labels, bounds, space, space.tiled + first,
      tiled - first < TILE_ROWS ? tiled - first : TILE_ROWS, 0, t);
  for (ptrdiff_t g = 0; g < t; g++) {
    const ptrdiff_t count = space.list_counts[g];
    for (ptrdiff_t first = 0; first < count; first += TILE_ROWS)
      *scored += scan_tile(
        centroids, rows, is_float, labels, bounds, space, space.lists + g * STRETCH_ROWS + first,
        count - first < TILE_ROWS ? count - first : TILE_ROWS, g, g + 1);
  }
  ptrdiff_t changed = 0;
  for (ptrdiff_t n = 0; n < open; n++) {
    const open_row *row = space.open + n;
    const ptrdiff_t i = row->row, a = labels[i];
    if (a == row->cluster) continue;
    space.is_touched[a] = space.is_touched[row->cluster] = 1;
    labels[i] = row->cluster;
    bounds[i * (1 + t)] = row->upper;
    // The centroid left is one of the others now, and its panel may not have been scanned.
    float *lower = bounds + i * (1 + t) + 1 + centroids->groups[a];
    if (row->own_lower < *lower) *lower = row->own_lower;
    changed++;
  }
  return changed;
}

INLINE ptrdiff_t sweep(
  const lockstep_centroids *centroids, lockstep_rows rows, bool is_float, const lockstep_row_codes *codes, int32_t *labels,
  float *bounds, bool is_first, const lockstep_cluster_sums *sums, void *scratch, ptrdiff_t *scored) {
  const ptrdiff_t p = centroids->column_count, t = centroids->group_count, k = centroids->cluster_count;
  const ptrdiff_t bytes = rows.stride * (is_float ? 4 : 8);
  workspace space = make_workspace(scratch, p, t, centroids->codes.count);
  if (centroids->codes.count == 0 || k * p <= LOCKSTEP_CHEAP_SCORES) codes = NULL;
  memset(space.is_touched, sums && sums->keeps && is_first, (size_t)k);
  ptrdiff_t stretch = STRETCH_BYTES / bytes, changed = 0;
  stretch = stretch < 32 ? 32 : stretch > STRETCH_ROWS ? STRETCH_ROWS : stretch / 16 * 16;
  for (ptrdiff_t first = 0; first < rows.count; first += stretch) {
    lockstep_rows part = rows;
    part.elements = row_at(rows, is_float, first);
    part.count = rows.count - first < stretch ? rows.count - first : stretch;
    float *part_bounds = bounds ? bounds + first * (1 + t) : NULL;
    lockstep_row_codes of_part;
    if (codes) {
      of_part = *codes;
      of_part.codes += first * ((p + 3) / 4 * 4);
      of_part.squares += first;
      of_part.errors += first;
    }
    if (bounds && !is_first) {
      changed += label_stretch(
        centroids, part, is_float, codes ? &of_part : NULL, labels + first, part_bounds, space, scored);
    } else {
      for (ptrdiff_t i = 0; i < part.count; i++) space.rows[i] = (uint16_t)i;
      changed += codes ? label_coded_list(
                           centroids, part, is_float, of_part, space.rows, part.count, labels + first, part_bounds, is_first,
                           space)
                       : label_list(
                           centroids, part, is_float, space.rows, part.count, labels + first, part_bounds, is_first, space);
      *scored += part.count * k;
    }
    if (sums && !sums->keeps) {
      lockstep_cluster_sums of_part = *sums;
      if (sums->weights) of_part.weights += first;
      add_rows(part, is_float, centroids->shift, labels + first, &of_part, stretch * bytes);
    }
  }
  if (sums && sums->keeps)
    add_touched_rows(rows, is_float, centroids->shift, labels, k, space.is_touched, space.rows, sums);
  return changed;
}
