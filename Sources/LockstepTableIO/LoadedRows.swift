// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// What this process has read of the data: the rows, the columns that were wanted apart, and what was left out.
public struct LoadedRows<Element: Scalar>: RowSource {
  /// The rows, of the columns chosen.
  public let rows: FileRows<Element>
  /// The columns wanted apart, in the order of ``CSVOptions/columnsApart``, with the same number of rows.
  public let apart: [FileRows<Element>]
  /// The label of each row, if a column of labels was chosen.
  public let labels: RowLabels?
  /// `dense Double` or `dense Float`, `sparse Double` or `sparse Float`.
  public var layout: String { rows.layout }
  /// The number of rows left out because a value is missing.
  public let skippedRowCount: Int

  /// The number of columns.
  public var columnCount: Int { rows.columnCount }
  /// The columns' names, if there is a header.
  public var columnNames: [String]? { rows.columnNames }
  /// The number of rows.
  public var rowCount: Int { rows.rowCount }
  /// The rows as one dense table: shown as they are if they come from one file, copied otherwise or if they are sparse.
  ///
  /// - Precondition: they were read without a limit of memory.
  public var table: Table<Element> { rows.table }

  /// Creates it from its parts.
  public init(
    rows: FileRows<Element>, apart: [FileRows<Element>] = [], labels: RowLabels? = nil, skippedRowCount: Int = 0
  ) {
    self.rows = rows
    self.apart = apart
    self.labels = labels
    self.skippedRowCount = skippedRowCount
  }

  /// The same rows with their labels as whole numbers, or as texts.
  ///
  /// Labels that are not all whole numbers stay texts. Processes that share data must agree on one of the two:
  /// `ExecutionContext.read` does.
  public func withLabels(asWholeNumbers: Bool) -> LoadedRows {
    LoadedRows(
      rows: rows, apart: apart, labels: labels.map { (asWholeNumbers ? $0.wholeNumbers : nil) ?? $0.texts },
      skippedRowCount: skippedRowCount)
  }

  /// Calls `body` with the rows, file after file.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws { try rows.forEachChunk(body) }

  /// Calls `body` with the rows of `range`; others are not brought into memory.
  public func forEachChunk(of range: Range<Int>, _ body: (any RowBlock) throws -> Void) throws {
    try rows.forEachChunk(of: range, body)
  }
}

extension LoadedRows {
  init(_ part: CSVPart<Element>, plan: CSVPlan) {
    var tables: [FileRows<Element>] = []
    var start = 0
    for (t, rows) in part.tables.enumerated() {
      let end = start + rows.columnCount
      tables.append(
        FileRows(
          [rows], columnCount: rows.columnCount, columnNames: plan.names(t),
          missingCounts: Array(part.missingCounts[start..<end])))
      start = end
    }
    self.init(
      rows: tables[0], apart: Array(tables.dropFirst()), labels: part.labels, skippedRowCount: part.skippedRowCount)
  }
}
