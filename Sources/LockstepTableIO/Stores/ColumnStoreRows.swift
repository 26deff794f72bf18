// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables
import Synchronization

/// What a user wants of a ``ColumnStore``, to be read range after range.
struct ColumnStoreRows<Element: Scalar>: Sendable {
  private(set) var store: any ColumnStore
  private let tables: [[Int]]
  private let label: Int?
  private let missing: MissingValuePolicy
  private let threadCount: Int
  /// What a user may want to know of the choice of columns.
  private let notes: [String]
  /// The places of the categorical columns among those of the rows, and the table of their texts.
  private let categoricalPlaces: [Int]
  private let categories: CategoryTable?

  /// Finds the columns that the options choose.
  ///
  /// - Throws: `LockstepError`: `.usage` if a column does not exist; `.malformedInput` if one that is to hold numbers does not.
  init(_ store: any ColumnStore, options: ReadOptions, categories: CategoryTable? = nil) throws {
    self.store = store
    (tables, label) = try ColumnSelection.tables(
      of: options, columnCount: store.columnCount, names: store.columnNames, file: store.name)
    notes = ColumnSelection.notes(on: options, columnCount: store.columnCount, names: store.columnNames)
    missing = options.missing
    threadCount = options.usedThreadCount
    let places = try options.categoricalPlaces(
      of: tables[0], columnCount: store.columnCount, names: store.columnNames, file: store.name)
    categoricalPlaces = places
    self.categories = categories
    categories?.prepare(columnCount: places.count)
    let texts = places.map { [tables] in tables[0][$0] }
    try store.requireNumbers(in: tables.joined().filter { !texts.contains($0) })
  }

  /// The rows of a range of the store's.
  ///
  /// - Throws: `LockstepError`: `.malformedInput` for damaged data; `.outOfMemory`.
  func rows(_ range: Range<Int>) throws -> LoadedRows<Element> {
    precondition(range.lowerBound >= 0 && range.upperBound <= store.rowCount, "rows \(range) of \(store.rowCount)")
    let stored = try requiredLabels(of: range)
    if missing != .skipRow, tables.count == 1, categoricalPlaces.isEmpty,
      let shown = try store.shown(tables[0], of: range, as: Element.self),
      missing == .error || stored?.missing.isEmpty ?? true && !shown.contains(where: { RowEncoder.hasNaN($0) })
    {
      return LoadedRows(rows: files(shown, table: 0, missingCounts: nil), labels: stored?.labels)
    }
    let matrices = try matricesWithCategories(of: range)
    guard missing != .error else {
      let found = matrices.map { [$0.finish(rowCount: range.count)] }
      return loaded(found.enumerated().map { files($1, table: $0, missingCounts: nil) }, labels: stored?.labels)
    }
    return complete(matrices, rowCount: range.count, stored)
  }

  /// The rows of a range, of which no more than `limit` holds stay in memory if there is one.
  ///
  /// Others are fetched from the store each time that they are wanted if that is cheap, and otherwise kept in a scratch file.
  func rows(_ range: Range<Int>, within limit: RowStore?) throws -> LoadedRows<Element> {
    guard let limit, !range.isEmpty else { return try rows(range) }
    let rowByteCount = tables.joined().count * MemoryLayout<Element>.stride
    let step = max(1, limit.limit.windowByteCount / rowByteCount)
    let windows = stride(from: range.lowerBound, to: range.upperBound, by: step).map {
      $0..<min($0 + step, range.upperBound)
    }
    guard store.isCheap, missing == .error, categoricalPlaces.isEmpty else {
      var collector = RowCollector<Element>(limit)
      var ordered = self
      ordered.store = store.inOrder(range)
      for window in windows { try collector.append(try ordered.rows(window), from: store.name) }
      return try collector.finish() ?? rows(range)
    }
    let (byteCount, isTooLong) = range.count.multipliedReportingOverflow(by: rowByteCount)
    if !isTooLong, limit.holds(byteCount) { return try rows(range) }
    let labels = try requiredLabels(of: range)?.labels
    let found = tables.indices.map { t in
      let runs = windows.map { window in
        RowRun(rowCount: window.count) { try matrices([tables[t]], of: window)[0].finish(rowCount: window.count) }
      }
      return FileRows<Element>(runs: runs, columnCount: tables[t].count, columnNames: columnNames(t))
    }
    return loaded(found, labels: labels)
  }

  /// The labels, which must be there unless rows without one are left out.
  private func requiredLabels(of range: Range<Int>) throws -> StoredLabels? {
    guard let label else { return nil }
    defer { store.release() }
    let stored = try store.labels(label, of: range)
    try requireValues(stored, column: label, firstRow: range.lowerBound)
    return stored
  }

  /// Throws if a text is missing, unless rows without one are left out, or means stand for what is missing.
  private func requireValues(_ stored: StoredLabels, column: Int, firstRow: Int) throws {
    guard missing == .error, let first = stored.missing.first else { return }
    throw LockstepError(
      .malformedInput, column == label ? "the label is missing" : "the value is missing",
      remedy: "fill it in, or pass \(option: .missing, "skip-row") to leave such rows out",
      place: store.place(row: firstRow + first, column: column))
  }

  /// All tables of the rows, with the codes of their texts in categorical columns.
  private func matricesWithCategories(of range: Range<Int>) throws -> [MatrixReservation<Element>] {
    guard let categories, !categoricalPlaces.isEmpty else { return try matrices(tables, of: range) }
    let places = tables[0].indices.filter { !categoricalPlaces.contains($0) }
    let plain = try matrices([places.map { tables[0][$0] }] + tables.dropFirst(), of: range)
    let (rows, claim) = try matrix(range.count, columnCount: tables[0].count)
    defer { withExtendedLifetime(claim) {} }
    for i in 0..<range.count {
      for (n, place) in places.enumerated() { rows.row(i)[place] = plain[0].row(i)[n] }
    }
    for (k, place) in categoricalPlaces.enumerated() {
      let column = tables[0][place]
      let stored = try store.labels(column, of: range)
      try requireValues(stored, column: column, firstRow: range.lowerBound)
      let codes = try categories.codes(
        of: stored.labels, missing: stored.missing, column: k,
        place: store.place(row: range.lowerBound, column: column))
      for (i, code) in codes.enumerated() { rows.row(i)[place] = Element(code) }
    }
    return [rows] + plain.dropFirst()
  }

  /// Room for a table, claimed until it is filled.
  private func matrix(
    _ rowCount: Int, columnCount: Int
  ) throws -> (matrix: MatrixReservation<Element>, claim: MemoryClaim) {
    let (count, isTooLong) = rowCount.multipliedReportingOverflow(by: columnCount)
    let (byteCount, isLonger) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !isTooLong, !isLonger, let claim = MemoryClaim(byteCount),
      let matrix = MatrixReservation<Element>(capacity: rowCount, columnCount: columnCount)
    else {
      throw LockstepError(
        .outOfMemory, "there is no memory for \(rowCount) rows of \(columnCount) numbers",
        remedy: "choose fewer columns with \(option: .columns), or read with more processes",
        place: .init(file: store.name))
    }
    return (matrix, claim)
  }

  /// Some tables of the rows, copied on several threads if there is enough of them.
  private func matrices(_ tables: [[Int]], of range: Range<Int>) throws -> [MatrixReservation<Element>] {
    let claimed = try tables.map { try matrix(range.count, columnCount: $0.count) }
    defer { withExtendedLifetime(claimed) {} }
    let matrices = claimed.map(\.matrix)
    guard tables.contains(where: { !$0.isEmpty }) else { return matrices }
    let pieces = store.pieces(of: range)
    let next = Atomic<Int>(0)
    let failure = Mutex<(piece: Int, error: any Error)?>(nil)
    WorkerThreads.run(min(threadCount, pieces.count)) { [store] _ in
      while case let i = next.add(1, ordering: .relaxed).oldValue, i < pieces.count {
        let targets = zip(tables, matrices).map { columns, matrix in
          ColumnTarget(
            columns: columns, address: UnsafeMutableRawPointer(matrix.row(pieces[i].lowerBound - range.lowerBound)))
        }
        defer { store.release() }
        do { try store.copy(pieces[i], to: targets, isSingle: Element.self == Float.self) } catch {
          failure.withLock { if $0.map({ i < $0.piece }) ?? true { $0 = (i, error) } }
          return
        }
      }
    }
    if let found = failure.withLock({ $0 }) { throw found.error }
    return matrices
  }

  /// The rows without a missing value, but for features where means are to stand for those.
  private func complete(
    _ matrices: [MatrixReservation<Element>], rowCount: Int, _ stored: StoredLabels?
  ) -> LoadedRows<Element> {
    var isIncomplete = [UInt8](repeating: 0, count: rowCount)
    for row in stored?.missing ?? [] { isIncomplete[row] = 1 }
    var skippedRowCount = stored?.missing.count ?? 0
    let counts = matrices.enumerated().map { t, matrix in
      var counts = [UInt64](repeating: 0, count: matrix.columnCount)
      guard t > 0 || !missing.keepsMissing else {
        var isOfNoMatter = [UInt8](repeating: 0, count: rowCount)
        _ = lockstep_rows_missing(
          matrix.row(0), Int64(rowCount), Int64(matrix.columnCount), Element.self == Float.self, &counts, &isOfNoMatter)
        // There is no mean of categories.
        for place in categoricalPlaces where counts[place] > 0 {
          for i in 0..<rowCount where isIncomplete[i] == 0 && matrix.row(i)[place].isNaN {
            isIncomplete[i] = 1
            skippedRowCount += 1
          }
        }
        return counts.map { Int($0) }
      }
      skippedRowCount += Int(
        lockstep_rows_missing(
          matrix.row(0), Int64(rowCount), Int64(matrix.columnCount), Element.self == Float.self, &counts, &isIncomplete)
      )
      return counts.map { Int($0) }
    }
    if skippedRowCount > 0 {
      for matrix in matrices {
        _ = lockstep_rows_keep(
          matrix.row(0), Int64(rowCount), matrix.columnCount * MemoryLayout<Element>.stride, isIncomplete)
      }
    }
    let found = matrices.enumerated().map { t, matrix in
      files([matrix.finish(rowCount: rowCount - skippedRowCount)], table: t, missingCounts: counts[t])
    }
    let labels = stored.map { stored in
      skippedRowCount == 0
        ? stored.labels : RowLabels((0..<rowCount).lazy.filter { isIncomplete[$0] == 0 }.map { stored.labels[$0] })
    }
    var all = loaded(found, labels: labels, skippedRowCount: skippedRowCount)
    all.missing = MissingCount.found(
      counts.flatMap { $0 } + [stored?.missing.count ?? 0], columns: tables.flatMap { $0 } + [label ?? 0],
      names: store.columnNames)
    return all
  }

  private func loaded(
    _ tables: [FileRows<Element>], labels: RowLabels?, skippedRowCount: Int = 0
  ) -> LoadedRows<Element> {
    var loaded = LoadedRows(
      rows: tables[0], extraTables: Array(tables.dropFirst()), labels: labels, skippedRowCount: skippedRowCount)
    loaded.codedTexts = categoricalPlaces.isEmpty ? [] : categories?.texts ?? []
    loaded.categoricalPlaces = categoricalPlaces
    loaded.notes = notes
    return loaded
  }

  private func files(_ runs: [DenseRows<Element>], table: Int, missingCounts: [Int]?) -> FileRows<Element> {
    FileRows(
      runs, columnCount: tables[table].count, columnNames: columnNames(table), missingCounts: missingCounts)
  }

  private func columnNames(_ table: Int) -> [String]? {
    store.columnNames.map { names in tables[table].map { names[$0] } }
  }
}
