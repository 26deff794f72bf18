// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// Consecutive rows of an NPY file, with what is wanted of them.
struct NPYWindow: Sendable {
  let file: InputFile
  let layout: NPYLayout
  /// The rows.
  let range: Range<Int>
  /// The columns of each table: those of the rows first, then those of the other tables.
  let tables: [[Int]]
  let label: Int?
  let missing: MissingValuePolicy

  /// The columns that no row that is kept may lack.
  private var needed: [Int] {
    (missing.keepsMissing ? tables.dropFirst() : tables[...]).flatMap { $0 } + [label].compactMap { $0 }
  }

  /// The rows that are kept, counted from the first of the range (`nil`: all), and the number of missing values in each column.
  private func kept(_ rows: NPYRows) -> (rows: [Int]?, missingCounts: [Int]) {
    guard missing != .error else { return (nil, Array(repeating: 0, count: layout.columnCount)) }
    let (complete, counts) = rows.complete(in: needed, counting: missing.keepsMissing ? tables[0] : [])
    return (complete.count == range.count ? nil : complete, counts)
  }

  /// The tables: in memory, or as runs that map or convert the rows each time that they are wanted.
  func loaded<Element: Scalar>(inMemory: Bool) throws -> LoadedRows<Element> {
    let rows = try NPYRows(file, layout: layout, range: range)
    let (kept, counts) = kept(rows)
    let rowCount = kept?.count ?? range.count
    let found = tables.map { columns in
      let run =
        inMemory
        ? RowRun(rows.chosen(columns, of: kept) as DenseRows<Element>)
        : RowRun(rowCount: rowCount) {
          let rows = try NPYRows(file, layout: layout, range: range)
          return rows.chosen(columns, of: self.kept(rows).rows) as DenseRows<Element>
        }
      return FileRows<Element>(runs: [run], columnCount: columns.count, missingCounts: columns.map { counts[$0] })
    }
    var loaded = LoadedRows(
      rows: found[0], extraTables: Array(found.dropFirst()),
      labels: try label.map { try rows.labels($0, of: kept, firstRow: range.lowerBound, file: file.name) },
      skippedRowCount: range.count - rowCount)
    loaded.missing = MissingCount.found(counts, columns: Array(counts.indices), names: nil)
    return loaded
  }
}
