// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// Columns read from one or more files: all their rows, in order, in runs that are in memory or are loaded when needed.
package struct FileRows<Element: Scalar>: RowSource {
  /// The number of columns.
  package let columnCount: Int
  /// The columns' names, if there is a header.
  package let columnNames: [String]?
  /// The rows, file after file, a run or more for each.
  package let runs: [RowRun]
  /// Whether only entries that are not zero are stored.
  package let isSparse: Bool
  /// The number of missing values found in each column, those of rows that were left out included; 0 where a column came to be
  /// several.
  package let missingCounts: [Int]

  /// `dense Double` or `dense Float`, `sparse Double` or `sparse Float`.
  package var layout: String { "\(isSparse ? "sparse" : "dense") \(Element.self)" }
  /// The number of rows.
  package let rowCount: Int

  /// Rows in runs of the same columns and form.
  ///
  /// - Precondition: all runs have `columnCount` columns of `Element`, dense or sparse as `isSparse` says.
  package init(
    runs: [RowRun], columnCount: Int, isSparse: Bool = false, columnNames: [String]? = nil, missingCounts: [Int]? = nil
  ) {
    self.runs = runs
    self.columnCount = columnCount
    self.isSparse = isSparse
    self.columnNames = columnNames
    self.missingCounts = missingCounts ?? Array(repeating: 0, count: isSparse ? 0 : columnCount)
    rowCount = runs.reduce(0) { $0 + $1.rowCount }
  }

  /// Rows in memory, in runs of the same columns.
  ///
  /// - Precondition: all runs have `columnCount` columns.
  package init(
    _ runs: [DenseRows<Element>], columnCount: Int, columnNames: [String]? = nil, missingCounts: [Int]? = nil
  ) {
    precondition(runs.allSatisfy { $0.columnCount == columnCount }, "the runs do not have \(columnCount) columns each")
    self.init(
      runs: runs.map { RowRun($0) }, columnCount: columnCount, columnNames: columnNames, missingCounts: missingCounts)
  }

  /// Sparse rows in memory, in runs of the same columns.
  ///
  /// - Precondition: all runs have `columnCount` columns.
  package init(sparse runs: [SparseRows<Element>], columnCount: Int) {
    precondition(runs.allSatisfy { $0.columnCount == columnCount }, "the runs do not have \(columnCount) columns each")
    self.init(runs: runs.map { RowRun($0) }, columnCount: columnCount, isSparse: true)
  }

  /// Calls `body` with the rows, file after file.
  package func forEachChunk(_ body: (any RowBlock) throws -> Void) throws {
    try runs.forEachBlock(of: 0..<rowCount, body)
  }

  /// Calls `body` with the rows of `range`; others are not loaded into memory.
  package func forEachChunk(of range: Range<Int>, _ body: (any RowBlock) throws -> Void) throws {
    try runs.forEachBlock(of: range, body)
  }

  /// The rows as one dense table in memory: shown as they are if they are one dense run there, copied otherwise.
  ///
  /// Of sparse rows it is a copy with all their zeros.
  ///
  /// - Precondition: rows that a limit of memory has put elsewhere can be brought back; ``inMemory()`` throws if they cannot.
  package var table: Table<Element> {
    do { return try inMemory() } catch { preconditionFailure("\(error)") }
  }

  /// The rows as ``table``, wherever they are.
  ///
  /// - Throws: What bringing them into memory throws.
  package func inMemory() throws -> Table<Element> {
    let blocks = try runs.map { try $0.rows() }
    if blocks.count == 1, let rows = blocks[0] as? DenseRows<Element> { return Table(rows, columnNames: columnNames) }
    let storage = RowStorage<Element>(count: rowCount * columnCount) { buffer in
      var start = 0
      for block in blocks {
        if let rows = block as? DenseRows<Element> {
          rows.withUnsafeElements { _ = buffer[start...].initialize(fromContentsOf: $0) }
          start += rows.rowCount * columnCount
          continue
        }
        for i in 0..<block.rowCount {
          for value in block.row(i) {
            buffer.initializeElement(at: start, to: Element(value))
            start += 1
          }
        }
      }
    }
    return Table(DenseRows(storage, rowCount: rowCount, columnCount: columnCount), columnNames: columnNames)
  }
}
