// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport

/// A pass whose result shows every change of bracketing: sums of numbers of very different size, with no compensation.
struct ColumnTotals: OnePassEstimator {
  struct Partial: Mergeable {
    var rowCount = 0
    var sums: [Double]
    mutating func merge(_ later: Self) {
      rowCount += later.rowCount
      for j in sums.indices where later.rowCount > 0 { sums[j] += later.sums[j] }
    }
  }
  struct Model: Codable, Sendable, Equatable {
    var rowCount: Int
    var sums: [Double]
  }
  var blockSize = 16
  var refusesNegative = false

  func validate() throws {}
  func makePartial(columnCount: Int) -> Partial { Partial(sums: Array(repeating: 0, count: columnCount)) }
  func blockRowCount(columnCount: Int) -> Int { blockSize }
  func accumulate(_ samples: Samples, into partial: inout Partial) throws {
    partial.rowCount += samples.rowCount
    for i in 0..<samples.rowCount {
      for (j, x) in samples.rows.row(i).enumerated() {
        if refusesNegative, x < 0 {
          throw LockstepError(.notFinite, "\(x) is negative", place: .init(row: samples.firstRow + i, column: j + 1))
        }
        partial.sums[j] += x
      }
    }
  }
  func finalize(_ partial: Partial) throws -> Model {
    guard partial.rowCount > 0 else { throw LockstepError(.tooFewRows, "no rows at all") }
    return Model(rowCount: partial.rowCount, sums: partial.sums)
  }
}

/// Numbers between 10⁻⁸ and 10⁸ whose sum depends on the order of summation.
func unevenTable(rowCount: Int, columnCount: Int, seed: UInt64 = 1) -> Table<Double> {
  var generator = SplitMix64(state: seed)
  let elements = (0..<rowCount * columnCount).map { _ in
    Double.random(in: 1...10, using: &generator) * [1e-8, 1, 1e8][Int.random(in: 0..<3, using: &generator)]
  }
  return Table(DenseRows(elements, columnCount: columnCount))
}
