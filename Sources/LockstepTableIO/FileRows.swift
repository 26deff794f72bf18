// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// Columns read from one or more files: all their rows, in order, one run for each file.
public struct FileRows<Element: Scalar>: RowSource {
  /// The number of columns.
  public let columnCount: Int
  /// The columns' names, if there is a header.
  public let columnNames: [String]?
  /// The rows, file after file; none if they are sparse.
  public let runs: [DenseRows<Element>]
  /// The rows, file after file, if they are sparse; `nil` if they are dense.
  public let sparseRuns: [SparseRows<Element>]?
  /// The number of missing values found in each column, all of them in rows that were left out.
  public let missingCounts: [Int]

  /// `dense Double` or `dense Float`, `sparse Double` or `sparse Float`.
  public var layout: String { "\(sparseRuns == nil ? "dense" : "sparse") \(Element.self)" }
  /// The rows, file after file, however they are stored.
  public var blocks: [any RowBlock] { sparseRuns ?? runs }
  /// The number of rows.
  public var rowCount: Int { blocks.reduce(0) { $0 + $1.rowCount } }

  /// Rows in runs of the same columns.
  ///
  /// - Precondition: all runs have `columnCount` columns.
  public init(
    _ runs: [DenseRows<Element>], columnCount: Int, columnNames: [String]? = nil, missingCounts: [Int]? = nil
  ) {
    precondition(runs.allSatisfy { $0.columnCount == columnCount }, "the runs do not have \(columnCount) columns each")
    self.runs = runs
    sparseRuns = nil
    self.columnCount = columnCount
    self.columnNames = columnNames
    self.missingCounts = missingCounts ?? Array(repeating: 0, count: columnCount)
  }

  /// Sparse rows in runs of the same columns.
  ///
  /// - Precondition: all runs have `columnCount` columns.
  public init(sparse runs: [SparseRows<Element>], columnCount: Int) {
    precondition(runs.allSatisfy { $0.columnCount == columnCount }, "the runs do not have \(columnCount) columns each")
    self.runs = []
    sparseRuns = runs
    self.columnCount = columnCount
    columnNames = nil
    missingCounts = []
  }

  /// Calls `body` with the rows, file after file.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws {
    for block in blocks { try body(block) }
  }

  /// The rows as one dense table: shown as they are if they are one dense run, copied otherwise.
  ///
  /// Of sparse rows it is a copy with all their zeros.
  public var table: Table<Element> {
    if let sparseRuns {
      let elements = sparseRuns.flatMap { run in (0..<run.rowCount).flatMap { run.row($0).map { Element($0) } } }
      return Table(DenseRows(elements, columnCount: columnCount))
    }
    if runs.count == 1 { return Table(runs[0], columnNames: columnNames) }
    let storage = RowStorage<Element>(count: rowCount * columnCount) { buffer in
      var start = 0
      for run in runs {
        run.withUnsafeElements { elements in
          _ = buffer[start...].initialize(fromContentsOf: elements)
          start += elements.count
        }
      }
    }
    return Table(DenseRows(storage, rowCount: rowCount, columnCount: columnCount), columnNames: columnNames)
  }
}
