// SPDX-License-Identifier: Apache-2.0
//
// Which numbers of a column lie where: counts for order statistics and histograms. See CLockstepKernels.h for the rules; included
// there.

#ifndef LOCKSTEP_RANK_KERNELS_H
#define LOCKSTEP_RANK_KERNELS_H

// The key of a double is a whole number without a sign; keys are ordered as the doubles are, and −0 has the key of 0.

/// Disjoint ranges of keys, those of a column together and ascending.
typedef struct {
  /// Where the intervals of each column begin, p + 1 numbers.
  const ptrdiff_t *_Nonnull first;
  /// The least key of each interval.
  const uint64_t *_Nonnull lows;
  /// The greatest key of each interval.
  const uint64_t *_Nonnull highs;
  /// Bucket b of an interval has the keys whose distance from the least one, shifted right so far, is b.
  const int32_t *_Nonnull shifts;
  /// Where the counts of an interval's buckets are; below 0: its keys are kept instead.
  const ptrdiff_t *_Nonnull places;
} lockstep_rank_intervals;

/// Counts the numbers of a block that are in an interval, or keeps their keys and the intervals' numbers; NaN is passed over.
///
/// `keys` and `owners`: room for as many numbers as the block has, or null if no interval keeps its keys. Returns how many were kept.
ptrdiff_t lockstep_count_ranks(
  lockstep_rows rows, lockstep_rank_intervals intervals, int64_t *_Nonnull counts, uint64_t *_Nullable keys,
  int32_t *_Nullable owners);
/// The same of rows of which some entries are stored; the others are 0. `zeros`: room for a number a column.
ptrdiff_t lockstep_count_sparse_ranks(
  lockstep_sparse_rows rows, lockstep_rank_intervals intervals, int64_t *_Nonnull counts, uint64_t *_Nullable keys,
  int32_t *_Nullable owners, int64_t *_Nonnull zeros);

/// Adds how many numbers of each column are in each of its bins; NaN is passed over.
///
/// `edges`: bin_count + 1 ascending numbers a column, evenly spaced but for rounding; bin b has the numbers from edge b on and below the
/// next, the last one's upper edge included. `counts`: bin_count numbers a column. Numbers outside the edges are in the bins at the ends.
void lockstep_count_bins(
  lockstep_rows rows, const double *_Nonnull edges, ptrdiff_t bin_count, int64_t *_Nonnull counts);
/// The same of rows of which some entries are stored; the others are 0.
void lockstep_count_sparse_bins(
  lockstep_sparse_rows rows, const double *_Nonnull edges, ptrdiff_t bin_count, int64_t *_Nonnull counts);

#endif
