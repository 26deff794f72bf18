// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// A small dense row-major matrix of ``DoubleDouble``.
///
/// The two halves are kept apart, so that it travels between ranks as two arrays of doubles.
package struct DoubleDoubleMatrix: Codable, Hashable, Sendable {
  /// The number of rows.
  package let rowCount: Int
  /// The number of columns.
  package let columnCount: Int
  /// The elements rounded to doubles, row after row.
  package var highs: [Double]
  /// What the rounding left out, row after row.
  package var lows: [Double]

  /// A matrix of zeros, `rowCount × columnCount`.
  package init(zeros rowCount: Int, _ columnCount: Int) {
    self.rowCount = rowCount
    self.columnCount = columnCount
    highs = Array(repeating: 0, count: rowCount * columnCount)
    lows = highs
  }

  /// A matrix of normalized halves.
  ///
  /// - Precondition: both have `rowCount * columnCount` elements.
  package init(rowCount: Int, columnCount: Int, highs: [Double], lows: [Double]) {
    precondition(
      highs.count == rowCount * columnCount && lows.count == highs.count,
      "\(highs.count) and \(lows.count) elements do not make a matrix of \(rowCount) × \(columnCount)")
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.highs = highs
    self.lows = lows
  }

  /// A matrix of doubles, exactly.
  package init(_ matrix: Matrix) {
    self.init(
      rowCount: matrix.rowCount, columnCount: matrix.columnCount, highs: matrix.elements,
      lows: Array(repeating: 0, count: matrix.elements.count))
  }

  /// The element in row `i`, column `j`, both from 0.
  package subscript(i: Int, j: Int) -> DoubleDouble {
    get { DoubleDouble(high: highs[i * columnCount + j], low: lows[i * columnCount + j]) }
    set {
      highs[i * columnCount + j] = newValue.high
      lows[i * columnCount + j] = newValue.low
    }
  }

  /// The elements rounded to doubles.
  package var rounded: Matrix { Matrix(rowCount: rowCount, columnCount: columnCount, elements: highs) }
}
