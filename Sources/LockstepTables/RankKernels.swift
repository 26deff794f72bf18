// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

/// What quantiles and histograms ask of a block of n rows and p columns.
public protocol RankKernels {
  /// Counts the numbers that are in an interval, or keeps their keys; NaN is passed over.
  ///
  /// - Parameters:
  ///   - intervals: At least one interval, of as many columns.
  ///   - counts: The counts of all buckets, which are added to.
  ///   - kept: Where keys go.
  /// - Returns: The number of keys kept.
  func countRanks(in intervals: RankIntervals, counts: UnsafeMutablePointer<Int64>, kept: KeptKeysBuffer) -> Int

  /// Adds how many numbers of each column are in each of its bins; NaN is passed over.
  ///
  /// - Parameters:
  ///   - edges: `binCount` + 1 ascending numbers a column.
  ///   - binCount: The number of bins, at least 1.
  ///   - counts: `binCount` numbers a column, which are added to.
  func countBins(edges: UnsafePointer<Double>, binCount: Int, counts: UnsafeMutablePointer<Int64>)
}

extension DenseRows {
  /// Counts the numbers that are in an interval, or keeps their keys.
  public func countRanks(
    in intervals: RankIntervals, counts: UnsafeMutablePointer<Int64>, kept: KeptKeysBuffer
  ) -> Int { withKernelRows { $0.countRanks(in: intervals, counts: counts, kept: kept) } }

  /// Adds how many numbers of each column are in each of its bins.
  public func countBins(edges: UnsafePointer<Double>, binCount: Int, counts: UnsafeMutablePointer<Int64>) {
    withKernelRows { $0.countBins(edges: edges, binCount: binCount, counts: counts) }
  }
}

extension SparseRows {
  /// Counts the numbers that are in an interval, or keeps their keys.
  public func countRanks(
    in intervals: RankIntervals, counts: UnsafeMutablePointer<Int64>, kept: KeptKeysBuffer
  ) -> Int { withKernelRows { $0.countRanks(in: intervals, counts: counts, kept: kept) } }

  /// Adds how many numbers of each column are in each of its bins.
  public func countBins(edges: UnsafePointer<Double>, binCount: Int, counts: UnsafeMutablePointer<Int64>) {
    withKernelRows { $0.countBins(edges: edges, binCount: binCount, counts: counts) }
  }
}

extension SupervisedRows {
  /// The features' kernel.
  package func countRanks(
    in intervals: RankIntervals, counts: UnsafeMutablePointer<Int64>, kept: KeptKeysBuffer
  ) -> Int { features.countRanks(in: intervals, counts: counts, kept: kept) }

  /// The features' kernel.
  package func countBins(edges: UnsafePointer<Double>, binCount: Int, counts: UnsafeMutablePointer<Int64>) {
    features.countBins(edges: edges, binCount: binCount, counts: counts)
  }
}
