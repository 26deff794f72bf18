// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepLinearAlgebra
import LockstepReduction
import LockstepTables

/// How many numbers of each of p columns are there, NaN being those that are not, and their sum.
///
/// The zeros of sparse rows that are not stored are there like others.
///
/// - Method: within a block each column is added up in row order, with the error of each addition beside it (Knuth's two-sum);
///   blocks merge in double-double. So the means of whole numbers below 2⁵³ are exact up to their one division.
/// - Memory: 3p numbers.
package struct PresentSums: Mergeable {
  /// The number of rows.
  package private(set) var rowCount = 0
  private var missingCounts: [Int]
  private var sums: [Double]
  private var errors: [Double]

  /// The summary of no rows.
  package init(columnCount: Int) {
    missingCounts = Array(repeating: 0, count: columnCount)
    sums = Array(repeating: 0, count: columnCount)
    errors = sums
  }

  /// The numbers of each column that are there.
  package var counts: [Int] { missingCounts.map { rowCount - $0 } }

  /// The mean of each column; NaN of no numbers.
  package var means: [Double] {
    zip(counts, zip(sums, errors)).map { count, sum in
      count == 0 ? .nan : Double(DoubleDouble.sum(sum.0, sum.1) / DoubleDouble(Double(count)))
    }
  }

  /// Absorbs the summary of the rows that follow.
  package mutating func merge(_ later: Self) {
    precondition(later.sums.count == sums.count, "sums of \(later.sums.count) and \(sums.count) columns")
    guard later.rowCount > 0 else { return }
    guard rowCount > 0 else {
      self = later
      return
    }
    rowCount += later.rowCount
    for j in sums.indices {
      missingCounts[j] += later.missingCounts[j]
      let total = DoubleDouble(high: sums[j], low: errors[j]) + DoubleDouble(high: later.sums[j], low: later.errors[j])
      // A sum that is infinite has an error that is NaN, and means nothing.
      (sums[j], errors[j]) = (total.high, total.low)
    }
  }

  /// Adds a block of rows, which come after those seen.
  package mutating func observe(_ rows: any RowBlock) {
    var block = PresentSums(columnCount: sums.count)
    block.rowCount = rows.rowCount
    block.withBuffer { rows.addPresent(to: $0) }
    for j in sums.indices {
      let sum = DoubleDouble.sum(block.sums[j], block.errors[j])
      (block.sums[j], block.errors[j]) = (sum.high, sum.low)
    }
    merge(block)
  }

  private mutating func withBuffer(_ body: (PresentSumsBuffer) -> Void) {
    sums.withUnsafeMutableBufferPointer { sums in
      errors.withUnsafeMutableBufferPointer { errors in
        missingCounts.withUnsafeMutableBufferPointer { missing in
          guard let s = sums.baseAddress, let e = errors.baseAddress, let m = missing.baseAddress else { return }
          body(PresentSumsBuffer(sums: s, errors: e, missingCounts: m))
        }
      }
    }
  }
}

/// The sweep that takes the means of the numbers that are there.
package struct PresentMeansPass: Pass {
  /// The counts and means of the columns.
  package struct Output: Codable, Sendable {
    /// The numbers that are there.
    package var counts: [Int]
    /// Their means; NaN where there is none, or the sum is beyond the range of `Double`.
    package var means: [Double]
  }

  /// The sweep; it has no parameters.
  package init() {}

  /// Blocks four times the ordinary size: a block is read once, and needs not stay in the cache.
  package func blockRowCount(columnCount: Int) -> Int { 4 * BlockSize.standard(columnCount: columnCount) }

  /// The summary of no rows.
  package func makePartial(columnCount: Int) -> PresentSums { PresentSums(columnCount: columnCount) }

  /// Adds a block of rows.
  package func accumulate(_ samples: Samples, into partial: inout PresentSums) { partial.observe(samples.rows) }

  /// The counts and means.
  package func finalize(_ partial: PresentSums) -> Output { Output(counts: partial.counts, means: partial.means) }
}
