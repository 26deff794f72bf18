// SPDX-License-Identifier: Apache-2.0

import Glibc
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
  private func read(
    _ request: DataRequest, size: Int = 1, _ options: ReadOptions = ReadOptions()
  ) throws -> [LoadedRows<Double>] {
    try (0..<size).map { rank in
      try DataReading<Double>(DataNames.parts(of: request, rank: rank, size: size), options: options).resolved()
    }
  }

  private func read(
    _ path: String, size: Int = 1, _ options: ReadOptions = ReadOptions()
  ) throws -> [LoadedRows<Double>] { try read(.names([path]), size: size, options) }

  private func read(
    query: String, size: Int = 1, _ options: ReadOptions = ReadOptions()
  ) throws -> [LoadedRows<Double>] { try read(.query(DataQuery(query)), size: size, options) }

  /// A Parquet file that DuckDB writes.
  static func parquet(
    _ query: String, in directory: TemporaryDirectory, name: String = "x.parquet"
  ) throws -> String {
    let path = try directory.write("", to: name)
    try DuckDB.run(
      { _ in "COPY (\(query)) TO \(DuckDB.literal(path)) (FORMAT parquet, ROW_GROUP_SIZE 2048)" }, name: path)
    return path
  }

  @Test(arguments: [1, 2, 3, 7]) func processesShareAQuery(size: Int) throws {
    let parts = try read(query: Self.query, size: size)
    #expect(parts.flatMap { $0.table.nested } == Self.expected)
    #expect(parts.allSatisfy { $0.columnNames == ["a", "b \"c"] })
  }

  @Test func columnsOfTextAreCategoricalAndDatesAreNumbers() throws {
    let query = """
      SELECT CASE i % 3 WHEN 0 THEN 'b, "c"' WHEN 1 THEN 'a' END AS k, i, DATE '2024-01-31' AS d
      FROM range(6) t(i) ORDER BY i
      """
    let options = ReadOptions(missing: .mean, categorical: .chosen(ColumnSelection(names: ["k"])))
    let loaded = try read(query: query, options)[0]
    #expect(loaded.codedTexts == [["b, \"c\"", "a"]] && loaded.missing == [MissingCount(column: "k", count: 2)])
    let encoding = ColumnEncoding([
      .init(name: "k", values: ["a", "b, \"c\""]), .init(name: "i"), .init(name: "d"),
    ])
    let encoded = try loaded.encoded(by: encoding, fillsMissing: true)
    #expect(encoded.table.nested[1...2] == [[1, 0, 1, 1_706_659_200], [0, 1, 3, 1_706_659_200]])
    let preview = try #require(try DataPreview.of(.query(DataQuery(query))))
    // The program's text shows whole numbers, which the library's types do not tell apart.
    #expect(preview.columns.count == 3 && preview.columns[0].kind == .text && preview.columns[1].kind != .text)
  }

  @Test(arguments: [1, 2, 5]) func processesShareAParquetFile(size: Int) throws {
    let directory = try TemporaryDirectory()
    let path = try Self.parquet(Self.query, in: directory)
    #expect(try ReadOptions().columnNames(ofFile: path) == ["a", "b \"c"])
    let parts = try read(path, size: size)
    #expect(parts.flatMap { $0.table.nested } == Self.expected)
    let targeted = try read(path, size: size, ReadOptions(targets: .last))
    #expect(targeted.flatMap { $0.extraTables[0].table.nested } == Self.expected.map { [$0[1]] })
  }

  @Test func moreProcessesThanRowsLeaveSomeWithout() throws {
    let parts = try read(query: "SELECT 1 AS a, 2 AS b", size: 3)
    #expect(parts.map(\.rowCount).reduce(0, +) == 1 && parts.allSatisfy { $0.columnCount == 2 })
  }

  @Test func datesAndTruthValuesAreNumbers() throws {
    let rows = try read(
      query: "SELECT DATE '1970-01-03' AS d, TIMESTAMP '1970-01-01 00:01:00' AS t, true AS b, 12.30::DECIMAL(5, 2)")
    #expect(rows[0].table.nested == [[172_800, 60, 1, 12.3]])
  }

  @Test(arguments: [
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
    "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL(4,1)", "DECIMAL(9,2)", "DECIMAL(18,3)", "DECIMAL(38,4)",
  ])
  func numbersOfEveryTypeAreRead(type: String) throws {
    let query = "SELECT CAST(i % 100 AS \(type)) AS x, i AS y FROM range(5000) t(i) ORDER BY i"
    for size in [1, 3] {
      let rows = try read(query: query, size: size).flatMap { $0.table.nested }
      #expect(rows == (0..<5000).map { [Double($0 % 100), Double($0)] })
    }
  }

  @Test func timesAreSecondsOfEveryResolution() throws {
    let time = "'1969-12-31 23:59:58'"
    let rows = try read(
      query:
        "SELECT TIMESTAMP_S \(time), TIMESTAMP_MS \(time), TIMESTAMP_NS \(time), TIMESTAMPTZ '1969-12-31 23:59:58+00'"
    )
    #expect(rows[0].table.nested == [[-2, -2, -2, -2]])
  }

  @Test func rowsThatAreClaimedAndNotThereAreAnError() throws {
    let directory = try TemporaryDirectory()
    let path = try Self.parquet("SELECT i AS a FROM range(12345) t(i)", in: directory)
    var bytes = try directory.read("x.parquet")
    // The file says how many rows it has in bytes of seven bits, twice the number.
    func written(_ count: UInt64) -> [UInt8] {
      var (rest, bytes): (UInt64, [UInt8]) = (count << 1, [])
      while rest > 127 { (bytes, rest) = (bytes + [UInt8(rest & 127) | 128], rest >> 7) }
      return bytes + [UInt8(rest)]
    }
    let footerByteCount = bytes.dropLast(4).suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    var footer = Array(bytes.dropLast(8).suffix(footerByteCount))
    let own = written(12345)
    let place = try #require((0..<footer.count - own.count).first { footer[$0...].starts(with: own) })
    footer.replaceSubrange(place..<place + own.count, with: written(1 << 62))
    let length = withUnsafeBytes(of: UInt32(footer.count)) { Array($0) }
    bytes = bytes.dropLast(8 + footerByteCount) + footer + length + Array("PAR1".utf8)
    _ = try directory.write(bytes, to: "x.parquet")
    #expect(throws: LockstepError.self) { try DataLook(.file(path), options: ReadOptions()) }
    for size in [1, 2] { #expect(throws: LockstepError.self) { try read(path, size: size) } }
    let limit = MemoryLimit(windowByteCount: 1 << 20)
    #expect(throws: LockstepError.self) { try read(path, ReadOptions(memoryLimit: limit)) }
  }

  @Test func timesOfDayAreSecondsSinceMidnight() throws {
    let directory = try TemporaryDirectory()
    let query = """
      SELECT TIME '01:02:03.25' AS t, CAST(TIME '23:59:59' AS TIME_NS) AS n, TIMETZ '00:00:01+02' AS z, \
      CASE i WHEN 0 THEN TIME '00:00:00.000001' END AS m FROM range(2) r(i) ORDER BY i
      """
    let options = ReadOptions(missing: .skipRow)
    let expected = [[3723.25, 86399, 1, 1e-6]]
    #expect(try read(query: query, options)[0].table.nested == expected)
    let path = try Self.parquet("SELECT t, m FROM (\(query))", in: directory)
    #expect(try read(path, options)[0].table.nested == [[3723.25, 1e-6]])
  }

  @Test(arguments: [1, 2, 5]) func labelsAreTextsOrNumbers(size: Int) throws {
    let query = """
      SELECT i AS x, CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'a text of more than twelve bytes' ELSE 'é' END AS kind, i % 4 AS n
      FROM range(3000) t(i) ORDER BY i
      """
    let texts = try read(
      query: query, size: size, ReadOptions(columns: .init(numbers: [0]), label: .init(names: ["kind"])))
    let expected = (0..<3000).map { ["a", "a text of more than twelve bytes", "é"][$0 % 3] }
    #expect(
      texts.flatMap { part in part.labels.map { l in (0..<l.count).map { l[$0] } } ?? [] }
        == expected.map { .string($0) })
    let numbers = try read(
      query: query, size: size, ReadOptions(columns: .init(numbers: [0]), label: .init(names: ["n"])))
    let labels = numbers.compactMap { $0.withLabels(asWholeNumbers: true).labels?.integers }.flatMap { $0 }
    #expect(labels == (0..<3000).map { $0 % 4 })
  }

  @Test func textIsNoNumber() throws {
    let error = #expect(throws: LockstepError.self) { try read(query: "SELECT 1 AS a, 'x' AS b") }
    #expect(error?.code == .malformedInput && error?.place?.columnName == "b")
  }

  @Test func missingValuesFollowTheOption() throws {
    let query = "SELECT * FROM (VALUES (1, 2), (NULL, 4), (5, 6)) t(a, b)"
    #expect(try read(query: query, ReadOptions(missing: .skipRow))[0].table.nested == [[1, 2], [5, 6]])
    #expect(throws: LockstepError.self) { try read(query: query) }
  }

  @Test(arguments: [1, 2, 3]) func threadsShareManyColumns(threadCount: Int) throws {
    let directory = try TemporaryDirectory()
    let list = (0..<70).map { "i + \($0) AS c\($0)" }.joined(separator: ", ")
    let path = try Self.parquet(
      "SELECT \(list), CASE WHEN i <> 900 THEN i END AS last FROM range(1500) t(i)", in: directory)
    let features = (0..<70).reversed().filter { $0 != 7 }
    for size in [1, 2] {
      let options = ReadOptions(
        columns: ColumnSelection(numbers: features), targets: ColumnSelection(names: ["c7"]), missing: .skipRow,
        threadCount: threadCount)
      let parts = try read(path, size: size, options)
      #expect(parts.flatMap { $0.table.nested } == (0..<1500).map { i in features.map { Double(i + $0) } })
      #expect(parts.flatMap { $0.extraTables[0].table.nested } == (0..<1500).map { [Double($0 + 7)] })
    }
    let error = #expect(throws: LockstepError.self) { try read(path, ReadOptions(threadCount: threadCount)) }
    #expect(error?.place?.columnName == "last")
  }

  @Test(arguments: [1, 2, 3]) func theFirstMissingValueOfAParquetFileIsTold(threadCount: Int) throws {
    let directory = try TemporaryDirectory()
    let query = "SELECT i AS a, CASE WHEN i NOT IN (7000, 7001, 9000, 19000) THEN i END AS b FROM range(20000) t(i)"
    let path = try Self.parquet(query, in: directory)
    for _ in 0..<5 {
      let error = #expect(throws: LockstepError.self) { try read(path, ReadOptions(threadCount: threadCount)) }
      #expect(error?.code == .malformedInput && error?.place?.columnName == "b")
      // The program's rows come as text, of which a line is told.
      if try DuckDBLibrary.found() != nil { #expect(error?.place?.row == 7000) }
    }
    #expect(try read(path, size: 2, ReadOptions(missing: .skipRow, threadCount: threadCount))[1].skippedRowCount == 1)
  }

  @Test func whatDuckDBHandsOverIsForUsOnly() throws {
    guard let library = try DuckDBLibrary.found() else { try Test.cancel("DuckDB's library is not installed") }
    let database = try DuckDBDatabase(library, settings: [], name: "x")
    for row in ["i", "-i", "9223372036854775807", "'a'", "NULL"] {
      let error = #expect(throws: LockstepError.self) {
        try DuckDBAnswer(database, "SELECT lockstep_receive(CAST(1 AS BIGINT), \(row), i) FROM range(10) t(i)")
      }
      #expect(error?.cause?.contains("belongs to Lockstep") == true, "\(row)")
    }
  }

  @Test func whatDuckDBRefusesIsSaid() throws {
    let error = #expect(throws: LockstepError.self) { try read(query: "SELECT * FROM nowhere") }
    #expect(error?.code == .noInput && error?.cause?.contains("nowhere") == true)
    let directory = try TemporaryDirectory()
    let damaged = try directory.write(Array("PAR1 and then nothing of the kind PAR1".utf8), to: "x.parquet")
    #expect(throws: LockstepError.self) { try read(damaged) }
  }

  // MARK: What a file or a query must not do

  @Test func namesAreNoGlobsAndFoldersNoColumns() throws {
    let directory = try TemporaryDirectory()
    let one = try Self.parquet("SELECT 1 AS a", in: directory, name: "d1.parquet")
    let other = try Self.parquet("SELECT 100 AS a", in: directory, name: "d[1].parquet")
    #expect(try read(other)[0].table.nested == [[100]] && read(one)[0].table.nested == [[1]])
    try directory.makeFolder("key=5")
    let folder = try Self.parquet("SELECT 7 AS a", in: directory, name: "key=5/it's \"x*\".parquet")
    #expect(try read(folder)[0].table.nested == [[7]])
    #expect(try ReadOptions().columnNames(ofFile: folder) == ["a"])
    #expect(try read(folder, size: 2).flatMap { $0.table.nested } == [[7]])
  }

  @Test func aFilesNameIsNoQuery() throws {
    let directory = try TemporaryDirectory()
    let target = directory.path + "/written"
    _ = try directory.write("a\n1\n2\n", to: "data.csv")
    _ = try directory.write("a\n5\n", to: "sql:SELECT 1e9 AS a --.csv")
    _ = try directory.write("a\n6\n", to: "sql:SELECT 1)); COPY (SELECT 42) TO 'x'; SELECT ((1 --.csv")
    _ = try directory.write("a\n7\n", to: "-.csv")
    let rows = try read("\(directory.path)/*.csv")[0].table.nested
    #expect(rows.flatMap { $0 }.sorted() == [1, 2, 5, 6, 7])
    #expect(!directory.names.contains("x") && access(target, F_OK) != 0)
    let named = #expect(throws: LockstepError.self) { try read("sql:SELECT 1 AS a") }
    #expect(named?.code == .noInput && named?.message == "there is no such file")
  }

  @Test func queriesAreOneStatementAndReadNoFiles() throws {
    let directory = try TemporaryDirectory()
    let path = try Self.parquet("SELECT 1 AS a", in: directory)
    let csv = try directory.write("a\n1\n", to: "x.csv")
    for query in [
      "SELECT * FROM '\(path)'", "SELECT * FROM read_csv('\(csv)')", "SELECT content FROM read_text('/etc/hostname')",
      "SELECT * FROM glob('/*')",
    ] {
      let error = #expect(throws: LockstepError.self) { try read(query: query) }
      #expect(error?.code == .noInput && error?.remedy?.contains("allowsFiles") == true, "\(query)")
    }
    let allowed = DataRequest.query(DataQuery("SELECT * FROM '\(path)'", allowsFiles: true))
    #expect(try read(allowed)[0].table.nested == [[1]])
    for query in [
      "SELECT 1 AS a)); COPY (SELECT 42) TO '\(directory.path)/written' (FORMAT csv); SELECT ((2",
      "SELECT 1 AS a; SET threads = 1", "INSTALL httpfs", "COPY (SELECT 42) TO '\(directory.path)/written'",
      "SET enable_external_access = true", "ATTACH '\(directory.path)/written'", "", " ; -- nothing",
    ] {
      for allowsFiles in [false, true] {
        let request = DataRequest.query(DataQuery(query, allowsFiles: allowsFiles))
        #expect(throws: LockstepError.self, "\(query)") { try read(request) }
      }
    }
    let remote = DataRequest.query(DataQuery("SELECT * FROM 'https://127.0.0.1:9/x.parquet'", allowsFiles: true))
    #expect(throws: LockstepError.self) { try read(remote) }
    #expect(!directory.names.contains("written"))
  }

  @Test(arguments: [
    "SELECT 1 AS a -- one", "SELECT 1 AS a ; ", "SELECT 1 AS a; /* a /* nested */ comment; */ ; -- end",
    "SELECT length('; '' -- ') - 6 AS a", "SELECT length($x$ ; ' $x$) - 4 AS a", "/* ; */ SELECT 1 AS \"a\" -- ;",
  ])
  func commentsAndSemicolonsAreUnderstood(query: String) throws {
    #expect(try read(query: query)[0].table.nested == [[1]], "\(query)")
  }

  @Test func theProgramGivesTheNumbersOfTheLibrary() throws {
    let columns = [
      ("CAST(0.1 AS FLOAT)", Double(Float(0.1))), ("TIMESTAMP_NS '1970-01-01 00:00:00.000000001'", 1e-9),
      ("TIMESTAMPTZ '1969-12-31 23:59:59.999999+00'", -1e-6), ("DATE '1969-12-31'", -86_400),
      ("CAST('18446744073709551615' AS UBIGINT)", Double(UInt64.max)),
      ("CAST('170141183460469231731687303715884105727' AS UHUGEINT)", 0x1p127),
      ("CAST(9007199254740993 AS UHUGEINT)", 9_007_199_254_740_992),
    ]
    let list = columns.enumerated().map { "\($1.0) AS c\($0)" }.joined(separator: ", ")
    #expect(try read(query: "SELECT \(list)")[0].table.nested == [columns.map(\.1)])
  }

  @Test func aColumnByWhichRowsAreNumberedIsRefused() throws {
    let directory = try TemporaryDirectory()
    let path = try Self.parquet("SELECT 1 AS file_row_number, 2 AS b", in: directory)
    let error = #expect(throws: LockstepError.self) { try read(path) }
    #expect(error?.message.contains("file_row_number") == true && error?.cause == nil)
  }

  @Test func wideDecimalsAreRefused() throws {
    let path = try Fixture.path("decimal256.parquet")
    let error = #expect(throws: LockstepError.self) { try read(path) }
    #expect(error?.code == .unsupported || error?.description.contains("more than 38 digits") == true)
    #expect(try read(path, ReadOptions(columns: ColumnSelection(names: ["y"])))[0].table.nested == [[1], [2]])
  }

  @Test func spilledRowsArePrivateAndRemoved() throws {
    let directory = try TemporaryDirectory()
    var path = ""
    do {
      let folder = try #require(SpillFolder(in: directory.path))
      path = folder.path
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o700)
      _ = try directory.write("x", to: String(path.dropFirst(directory.path.count + 1)) + "/spilled")
    }
    #expect(access(path, F_OK) != 0)
  }
}

/// How the program is found.
@Suite(.serialized) struct DuckDBProgramTests {
  @Test func aBareNameIsLookedForOnThePathOnly() throws {
    let before = getenv("LOCKSTEP_DUCKDB").map { String(cString: $0) }
    defer { if let before { setenv("LOCKSTEP_DUCKDB", before, 1) } else { unsetenv("LOCKSTEP_DUCKDB") } }
    setenv("LOCKSTEP_DUCKDB", "a-program-that-is-nowhere", 1)
    #expect(throws: LockstepError.self) { try DuckDB.path(for: "x") }
    setenv("LOCKSTEP_DUCKDB", "sh", 1)
    #expect(try DuckDB.path(for: "x").hasSuffix("/sh") && DuckDB.path(for: "x").hasPrefix("/"))
    setenv("LOCKSTEP_DUCKDB", "./duckdb", 1)
    #expect(try DuckDB.path(for: "x") == "./duckdb")
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
