// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables
import Synchronization

/// The rows of a Parquet file, or of a query, as DuckDB's library gives them.
///
/// The rows keep the order in which DuckDB gives them: that of the file, or that of the query's `ORDER BY`.
struct DuckDBStore: ColumnStore {
  let name: String
  let rowCount: Int
  let columnNames: [String]?
  var columnCount: Int { types.count }
  var isCheap: Bool { false }
  private let database: DuckDBDatabase
  private let source: DuckDBSource
  private let types: [String]
  /// The columns of decimals that DuckDB cannot hold.
  private let wideDecimals: Set<Int>
  /// The number of a Parquet file's row groups, each of which one thread reads.
  private let groupCount: Int
  private let threadCount: Int
  /// Whether a missing value is an error where it is met.
  private let refusesMissing: Bool
  /// The answers that are read on, where rows are asked for in order.
  private var answers: DuckDBAnswers?

  init(_ library: DuckDBLibrary, _ source: DuckDBSource, options: ReadOptions) throws {
    // Threads are dealt again for each Parquet file, in which no words of a user's are; a query has no way to change anything.
    database = try DuckDBDatabase(
      library, threadCount: options.usedThreadCount, memoryLimit: options.memoryLimit,
      settings: source.restrictions + (source.isParquet ? [] : ["lock_configuration = true"]), name: source.name,
      spills: !source.isParquet, complaint: source.refusal)
    self.source = source
    name = source.name
    threadCount = max(1, options.usedThreadCount)
    refusesMissing = options.missing == .error
    var names: [String] = []
    var types: [String] = []
    try DuckDBAnswer(database, "SELECT column_name, column_type FROM (DESCRIBE \(source.rows))")
      .read { first, rowCount, columns in
        for i in first..<first + rowCount {
          names.append(String(decoding: columns[0].bytes(i), as: UTF8.self))
          types.append(String(decoding: columns[1].bytes(i), as: UTF8.self))
        }
      }
    guard !names.isEmpty else { throw LockstepError(.noInput, "there are no columns", place: .init(file: name)) }
    try source.checkNames(names)
    columnNames = names
    self.types = types
    var wide: Set<String> = []
    if let query = source.wideDecimals {
      try DuckDBAnswer(database, query).read { first, rowCount, columns in
        for i in first..<first + rowCount { wide.insert(String(decoding: columns[0].bytes(i), as: UTF8.self)) }
      }
    }
    wideDecimals = Set(names.indices.filter { wide.contains(names[$0]) })
    var counts = (rows: 0, groups: 0)
    try DuckDBAnswer(database, source.counts).read { first, _, columns in
      counts = (columns[0].wholeNumber(first) ?? 0, columns[1].wholeNumber(first) ?? 0)
    }
    (rowCount, groupCount) = counts
  }

  /// Measured with DuckDB 2.0: its code and tables, and on each thread the page of each column that is read, which has a megabyte of values,
  /// and those values.
  func workingByteCount(threadCount: Int) -> Int {
    let page = min(125_000, rowCount / max(groupCount, 1)) * 12
    return 46_000_000 + min(min(threadCount, groupCount) * columnCount, threadCount * 32) * page
  }

  func inOrder(_ rows: Range<Int>) -> any ColumnStore {
    var store = self
    store.answers = DuckDBAnswers(end: rows.upperBound)
    return store
  }

  /// A column as a query has it, as a type that can be read.
  private func expression(_ column: Int) -> String {
    let name = DuckDB.identifier(columnNames?[column] ?? "")
    let type = types[column]
    // As numbers with a sign, which are rounded once; DuckDB refuses what is larger.
    if type == "UHUGEINT" { return "CAST(\(name) AS HUGEINT)" }
    if type == "TIME WITH TIME ZONE" { return "CAST(\(name) AS TIME)" }
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
      guard !wideDecimals.contains(column) else {
        throw LockstepError(
          .unsupported, "the column holds decimals of more than 38 digits, which DuckDB does not read",
          remedy: "leave it out with \(option: .columns), or write it with fewer digits", place: place(column: column))
      }
      let type = types[column].prefix { $0 != "(" }
      let isKnown =
        ["BOOLEAN", "FLOAT", "DOUBLE", "DECIMAL", "DATE"].contains(type) || type.hasPrefix("TIME")
        || type.hasSuffix("INT")
        || type.hasSuffix("INTEGER")
      guard isKnown, !types[column].hasSuffix("]") else { throw noNumbers(column) }
    }
  }

  private func noNumbers(_ column: Int) -> LockstepError {
    LockstepError(
      .malformedInput, "the column holds \(types[column]), not numbers",
      remedy: "leave it out with \(option: .columns), or convert it in a query: CAST(… AS DOUBLE)",
      place: place(column: column))
  }

  /// DuckDB, or ``copy(_:to:isSingle:)``, shares the work among threads.
  func pieces(of rows: Range<Int>) -> [Range<Int>] { rows.isEmpty ? [] : [rows] }

  func copy(_ rows: Range<Int>, to targets: [ColumnTarget], isSingle: Bool) throws {
    guard source.isParquet, answers == nil else {
      let parts = DuckDBPart.parts(of: targets, isSingle: isSingle)
      var row = 0
      let copied = try read(parts.flatMap(\.columns), of: rows) { first, count, found in
        try Cancellation.check()
        try copy(found, first..<first + count, to: row, of: parts, firstRow: rows.lowerBound)
        row += count
      }
      guard copied == rows.count else { throw otherRows }
      return
    }
    // A row group is one thread's: where there are fewer, threads share the columns, otherwise DuckDB has them all for each part.
    let hasFewGroups = groupCount < threadCount
    let parts = DuckDBPart.parts(
      of: targets, isSingle: isSingle, count: hasFewGroups ? threadCount : 1, largestColumnCount: 32)
    let workerCount = hasFewGroups ? min(threadCount, parts.count) : 1
    try database.use(threadCount: threadCount / max(workerCount, 1))
    let next = Atomic<Int>(0)
    let failures = Mutex<[any Error]>([])
    WorkerThreads.run(workerCount) { _ in
      while case let i = next.add(1, ordering: .relaxed).oldValue, i < parts.count {
        do { try copy(rows, to: parts[i]) } catch { failures.withLock { $0.append(error) } }
      }
    }
    let first = failures.withLock { failures in
      failures.min {
        let places = ($0 as? LockstepError)?.place, others = ($1 as? LockstepError)?.place
        return (places?.row ?? .max, places?.column ?? .max) < (others?.row ?? .max, others?.column ?? .max)
      }
    }
    if let first { throw first }
  }

  /// Copies rows of a Parquet file as they are decoded.
  private func copy(_ rows: Range<Int>, to part: DuckDBPart) throws {
    let copied = try DuckDBReceivers.receive(
      [DuckDBSource.rowNumber] + part.columns.map(expression), from: source.part(rows, of: rowCount), in: database
    ) { row, count, found in
      guard rows.contains(row), count <= rows.upperBound - row else { throw otherRows }
      try copy(found, 0..<count, to: row - rows.lowerBound, of: [part], firstRow: rows.lowerBound)
    }
    guard copied == rows.count else { throw otherRows }
  }

  /// Copies rows of a chunk, whose columns are those of some parts.
  private func copy(
    _ found: [LockstepColumn], _ own: Range<Int>, to row: Int, of parts: [DuckDBPart], firstRow: Int
  ) throws {
    let columns = parts.flatMap(\.columns)
    guard found.count == columns.count else { throw otherRows }
    if let unread = zip(columns, found).first(where: { $1.kind == LockstepColumnNull }) { throw noNumbers(unread.0) }
    if refusesMissing, let missing = Self.firstMissing(found, own) {
      throw LockstepError(
        .malformedInput, "the value is missing",
        remedy: "fill it in, or pass \(option: .missing, "skip-row") to leave such rows out",
        place: place(row: firstRow + row + missing.row - own.lowerBound, column: columns[missing.column]))
    }
    var start = 0
    for part in parts {
      part.copy(found[start..<start + part.columns.count], own, to: row)
      start += part.columns.count
    }
  }

  /// Reads some columns of rows in order, and gives the number of rows.
  private func read(_ columns: [Int], of rows: Range<Int>, _ body: DuckDBAnswer.Body) throws -> Int {
    try (answers ?? DuckDBAnswers(end: rows.upperBound)).read(columns, of: rows, body) { rest in
      let list = columns.map(expression).joined(separator: ", ")
      return try DuckDBAnswer(
        database, "SELECT \(list) FROM \(source.part(rest, of: rowCount))", isStreamed: answers != nil)
    }
  }

  /// The first missing value of some columns of a chunk.
  private static func firstMissing(_ columns: [LockstepColumn], _ rows: Range<Int>) -> (row: Int, column: Int)? {
    let first = columns.enumerated().lazy.filter { $1.validity != nil }.compactMap { number, column in
      rows.first { !column.isPresent($0) }.map { (row: $0, column: number) }
    }
    return first.min { ($0.row, $0.column) < ($1.row, $1.column) }
  }

  private var otherRows: LockstepError {
    LockstepError(
      .malformedInput, "there are other rows than the \(rowCount) that were counted",
      remedy: "do not change the data while it is read", place: .init(file: name))
  }

  func labels(_ column: Int, of rows: Range<Int>) throws -> StoredLabels {
    var names = LabelTable()
    var indices: [Int64] = []
    var numbers: [Double] = []
    var missing: [Int] = []
    var isText = false
    let readCount = try read([column], of: rows) { first, count, found in
      if found[0].kind != LockstepColumnNull {
        numbers += [Double](unsafeUninitializedCapacity: count) { buffer, filled in
          guard let base = buffer.baseAddress else { return }
          lockstep_columns_to_rows(found, 1, Int64(first), Int64(count), false, base, 1)
          filled = count
        }
        return
      }
      guard types[column] == "VARCHAR" || types[column].hasPrefix("ENUM") else {
        throw LockstepError(
          .malformedInput, "the column holds \(types[column]), not labels",
          remedy: "choose a column of whole numbers or texts", place: place(column: column))
      }
      isText = true
      for i in first..<first + count {
        if !found[0].isPresent(i) { missing.append(indices.count) }
        indices.append(found[0].isPresent(i) ? Int64(names.number(of: found[0].bytes(i))) : 0)
      }
    }
    guard readCount == rows.count else { throw otherRows }
    guard isText else { return try labels(ofNumbers: numbers, firstRow: rows.lowerBound, column: column) }
    let texts = names.names
    return StoredLabels(labels: RowLabels(indices: indices, names: texts.isEmpty ? [""] : texts), missing: missing)
  }
}
