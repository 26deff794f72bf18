// SPDX-License-Identifier: Apache-2.0
//
// Rows within a distance of each other: a k-d tree, and the sweeps of DBSCAN over it.
//
// The square of the distance of two rows is the sum of the squares of their differences, column by column in order, each operation
// rounded once. Rounding keeps order, so the bounds for boxes, computed in the same way, hold for what is computed of rows, exactly.

#ifndef LOCKSTEP_NEIGHBOUR_KERNELS_H
#define LOCKSTEP_NEIGHBOUR_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The most rows of a leaf.
#define LOCKSTEP_LEAF_ROWS 32

/// What is known of a row.
enum {
  LOCKSTEP_ROW_OWN = 1,      // it is asked for; others are there because they are near
  LOCKSTEP_ROW_CORE = 2,     // the rows near it weigh enough
  LOCKSTEP_ROW_TOUCHED = 4,  // another row is near it
};

/// Rows in a k-d tree. Leaf k has the places from row_count · k / leaf_count on; node 0 is the root, 2i + 1 and 2i + 2 are the children of i,
/// and the leaves are the last nodes.
typedef struct {
  ptrdiff_t row_count;
  ptrdiff_t column_count;
  ptrdiff_t leaf_count;           // a power of two
  ptrdiff_t leaf_width;           // a multiple of eight, not less than the rows of any leaf
  int32_t *_Nonnull order;        // the row at each place
  double *_Nonnull tiles;         // of each leaf, column after column, leaf_width numbers: NaN where there is no row
  double *_Nonnull boxes;         // of each node the least numbers of its rows, then the greatest
  const int64_t *_Nullable weights;  // by row; NULL: each row weighs 1
  int64_t *_Nonnull masses;       // the weight of each node's rows
  uint8_t *_Nonnull states;       // by row
  uint8_t *_Nonnull has_own;      // by node
  uint8_t *_Nonnull has_cores;    // by node
  uint32_t *_Nonnull core_masks;  // by leaf: the places of cores
  int32_t *_Nonnull least_cores;  // by leaf: its lowest core
  uint8_t *_Nonnull is_joined;    // by leaf: whether its cores are known to be connected
  int32_t *_Nonnull parents;      // by row: of a core, an earlier one that is connected with it, or itself; of others, their lowest core or −1
} lockstep_neighbours;

/// Divides a node's places among its children, or fills its leaf; those above it must be done, others of its level need not.
///
/// @return false if there is no memory.
bool lockstep_divide_node(const lockstep_neighbours *_Nonnull tree, const double *_Nonnull rows, ptrdiff_t node);

/// Sums up what is known of the rows of each node; after all are divided, and again after the cores are known.
void lockstep_sum_up_nodes(const lockstep_neighbours *_Nonnull tree);

/// Marks which of the own rows of some leaves are cores: rows within the distance, themselves included, weigh `least` or more.
///
/// `leaves` has room for leaf_count numbers, `point` for column_count.
void lockstep_find_cores(
  const lockstep_neighbours *_Nonnull tree, double square, int64_t least, ptrdiff_t first, ptrdiff_t end,
  int32_t *_Nonnull leaves, double *_Nonnull point);

/// Connects the cores of some leaves with those within the distance; threads may have other leaves at the same time.
void lockstep_link_cores(
  const lockstep_neighbours *_Nonnull tree, double square, ptrdiff_t first, ptrdiff_t end, double *_Nonnull point);

/// Finds the lowest core within the distance of each own row of some leaves that is no core itself.
void lockstep_find_lowest_cores(
  const lockstep_neighbours *_Nonnull tree, double square, ptrdiff_t first, ptrdiff_t end, int32_t *_Nonnull leaves,
  double *_Nonnull point);

/// The lowest core that is connected with a core.
int32_t lockstep_root(const lockstep_neighbours *_Nonnull tree, int32_t core);

#endif
