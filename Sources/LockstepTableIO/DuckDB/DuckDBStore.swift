// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// The rows of a Parquet file, or of a query, as DuckDB's library gives them.
///
/// The rows keep the order in which DuckDB gives them: that of the file, or that of the query's `ORDER BY`.
struct DuckDBStore: ColumnStore {
  let name: String
  let rowCount: Int
  let columnNames: [String]?
  var columnCount: Int { types.count }
  var isCheap: Bool { false }
  private let library: DuckDBLibrary
  private let source: DuckDBSource
  private let types: [String]
  private let threadCount: Int
  /// Whether a missing value is an error where it is met.
  private let refusesMissing: Bool

  init(_ library: DuckDBLibrary, _ source: DuckDBSource, options: CSVOptions) throws {
    self.library = library
    self.source = source
    name = source.name
    threadCount = options.threadCount
    refusesMissing = options.missing == .error
    var names: [String] = []
    var types: [String] = []
    let columns = try DuckDBAnswer(
      library, "SELECT column_name, column_type FROM (DESCRIBE \(source.rows))", name: name)
    try columns.forEachChunk { rowCount, columns in
      for i in 0..<rowCount {
        names.append(String(decoding: columns[0].bytes(i), as: UTF8.self))
        types.append(String(decoding: columns[1].bytes(i), as: UTF8.self))
      }
    }
    guard !names.isEmpty else { throw LockstepError(.noInput, "there are no columns", place: .init(file: name)) }
    columnNames = names
    self.types = types
    var count = 0.0
    let total = try DuckDBAnswer(library, "SELECT CAST((\(source.count)) AS DOUBLE)", name: name)
    try total.forEachChunk { _, columns in lockstep_columns_to_rows(columns, 1, 0, 1, false, &count) }
    rowCount = Int(count)
  }

  /// A column as a query has it, as a type that can be read.
  private func expression(_ column: Int) -> String {
    let name = DuckDB.identifier(columnNames?[column] ?? "")
    let type = types[column]
    if type == "UHUGEINT" { return "CAST(\(name) AS DOUBLE)" }
    if type.hasPrefix("ENUM") { return "CAST(\(name) AS VARCHAR)" }
    // Decimals of up to four digits are stored in 16 bits.
    let parts = type.split { "(,)".contains($0) }
    if parts.count == 3, parts[0] == "DECIMAL", let width = Int(parts[1]), width < 5 {
      return "CAST(\(name) AS DECIMAL(9,\(parts[2])))"
    }
    return name
  }

  func requireNumbers(in columns: [Int]) throws {
    for column in columns {
      let type = types[column].prefix { $0 != "(" }
      let isKnown =
        ["BOOLEAN", "FLOAT", "DOUBLE", "DECIMAL", "DATE"].contains(type) || type.hasSuffix("INT")
        || type.hasSuffix("INTEGER") || type.hasPrefix("TIMESTAMP")
      guard isKnown, !types[column].hasSuffix("]") else {
        throw LockstepError(
          .malformedInput, "the column holds \(types[column]), not numbers",
          remedy: "leave it out with --columns, or convert it in a query: CAST(… AS DOUBLE)",
          place: place(column: column))
      }
    }
  }

  /// DuckDB shares the work among its own threads.
  func pieces(of rows: Range<Int>) -> [Range<Int>] { rows.isEmpty ? [] : [rows] }

  func copy(_ rows: Range<Int>, to targets: [ColumnTarget], isSingle: Bool) throws {
    let columns = targets.flatMap(\.columns)
    let answer = try self.answer(columns, of: rows)
    for (kind, column) in zip(answer.kinds, columns) where kind.storage == nil { try requireNumbers(in: [column]) }
    let size = isSingle ? MemoryLayout<Float>.stride : MemoryLayout<Double>.stride
    let places = targets.map { (width: $0.columns.count, address: UInt(bitPattern: $0.address)) }
    let copied = try answer.forEachChunk(threadCount: threadCount) { first, count, found in
      try Cancellation.check()
      guard first + count <= rows.count else { throw otherRows }
      if refusesMissing, let missing = Self.firstMissing(found, count) {
        throw LockstepError(
          .malformedInput, "the value is missing",
          remedy: "fill it in, or pass --missing skip-row to leave such rows out",
          place: place(row: rows.lowerBound + first + missing.row, column: columns[missing.column]))
      }
      var start = 0
      for (width, address) in places {
        found[start..<start + width].withUnsafeBufferPointer { own in
          guard let base = own.baseAddress, let target = UnsafeMutableRawPointer(bitPattern: address) else { return }
          lockstep_columns_to_rows(base, Int64(width), 0, Int64(count), isSingle, target + first * width * size)
        }
        start += width
      }
    }
    guard copied == rows.count else { throw otherRows }
  }

  private func answer(_ columns: [Int], of rows: Range<Int>) throws -> DuckDBAnswer {
    let list = columns.isEmpty ? "1" : columns.map { expression($0) }.joined(separator: ", ")
    return try DuckDBAnswer(
      library, "SELECT \(list) FROM \(source.part(rows, of: rowCount))", threadCount: threadCount, name: name)
  }

  /// The first missing value of some columns of a chunk.
  private static func firstMissing(_ columns: [LockstepColumn], _ count: Int) -> (row: Int, column: Int)? {
    for (number, column) in columns.enumerated() where column.validity != nil {
      if let row = (0..<count).first(where: { !column.isPresent($0) }) { return (row, number) }
    }
    return nil
  }

  private var otherRows: LockstepError {
    LockstepError(
      .malformedInput, "there are other rows than the \(rowCount) that were counted",
      remedy: "do not change the data while it is read", place: .init(file: name))
  }

  func labels(_ column: Int, of rows: Range<Int>) throws -> StoredLabels {
    let answer = try self.answer([column], of: rows)
    var names = LabelTable()
    var indices: [Int64] = []
    var numbers: [Double] = []
    var missing: [Int] = []
    let kind = answer.kinds[0]
    guard kind.isText || kind.storage != nil else {
      throw LockstepError(
        .malformedInput, "the column holds \(types[column]), not labels",
        remedy: "choose a column of whole numbers or texts", place: place(column: column))
    }
    try answer.forEachChunk { count, found in
      guard kind.isText else {
        numbers += [Double](unsafeUninitializedCapacity: count) { buffer, filled in
          if let base = buffer.baseAddress { lockstep_columns_to_rows(found, 1, 0, Int64(count), false, base) }
          filled = count
        }
        return
      }
      for i in 0..<count {
        if !found[0].isPresent(i) { missing.append(indices.count) }
        indices.append(found[0].isPresent(i) ? Int64(names.number(of: found[0].bytes(i))) : 0)
      }
    }
    guard kind.isText else { return try labels(ofNumbers: numbers, firstRow: rows.lowerBound, column: column) }
    let texts = names.names
    return StoredLabels(
      labels: RowLabels(indices: indices, names: texts.isEmpty && !indices.isEmpty ? [""] : texts), missing: missing)
  }
}

extension LockstepColumn {
  /// Whether the value of a row is there.
  fileprivate func isPresent(_ row: Int) -> Bool { validity.map { $0[row / 8] >> (row % 8) & 1 == 1 } ?? true }

  /// The text of a row of DuckDB's texts.
  fileprivate func bytes(_ row: Int) -> UnsafeRawBufferPointer {
    let stride = MemoryLayout<LockstepDuckDBText>.stride
    guard isPresent(row), let start = values.map({ $0 + row * stride }) else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    let text = start.loadUnaligned(as: LockstepDuckDBText.self)
    let inPlace = UnsafeRawPointer(start + MemoryLayout<UInt32>.size)
    return UnsafeRawBufferPointer(
      start: text.length <= 12 ? inPlace : text.pointer.map { UnsafeRawPointer($0) }, count: Int(text.length))
  }
}
