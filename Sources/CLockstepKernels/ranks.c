// SPDX-License-Identifier: Apache-2.0

#include "CLockstepKernels.h"

#include <string.h>

// One increment at a place that the number decides, for each number: no kind of CPU has more than this.

#define INLINE static inline __attribute__((always_inline))

INLINE double element(const void *values, bool is_float, ptrdiff_t e) {
  return is_float ? (double)((const float *)values)[e] : ((const double *)values)[e];
}

INLINE uint64_t key_of(double x) {
  x += 0.0;  // −0 becomes 0
  int64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return (uint64_t)(bits ^ ((bits >> 63) | INT64_MIN));
}

typedef struct {
  uint64_t *keys;
  int32_t *owners;
  ptrdiff_t count;
} kept_keys;

/// Counts `copies` of a number of column j.
INLINE void count_rank(
  const lockstep_rank_intervals *intervals, ptrdiff_t j, double x, int64_t copies, int64_t *counts, kept_keys *kept) {
  if (x != x) return;
  ptrdiff_t i = intervals->first[j], count = intervals->first[j + 1] - i;
  if (count == 0) return;
  const uint64_t key = key_of(x);
  while (count > 1) {
    const ptrdiff_t half = count / 2;
    i += intervals->highs[i + half - 1] < key ? half : 0;
    count -= half;
  }
  const uint64_t low = intervals->lows[i];
  if (key < low || key > intervals->highs[i]) return;
  if (intervals->places[i] >= 0) {
    counts[intervals->places[i] + (ptrdiff_t)((key - low) >> intervals->shifts[i])] += copies;
    return;
  }
  for (; copies > 0; copies--) {
    kept->keys[kept->count] = key;
    kept->owners[kept->count++] = (int32_t)i;
  }
}

INLINE ptrdiff_t count_rows(
  lockstep_rows rows, bool is_float, lockstep_rank_intervals intervals, int64_t *counts, kept_keys kept) {
  for (ptrdiff_t i = 0; i < rows.count; i++)
    for (ptrdiff_t j = 0; j < rows.column_count; j++)
      count_rank(&intervals, j, element(rows.elements, is_float, i * rows.stride + j), 1, counts, &kept);
  return kept.count;
}

ptrdiff_t lockstep_count_ranks(
  lockstep_rows rows, lockstep_rank_intervals intervals, int64_t *counts, uint64_t *keys, int32_t *owners) {
  const kept_keys kept = {keys, owners, 0};
  return rows.is_float ? count_rows(rows, true, intervals, counts, kept)
                       : count_rows(rows, false, intervals, counts, kept);
}

ptrdiff_t lockstep_count_sparse_ranks(
  lockstep_sparse_rows rows, lockstep_rank_intervals intervals, int64_t *counts, uint64_t *keys, int32_t *owners,
  int64_t *zeros) {
  kept_keys kept = {keys, owners, 0};
  const ptrdiff_t begin = rows.offsets[0], end = rows.offsets[rows.count];
  // What is not stored: all rows, less those that are.
  for (ptrdiff_t j = 0; j < rows.column_count; j++) zeros[j] = rows.count;
  for (ptrdiff_t e = begin; e < end; e++) {
    zeros[rows.columns[e]]--;
    count_rank(&intervals, rows.columns[e], element(rows.values, rows.is_float, e), 1, counts, &kept);
  }
  for (ptrdiff_t j = 0; j < rows.column_count; j++) count_rank(&intervals, j, 0, zeros[j], counts, &kept);
  return kept.count;
}

INLINE void count_bin(const double *edges, ptrdiff_t bin_count, double x, int64_t copies, int64_t *counts) {
  if (x != x) return;
  const double low = edges[0], high = edges[bin_count];
  const double place = (x - low) / (high - low) * (double)bin_count;
  ptrdiff_t bin = place > 0 ? (place < (double)bin_count ? (ptrdiff_t)place : bin_count - 1) : 0;
  // The edges decide; the quotient may have been rounded across one.
  while (bin > 0 && x < edges[bin]) bin--;
  while (bin < bin_count - 1 && x >= edges[bin + 1]) bin++;
  counts[bin] += copies;
}

INLINE void count_bins_of_rows(
  lockstep_rows rows, bool is_float, const double *edges, ptrdiff_t bin_count, int64_t *counts) {
  for (ptrdiff_t i = 0; i < rows.count; i++)
    for (ptrdiff_t j = 0; j < rows.column_count; j++)
      count_bin(
        edges + j * (bin_count + 1), bin_count, element(rows.elements, is_float, i * rows.stride + j), 1,
        counts + j * bin_count);
}

void lockstep_count_bins(lockstep_rows rows, const double *edges, ptrdiff_t bin_count, int64_t *counts) {
  if (rows.is_float) count_bins_of_rows(rows, true, edges, bin_count, counts);
  else count_bins_of_rows(rows, false, edges, bin_count, counts);
}

void lockstep_count_sparse_bins(
  lockstep_sparse_rows rows, const double *edges, ptrdiff_t bin_count, int64_t *counts) {
  // Stored entries are taken from the zeros that all rows would have.
  for (ptrdiff_t j = 0; j < rows.column_count; j++)
    count_bin(edges + j * (bin_count + 1), bin_count, 0, rows.count, counts + j * bin_count);
  for (ptrdiff_t e = rows.offsets[0]; e < rows.offsets[rows.count]; e++) {
    const ptrdiff_t j = rows.columns[e];
    count_bin(edges + j * (bin_count + 1), bin_count, 0, -1, counts + j * bin_count);
    count_bin(
      edges + j * (bin_count + 1), bin_count, element(rows.values, rows.is_float, e), 1, counts + j * bin_count);
  }
}
