// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// The rows of a Parquet file, or of a query, as CSV that DuckDB's program writes.
///
/// The rows keep the order in which DuckDB gives them: that of the file, or that of the query's `ORDER BY`. The text gives the very
/// numbers that DuckDB's library gives.
struct DuckDBRows {
  let source: DuckDBSource
  /// The names of the columns.
  let columnNames: [String]
  private let program: String
  /// Where the program stores what a query does not hold in memory.
  private let spillFolder: SpillFolder?
  /// The columns as numbers, as a list for `SELECT`.
  private let numbers: String

  init(_ source: DuckDBSource) throws {
    let source = source.forProgram
    self.source = source
    let program = try DuckDB.path(for: source.name)
    self.program = program
    spillFolder = source.isParquet ? nil : ScratchFile.candidates(nil).lazy.compactMap(SpillFolder.init).first
    let answer = try Self.rows(
      program, "SELECT column_name, column_type FROM (DESCRIBE \(source.rows))", of: source)
    columnNames = answer.map { $0.first ?? "" }
    guard !columnNames.isEmpty else {
      throw LockstepError(.noInput, "there are no columns", place: .init(file: source.name))
    }
    try source.checkNames(columnNames)
    let wide = try source.wideDecimals.map { try Self.rows(program, $0, of: source).compactMap(\.first) } ?? []
    numbers = answer.map { row in
      let column = DuckDB.identifier(row[0])
      return wide.contains(row[0])
        ? "'a decimal of more than 38 digits' AS \(column)" : "\(Self.number(column, row.last ?? "")) AS \(column)"
    }.joined(separator: ", ")
  }

  /// A column as the number that its text has to give: a `FLOAT` is no decimal of nine digits, and a time is a decimal of many.
  private static func number(_ column: String, _ type: String) -> String {
    switch type {
    case "BOOLEAN": "CAST(\(column) AS INTEGER)"
    case "FLOAT": "CAST(\(column) AS DOUBLE)"
    case "DATE": "CAST(date_diff('day', DATE '1970-01-01', \(column)) AS BIGINT) * 86400"
    case "TIMESTAMP_NS", "TIME_NS": "epoch_ns(\(column)) || 'e-9'"
    case let type where type.hasPrefix("TIME"): "epoch_us(\(column)) || 'e-6'"
    default: column
    }
  }

  /// The number of rows.
  func rowCount() throws -> Int {
    let answer = try Self.rows(program, source.count, of: source)
    guard let text = answer.first?.first, let count = Int(text) else {
      throw LockstepError(.malformedInput, "DuckDB does not tell the number of rows", place: .init(file: source.name))
    }
    return count
  }

  /// The rows of a range, of `total` rows in all, as CSV with a header.
  func text(of range: Range<Int>, of total: Int, threadCount: Int) throws -> any ByteStream {
    let query = "SELECT \(numbers) FROM \(source.part(range, of: total))"
    let header = columnNames.map(DuckDB.identifier).joined(separator: ",") + "\n"
    return PrefixedStream(
      Array(header.utf8),
      try Self.output(
        program, ["-csv", "-noheader", "-nullvalue", "NA"], query, of: source, threadCount: threadCount,
        spillFolder: spillFolder))
  }

  /// The fields of the rows that answer a small query.
  private static func rows(_ program: String, _ query: String, of source: DuckDBSource) throws -> [[String]] {
    let bytes = try output(program, ["-noheader", "-list", "-separator", "\u{1F}"], query, of: source).readAll()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private static func output(
    _ program: String, _ form: [String], _ query: String, of source: DuckDBSource, threadCount: Int = 1,
    spillFolder: SpillFolder? = nil
  ) throws -> ChildOutput {
    let settings =
      ["threads = \(max(1, threadCount))", "temp_directory = \(DuckDB.literal(spillFolder?.path ?? ""))"]
      + source.restrictions + ["lock_configuration = true"]
    let statements = settings.map { "SET \($0); " }.joined() + query
    return try ChildOutput(
      [program, "-no-init"] + form + ["-c", statements], name: source.name, input: source.file?.descriptor,
      complaint: source.refusal, keeping: spillFolder)
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
