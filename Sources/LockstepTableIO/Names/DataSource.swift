// SPDX-License-Identifier: Apache-2.0

/// What rows come from: decided once, from what the user wrote, so that a file's name is never taken for anything else.
package enum DataSource: Codable, Hashable, Sendable, CustomStringConvertible {
  /// A file, or a table in it (`x.h5:/group/table`), whatever its name looks like.
  case file(String)
  /// The answer to a query.
  case query(DataQuery)
  /// Standard input.
  case standardInput

  /// The file or the query, as messages call it.
  package var description: String {
    switch self {
    case .file(let path): path
    case .query(let query): query.text
    case .standardInput: "standard input"
    }
  }
}

/// A query that DuckDB answers: one `SELECT`.
package struct DataQuery: Codable, Hashable, Sendable {
  /// The statement.
  package let text: String
  /// Whether it may read the files of this machine that it names.
  package let allowsFiles: Bool

  /// Creates a query.
  ///
  /// - Parameters:
  ///   - text: One `SELECT` in DuckDB's SQL.
  ///   - allowsFiles: Whether it may read the files of this machine that it names. It never reads from a network, loads no
  ///     extension and writes nothing. Default: no.
  package init(_ text: String, allowsFiles: Bool = false) {
    self.text = text
    self.allowsFiles = allowsFiles
  }
}

/// What a user asks to be read, by all processes alike.
package enum DataRequest: Codable, Hashable, Sendable {
  /// Files, globs, patterns with `{rank}`, or `-` for standard input.
  case names([String])
  /// The same, of files that must have one format.
  case namesOf(PinnedFormat, [String])
  /// The rows of a query, shared by all processes.
  case query(DataQuery)
}
