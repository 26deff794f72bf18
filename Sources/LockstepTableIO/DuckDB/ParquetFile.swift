// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepTables

/// Parquet files of rows, which DuckDB writes from CSV.
///
/// CSV numbers have as many digits as give them back exactly, so that nothing is lost on the way.
package enum ParquetFile {
  /// What a column holds.
  package enum ColumnType: String, Codable, Hashable, Sendable {
    /// Whole numbers of 64 bits.
    case integer = "BIGINT"
    /// Floating-point numbers of 64 bits.
    case double = "DOUBLE"
    /// Texts.
    case text = "VARCHAR"
  }

  /// Whether a name is that of a Parquet file.
  package static func isName(_ path: String) -> Bool { path.hasSuffix(".parquet") }

  /// Makes sure that a Parquet file can be written here.
  ///
  /// - Throws: `LockstepError` with code `.missingLibrary` if DuckDB is not here.
  package static func requireWriter(for path: String) throws {
    guard try DuckDBLibrary.found() == nil else { return }
    do { _ = try DuckDB.path(for: path) } catch var error as LockstepError {
      error.message = "Parquet files are written by DuckDB, which was not found"
      throw error
    }
  }

  /// Writes a Parquet file of the rows of a CSV file without a header, which is removed; it appears when it is complete.
  ///
  /// The columns are named c0, c1 and so on.
  ///
  /// - Throws: `LockstepError`: `.outputFailed` if the file cannot be written; `.unsupported` if DuckDB is not here.
  package static func write(
    rowsOf csv: String, types: [ColumnType], to path: String
  ) throws {
    defer { unlink(csv) }
    // Passed as an open file: no character of its name means anything to DuckDB.
    let rowsFile = try InputFile(csv)
    let file = try AtomicFile(creating: path)
    let columns = types.enumerated().map { "'c\($0)': '\($1.rawValue)'" }.joined(separator: ", ")
    func statement(_ descriptor: Int32) -> String {
      let rows =
        "read_csv('/proc/self/fd/\(descriptor)', auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', "
        + "hive_partitioning = false, nullstr = '\u{1}', max_line_size = 268435456, columns = {\(columns)})"
      return
        "COPY (SELECT * FROM \(rows)) TO \(DuckDB.literal(file.temporaryPath)) (FORMAT parquet, USE_TMP_FILE false)"
    }
    do {
      try DuckDB.run(statement, on: rowsFile, name: path)
      try file.commit()
    } catch var error as LockstepError {
      file.discard()
      if error.code == .noInput { error.code = .outputFailed }
      throw error
    }
  }
}
