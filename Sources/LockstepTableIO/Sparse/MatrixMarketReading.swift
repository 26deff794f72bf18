// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// The rows of a Matrix Market file, or a share of them: sparse if it lists coordinates, dense if it is an array.
///
/// Entries may come in any order, and each process that shares the file reads all of it and keeps the entries of its own rows.
struct MatrixMarketReading<Element: Scalar>: Sendable {
  /// What was read.
  let loaded: LoadedRows<Element>

  /// Reads a share of the rows.
  ///
  /// - Throws: `LockstepError` with code `.malformedInput` and file and line if the text is not as it should be.
  init(file: InputFile, byteCount: Int, options: ReadOptions, shard: FileShard) throws {
    let header = try MatrixMarketHeader(file, byteCount: byteCount)
    let range = shard.range(of: header.rowCount)
    guard header.isCoordinate else {
      loaded = try Self.array(file, byteCount: byteCount, header: header, range: range, options: options)
      return
    }
    let rows = try Self.coordinates(file, byteCount: byteCount, header: header, range: range, options: options)
    let selection = try SparseSelection(
      options, columnCount: header.columnCount, labelName: nil, file: file.name)
    loaded = try selection.loaded(
      FileRows(sparse: [rows], columnCount: rows.columnCount),
      missing: options.missing.keepsMissing ? Self.missingCounts(rows) : [:], file: file.name)
  }

  private static func failure(_ file: InputFile, _ header: MatrixMarketHeader) -> SparseFailure {
    SparseFailure(
      file: file, isSVMLight: false, is32Bit: Element.self == Float.self,
      limits: "the size of \(header.rowCount) × \(header.columnCount)")
  }

  private static func wrongCount(_ file: InputFile, _ found: String, _ header: MatrixMarketHeader) -> LockstepError {
    LockstepError(
      .malformedInput, "\(found) where the size says \(header.entryCount)",
      remedy: "the file is cut short, or its size is wrong", place: .init(file: file.name))
  }

  /// What `parse` makes of the lines behind the header, piece by piece, on several threads.
  private static func parts<Part: Sendable>(
    _ file: InputFile, byteCount: Int, header: MatrixMarketHeader, options: ReadOptions,
    _ parse: @escaping @Sendable (UnsafeBufferPointer<CChar>, _ offset: Int) throws -> Part
  ) throws -> [Part] {
    var pieces = LinePieces(file: file, byteCount: byteCount, from: header.dataStart)
    pieces.pieceByteCount = options.pieceByteCount
    return try pieces.parse(threadCount: options.usedThreadCount, parse)
  }

  // MARK: Coordinates

  private struct Entries: Sendable {
    var rows: [Int64]
    var columns: [Int32]
    var values: [Element]
    var lineCount: Int
  }

  private static func coordinates(
    _ file: InputFile, byteCount: Int, header: MatrixMarketHeader, range: Range<Int>, options: ReadOptions
  ) throws -> SparseRows<Element> {
    let failure = failure(file, header)
    let parts = try parts(file, byteCount: byteCount, header: header, options: options) { text, offset in
      try entries(
        text, offset, header: header, range: range, keepsMissing: options.missing.keepsMissing, failure: failure)
    }
    let lineCount = parts.reduce(0) { $0 + $1.lineCount }
    guard lineCount == header.entryCount else { throw wrongCount(file, "\(lineCount) entries", header) }

    // By rows, in the order of the file, then by columns.
    var offsets = [Int](repeating: 0, count: range.count + 1)
    for part in parts { for row in part.rows { offsets[Int(row) - range.lowerBound + 1] += 1 } }
    for i in 0..<range.count { offsets[i + 1] += offsets[i] }
    let entryCount = offsets[range.count]
    var columns = [Int32](repeating: 0, count: entryCount)
    var values = [Element](repeating: 0, count: entryCount)
    var next = offsets
    for part in parts {
      for e in part.rows.indices {
        let row = Int(part.rows[e]) - range.lowerBound
        columns[next[row]] = part.columns[e]
        values[next[row]] = part.values[e]
        next[row] += 1
      }
    }
    for i in 0..<range.count {
      let row = offsets[i]..<offsets[i + 1]
      let isSorted = zip(columns[row], columns[row].dropFirst()).allSatisfy { $0 <= $1 }
      if !isSorted {
        let order = row.sorted { columns[$0] < columns[$1] }
        let sorted = order.map { (columns[$0], values[$0]) }
        for (e, entry) in zip(row, sorted) { (columns[e], values[e]) = entry }
      }
      for e in row.dropFirst() where columns[e] == columns[e - 1] {
        throw LockstepError(
          .malformedInput, "the entry in row \(range.lowerBound + i + 1), column \(columns[e] + 1) comes twice",
          remedy: "write each entry once", place: .init(file: file.name))
      }
    }
    return try SparseRows(offsets: offsets, columns: columns, values: values, columnCount: header.columnCount)
  }

  private static func entries(
    _ text: UnsafeBufferPointer<CChar>, _ offset: Int, header: MatrixMarketHeader, range: Range<Int>,
    keepsMissing: Bool,
    failure: SparseFailure
  ) throws -> Entries {
    guard let base = text.baseAddress else { preconditionFailure("a piece of no bytes") }
    let capacity = (lockstep_count_bytes(base, text.count, 0x0A) + 1) * (header.isSymmetric ? 2 : 1)
    var format = LockstepCoordinateFormat(
      rowCount: Int64(header.rowCount), columnCount: Int64(header.columnCount), firstRow: Int64(range.lowerBound),
      endRow: Int64(range.upperBound), isPattern: header.isPattern, isSymmetric: header.isSymmetric,
      isSkew: header.isSkew,
      keepsMissing: keepsMissing)
    var outcome = LockstepSparseOutcome()
    var columns: [Int32] = []
    var values: [Element] = []
    let rows = [Int64](unsafeUninitializedCapacity: capacity) { rows, rowCount in
      values = [Element](unsafeUninitializedCapacity: capacity) { values, valueCount in
        columns = [Int32](unsafeUninitializedCapacity: capacity) { columns, columnCount in
          guard let r = rows.baseAddress, let v = values.baseAddress, let c = columns.baseAddress else { return }
          outcome = lockstep_coordinate_parse(base, text.count, Element.self == Float.self, &format, r, c, v)
          columnCount = outcome.entryCount
        }
        valueCount = outcome.entryCount
      }
      rowCount = outcome.entryCount
    }
    try failure.check(outcome, text, at: offset)
    return Entries(rows: rows, columns: columns, values: values, lineCount: outcome.lineCount)
  }

  private static func missingCounts(_ rows: SparseRows<Element>) -> [Int32: Int] {
    var counts: [Int32: Int] = [:]
    rows.withUnsafeEntries { _, columns, values in
      for e in values.indices where values[e].isNaN { counts[columns[e], default: 0] += 1 }
    }
    return counts
  }

  // MARK: Arrays

  /// The numbers of an array stand column after column.
  private static func array(
    _ file: InputFile, byteCount: Int, header: MatrixMarketHeader, range: Range<Int>, options: ReadOptions
  ) throws -> LoadedRows<Element> {
    let failure = failure(file, header)
    let parts = try parts(file, byteCount: byteCount, header: header, options: options) { text, offset in
      try numbers(text, offset, keepsMissing: options.missing.keepsMissing, failure: failure)
    }
    let count = parts.reduce(0) { $0 + $1.count }
    guard count == header.entryCount else { throw wrongCount(file, "\(count) numbers", header) }
    let p = header.columnCount
    var elements = [Element](repeating: 0, count: range.count * p)
    var (row, column) = (header.isSkew ? 1 : 0, 0)
    for part in parts {
      for value in part {
        if range.contains(row) { elements[(row - range.lowerBound) * p + column] = value }
        if header.isSymmetric, range.contains(column) {
          elements[(column - range.lowerBound) * p + row] = header.isSkew ? -value : value
        }
        row += 1
        if row == header.rowCount {
          column += 1
          row = header.isSymmetric ? column + (header.isSkew ? 1 : 0) : 0
        }
      }
    }
    var unlabelled = options
    unlabelled.label = nil
    let (tables, _) = try ColumnSelection.tables(of: unlabelled, columnCount: p, names: nil, file: file.name)
    let others = tables.dropFirst().joined()
    let kept = range.indices.map { $0 - range.lowerBound }.filter { i in
      !options.missing.keepsMissing || others.allSatisfy { !elements[i * p + $0].isNaN }
    }
    let chosen = tables.map { columns in
      let all = columns == Array(0..<p) && kept.count == range.count
      let picked = all ? elements : kept.flatMap { i in columns.map { elements[i * p + $0] } }
      let missing =
        options.missing.keepsMissing
        ? columns.map { j in
          range.indices.reduce(0) { $0 + (elements[($1 - range.lowerBound) * p + j].isNaN ? 1 : 0) }
        } : nil
      return FileRows(
        [DenseRows(picked, columnCount: columns.count)], columnCount: columns.count, missingCounts: missing)
    }
    var loaded = LoadedRows(
      rows: chosen[0], extraTables: Array(chosen.dropFirst()), skippedRowCount: range.count - kept.count)
    loaded.missing = MissingCount.sums(
      zip(tables, chosen).map { MissingCount.found($1.missingCounts, columns: $0, names: nil) })
    return loaded
  }

  private static func numbers(
    _ text: UnsafeBufferPointer<CChar>, _ offset: Int, keepsMissing: Bool, failure: SparseFailure
  ) throws -> [Element] {
    guard let base = text.baseAddress else { preconditionFailure("a piece of no bytes") }
    var outcome = LockstepSparseOutcome()
    // No more numbers than every other byte can be.
    let capacity = text.count / 2 + 1
    let values = [Element](unsafeUninitializedCapacity: capacity) { values, count in
      guard let v = values.baseAddress else { return }
      outcome = lockstep_numbers_parse(base, text.count, Element.self == Float.self, keepsMissing, capacity, v)
      count = min(outcome.entryCount, capacity)
    }
    try failure.check(outcome, text, at: offset)
    return values
  }
}
