// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// Columns read from one or more files: all their rows, in order, one run for each file.
public struct FileRows<Element: Scalar>: RowSource {
  /// The number of columns.
  public let columnCount: Int
  /// The columns' names, if there is a header.
  public let columnNames: [String]?
  /// The rows, file after file.
  public let runs: [DenseRows<Element>]
  /// The number of missing values found in each column, all of them in rows that were left out.
  public let missingCounts: [Int]

  /// `dense Double` or `dense Float`.
  public var layout: String { "dense \(Element.self)" }
  /// The number of rows.
  public var rowCount: Int { runs.reduce(0) { $0 + $1.rowCount } }

  /// Rows in runs of the same columns.
  ///
  /// - Precondition: all runs have `columnCount` columns.
  public init(
    _ runs: [DenseRows<Element>], columnCount: Int, columnNames: [String]? = nil, missingCounts: [Int]? = nil
  ) {
    precondition(runs.allSatisfy { $0.columnCount == columnCount }, "the runs do not have \(columnCount) columns each")
    self.runs = runs
    self.columnCount = columnCount
    self.columnNames = columnNames
    self.missingCounts = missingCounts ?? Array(repeating: 0, count: columnCount)
  }

  /// Calls `body` with the rows, file after file.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws {
    for run in runs { try body(run) }
  }

  /// The rows as one table: shown as they are if they are one run, copied otherwise.
  public var table: Table<Element> {
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
