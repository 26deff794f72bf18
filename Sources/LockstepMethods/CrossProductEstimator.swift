// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// A method that is made of a ``CrossProduct`` in one sweep.
public protocol CrossProductEstimator: OnePassEstimator where Partial == CrossProduct {
  /// How sums are kept.
  var precision: CrossProduct.Precision { get }
  /// Whether the responses join the features.
  static var includesResponses: Bool { get }
}

extension CrossProductEstimator {
  /// The summary of no rows.
  public func makePartial(columnCount: Int) -> CrossProduct { CrossProduct() }

  /// The ordinary block, or 2,048 rows if those are more: what a block costs beside its rows is then a hundredth.
  public func blockRowCount(columnCount: Int) -> Int { max(2048, BlockSize.standard(columnCount: columnCount)) }

  /// Adds a block of rows.
  public func accumulate(_ samples: Samples, into partial: inout CrossProduct) throws {
    if Self.includesResponses, samples.responses == nil {
      throw LockstepError(
        .usage, "the rows have no responses", remedy: "give the columns that are to be explained as responses")
    }
    try SquareMemory.require(columnCount: samples.columnCount)
    try partial.observe(samples, includingResponses: Self.includesResponses, precision: precision)
  }
}

extension CrossProduct {
  /// Throws ``LockstepError`` with code `.tooFewRows` if there is no row, or none of a weight above 0.
  ///
  /// Code `.notFinite` if the weights, or the squares of a column, have left the range of doubles; if something is divided by
  /// the squares, at either end.
  func requireRows(for purpose: String, dividesBySquares: Bool = false) throws {
    try TotalWeight.requireFinite(weight)
    guard weight.high > 0 else {
      throw LockstepError(
        .tooFewRows, rowCount == 0 ? "\(purpose) of no rows" : "\(purpose) of rows that all have the weight 0")
    }
    for j in 0..<columnCount {
      let (mean, square) = (abs(mean(j).high), self[j, j].high)
      let isTooLarge = !(mean < .infinity && square < .infinity)
      guard isTooLarge || dividesBySquares && mean > 0 && mean < 0x1p-430 && square < 0x1p-900 else { continue }
      let name = j < featureCount ? "column \(j + 1)" : "response \(j - featureCount + 1)"
      throw LockstepError(
        .notFinite, "the squares of \(name) are too \(isTooLarge ? "large" : "small") for a double",
        remedy: isTooLarge ? "scale the data down" : "scale the data up",
        place: j < featureCount ? .init(column: j + 1) : nil)
    }
  }
}

extension RowBlock {
  /// Throws ``LockstepError`` with code `.shapeMismatch` unless the rows have the columns of a model.
  func requireColumns(_ expected: Int) throws {
    guard columnCount == expected || rowCount == 0 else {
      throw LockstepError(
        .shapeMismatch, "rows of \(columnCount) columns for a model of \(expected)",
        remedy: "give the columns that the model was fitted to, in the same order")
    }
  }
}
