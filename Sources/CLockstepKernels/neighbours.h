// SPDX-License-Identifier: Apache-2.0
//
// The sweeps of DBSCAN over a k-d tree. See LockstepNeighbourKernels.h. No sum here is fused or reordered: bounds hold for what is
// computed, not only for what is exact.

#include "neighbour_nodes.h"

#define TREE_DEPTH 64

typedef bool b8 __attribute__((ext_vector_type(8)));

/// Not more than the square of the distance of any two rows of two boxes; what is above `limit` may be less than it should be.
INLINE double least_square(const double *a, const double *b, ptrdiff_t p, double limit) {
  double sum = 0;
  for (ptrdiff_t j = 0; j < p && sum <= limit; j++) {
    const double below = b[j] - a[p + j], above = a[j] - b[p + j], gap = below > above ? below : above;
    if (gap > 0) sum += gap * gap;
  }
  return sum;
}

/// Not less than the square of the distance of any two rows of two boxes; what is above `limit` may be less than it should be.
INLINE double greatest_square(const double *a, const double *b, ptrdiff_t p, double limit) {
  double sum = 0;
  for (ptrdiff_t j = 0; j < p && sum <= limit; j++) {
    const double up = b[p + j] - a[j], down = a[p + j] - b[j], reach = up > down ? up : down;
    sum += reach * reach;
  }
  return sum;
}

/// Not more than the square of the distance of a point to any row of a box.
INLINE double least_square_of_point(const double *point, const double *box, ptrdiff_t p, double limit) {
  double sum = 0;
  for (ptrdiff_t j = 0; j < p && sum <= limit; j++) {
    const double below = box[j] - point[j], above = point[j] - box[p + j], gap = below > above ? below : above;
    if (gap > 0) sum += gap * gap;
  }
  return sum;
}

INLINE const double *box_of(const lockstep_neighbours *tree, ptrdiff_t node) {
  return tree->boxes + node * 2 * tree->column_count;
}

/// The places of a leaf whose rows are within the distance of a point.
INLINE uint32_t near_places(const lockstep_neighbours *tree, ptrdiff_t leaf, const double *point, double square) {
  const ptrdiff_t p = tree->column_count, width = tree->leaf_width;
  const double *tile = tree->tiles + leaf * p * width;
  uint32_t near = 0;
  for (ptrdiff_t k = 0; k < width; k += 8) {
    d8 sum = (d8)0.0;
    for (ptrdiff_t start = 0; start < p; start += 8) {
      const ptrdiff_t end = start + 8 < p ? start + 8 : p;
      for (ptrdiff_t j = start; j < end; j++) {
        const d8 difference = *(const d8u *)(tile + j * width + k) - point[j];
        sum += difference * difference;
      }
      // More columns only add to it.
      if (end < p && !__builtin_reduce_or((i8)(sum <= (d8)square))) break;
    }
    const b8 is_near = __builtin_convertvector((i8)(sum <= (d8)square), b8);
    uint8_t bits;
    memcpy(&bits, &is_near, 1);
    near |= (uint32_t)bits << k;
  }
  return near;
}

INLINE void load_point(const lockstep_neighbours *tree, ptrdiff_t leaf, int place, double *point) {
  const ptrdiff_t p = tree->column_count, width = tree->leaf_width;
  for (ptrdiff_t j = 0; j < p; j++) point[j] = tree->tiles[(leaf * p + j) * width + place];
}

INLINE int64_t mass_of_places(const lockstep_neighbours *tree, ptrdiff_t leaf, uint32_t places) {
  if (!tree->weights) return __builtin_popcount(places);
  int64_t mass = 0;
  const int32_t *order = tree->order + place_of(tree, leaf);
  for (; places; places &= places - 1) mass += tree->weights[order[__builtin_ctz(places)]];
  return mass;
}

/// The own rows of a leaf with some of the bits of `wanted` in their states, and none of `unwanted`.
INLINE uint32_t places_of(const lockstep_neighbours *tree, ptrdiff_t leaf, uint8_t wanted, uint8_t unwanted) {
  const ptrdiff_t start = place_of(tree, leaf), end = place_of(tree, leaf + 1);
  uint32_t places = 0;
  for (ptrdiff_t i = start; i < end; i++) {
    const uint8_t state = tree->states[tree->order[i]];
    if ((state & wanted) == wanted && !(state & unwanted)) places |= 1u << (i - start);
  }
  return places;
}

static void find_cores(
  const lockstep_neighbours *tree, double square, int64_t least, ptrdiff_t first, ptrdiff_t end, int32_t *leaves,
  double *point) {
  const ptrdiff_t p = tree->column_count;
  for (ptrdiff_t leaf = first; leaf < end; leaf++) {
    const uint32_t wanted = places_of(tree, leaf, LOCKSTEP_ROW_OWN, 0);
    if (!wanted) continue;
    const int32_t *order = tree->order + place_of(tree, leaf);
    const ptrdiff_t own_node = node_of(tree, leaf);
    const double *own_box = box_of(tree, own_node);
    // What is near all rows of the leaf, and the leaves of which some rows may be near some; the leaf itself first.
    int64_t sure = 0;
    bool has_others = false;
    ptrdiff_t count = 0;
    int32_t stack[2 * TREE_DEPTH];
    int depth = 0;
    stack[depth++] = 0;
    while (depth > 0 && sure < least) {
      const ptrdiff_t node = stack[--depth];
      const double *box = box_of(tree, node);
      if (least_square(own_box, box, p, square) > square) continue;
      if (greatest_square(own_box, box, p, square) <= square) {
        const leaf_range range = leaves_of(tree, node);
        sure += tree->masses[node];
        has_others |= node != own_node || place_of(tree, range.end) - place_of(tree, range.first) > 1;
      } else if (node >= tree->leaf_count - 1) {
        leaves[count++] = (int32_t)(node - tree->leaf_count + 1);
        if (node == own_node) {
          leaves[count - 1] = leaves[0];
          leaves[0] = (int32_t)leaf;
        }
      } else {
        stack[depth++] = (int32_t)(2 * node + 2);
        stack[depth++] = (int32_t)(2 * node + 1);
      }
    }
    for (uint32_t left = wanted; left; left &= left - 1) {
      const int place = __builtin_ctz(left);
      int64_t mass = sure;
      bool is_touched = has_others;
      if (mass < least) load_point(tree, leaf, place, point);
      for (ptrdiff_t i = 0; i < count && mass < least; i++) {
        const ptrdiff_t other = leaves[i];
        if (other != leaf && least_square_of_point(point, box_of(tree, node_of(tree, other)), p, square) > square) continue;
        const uint32_t near = near_places(tree, other, point, square);
        mass += mass_of_places(tree, other, near);
        is_touched |= (other == leaf ? near & ~(1u << place) : near) != 0;
      }
      uint8_t *state = tree->states + order[place];
      *state = (uint8_t)(
        (*state & ~(LOCKSTEP_ROW_CORE | LOCKSTEP_ROW_TOUCHED)) | (mass >= least ? LOCKSTEP_ROW_CORE : 0)
        | (is_touched ? LOCKSTEP_ROW_TOUCHED : 0));
    }
  }
}

INLINE int32_t first_core(const lockstep_neighbours *tree, ptrdiff_t leaf) {
  return tree->order[place_of(tree, leaf) + __builtin_ctz(tree->core_masks[leaf])];
}

/// Whether all cores of a leaf are connected; once they are, they stay so.
INLINE bool joined(const lockstep_neighbours *tree, ptrdiff_t leaf) {
  if (__atomic_load_n(tree->is_joined + leaf, __ATOMIC_RELAXED)) return true;
  const int32_t *order = tree->order + place_of(tree, leaf);
  uint32_t cores = tree->core_masks[leaf];
  const int32_t root = root_of(tree, order[__builtin_ctz(cores)]);
  for (cores &= cores - 1; cores; cores &= cores - 1)
    if (root_of(tree, order[__builtin_ctz(cores)]) != root) return false;
  __atomic_store_n(tree->is_joined + leaf, 1, __ATOMIC_RELAXED);
  return true;
}

/// Connects all cores of two leaves, of which all are near each other.
static void connect_all(const lockstep_neighbours *tree, ptrdiff_t a, ptrdiff_t b) {
  const int32_t first = first_core(tree, a);
  const int32_t *order_a = tree->order + place_of(tree, a), *order_b = tree->order + place_of(tree, b);
  for (uint32_t cores = tree->core_masks[a]; cores; cores &= cores - 1)
    connect(tree, first, order_a[__builtin_ctz(cores)]);
  for (uint32_t cores = tree->core_masks[b]; cores; cores &= cores - 1)
    connect(tree, first, order_b[__builtin_ctz(cores)]);
}

static void link_leaves(
  const lockstep_neighbours *tree, ptrdiff_t a, ptrdiff_t b, double square, double *point) {
  const ptrdiff_t p = tree->column_count;
  const double *box = box_of(tree, node_of(tree, b));
  const int32_t *order_a = tree->order + place_of(tree, a), *order_b = tree->order + place_of(tree, b);
  bool is_joined_a = a != b && joined(tree, a), is_joined_b = a != b && joined(tree, b);
  if (is_joined_a && is_joined_b && root_of(tree, first_core(tree, a)) == root_of(tree, first_core(tree, b))) return;
  if (greatest_square(box_of(tree, node_of(tree, a)), box, p, square) <= square) return connect_all(tree, a, b);
  for (uint32_t cores = tree->core_masks[a]; cores; cores &= cores - 1) {
    const int place = __builtin_ctz(cores);
    const int32_t row = order_a[place];
    if (is_joined_b && root_of(tree, row) == root_of(tree, first_core(tree, b))) continue;
    load_point(tree, a, place, point);
    if (a != b && least_square_of_point(point, box, p, square) > square) continue;
    uint32_t near = near_places(tree, b, point, square) & tree->core_masks[b];
    if (!near) continue;
    if (is_joined_b) near &= -near;  // one connects with all
    for (; near; near &= near - 1) connect(tree, row, order_b[__builtin_ctz(near)]);
    if (is_joined_a && is_joined_b) return;
    if (a != b) is_joined_b = joined(tree, b);
  }
}

static void link_cores(
  const lockstep_neighbours *tree, double square, ptrdiff_t first, ptrdiff_t end, double *point) {
  const ptrdiff_t p = tree->column_count;
  for (ptrdiff_t leaf = first; leaf < end; leaf++) {
    if (!tree->core_masks[leaf]) continue;
    link_leaves(tree, leaf, leaf, square, point);
    const double *own_box = box_of(tree, node_of(tree, leaf));
    const bool has_own = tree->has_own[node_of(tree, leaf)];
    int32_t stack[2 * TREE_DEPTH];
    int depth = 0;
    stack[depth++] = 0;
    while (depth > 0) {
      const ptrdiff_t node = stack[--depth];
      // A pair of leaves is the earlier one's; pairs without an own row are other ranks'.
      if (!tree->has_cores[node] || !(has_own || tree->has_own[node]) || leaves_of(tree, node).end <= leaf + 1) continue;
      if (least_square(own_box, box_of(tree, node), p, square) > square) continue;
      if (node >= tree->leaf_count - 1) {
        link_leaves(tree, leaf, node - tree->leaf_count + 1, square, point);
      } else {
        stack[depth++] = (int32_t)(2 * node + 2);
        stack[depth++] = (int32_t)(2 * node + 1);
      }
    }
  }
}

static void find_lowest_cores(
  const lockstep_neighbours *tree, double square, ptrdiff_t first, ptrdiff_t end, int32_t *leaves, double *point) {
  const ptrdiff_t p = tree->column_count;
  for (ptrdiff_t leaf = first; leaf < end; leaf++) {
    const int32_t *order = tree->order + place_of(tree, leaf);
    for (uint32_t left = places_of(tree, leaf, LOCKSTEP_ROW_OWN, LOCKSTEP_ROW_CORE); left; left &= left - 1)
      tree->parents[order[__builtin_ctz(left)]] = -1;
    const uint32_t wanted = places_of(tree, leaf, LOCKSTEP_ROW_OWN | LOCKSTEP_ROW_TOUCHED, LOCKSTEP_ROW_CORE);
    if (!wanted) continue;
    const double *own_box = box_of(tree, node_of(tree, leaf));
    ptrdiff_t count = 0;
    int32_t stack[2 * TREE_DEPTH];
    int depth = 0;
    stack[depth++] = 0;
    while (depth > 0) {
      const ptrdiff_t node = stack[--depth];
      if (!tree->has_cores[node] || least_square(own_box, box_of(tree, node), p, square) > square) continue;
      if (node >= tree->leaf_count - 1) {
        leaves[count++] = (int32_t)(node - tree->leaf_count + 1);
      } else {
        stack[depth++] = (int32_t)(2 * node + 2);
        stack[depth++] = (int32_t)(2 * node + 1);
      }
    }
    for (uint32_t left = wanted; left; left &= left - 1) {
      const int place = __builtin_ctz(left);
      int32_t lowest = INT32_MAX;
      load_point(tree, leaf, place, point);
      for (ptrdiff_t i = 0; i < count; i++) {
        const ptrdiff_t other = leaves[i];
        if (tree->least_cores[other] >= lowest) continue;
        if (least_square_of_point(point, box_of(tree, node_of(tree, other)), p, square) > square) continue;
        const int32_t *others = tree->order + place_of(tree, other);
        for (uint32_t near = near_places(tree, other, point, square) & tree->core_masks[other]; near; near &= near - 1) {
          const int32_t row = others[__builtin_ctz(near)];
          if (row < lowest) lowest = row;
        }
      }
      if (lowest < INT32_MAX) tree->parents[order[place]] = lowest;
    }
  }
}
