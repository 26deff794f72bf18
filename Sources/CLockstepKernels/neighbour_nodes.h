// SPDX-License-Identifier: Apache-2.0
//
// The nodes of the tree of LockstepNeighbourKernels.h, and the components of its cores.

#ifndef LOCKSTEP_NEIGHBOUR_NODES_H
#define LOCKSTEP_NEIGHBOUR_NODES_H

#include "LockstepNeighbourKernels.h"

typedef struct {
  ptrdiff_t first, end;
} leaf_range;

static inline ptrdiff_t place_of(const lockstep_neighbours *tree, ptrdiff_t leaf) {
  return tree->row_count * leaf / tree->leaf_count;
}

static inline ptrdiff_t node_of(const lockstep_neighbours *tree, ptrdiff_t leaf) { return tree->leaf_count - 1 + leaf; }

static inline leaf_range leaves_of(const lockstep_neighbours *tree, ptrdiff_t node) {
  // The level has `width` nodes, of which the first is number width − 1.
  const ptrdiff_t width = (ptrdiff_t)1 << (63 - __builtin_clzll((unsigned long long)node + 1));
  const ptrdiff_t leaves = tree->leaf_count / width, first = (node + 1 - width) * leaves;
  return (leaf_range){first, first + leaves};
}

/// The lowest row that is connected with a core, as far as threads have come; shortens the way there.
static inline int32_t root_of(const lockstep_neighbours *tree, int32_t row) {
  int32_t *parents = tree->parents;
  int32_t parent = __atomic_load_n(parents + row, __ATOMIC_RELAXED);
  while (parent != row) {
    const int32_t next = __atomic_load_n(parents + parent, __ATOMIC_RELAXED);
    // Whatever other threads do meanwhile, both stay ancestors, and are lower.
    if (next != parent) __atomic_store_n(parents + row, next, __ATOMIC_RELAXED);
    row = parent;
    parent = next;
  }
  return row;
}

/// Connects two cores: the higher root goes below the lower one, so that roots are the lowest rows, whatever the order.
static inline void connect(const lockstep_neighbours *tree, int32_t a, int32_t b) {
  while (true) {
    a = root_of(tree, a);
    b = root_of(tree, b);
    if (a == b) return;
    int32_t high = a > b ? a : b;
    const int32_t low = a > b ? b : a, expected = high;
    if (__atomic_compare_exchange_n(
          tree->parents + high, &(int32_t){expected}, low, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      return;
  }
}

#endif
