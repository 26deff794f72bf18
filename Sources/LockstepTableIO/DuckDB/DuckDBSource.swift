// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// A Parquet file or a query, the SQL for it, and what DuckDB may do while it answers.
struct DuckDBSource: Sendable {
  /// What is read: the path, or the query.
  let name: String
  /// The Parquet file, held open.
  let file: InputFile?
  /// Whether the query may read files that it names.
  private let allowsFiles: Bool

  var isParquet: Bool { file != nil }

  /// A Parquet file.
  init(parquet file: InputFile) { (name, self.file, allowsFiles) = (file.name, file, false) }

  /// A query.
  ///
  /// - Throws: `LockstepError` with code `.usage` if it is not one statement.
  init(_ query: DataQuery) throws {
    (name, file, allowsFiles) = (try SQLStatement.single(query.text), nil, query.allowsFiles)
  }

  /// The same for a program, which has the file as its standard input.
  var forProgram: DuckDBSource {
    var copy = self
    copy.descriptor = 0
    return copy
  }

  private var descriptor: Int32?

  /// The open file as a path: no character of its name, nor of the folders that it is in, means anything to DuckDB.
  private var path: String { "/proc/self/fd/\(descriptor ?? file?.descriptor ?? 0)" }

  private var table: String {
    isParquet ? "read_parquet('\(path)', hive_partitioning = false)" : "(\(name)\n)"
  }

  /// All rows.
  var rows: String { "SELECT * FROM \(table)" }

  /// The number of rows.
  var count: String {
    isParquet
      ? "SELECT sum(num_rows) FROM parquet_file_metadata('\(path)')" : "SELECT count(*) FROM \(table)"
  }

  /// The number of rows, and that of a Parquet file's row groups.
  var counts: String {
    isParquet
      ? "SELECT CAST(sum(num_rows) AS BIGINT), CAST(sum(num_row_groups) AS BIGINT) FROM parquet_file_metadata('\(path)')"
      : "SELECT count(*), CAST(1 AS BIGINT) FROM \(table)"
  }

  /// The names of a Parquet file's columns of decimals with more digits than DuckDB has, which it reads as something else.
  var wideDecimals: String? {
    isParquet ? "SELECT name FROM parquet_schema('\(path)') WHERE precision > 38" : nil
  }

  /// What to select a range of rows from, of `total` rows in all.
  func part(_ rows: Range<Int>, of total: Int) -> String {
    if isParquet {
      let numbered = "read_parquet('\(path)', hive_partitioning = false, file_row_number = true)"
      return rows == 0..<total
        ? numbered
        : "\(numbered) WHERE \(Self.rowNumber) >= \(rows.lowerBound) AND \(Self.rowNumber) < \(rows.upperBound)"
    }
    return rows == 0..<total ? table : "\(table) LIMIT \(rows.count) OFFSET \(rows.lowerBound)"
  }

  /// The column that tells the numbers of a Parquet file's rows.
  static let rowNumber = "file_row_number"

  /// Makes sure that no column has the name by which DuckDB numbers rows.
  func checkNames(_ names: [String]) throws {
    guard isParquet, let name = names.first(where: { $0.lowercased() == Self.rowNumber }) else { return }
    throw LockstepError(
      .unsupported, "a column is called \"\(name)\", by which DuckDB numbers rows", remedy: "give it another name",
      place: .init(file: self.name))
  }

  /// What DuckDB is told before it answers: it loads and installs no extension, opens no file but what is meant, and no
  /// connection.
  var restrictions: [String] {
    let paths = isParquet ? "allowed_paths = ['\(path)']" : allowsFiles ? "allowed_directories = ['/']" : nil
    return DuckDB.restrictions + ([paths, "enable_external_access = false"] as [String?]).compactMap { $0 }
  }

  /// DuckDB's words about it in terms of what the user has named, and what to do about them.
  func refusal(_ words: String?) -> LockstepError {
    let isForbidden = !allowsFiles && !isParquet && words?.contains("disabled by configuration") == true
    return LockstepError(
      .noInput, "DuckDB refuses it",
      remedy: isForbidden
        ? "\(option: .queryFiles) lets a query read files of this machine" : nil,
      place: .init(file: name),
      cause: words.map {
        $0.split(separator: "\n").joined(separator: " ").split(separator: path, omittingEmptySubsequences: false)
          .joined(separator: name)
      })
  }
}

/// Where a statement of SQL ends.
enum SQLStatement {
  /// The statement without what ends it: a semicolon, and blanks and comments behind it.
  ///
  /// - Throws: `LockstepError` with code `.usage` if there is nothing, or another statement follows.
  static func single(_ text: String) throws -> String {
    let bytes = Array(text.utf8)
    var i = 0
    var end: Int?
    var isEmpty = true
    while i < bytes.count {
      let next = try skip(bytes, from: i)
      let isBlank = next.isBlank
      if end == nil, bytes[i] == UInt8(ascii: ";") {
        end = i
      } else if !isBlank, bytes[i] != UInt8(ascii: ";") {
        guard end == nil else {
          throw LockstepError(
            .usage, "there are several statements in the query", remedy: "give one SELECT", place: .init(file: text))
        }
        isEmpty = false
      }
      i = next.end
    }
    guard !isEmpty else { throw LockstepError(.usage, "the query is empty", remedy: "give one SELECT") }
    return String(decoding: bytes[..<(end ?? bytes.count)], as: UTF8.self)
  }

  /// Where what begins at `start` ends, and whether it is a blank or a comment: texts and comments are skipped as a whole.
  private static func skip(_ bytes: [UInt8], from start: Int) throws -> (end: Int, isBlank: Bool) {
    let rest = bytes[start...]
    func end(of mark: [UInt8], from first: Int) -> Int {
      var i = first
      while i < bytes.count, !bytes[i...].starts(with: mark) { i += 1 }
      return min(i + mark.count, bytes.count)
    }
    switch bytes[start] {
    case 0: throw LockstepError(.usage, "the query has a character NUL", remedy: "leave it out")
    case 0x09...0x0D, 0x20: return (start + 1, true)
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      // A backslash escapes a quote in texts that begin with E.
      let isEscaped =
        bytes[start] == UInt8(ascii: "'") && start > 0 && (bytes[start - 1] | 0x20) == UInt8(ascii: "e")
      var i = start + 1
      while i < bytes.count, bytes[i] != bytes[start] { i += isEscaped && bytes[i] == UInt8(ascii: "\\") ? 2 : 1 }
      return (min(i + 1, bytes.count), false)
    case UInt8(ascii: "-") where rest.starts(with: Array("--".utf8)): return (end(of: [0x0A], from: start), true)
    case UInt8(ascii: "/") where rest.starts(with: Array("/*".utf8)):
      var depth = 0
      var i = start
      repeat {
        if bytes[i...].starts(with: Array("/*".utf8)) {
          (depth, i) = (depth + 1, i + 2)
        } else if bytes[i...].starts(with: Array("*/".utf8)) {
          (depth, i) = (depth - 1, i + 2)
        } else {
          i += 1
        }
      } while depth > 0 && i < bytes.count
      return (min(i, bytes.count), true)
    case UInt8(ascii: "$"):
      // $tag$ … $tag$
      let tag = rest.dropFirst().prefix {
        $0 == UInt8(ascii: "_") || $0 >= 0x80 || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20)
      }
      guard tag.endIndex < bytes.count, bytes[tag.endIndex] == UInt8(ascii: "$"),
        tag.first.map({ !(0x30...0x39).contains($0) }) ?? true
      else { return (start + 1, false) }
      return (end(of: Array(rest[start...tag.endIndex]), from: tag.endIndex + 1), false)
    default: return (start + 1, false)
    }
  }
}
