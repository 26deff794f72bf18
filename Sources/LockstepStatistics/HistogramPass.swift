// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepReduction
import LockstepTables

/// A sweep that counts the numbers of each column in bins of equal width from its least number to its greatest.
///
/// Bin b has the numbers from edge b on and below the next; the last one has its upper edge too, as NumPy's `histogram` has.
package struct HistogramPass: Pass, Codable {
  /// The edges of the bins, p × (bins + 1).
  package let edges: Matrix
  private let rowCount: Int

  /// Bins between the extremes of each column; of equal ones, from half below to half above.
  ///
  /// - Parameters:
  ///   - minimums: The least number of each column; NaN of a column without any.
  ///   - maximums: The greatest.
  ///   - binCount: The number of bins, at least 1.
  ///   - blockRowCount: The blocks that the rows are in already.
  /// - Throws: `LockstepError` with code `.notFinite` if the width of a column is no double.
  package init(minimums: [Double], maximums: [Double], binCount: Int, blockRowCount: Int) throws {
    rowCount = blockRowCount
    var edges = Matrix(zeros: minimums.count, binCount + 1)
    for j in minimums.indices {
      let isConstant = minimums[j] == maximums[j]
      let (low, high) = isConstant ? (minimums[j] - 0.5, maximums[j] + 0.5) : (minimums[j], maximums[j])
      guard high - low < .infinity || high.isNaN else {
        throw LockstepError(
          .notFinite, "the numbers of column \(j + 1) are too far from each other for a histogram",
          remedy: "scale the data down", place: .init(column: j + 1))
      }
      let step = (high - low) / Double(binCount)
      for b in 0..<binCount { edges[j, b] = Double(b) * step + low }
      edges[j, binCount] = high
    }
    self.edges = edges
  }

  /// The counts of some rows.
  package struct Partial: Mergeable {
    var counts: [Int64] = []

    /// Absorbs the counts of other rows.
    package mutating func merge(_ later: Partial) {
      StatisticsMerge.counts(&counts, later: later.counts)
    }
  }

  private var binCount: Int { edges.columnCount - 1 }

  /// The blocks that the rows are in already.
  package func blockRowCount(columnCount: Int) -> Int { rowCount }

  /// The counts of no rows.
  package func makePartial(columnCount: Int) -> Partial { Partial() }

  /// Adds a block of rows.
  package func accumulate(_ samples: Samples, into partial: inout Partial) {
    guard samples.rowCount > 0, samples.columnCount > 0 else { return }
    if partial.counts.isEmpty { partial.counts = Array(repeating: 0, count: edges.rowCount * binCount) }
    partial.counts.withUnsafeMutableBufferPointer { counts in
      edges.elements.withUnsafeBufferPointer { edges in
        guard let counts = counts.baseAddress, let edges = edges.baseAddress else { return }
        samples.rows.countBins(edges: edges, binCount: binCount, counts: counts)
      }
    }
  }

  /// The counts, p × bins.
  package func finalize(_ partial: Partial) -> Matrix {
    Matrix(
      rowCount: edges.rowCount, columnCount: binCount,
      elements: partial.counts.isEmpty
        ? Array(repeating: 0, count: edges.rowCount * binCount) : partial.counts.map(Double.init))
  }
}
