// SPDX-License-Identifier: Apache-2.0

/// Rows in memory, with names for their columns if they have any: a small data frame.
///
/// ```swift
/// let table = Table(rows: [[1, 2], [3, 4]])
/// let named = Table(columns: ["height": heights, "weight": weights])
/// let shown = Table(borrowing: buffer, columnCount: 50)            // no copy
/// ```
public struct Table<Element: Scalar>: RowSource {
  /// The rows.
  public let rows: DenseRows<Element>
  /// The names of the columns, if there are any.
  public let columnNames: [String]?

  /// The number of rows.
  public var rowCount: Int { rows.rowCount }
  /// The number of columns.
  public var columnCount: Int { rows.columnCount }
  /// `dense Double` or `dense Float`.
  public var layout: String { rows.layout }

  /// A table that shows `rows`.
  ///
  /// - Precondition: there is a name for each column, or none at all.
  public init(_ rows: DenseRows<Element>, columnNames: [String]? = nil) {
    precondition(
      columnNames.map { $0.count == rows.columnCount } ?? true,
      "\(columnNames?.count ?? 0) names for \(rows.columnCount) columns")
    self.rows = rows
    self.columnNames = columnNames
  }

  /// A copy of nested arrays.
  ///
  /// - Precondition: all rows have the same length.
  public init(rows: [[Element]]) {
    let columnCount = rows.first?.count ?? 0
    for (i, row) in rows.enumerated() {
      precondition(row.count == columnCount, "row \(i) has \(row.count) numbers, row 0 has \(columnCount)")
    }
    self.init(DenseRows(Array(rows.joined()), columnCount: columnCount))
  }

  /// A copy of named columns, in the order written.
  ///
  /// - Precondition: all columns have the same length.
  public init(columns: KeyValuePairs<String, [Element]>) {
    let rowCount = columns.first?.value.count ?? 0
    for (name, column) in columns {
      precondition(column.count == rowCount, "column \"\(name)\" has \(column.count) numbers, not \(rowCount)")
    }
    let storage = RowStorage<Element>(count: rowCount * columns.count) { buffer in
      for (j, column) in columns.enumerated() {
        for i in 0..<rowCount { buffer.initializeElement(at: i * columns.count + j, to: column.value[i]) }
      }
    }
    self.init(
      DenseRows(storage, rowCount: rowCount, columnCount: columns.count), columnNames: columns.map(\.key))
  }

  /// Row-major numbers that the caller keeps unchanged for as long as the table lives.
  ///
  /// No copy is made.
  public init(
    borrowing elements: UnsafeBufferPointer<Element>, columnCount: Int, columnNames: [String]? = nil,
    owner: (any AnyObject & Sendable)? = nil
  ) {
    precondition(
      columnCount > 0 ? elements.count % columnCount == 0 : elements.isEmpty,
      "\(elements.count) numbers do not make rows of \(columnCount)")
    self.init(
      DenseRows(
        RowStorage(borrowing: elements, owner: owner), rowCount: columnCount > 0 ? elements.count / columnCount : 0,
        columnCount: columnCount), columnNames: columnNames)
  }

  /// Calls `body` once, with all rows.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws { try body(rows) }
}
