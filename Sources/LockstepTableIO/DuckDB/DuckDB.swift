// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// The command-line program of DuckDB, found at run time where its library is not: it reads Parquet, and whatever else a query
/// can name.
///
/// Searched for: what `LOCKSTEP_DUCKDB` names, then `duckdb` on the `PATH`.
enum DuckDB {
  /// The program's path.
  ///
  /// - Throws: `LockstepError` with code `.unsupported` that says how to get it.
  static func path(for name: String) throws -> String {
    if let named = getenv("LOCKSTEP_DUCKDB").map({ String(cString: $0) }), !DuckDBLibrary.isName(named) { return named }
    let directories = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    for directory in directories.split(separator: ":") {
      let path = "\(directory)/duckdb"
      if access(path, X_OK) == 0 { return path }
    }
    throw LockstepError(
      .unsupported, "Parquet files and queries are read by DuckDB, which was not found",
      remedy: "install it (pip install duckdb-cli), or name the program or its library in LOCKSTEP_DUCKDB",
      place: .init(file: name))
  }

  /// Whether the library or the program is here.
  static var isHere: Bool {
    if case .some(.some) = try? DuckDBLibrary.found() { return true }
    return (try? path(for: "")) != nil
  }

  /// Does what a statement says, which gives no rows.
  ///
  /// - Throws: `LockstepError` with DuckDB's words if it refuses, or DuckDB is not here.
  static func run(_ statement: String, name: String) throws {
    if let library = try DuckDBLibrary.found() {
      _ = try DuckDBAnswer(DuckDBDatabase(library, name: name), statement)
    } else {
      _ = try ChildOutput([try path(for: name), "-c", statement], name: name).readAll()
    }
  }

  /// The names of the columns of a Parquet file or a query.
  static func columnNames(_ source: DuckDBSource) throws -> [String]? {
    guard let library = try DuckDBLibrary.found() else { return try DuckDBRows(source).columnNames }
    return try DuckDBStore(library, source, options: CSVOptions()).columnNames
  }

  /// A text as a literal of SQL.
  static func literal(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }

  /// A name as SQL writes it.
  static func identifier(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}

/// A Parquet file or a query, and the SQL for it.
struct DuckDBSource: Sendable {
  /// What is read: the path, or the query.
  let name: String
  let isParquet: Bool

  /// A name that stands for a query begins so.
  static let queryPrefix = "sql:"

  /// A Parquet file.
  init(parquet path: String) { (name, isParquet) = (path, true) }

  /// A query; `text` may begin with ``queryPrefix``.
  init(query text: String) {
    let query = text.hasPrefix(Self.queryPrefix) ? String(text.dropFirst(Self.queryPrefix.count)) : text
    (name, isParquet) = (query.hasSuffix(";") ? String(query.dropLast()) : query, false)
  }

  private var table: String { isParquet ? "read_parquet(\(DuckDB.literal(name)))" : "(\(name))" }

  /// All rows.
  var rows: String { "SELECT * FROM \(table)" }

  /// The number of rows.
  var count: String {
    isParquet
      ? "SELECT sum(num_rows) FROM parquet_file_metadata(\(DuckDB.literal(name)))" : "SELECT count(*) FROM \(table)"
  }

  /// The number of rows, and that of a Parquet file's row groups.
  var counts: String {
    isParquet
      ? "SELECT CAST(sum(num_rows) AS BIGINT), CAST(sum(num_row_groups) AS BIGINT) "
        + "FROM parquet_file_metadata(\(DuckDB.literal(name)))"
      : "SELECT count(*), CAST(1 AS BIGINT) FROM \(table)"
  }

  /// What to select a range of rows from, of `total` rows in all.
  func part(_ rows: Range<Int>, of total: Int) -> String {
    if isParquet {
      let numbered = "read_parquet(\(DuckDB.literal(name)), file_row_number = true)"
      return rows == 0..<total
        ? numbered
        : "\(numbered) WHERE \(Self.rowNumber) >= \(rows.lowerBound) AND \(Self.rowNumber) < \(rows.upperBound)"
    }
    return rows == 0..<total ? table : "\(table) LIMIT \(rows.count) OFFSET \(rows.lowerBound)"
  }

  /// The column that tells the numbers of a Parquet file's rows.
  static let rowNumber = "file_row_number"
}

/// The rows of a Parquet file, or of a query, as CSV that DuckDB's program writes.
///
/// The rows keep the order in which DuckDB gives them: that of the file, or that of the query's `ORDER BY`.
struct DuckDBRows {
  let source: DuckDBSource
  /// The names of the columns.
  let columnNames: [String]
  private let program: String
  /// The columns as numbers, as a list for `SELECT`.
  private let numbers: String

  init(_ source: DuckDBSource) throws {
    self.source = source
    program = try DuckDB.path(for: source.name)
    let answer = try Self.rows(
      program, "SELECT column_name, column_type FROM (DESCRIBE \(source.rows))", name: source.name)
    columnNames = answer.map { $0.first ?? "" }
    numbers = answer.map { row in
      let column = DuckDB.identifier(row[0])
      switch row.last ?? "" {
      case "BOOLEAN": return "CAST(\(column) AS INTEGER) AS \(column)"
      case let type where type.hasPrefix("TIMESTAMP") || type == "DATE": return "epoch(\(column)) AS \(column)"
      default: return column
      }
    }.joined(separator: ", ")
    guard !columnNames.isEmpty else {
      throw LockstepError(.noInput, "there are no columns", place: .init(file: source.name))
    }
  }

  /// The number of rows.
  func rowCount() throws -> Int {
    let answer = try Self.rows(program, source.count, name: source.name)
    guard let text = answer.first?.first, let count = Int(text) else {
      throw LockstepError(.malformedInput, "DuckDB does not tell the number of rows", place: .init(file: source.name))
    }
    return count
  }

  /// The rows of a range, of `total` rows in all, as CSV with a header.
  func text(of range: Range<Int>, of total: Int, threadCount: Int) throws -> any ByteStream {
    let query = "SET threads = \(threadCount); SELECT \(numbers) FROM \(source.part(range, of: total))"
    let header = columnNames.map(DuckDB.identifier).joined(separator: ",") + "\n"
    return PrefixedStream(
      Array(header.utf8),
      try ChildOutput([program, "-csv", "-noheader", "-nullvalue", "NA", "-c", query], name: source.name))
  }

  /// The fields of the rows that answer a small query.
  private static func rows(_ program: String, _ query: String, name: String) throws -> [[String]] {
    let bytes = try ChildOutput(
      [program, "-noheader", "-list", "-separator", "\u{1F}", "-c", query], name: name
    ).readAll()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
    }
  }
}

/// Bytes in memory, and those of a stream behind them.
private final class PrefixedStream: ByteStream {
  private var prefix: ArraySlice<UInt8>
  private let rest: any ByteStream
  var name: String { rest.name }

  init(_ prefix: [UInt8], _ rest: any ByteStream) {
    self.prefix = prefix[...]
    self.rest = rest
  }

  func readNext(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = min(prefix.count, buffer.count)
    buffer.copyBytes(from: prefix.prefix(count))
    prefix = prefix.dropFirst(count)
    return count + (try rest.readNext(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...])))
  }
}
