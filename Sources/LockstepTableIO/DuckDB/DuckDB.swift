// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// The command-line program of DuckDB, found at run time where its library is not: it reads Parquet, and whatever else a query
/// can name.
///
/// Searched for: what `LOCKSTEP_DUCKDB` names, then `duckdb`, on the `PATH` if the name has no slash, and never in the current folder
/// because of that.
enum DuckDB {
  /// The program's path.
  ///
  /// - Throws: `LockstepError` with code `.missingLibrary` that says how to get it.
  static func path(for name: String) throws -> String {
    let named = getenv("LOCKSTEP_DUCKDB").map { String(cString: $0) } ?? ""
    let program = named.isEmpty || DuckDBLibrary.isName(named) ? "duckdb" : named
    guard !program.contains("/") else { return program }
    let directories = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    for directory in directories.split(separator: ":") where directory.hasPrefix("/") {
      let path = "\(directory)/\(program)"
      if access(path, X_OK) == 0 { return path }
    }
    throw LockstepError(
      .missingLibrary, "Parquet files and queries are read by DuckDB, which was not found",
      remedy: "install it (pip install duckdb-cli), or name the program or its library in LOCKSTEP_DUCKDB",
      place: .init(file: name))
  }

  /// Whether the library or the program is here.
  static var isHere: Bool {
    if case .some(.some) = try? DuckDBLibrary.found() { return true }
    return (try? path(for: "")) != nil
  }

  /// What DuckDB is always told: it loads and installs no extension.
  static let restrictions = [
    "autoinstall_known_extensions = false", "autoload_known_extensions = false", "allow_community_extensions = false",
  ]

  /// Does what a statement of our own says, which gives no rows, and names an open file by its descriptor.
  ///
  /// - Throws: `LockstepError` with DuckDB's words if it refuses, or DuckDB is not here.
  static func run(_ statement: (_ descriptor: Int32) -> String, on file: InputFile? = nil, name: String) throws {
    if let library = try DuckDBLibrary.found() {
      _ = try DuckDBAnswer(
        DuckDBDatabase(library, settings: restrictions, name: name), statement(file?.descriptor ?? 0))
    } else {
      let settings = restrictions.map { "SET \($0); " }.joined()
      _ = try ChildOutput(
        [try path(for: name), "-no-init", "-c", settings + statement(0)], name: name, input: file?.descriptor
      ).readAll()
    }
  }

  /// The names of the columns of a Parquet file or a query.
  static func columnNames(_ source: DuckDBSource) throws -> [String]? {
    guard let library = try DuckDBLibrary.found() else { return try DuckDBRows(source).columnNames }
    return try DuckDBStore(library, source, options: ReadOptions()).columnNames
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
