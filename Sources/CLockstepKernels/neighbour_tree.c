// SPDX-License-Identifier: Apache-2.0
//
// Builds the tree, and chooses the level for its sweeps. See LockstepNeighbourKernels.h.

#include "level.h"
#include "neighbour_nodes.h"

#include <math.h>
#include <stdlib.h>

#pragma STDC FP_CONTRACT OFF

typedef struct {
  double number;
  int32_t row;
} keyed_row;

/// Moves the `count` least to the front: Hoare's selection.
static void select_least(keyed_row *rows, ptrdiff_t n, ptrdiff_t count) {
  ptrdiff_t low = 0, high = n - 1;
  while (low < high) {
    const double a = rows[low].number, b = rows[low + (high - low) / 2].number, c = rows[high].number;
    const double pivot = a < b ? (b < c ? b : (a < c ? c : a)) : (a < c ? a : (b < c ? c : b));
    ptrdiff_t i = low, j = high;
    while (i <= j) {
      while (rows[i].number < pivot) i++;
      while (rows[j].number > pivot) j--;
      if (i > j) break;
      const keyed_row other = rows[i];
      rows[i++] = rows[j];
      rows[j--] = other;
    }
    if (count - 1 <= j) high = j;
    else if (count - 1 >= i) low = i;
    else return;
  }
}

bool lockstep_divide_node(const lockstep_neighbours *tree, const double *rows, ptrdiff_t node) {
  const ptrdiff_t p = tree->column_count;
  const leaf_range leaves = leaves_of(tree, node);
  const ptrdiff_t start = place_of(tree, leaves.first), end = place_of(tree, leaves.end);
  double *least = tree->boxes + node * 2 * p, *greatest = least + p;
  for (ptrdiff_t j = 0; j < p; j++) {
    least[j] = INFINITY;
    greatest[j] = -INFINITY;
  }
  for (ptrdiff_t i = start; i < end; i++) {
    const double *row = rows + tree->order[i] * p;
    for (ptrdiff_t j = 0; j < p; j++) {
      least[j] = row[j] < least[j] ? row[j] : least[j];
      greatest[j] = row[j] > greatest[j] ? row[j] : greatest[j];
    }
  }
  if (leaves.end - leaves.first == 1) {
    double *tile = tree->tiles + leaves.first * p * tree->leaf_width;
    for (ptrdiff_t j = 0; j < p; j++)
      for (ptrdiff_t k = 0; k < tree->leaf_width; k++)
        tile[j * tree->leaf_width + k] = start + k < end ? rows[tree->order[start + k] * p + j] : NAN;
    return true;
  }
  if (start == end) return true;
  ptrdiff_t widest = 0;
  for (ptrdiff_t j = 1; j < p; j++)
    if (greatest[j] - least[j] > greatest[widest] - least[widest]) widest = j;
  keyed_row *keyed = malloc((size_t)(end - start) * sizeof *keyed);
  if (!keyed) return false;
  for (ptrdiff_t i = start; i < end; i++)
    keyed[i - start] = (keyed_row){p > 0 ? rows[tree->order[i] * p + widest] : 0, tree->order[i]};
  const ptrdiff_t middle = place_of(tree, (leaves.first + leaves.end) / 2);
  if (middle > start) select_least(keyed, end - start, middle - start);
  for (ptrdiff_t i = start; i < end; i++) tree->order[i] = keyed[i - start].row;
  free(keyed);
  return true;
}

void lockstep_sum_up_nodes(const lockstep_neighbours *tree) {
  for (ptrdiff_t leaf = 0; leaf < tree->leaf_count; leaf++) {
    const ptrdiff_t start = place_of(tree, leaf), end = place_of(tree, leaf + 1), node = node_of(tree, leaf);
    int64_t mass = 0;
    uint32_t cores = 0;
    int32_t lowest = INT32_MAX;
    bool has_own = false;
    for (ptrdiff_t i = start; i < end; i++) {
      const int32_t row = tree->order[i];
      mass += tree->weights ? tree->weights[row] : 1;
      if (tree->states[row] & LOCKSTEP_ROW_OWN) has_own = true;
      if (tree->states[row] & LOCKSTEP_ROW_CORE) {
        cores |= 1u << (i - start);
        if (row < lowest) lowest = row;
      }
    }
    tree->masses[node] = mass;
    tree->has_own[node] = has_own;
    tree->has_cores[node] = cores != 0;
    tree->core_masks[leaf] = cores;
    tree->least_cores[leaf] = lowest;
  }
  for (ptrdiff_t node = tree->leaf_count - 2; node >= 0; node--) {
    const ptrdiff_t left = 2 * node + 1, right = left + 1;
    tree->masses[node] = tree->masses[left] + tree->masses[right];
    tree->has_own[node] = tree->has_own[left] | tree->has_own[right];
    tree->has_cores[node] = tree->has_cores[left] | tree->has_cores[right];
  }
}

int32_t lockstep_root(const lockstep_neighbours *tree, int32_t core) { return root_of(tree, core); }

void lockstep_find_cores(
  const lockstep_neighbours *tree, double square, int64_t least, ptrdiff_t first, ptrdiff_t end, int32_t *leaves,
  double *point) {
  lockstep_current_table()->find_cores(tree, square, least, first, end, leaves, point);
}

void lockstep_link_cores(
  const lockstep_neighbours *tree, double square, ptrdiff_t first, ptrdiff_t end, double *point) {
  lockstep_current_table()->link_cores(tree, square, first, end, point);
}

void lockstep_find_lowest_cores(
  const lockstep_neighbours *tree, double square, ptrdiff_t first, ptrdiff_t end, int32_t *leaves, double *point) {
  lockstep_current_table()->find_lowest_cores(tree, square, first, end, leaves, point);
}
