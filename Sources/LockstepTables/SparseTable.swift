// SPDX-License-Identifier: Apache-2.0

/// Sparse rows in memory, with names for their columns if they have any.
///
/// ```swift
/// let table = try SparseTable(offsets: [0, 1, 3], columns: [1, 0, 2], values: [5, 1, 2], columnCount: 3)
/// ```
public struct SparseTable<Element: Scalar>: RowSource {
  /// The rows.
  public let rows: SparseRows<Element>
  /// The names of the columns, if there are any.
  public let columnNames: [String]?

  /// The number of rows.
  public var rowCount: Int { rows.rowCount }
  /// The number of columns.
  public var columnCount: Int { rows.columnCount }
  /// `sparse Double` or `sparse Float`.
  public var layout: String { rows.layout }

  /// A table that shows `rows`.
  ///
  /// - Precondition: there is a name for each column, or none at all.
  public init(_ rows: SparseRows<Element>, columnNames: [String]? = nil) {
    precondition(
      columnNames.map { $0.count == rows.columnCount } ?? true,
      "\(columnNames?.count ?? 0) names for \(rows.columnCount) columns")
    self.rows = rows
    self.columnNames = columnNames
  }

  /// A table of compressed sparse rows, as ``SparseRows/init(offsets:columns:values:columnCount:)`` takes them.
  ///
  /// - Throws: `LockstepError` with code `.malformedInput` and the row if the parts do not fit together.
  public init(offsets: [Int], columns: [Int32], values: [Element], columnCount: Int) throws {
    self.init(try SparseRows(offsets: offsets, columns: columns, values: values, columnCount: columnCount))
  }

  /// Calls `body` once, with all rows.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws { try body(rows) }
}
