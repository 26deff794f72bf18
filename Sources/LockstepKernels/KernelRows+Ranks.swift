// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

/// Disjoint ranges of the keys of doubles, those of a column together and ascending: see `LockstepRankKernels.h`.
public struct RankIntervals: Codable, Sendable {
  /// Where the intervals of each column begin, p + 1 numbers.
  package let first: [Int]
  /// The least key of each interval.
  package let lows: [UInt64]
  /// The greatest key of each interval.
  package let highs: [UInt64]
  /// How far the distance from the least key is shifted right to give the bucket.
  package let shifts: [Int32]
  /// Where the counts of an interval's buckets are; below 0: its keys are kept instead.
  package let places: [Int]

  /// Intervals of p columns.
  package init(first: [Int], lows: [UInt64], highs: [UInt64], shifts: [Int32], places: [Int]) {
    precondition(
      first.last == lows.count && highs.count == lows.count && shifts.count == lows.count && places.count == lows.count,
      "intervals of \(lows.count), \(highs.count), \(shifts.count) and \(places.count) parts")
    (self.first, self.lows, self.highs, self.shifts, self.places) = (first, lows, highs, shifts, places)
  }

  /// Whether some interval keeps its keys.
  package var keepsKeys: Bool { places.contains { $0 < 0 } }

  fileprivate func withView<R>(_ columnCount: Int, _ body: (lockstep_rank_intervals) -> R) -> R {
    precondition(first.count == columnCount + 1, "intervals of \(first.count - 1) columns, rows of \(columnCount)")
    return first.withUnsafeBufferPointer { first in
      lows.withUnsafeBufferPointer { lows in
        highs.withUnsafeBufferPointer { highs in
          shifts.withUnsafeBufferPointer { shifts in
            places.withUnsafeBufferPointer { places in
              guard let f = first.baseAddress, let l = lows.baseAddress, let h = highs.baseAddress,
                let s = shifts.baseAddress, let p = places.baseAddress
              else { preconditionFailure("no intervals") }
              return body(lockstep_rank_intervals(first: f, lows: l, highs: h, shifts: s, places: p))
            }
          }
        }
      }
    }
  }
}

/// Where the keys go that are kept: room for as many as there are numbers, or none if no interval keeps its keys.
public struct KeptKeysBuffer {
  let keys: UnsafeMutablePointer<UInt64>?
  let owners: UnsafeMutablePointer<Int32>?

  /// Room for keys and for the numbers of their intervals.
  package init(keys: UnsafeMutablePointer<UInt64>?, owners: UnsafeMutablePointer<Int32>?) {
    self.keys = keys
    self.owners = owners
  }
}

extension KernelRows {
  /// Counts the numbers that are in an interval, or keeps their keys; NaN is passed over.
  ///
  /// - Parameters:
  ///   - intervals: At least one interval, of as many columns.
  ///   - counts: The counts of all buckets, which are added to.
  ///   - kept: Where keys go.
  /// - Returns: The number of keys kept.
  public func countRanks(
    in intervals: RankIntervals, counts: UnsafeMutablePointer<Int64>, kept: KeptKeysBuffer
  ) -> Int {
    intervals.withView(columnCount) { lockstep_count_ranks(view, $0, counts, kept.keys, kept.owners) }
  }

  /// Adds how many numbers of each column are in each of its bins; NaN is passed over.
  ///
  /// - Parameters:
  ///   - edges: `binCount` + 1 ascending numbers a column.
  ///   - binCount: The number of bins, at least 1.
  ///   - counts: `binCount` numbers a column, which are added to.
  public func countBins(
    edges: UnsafePointer<Double>, binCount: Int, counts: UnsafeMutablePointer<Int64>
  ) { lockstep_count_bins(view, edges, binCount, counts) }
}

extension KernelSparseRows {
  /// Counts the numbers that are in an interval, as ``KernelRows/countRanks(in:counts:kept:)`` does.
  package func countRanks(
    in intervals: RankIntervals, counts: UnsafeMutablePointer<Int64>, kept: KeptKeysBuffer
  ) -> Int {
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: max(columnCount, 1)) { zeros in
      guard let first = zeros.baseAddress else { preconditionFailure("no memory") }
      return intervals.withView(columnCount) {
        lockstep_count_sparse_ranks(view, $0, counts, kept.keys, kept.owners, first)
      }
    }
  }

  /// Adds how many numbers of each column are in each of its bins, as ``KernelRows/countBins(edges:binCount:counts:)`` does.
  package func countBins(edges: UnsafePointer<Double>, binCount: Int, counts: UnsafeMutablePointer<Int64>) {
    lockstep_count_sparse_bins(view, edges, binCount, counts)
  }
}
