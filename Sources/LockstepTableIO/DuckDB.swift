// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// The command-line program of DuckDB, found at run time: it reads Parquet, and whatever else a query can name.
///
/// Searched for: what `LOCKSTEP_DUCKDB` names, then `duckdb` on the `PATH`.
enum DuckDB {
  /// The program's path.
  ///
  /// - Throws: `LockstepError` with code `.unsupported` that says how to get it.
  static func path(for name: String) throws -> String {
    if let named = getenv("LOCKSTEP_DUCKDB") { return String(cString: named) }
    let directories = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    for directory in directories.split(separator: ":") {
      let path = "\(directory)/duckdb"
      if access(path, X_OK) == 0 { return path }
    }
    throw LockstepError(
      .unsupported, "Parquet files and queries are read by DuckDB, which was not found",
      remedy: "install it (pip install duckdb-cli), or name it in LOCKSTEP_DUCKDB", place: .init(file: name))
  }

  /// Whether the program is here.
  static var isHere: Bool { (try? path(for: "")) != nil }

  /// A text as a literal of SQL.
  static func literal(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }

  /// A name as SQL writes it.
  static func identifier(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}

/// The rows of a Parquet file, or of a query, as CSV that DuckDB writes.
///
/// The rows keep the order in which DuckDB gives them: that of the file, or that of the query's `ORDER BY`.
struct DuckDBRows {
  /// What is read: the path, or the query.
  let name: String
  /// The names of the columns.
  let columnNames: [String]
  private let program: String
  /// The columns as numbers, as a list for `SELECT`.
  private let numbers: String
  private let table: String
  /// The condition that cuts rows `range` out, and the count of rows.
  private let isParquet: Bool

  /// A name that stands for a query begins so.
  static let queryPrefix = "sql:"

  /// The rows of a Parquet file.
  init(parquet path: String) throws {
    try self.init(name: path, table: "read_parquet(\(DuckDB.literal(path)), file_row_number = true)", isParquet: true)
  }

  /// The rows of a query.
  init(query: String) throws {
    let query = query.hasSuffix(";") ? String(query.dropLast()) : query
    try self.init(name: query, table: "(\(query))", isParquet: false)
  }

  private init(name: String, table: String, isParquet: Bool) throws {
    self.name = name
    self.table = table
    self.isParquet = isParquet
    program = try DuckDB.path(for: name)
    let source = isParquet ? "SELECT * EXCLUDE (file_row_number) FROM \(table)" : "SELECT * FROM \(table)"
    let answer = try Self.rows(
      program, "SELECT column_name, column_type FROM (DESCRIBE \(source))", name: name)
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
      throw LockstepError(.noInput, "there are no columns", place: .init(file: name))
    }
  }

  /// The number of rows.
  func rowCount() throws -> Int {
    let query =
      isParquet
      ? "SELECT sum(num_rows) FROM parquet_file_metadata(\(DuckDB.literal(name)))" : "SELECT count(*) FROM \(table)"
    let answer = try Self.rows(program, query, name: name)
    guard let text = answer.first?.first, let count = Int(text) else {
      throw LockstepError(.malformedInput, "DuckDB does not tell the number of rows", place: .init(file: name))
    }
    return count
  }

  /// The rows of a range as CSV with a header.
  func text(of range: Range<Int>, threadCount: Int) throws -> any ByteStream {
    let part =
      isParquet
      ? "WHERE file_row_number >= \(range.lowerBound) AND file_row_number < \(range.upperBound)"
      : "LIMIT \(range.count) OFFSET \(range.lowerBound)"
    let query = "SET threads = \(threadCount); SELECT \(numbers) FROM \(table) \(part)"
    let header = columnNames.map(DuckDB.identifier).joined(separator: ",") + "\n"
    return PrefixedStream(
      Array(header.utf8),
      try ChildOutput([program, "-csv", "-noheader", "-nullvalue", "NA", "-c", query], name: name))
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
