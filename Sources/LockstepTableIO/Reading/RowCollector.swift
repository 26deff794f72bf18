// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// Puts what is read piece by piece together: pieces stay in memory as long as the store allows, and later ones are stored in runs of
/// about a window.
struct RowCollector<Element: Scalar> {
  private let store: RowStore?
  private var parts: [LoadedRows<Element>] = []
  private var names: [String] = []
  /// Pieces that wait until they make up a window.
  private var pending: [LoadedRows<Element>] = []
  private var pendingByteCount = 0

  /// A collector of rows that all stay in memory, or only as many as `store` holds.
  init(_ store: RowStore? = nil) { self.store = store }

  /// Takes in rows that follow.
  ///
  /// - Parameters:
  ///   - piece: The rows.
  ///   - name: The file that they come from.
  /// - Throws: `LockstepError`: `.shapeMismatch` if their columns are others than those before; `.outputFailed` if they cannot be
  ///   stored.
  mutating func append(_ piece: LoadedRows<Element>, from name: String) throws {
    if let first = parts.first { try Self.check(piece, of: name, against: first, of: names[0]) }
    guard let store, let byteCount = piece.heldByteCount, pendingByteCount > 0 || !store.holds(byteCount) else {
      try flush()
      parts.append(piece)
      return names.append(name)
    }
    if parts.isEmpty {
      // The columns, for those that follow to be held against.
      parts.append(piece.withoutRuns)
      names.append(name)
    }
    pending.append(piece)
    pendingByteCount += byteCount
    if pendingByteCount >= store.limit.windowByteCount { try flush() }
  }

  private mutating func flush() throws {
    guard let store, let first = pending.first else { return }
    func stored(_ table: (LoadedRows<Element>) -> FileRows<Element>) throws -> FileRows<Element> {
      let tables = pending.map(table)
      let blocks = tables.flatMap(\.runs).compactMap(\.inMemory).filter { $0.rowCount > 0 }
      return table(first).with(
        runs: blocks.isEmpty ? [] : [try store.store(blocks, of: Element.self)],
        missingCounts: tables.map(\.missingCounts).summed)
    }
    parts.append(
      LoadedRows(
        rows: try stored(\.rows),
        extraTables: try first.extraTables.indices.map { t in try stored { $0.extraTables[t] } },
        labels: pending.compactMap(\.labels).joinedLabels,
        skippedRowCount: pending.reduce(0) { $0 + $1.skippedRowCount }
      ).withFacts(of: pending))
    names.append(names[names.count - 1])
    (pending, pendingByteCount) = ([], 0)
  }

  /// All rows taken in, in order; `nil` if there was no piece.
  mutating func finish() throws -> LoadedRows<Element>? {
    try flush()
    guard let first = parts.first, parts.count > 1 else { return parts.first }
    func joined(_ table: (LoadedRows<Element>) -> FileRows<Element>) -> FileRows<Element> {
      let tables = parts.map(table)
      return tables[0].with(
        runs: tables.flatMap(\.runs), columnNames: tables.lazy.compactMap(\.columnNames).first,
        missingCounts: tables.map(\.missingCounts).summed)
    }
    return LoadedRows(
      rows: joined(\.rows), extraTables: first.extraTables.indices.map { t in joined { $0.extraTables[t] } },
      labels: parts.compactMap(\.labels).joinedLabels,
      skippedRowCount: parts.reduce(0) { $0 + $1.skippedRowCount }
    ).withFacts(of: parts)
  }

  private static func check(
    _ piece: LoadedRows<Element>, of name: String, against first: LoadedRows<Element>, of firstName: String
  ) throws {
    for (table, expected) in zip([piece.rows] + piece.extraTables, [first.rows] + first.extraTables) {
      guard table.columnCount == expected.columnCount else {
        throw LockstepError(
          .shapeMismatch,
          "the file has \(table.columnCount) columns, \(firstName) has \(expected.columnCount)",
          remedy: "all files need the same columns; choose them with \(option: .columns)", place: .init(file: name))
      }
      guard table.layout == expected.layout else {
        throw LockstepError(
          .shapeMismatch, "the file has \(table.layout) rows, \(firstName) has \(expected.layout) rows",
          remedy: "give files of one kind", place: .init(file: name))
      }
      if let names = table.columnNames, let expected = expected.columnNames,
        let j = expected.indices.first(where: { expected[$0] != names[$0] })
      {
        throw LockstepError(
          .shapeMismatch, "column \(j) is \"\(names[j])\", in \(firstName) it is \"\(expected[j])\"",
          remedy: "all files need the same columns in the same order; choose them by name with \(option: .columns)",
          place: .init(file: name))
      }
    }
    if let has = piece.hasHeader, let firstHas = first.hasHeader, has != firstHas {
      throw ReadingFacts.headersDiffer(has ? (name, firstName) : (firstName, name))
    }
    guard piece.categoricalPlaces == first.categoricalPlaces else {
      throw LockstepError(
        .shapeMismatch, "the categorical columns have other places than in \(firstName)",
        remedy: "all files need the same columns in the same order; choose them by name with \(option: .columns)",
        place: .init(file: name))
    }
  }
}

extension LoadedRows {
  /// The memory that the rows take; `nil` if they are not in memory.
  fileprivate var heldByteCount: Int? {
    var total = 0
    for run in ([rows] + extraTables).flatMap(\.runs) {
      guard let block = run.inMemory else { return nil }
      if let sparse = block as? SparseRows<Element> {
        let entryCount = sparse.withUnsafeEntries { ends, _, _ in ends[sparse.rowCount] - ends[0] }
        total += entryCount * (MemoryLayout<Element>.stride + 4) + (sparse.rowCount + 1) * 8
      } else {
        total += block.rowCount * block.columnCount * MemoryLayout<Element>.stride
      }
    }
    return total
  }

  /// The columns alone.
  fileprivate var withoutRuns: LoadedRows {
    func empty(_ table: FileRows<Element>) -> FileRows<Element> {
      table.with(runs: [], missingCounts: table.missingCounts.map { _ in 0 })
    }
    var columns = LoadedRows(rows: empty(rows), extraTables: extraTables.map(empty))
    columns.categoricalPlaces = categoricalPlaces
    columns.hasHeader = hasHeader
    return columns
  }
}

extension FileRows {
  /// The same columns with other rows.
  func with(runs: [RowRun], columnNames: [String]? = nil, missingCounts: [Int]) -> FileRows {
    FileRows(
      runs: runs, columnCount: columnCount, isSparse: isSparse, columnNames: columnNames ?? self.columnNames,
      missingCounts: missingCounts)
  }
}

extension [[Int]] {
  /// The sums of the numbers at each place.
  fileprivate var summed: [Int] {
    guard let first else { return [] }
    return first.indices.map { j in reduce(0) { $0 + $1[j] } }
  }
}

extension [RowLabels] {
  /// All labels: whole numbers if all are, else texts.
  fileprivate var joinedLabels: RowLabels? {
    let isText = contains(where: \.isText)
    let same = map { isText ? $0.texts : $0 }
    return same.first?.appending(Array(same.dropFirst()))
  }
}
