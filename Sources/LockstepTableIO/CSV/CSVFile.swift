// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// The numbers of a CSV file, in memory.
///
/// ```swift
/// let rows = try CSVFile("weather.csv")
/// let some = try CSVFile("weather.csv", ReadOptions(columns: .init(names: ["temp", "wind_speed"]), missing: .skipRow))
/// let singles = try CSVFile<Float>("weather.csv", ReadOptions(threadCount: 4))
/// ```
/// Reading is strict: every row has the same number of fields, and every field of a chosen column is a number, or the reading
/// ends with an error that names the file, line and column. Numbers are decimal (`-12.5e+3`, `+1`, `.5`, `inf`) and are rounded
/// to nearest, as `strtod` does. An empty field, `NA` and `nan` are missing values. Fields may be enclosed in double quotes and
/// then hold delimiters, line ends and doubled quotes; a column of labels holds any text, and columns that are not chosen may hold
/// anything. A date, `2024-01-31` or `2024-01-31T12:30:05Z`, is a number too: of seconds since 1970, UTC. Lines end with LF or
/// CR LF; a byte order mark, blank lines, blanks around fields and a delimiter at the end of a row mean nothing.
///
/// - Memory: the matrix, and half a MiB of text per thread.
public struct CSVFile<Element: Scalar>: RowSource {
  /// What was read.
  public let loaded: LoadedRows<Element>

  /// The number of columns.
  public var columnCount: Int { loaded.columnCount }
  /// The columns' names, if there is a header.
  public var columnNames: [String]? { loaded.columnNames }
  /// The number of rows.
  public var rowCount: Int { loaded.rowCount }
  /// The rows.
  public var table: Table<Element> { loaded.table }
  /// The label of each row, if a column of labels was chosen: whole numbers if all are, else texts.
  public var labels: RowLabels? { loaded.labels }
  /// `dense Double` or `dense Float`.
  public var layout: String { loaded.layout }
  /// The number of rows left out because a value is missing.
  public var skippedRowCount: Int { loaded.skippedRowCount }
  /// The number of missing values in each column, those of rows left out included.
  public var missingCounts: [Int] { loaded.rows.missingCounts }

  /// Reads a file, or standard input if `path` is `-`.
  ///
  /// - Throws: `LockstepError`: `.noInput` if the file is missing, unreadable, a directory or without rows; `.usage` if a
  ///   chosen column does not exist; `.malformedInput` with the place if the text is not as it should be.
  public init(_ path: String, _ options: ReadOptions = ReadOptions()) throws {
    try self.init(opening: path, options)
  }

  fileprivate init(opening path: String, _ options: ReadOptions) throws {
    let file = try path == "-" ? InputFile.standardInput() : InputFile(path)
    guard options.categorical == .none, options.encoding == nil else {
      throw LockstepError(
        .usage, "the values of categorical columns are those of all processes",
        remedy: "read with ExecutionContext.read; one process has ExecutionContext.local", place: .init(file: file.name)
      )
    }
    if let byteCount = file.byteCount {
      loaded = try CSVReading(file: file, byteCount: byteCount, options: options, shard: .whole).resolved()
        .withLabels(asWholeNumbers: true).withRoles(of: options)
    } else {
      loaded = try CSVStream(file: file, options: options).read().withLabels(asWholeNumbers: true)
        .withRoles(of: options)
    }
    try ValueKinds.check(loaded.kinds, names: loaded.allNames, file: file.name)
  }

  /// Calls `body` with the rows, file after file.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws { try loaded.forEachChunk(body) }

  /// Calls `body` with the rows of `range`.
  public func forEachChunk(of range: Range<Int>, _ body: (any RowBlock) throws -> Void) throws {
    try loaded.forEachChunk(of: range, body)
  }
}

extension CSVFile where Element == Double {
  /// Reads a file of 64-bit numbers, or standard input if `path` is `-`.
  ///
  /// - Throws: `LockstepError`: `.noInput` if the file is missing, unreadable, a directory or without rows; `.usage` if a
  ///   chosen column does not exist; `.malformedInput` with the place if the text is not as it should be.
  public init(_ path: String, _ options: ReadOptions = ReadOptions()) throws {
    try self.init(opening: path, options)
  }
}
