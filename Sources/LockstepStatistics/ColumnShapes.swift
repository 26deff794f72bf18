// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepTables

/// What ``ColumnMoments`` knows of each of p columns, and the third and fourth powers about the mean, the zeros, and the weight of the
/// numbers that are there.
///
/// With weights wᵢ, each Σ is Σ wᵢ …: W of the numbers that are there, m = Σ x / W, M = Σ (x − m)², Σ (x − m)³, Σ (x − m)⁴.
///
/// - Method: within a block about its own mean; blocks merge pairwise (Pébay 2008). All sums are held in double-double.
/// - Accuracy: that of ``ColumnMoments``, whose numbers it gives to the bit where none is missing; sums of powers within a block have
///   relative errors of a few units of rounding of the sum of their magnitudes.
/// - Memory: 13p numbers.
package struct ColumnShapes: ColumnWidening {
  private static let runCount = 13

  /// The number of columns, p.
  package let columnCount: Int
  /// Whether numbers that are NaN are left out, each column for itself.
  package let skipsMissing: Bool
  /// The number of rows, those of weight 0 included.
  package private(set) var rowCount = 0
  /// The sum of the weights of all rows; the number of rows where there are none.
  package private(set) var weight = DoubleDouble.zero
  /// Thirteen runs of p numbers, as ``StatisticsKernels`` makes them; none while the weight is 0.
  private var shapes: [Double] = []

  /// The summary of no rows.
  package init(columnCount: Int, skipsMissing: Bool) {
    self.columnCount = columnCount
    self.skipsMissing = skipsMissing
  }

  /// Adds a block of rows, which come after those seen.
  ///
  /// - Throws: ``LockstepError`` with code `.notFinite` at the first number that is infinite, or NaN where those are not left out.
  package mutating func observe(_ samples: Samples) throws {
    precondition(samples.columnCount == columnCount, "\(samples.columnCount) columns in moments of \(columnCount)")
    guard samples.rowCount > 0 else { return }
    var block = ColumnShapes(columnCount: columnCount, skipsMissing: skipsMissing)
    block.rowCount = samples.rowCount
    try samples.withCheckedWeights { weights in
      var sum = PairedSum(0, 0)
      let count = Self.runCount * columnCount
      let shapes = [Double](unsafeUninitializedCapacity: count) { buffer, written in
        if let first = buffer.baseAddress {
          sum = samples.rows.columnShapes(weights: weights, skipsMissing: skipsMissing, into: first)
        }
        written = count
      }
      if !shapes[4 * columnCount..<6 * columnCount].allSatisfy(\.isFinite) {
        try samples.requireFinite(responses: false, exceptMissing: skipsMissing)
      }
      block.weight = DoubleDouble(high: sum.high, low: sum.low)
      try TotalWeight.requireFinite(block.weight)
      if sum.high > 0 { block.shapes = shapes }
    }
    merge(block)
  }

  /// Absorbs the summary of the rows that follow.
  package mutating func merge(_ later: Self) {
    precondition(later.columnCount == columnCount, "moments of \(later.columnCount) and \(columnCount) columns")
    rowCount += later.rowCount
    guard !later.shapes.isEmpty else { return }
    guard !shapes.isEmpty else {
      (weight, shapes) = (later.weight, later.shapes)
      return
    }
    StatisticsMerge.shapes(&shapes, later: later.shapes, columnCount: columnCount)
    weight += later.weight
  }

  /// Whether there are 13p numbers, or none while the weight is 0, and no weight is negative.
  package var isWellFormed: Bool {
    SummaryLimit.rowCounts.contains(rowCount) && SummaryLimit.columnCounts.contains(columnCount)
      && shapes.count == (weight.high > 0 ? Self.runCount * columnCount : 0)
      && (weight.high > 0 || weight.high == 0) && run(10).allSatisfy { $0 >= 0 }
  }

  /// Whether the numbers of columns are the same, and both leave out what is missing or neither does.
  package func canMerge(_ later: Self) -> Bool {
    later.columnCount == columnCount && later.skipsMissing == skipsMissing
  }

  /// The summary of the same rows among more columns, of which the others are 0.
  package func widened(to columnCount: Int, places: [Int]) throws -> ColumnShapes {
    try requireWidening(of: self.columnCount, to: columnCount, places)
    var wide = ColumnShapes(columnCount: columnCount, skipsMissing: skipsMissing)
    (wide.rowCount, wide.weight) = (rowCount, weight)
    guard !shapes.isEmpty else { return wide }
    wide.shapes = Array(repeating: 0, count: Self.runCount * columnCount)
    for j in 0..<columnCount {
      wide.shapes[10 * columnCount + j] = weight.high
      wide.shapes[11 * columnCount + j] = weight.low
      wide.shapes[12 * columnCount + j] = weight.high
    }
    for run in 0..<Self.runCount {
      for (j, place) in places.enumerated() {
        wide.shapes[run * columnCount + place] = shapes[run * self.columnCount + j]
      }
    }
    return wide
  }

  private func run(_ index: Int) -> [Double] {
    shapes.isEmpty
      ? Array(repeating: 0, count: columnCount) : Array(shapes[index * columnCount..<(index + 1) * columnCount])
  }
  private func pairs(_ index: Int) -> [DoubleDouble] {
    zip(run(index), run(index + 1)).map { DoubleDouble(high: $0, low: $1) }
  }
  /// The numbers of columns that have any, and NaN of the others.
  private func known<T>(_ values: [T], _ unknown: T) -> [T] {
    zip(weights, values).map { $0.high > 0 ? $1 : unknown }
  }

  /// The weight of the numbers of each column that are there.
  package var weights: [DoubleDouble] { pairs(10) }
  /// The weight of the zeros of each column.
  package var zeroWeights: [Double] { run(12) }
  /// The least number of each column; NaN of no numbers, as the others are.
  package var minimums: [Double] { known(run(0), .nan) }
  /// The greatest number of each column.
  package var maximums: [Double] { known(run(1), .nan) }
  /// The mean of each column.
  package var means: [DoubleDouble] { known(pairs(2), DoubleDouble(.nan)) }
  /// Σ w (x − mean)² of each column; infinite where it exceeds the range of `Double`.
  package var centredSquares: [DoubleDouble] {
    known(pairs(4).map { $0.high.isNaN ? DoubleDouble(.infinity) : $0 }, DoubleDouble(.nan))
  }
  /// √W Σ (x − m)³ / M^1.5 of each column: Fisher's g₁.
  ///
  /// NaN of a constant column, and where fourth powers about the mean leave the range of `Double`.
  package var skewness: [Double] {
    zip(spreads, pairs(6)).map { spread, cubes in
      spread.map { Double(cubes / $0.square * ($0.weight / $0.square).squareRoot()) } ?? .nan
    }
  }
  /// W Σ (x − m)⁴ / M² − 3 of each column: Fisher's g₂, 0 of a normal distribution; NaN where ``skewness`` is.
  package var excessKurtosis: [Double] {
    zip(spreads, pairs(8)).map { spread, fours in
      spread.map { Double(fours / $0.square * ($0.weight / $0.square) - DoubleDouble(3)) } ?? .nan
    }
  }

  /// Weight and squares of each column whose shape can be told.
  private var spreads: [(weight: DoubleDouble, square: DoubleDouble)?] {
    let fours = run(8)
    return zip(weights, pairs(4)).enumerated().map { j, column in
      let (weight, square) = column
      // Numbers that denormals have rounded say nothing of the shape.
      guard weight.high > 0, square.high > 0, fours[j] > 0x1p-900, fours[j] < .infinity else { return nil }
      return (weight, square)
    }
  }
}
