// SPDX-License-Identifier: Apache-2.0

/// A dense row-major matrix of `Double`: the results and the summaries, never the data.
public struct Matrix: Codable, Hashable, Sendable {
  /// The number of rows.
  public let rowCount: Int
  /// The number of columns.
  public let columnCount: Int
  /// The elements, row after row.
  public var elements: [Double]

  /// A matrix of zeros, `rowCount × columnCount`.
  public init(zeros rowCount: Int, _ columnCount: Int) {
    self.init(
      rowCount: rowCount, columnCount: columnCount, elements: Array(repeating: 0, count: rowCount * columnCount))
  }

  /// A matrix of the given elements, row after row.
  ///
  /// - Precondition: `elements.count == rowCount * columnCount`.
  public init(rowCount: Int, columnCount: Int, elements: [Double]) {
    precondition(
      elements.count == rowCount * columnCount,
      "\(elements.count) elements do not make a matrix of \(rowCount) × \(columnCount)")
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.elements = elements
  }

  /// A matrix of the given rows.
  ///
  /// - Precondition: all rows have the same length.
  public init(rows: [[Double]]) {
    let columnCount = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == columnCount }, "the rows of a matrix have one length")
    self.init(rowCount: rows.count, columnCount: columnCount, elements: Array(rows.joined()))
  }

  /// The element in row `i`, column `j`, both from 0.
  public subscript(i: Int, j: Int) -> Double {
    get { elements[i * columnCount + j] }
    set { elements[i * columnCount + j] = newValue }
  }

  /// Row `i`, from 0.
  public func row(_ i: Int) -> ArraySlice<Double> { elements[i * columnCount..<(i + 1) * columnCount] }

  /// The rows as nested arrays.
  public var rows: [[Double]] { (0..<rowCount).map { Array(row($0)) } }

  /// The median of each column, the lower one of two; zeros for a matrix without rows.
  public var columnMedians: [Double] {
    guard rowCount > 0 else { return Array(repeating: 0, count: columnCount) }
    return (0..<columnCount).map { j in (0..<rowCount).map { self[$0, j] }.sorted()[(rowCount - 1) / 2] }
  }
}
