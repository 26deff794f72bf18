// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepTables

/// Weight, extremes, mean and sum of squares about the mean of each of p columns.
///
/// With weights wᵢ, W = Σ wᵢ: mean m = Σ wᵢxᵢ / W and M = Σ wᵢ (xᵢ − m)². A weight counts a row that often: weight 2 is the row
/// repeated, weight 0 leaves it out.
///
/// - Method: within a block about the mean of a few of its rows; blocks merge pairwise (Chan, Golub & LeVeque 1979; Pébay 2008):
///   δ = m_b − m_a, m = m_a + δ W_b/W, M = M_a + M_b + δ² W_a W_b / W.
/// - Accuracy: means, squares and weights are held in double-double, so merging costs nothing; within a block, relative errors
///   of M are a few units of rounding, whatever the mean.
/// - Memory: 6p numbers.
public struct ColumnMoments: ColumnWidening {
  /// The number of columns, p.
  package let columnCount: Int
  /// The number of rows, those of weight 0 included.
  package private(set) var rowCount = 0
  /// The sum of the weights; the number of rows where there are none.
  package private(set) var weight = DoubleDouble.zero
  /// Six runs of p numbers, as ``StatisticsKernels`` makes them; none while the weight is 0.
  private var moments: [Double] = []

  /// The summary of no rows.
  package init(columnCount: Int) { self.columnCount = columnCount }

  /// Adds a block of rows, which come after those seen.
  ///
  /// - Throws: ``LockstepError`` with code `.notFinite` at the first number that is NaN or infinite.
  package mutating func observe(_ samples: Samples) throws {
    precondition(samples.columnCount == columnCount, "\(samples.columnCount) columns in moments of \(columnCount)")
    guard samples.rowCount > 0 else { return }
    var block = ColumnMoments(columnCount: columnCount)
    block.rowCount = samples.rowCount
    try samples.withCheckedWeights { weights in
      var sum = PairedSum(0, 0)
      let moments = [Double](unsafeUninitializedCapacity: 6 * columnCount) { buffer, count in
        if let first = buffer.baseAddress { sum = samples.rows.columnMoments(weights: weights, into: first) }
        count = 6 * columnCount
      }
      // A NaN or an infinity in a column is one in its sum of squares.
      if !moments.suffix(2 * columnCount).allSatisfy(\.isFinite) { try samples.requireFinite(responses: false) }
      block.weight = DoubleDouble(high: sum.high, low: sum.low)
      try TotalWeight.requireFinite(block.weight)
      if sum.high > 0 { block.moments = moments }
    }
    merge(block)
  }

  /// Absorbs the summary of the rows that follow.
  public mutating func merge(_ later: Self) {
    precondition(later.columnCount == columnCount, "moments of \(later.columnCount) and \(columnCount) columns")
    rowCount += later.rowCount
    guard !later.moments.isEmpty else { return }
    guard !moments.isEmpty else {
      (weight, moments) = (later.weight, later.moments)
      return
    }
    StatisticsMerge.moments(
      &moments, weight: (weight.high, weight.low), later: later.moments,
      laterWeight: (later.weight.high, later.weight.low),
      columnCount: columnCount)
    weight += later.weight
  }

  /// Whether there are 6p numbers, or none while the weight is 0.
  public var isWellFormed: Bool {
    SummaryLimit.rowCounts.contains(rowCount) && SummaryLimit.columnCounts.contains(columnCount)
      && moments.count == (weight.high > 0 ? 6 * columnCount : 0) && (weight.high > 0 || weight.high == 0)
      && (columnCount > 0 || weight.high == 0)
  }

  /// Whether the numbers of columns are the same.
  public func canMerge(_ later: Self) -> Bool { later.columnCount == columnCount }

  /// The summary of the same rows among more columns, of which the others are 0.
  public func widened(to columnCount: Int, places: [Int]) throws -> ColumnMoments {
    try requireWidening(of: self.columnCount, to: columnCount, places)
    var wide = ColumnMoments(columnCount: columnCount)
    (wide.rowCount, wide.weight) = (rowCount, weight)
    guard !moments.isEmpty else { return wide }
    wide.moments = Array(repeating: 0, count: 6 * columnCount)
    for run in 0..<6 {
      for (j, place) in places.enumerated() {
        wide.moments[run * columnCount + place] = moments[run * self.columnCount + j]
      }
    }
    return wide
  }

  private func run(_ index: Int) -> [Double] {
    moments.isEmpty
      ? Array(repeating: .nan, count: columnCount) : Array(moments[index * columnCount..<(index + 1) * columnCount])
  }
  private func pairs(_ index: Int) -> [DoubleDouble] {
    zip(run(index), run(index + 1)).map { DoubleDouble(high: $0, low: $1) }
  }

  /// The least number of each column; NaN of no rows, as the others are.
  package var minimums: [Double] { run(0) }
  /// The greatest number of each column.
  package var maximums: [Double] { run(1) }
  /// The mean of each column.
  package var means: [DoubleDouble] { pairs(2) }
  /// Σ w (x − mean)² of each column; infinite where it exceeds the range of `Double`.
  package var centredSquares: [DoubleDouble] {
    pairs(4).map { $0.high.isNaN && !moments.isEmpty ? DoubleDouble(.infinity) : $0 }
  }
}
