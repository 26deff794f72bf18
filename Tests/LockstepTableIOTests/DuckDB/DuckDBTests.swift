// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// Queries and Parquet, where DuckDB is here; skipped elsewhere.
@Suite(.enabled(if: DuckDB.isHere, "no duckdb on the PATH or in LOCKSTEP_DUCKDB"), .serialized)
struct DuckDBTests {
  static let query = "SELECT i AS a, (i * i % 101) / 7 AS \"b \"\"c\" FROM range(1000) t(i) ORDER BY i"
  static let expected = (0..<1000).map { [Double($0), Double($0 * $0 % 101) / 7] }

  /// What each of `size` processes reads.
  private func read(_ name: String, size: Int = 1, _ options: CSVOptions = CSVOptions()) throws -> [LoadedRows<Double>]
  {
    try (0..<size).map { rank in
      try DataReading<Double>(DataNames.parts(of: [name], rank: rank, size: size), options: options).resolved()
    }
  }

  /// A Parquet file that DuckDB writes.
  static func parquet(_ query: String, in directory: TemporaryDirectory) throws -> String {
    let path = try directory.write("", to: "x.parquet")
    try DuckDB.run("COPY (\(query)) TO \(DuckDB.literal(path)) (FORMAT parquet, ROW_GROUP_SIZE 2048)", name: path)
    return path
  }

  @Test(arguments: [1, 2, 3, 7]) func processesShareAQuery(size: Int) throws {
    let parts = try read("sql:" + Self.query, size: size)
    #expect(parts.flatMap { $0.table.nested } == Self.expected)
    #expect(parts.allSatisfy { $0.columnNames == ["a", "b \"c"] })
  }

  @Test func columnsOfTextAreCategoricalAndDatesAreNumbers() throws {
    let query = """
      SELECT CASE i % 3 WHEN 0 THEN 'b, "c"' WHEN 1 THEN 'a' END AS k, i, DATE '2024-01-31' AS d
      FROM range(6) t(i) ORDER BY i
      """
    let options = CSVOptions(missing: .mean, categoricalColumns: .chosen(ColumnSelection(names: ["k"])))
    let loaded = try read("sql:" + query, options)[0]
    #expect(loaded.codedTexts == [["b, \"c\"", "a"]] && loaded.missing == [MissingCount(column: "k", count: 2)])
    let encoding = ColumnEncoding([
      .init(name: "k", values: ["a", "b, \"c\""]), .init(name: "i"), .init(name: "d"),
    ])
    let encoded = try loaded.encoded(by: encoding, fillsMissing: true)
    #expect(encoded.table.nested[1...2] == [[1, 0, 1, 1_706_659_200], [0, 0, 2, 1_706_659_200]])
    let preview = try #require(try DataPreview.of("sql:" + query))
    // The program's text shows whole numbers, which the library's types do not tell apart.
    #expect(preview.columns.count == 3 && preview.columns[0].kind == .text && preview.columns[1].kind != .text)
  }

  @Test(arguments: [1, 2, 5]) func processesShareAParquetFile(size: Int) throws {
    let directory = try TemporaryDirectory()
    let path = try Self.parquet(Self.query, in: directory)
    #expect(try CSVOptions().columnNames(ofFile: path) == ["a", "b \"c"])
    let parts = try read(path, size: size)
    #expect(parts.flatMap { $0.table.nested } == Self.expected)
    let apart = try read(path, size: size, CSVOptions(columnsApart: [.last]))
    #expect(apart.flatMap { $0.apart[0].table.nested } == Self.expected.map { [$0[1]] })
  }

  @Test func moreProcessesThanRowsLeaveSomeWithout() throws {
    let parts = try read("sql:SELECT 1 AS a, 2 AS b", size: 3)
    #expect(parts.map(\.rowCount).reduce(0, +) == 1 && parts.allSatisfy { $0.columnCount == 2 })
  }

  @Test func datesAndTruthValuesAreNumbers() throws {
    let rows = try read(
      "sql:SELECT DATE '1970-01-03' AS d, TIMESTAMP '1970-01-01 00:01:00' AS t, true AS b, 12.30::DECIMAL(5, 2)")
    #expect(rows[0].table.nested == [[172_800, 60, 1, 12.3]])
  }

  @Test(arguments: [
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
    "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL(4,1)", "DECIMAL(9,2)", "DECIMAL(18,3)", "DECIMAL(38,4)",
  ])
  func numbersOfEveryTypeAreRead(type: String) throws {
    let query = "SELECT CAST(i % 100 AS \(type)) AS x, i AS y FROM range(5000) t(i) ORDER BY i"
    for size in [1, 3] {
      let rows = try read("sql:" + query, size: size).flatMap { $0.table.nested }
      #expect(rows == (0..<5000).map { [Double($0 % 100), Double($0)] })
    }
  }

  @Test func timesAreSecondsOfEveryResolution() throws {
    let time = "'1969-12-31 23:59:58'"
    let rows = try read(
      "sql:SELECT TIMESTAMP_S \(time), TIMESTAMP_MS \(time), TIMESTAMP_NS \(time), TIMESTAMPTZ '1969-12-31 23:59:58+00'"
    )
    #expect(rows[0].table.nested == [[-2, -2, -2, -2]])
  }

  @Test(arguments: [1, 2, 5]) func labelsAreTextsOrNumbers(size: Int) throws {
    let query = """
      sql:SELECT i AS x, CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'a text of more than twelve bytes' ELSE 'é' END AS kind, i % 4 AS n
      FROM range(3000) t(i) ORDER BY i
      """
    let texts = try read(
      query, size: size, CSVOptions(columns: .init(numbers: [0]), labelColumn: .init(names: ["kind"])))
    let expected = (0..<3000).map { ["a", "a text of more than twelve bytes", "é"][$0 % 3] }
    #expect(
      texts.flatMap { part in part.labels.map { l in (0..<l.count).map { l[$0] } } ?? [] }
        == expected.map { .string($0) })
    let numbers = try read(
      query, size: size, CSVOptions(columns: .init(numbers: [0]), labelColumn: .init(names: ["n"])))
    let labels = numbers.compactMap { $0.withLabels(asWholeNumbers: true).labels?.integers }.flatMap { $0 }
    #expect(labels == (0..<3000).map { $0 % 4 })
  }

  @Test func textIsNoNumber() throws {
    let error = #expect(throws: LockstepError.self) { try read("sql:SELECT 1 AS a, 'x' AS b") }
    #expect(error?.code == .malformedInput && error?.place?.columnName == "b")
  }

  @Test func missingValuesFollowTheOption() throws {
    let query = "sql:SELECT * FROM (VALUES (1, 2), (NULL, 4), (5, 6)) t(a, b)"
    #expect(try read(query, CSVOptions(missing: .skipRow))[0].table.nested == [[1, 2], [5, 6]])
    #expect(throws: LockstepError.self) { try read(query) }
  }

  @Test(arguments: [1, 2, 3]) func threadsShareManyColumns(threadCount: Int) throws {
    let directory = try TemporaryDirectory()
    let list = (0..<70).map { "i + \($0) AS c\($0)" }.joined(separator: ", ")
    let path = try Self.parquet(
      "SELECT \(list), CASE WHEN i <> 900 THEN i END AS last FROM range(1500) t(i)", in: directory)
    let features = (0..<70).reversed().filter { $0 != 7 }
    for size in [1, 2] {
      let options = CSVOptions(
        columns: ColumnSelection(numbers: features), columnsApart: [ColumnSelection(names: ["c7"])], missing: .skipRow,
        threadCount: threadCount)
      let parts = try read(path, size: size, options)
      #expect(parts.flatMap { $0.table.nested } == (0..<1500).map { i in features.map { Double(i + $0) } })
      #expect(parts.flatMap { $0.apart[0].table.nested } == (0..<1500).map { [Double($0 + 7)] })
    }
    let error = #expect(throws: LockstepError.self) { try read(path, CSVOptions(threadCount: threadCount)) }
    #expect(error?.place?.columnName == "last")
  }

  @Test(arguments: [1, 2, 3]) func theFirstMissingValueOfAParquetFileIsTold(threadCount: Int) throws {
    let directory = try TemporaryDirectory()
    let query = "SELECT i AS a, CASE WHEN i NOT IN (7000, 7001, 9000, 19000) THEN i END AS b FROM range(20000) t(i)"
    let path = try Self.parquet(query, in: directory)
    for _ in 0..<5 {
      let error = #expect(throws: LockstepError.self) { try read(path, CSVOptions(threadCount: threadCount)) }
      #expect(error?.code == .malformedInput && error?.place?.columnName == "b")
      // The program's rows come as text, of which a line is told.
      if try DuckDBLibrary.found() != nil { #expect(error?.place?.row == 7000) }
    }
    #expect(try read(path, size: 2, CSVOptions(missing: .skipRow, threadCount: threadCount))[1].skippedRowCount == 1)
  }

  @Test func whatDuckDBHandsOverIsForUsOnly() throws {
    guard let library = try DuckDBLibrary.found() else { return }
    let database = try DuckDBDatabase(library, name: "x")
    for row in ["i", "-i", "9223372036854775807", "'a'", "NULL"] {
      let error = #expect(throws: LockstepError.self) {
        try DuckDBAnswer(database, "SELECT lockstep_receive(CAST(1 AS BIGINT), \(row), i) FROM range(10) t(i)")
      }
      #expect(error?.cause?.contains("belongs to Lockstep") == true, "\(row)")
    }
  }

  @Test func whatDuckDBRefusesIsSaid() throws {
    let error = #expect(throws: LockstepError.self) { try read("sql:SELECT * FROM nowhere") }
    #expect(error?.code == .noInput && error?.cause?.contains("nowhere") == true)
    let directory = try TemporaryDirectory()
    let damaged = try directory.write(Array("PAR1 and then nothing of the kind PAR1".utf8), to: "x.parquet")
    #expect(throws: LockstepError.self) { try read(damaged) }
    let two = #expect(throws: LockstepError.self) { try DataNames.parts(of: ["sql:SELECT 1", "x"], rank: 0, size: 1) }
    #expect(two?.code == .usage)
  }
}

struct ChildOutputTests {
  @Test func complaintsOfAnyLengthStopNothing() throws {
    let shell = ["/bin/sh", "-c"]
    let script =
      "i=0; while [ $i -lt 4000 ]; do echo 'a complaint of some forty characters, again' >&2; i=$((i+1)); done; "
    let output = try ChildOutput(shell + [script + "echo done"], name: "x").readAll()
    #expect(String(decoding: output, as: UTF8.self) == "done\n")
    let error = #expect(throws: LockstepError.self) {
      try ChildOutput(shell + [script + "exit 3"], name: "x").readAll()
    }
    #expect(error?.cause?.hasPrefix("a complaint") == true)
  }
}
