// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// Rows read under a limit of memory are those read without.
struct MemoryLimitTests {
  /// All that was read, as bits.
  private struct Content: Equatable {
    var tables: [[[UInt64]]]
    var labels: [String]
    var skippedRowCount: Int
    var missingCounts: [Int]
    var isSparse: Bool

    init(_ loaded: LoadedRows<some Scalar>) throws {
      tables = try ([loaded.rows] + loaded.extraTables).map { table in
        var rows: [[UInt64]] = []
        try table.forEachChunk { chunk in
          for i in 0..<chunk.rowCount { rows.append(chunk.row(i).map(\.bitPattern)) }
        }
        return rows
      }
      labels = loaded.labels.map { labels in (0..<labels.count).map { "\(labels[$0])" } } ?? []
      skippedRowCount = loaded.skippedRowCount
      missingCounts = loaded.rows.missingCounts
      isSparse = loaded.layout.hasPrefix("sparse")
    }
  }

  private func read(
    _ request: DataRequest, size: Int, _ options: ReadOptions, limit: MemoryLimit?
  ) throws -> (contents: [Content], runCount: Int) {
    var options = options
    options.memoryLimit = limit
    options.pieceByteCount = 300
    let readings = try (0..<size).map { rank in
      try DataReading<Double>(DataNames.parts(of: request, rank: rank, size: size), options: options)
    }
    var quoteCount = 0
    var runCount = 0
    let columnCount = readings.reduce(0) { max($0, $1.leastColumnCount) }
    let contents = try readings.map { reading in
      if reading.isFirstPartOfFile { quoteCount = 0 }
      defer { quoteCount += reading.quoteCount }
      let loaded = try reading.resolved(startingInsideQuotes: quoteCount % 2 == 1, columnCount: columnCount)
      runCount += loaded.rows.runs.count { $0.inMemory == nil }
      return try Content(loaded)
    }
    return (contents, runCount)
  }

  private func check(_ names: [String], _ options: ReadOptions = ReadOptions()) throws {
    try check(.names(names), options)
  }

  private func check(_ request: DataRequest, _ options: ReadOptions = ReadOptions()) throws {
    for size in [1, 2, 5] {
      let whole = try read(request, size: size, options, limit: nil)
      let limited = try read(request, size: size, options, limit: MemoryLimit(windowByteCount: 1000))
      #expect(whole.contents == limited.contents, "\(request) on \(size) processes")
      #expect(whole.runCount == 0)
      if size == 1 { #expect(limited.runCount > 1, "\(request): nothing was stored") }
    }
  }

  private static let csv =
    "a,note,b,kind,w\n"
    + (0..<900).map { i in
      let note = i % 7 == 0 ? "\"odd \"\"\nnote\(i)\"" : "n"
      return "\(Double(i) / 8),\(note),\(i % 11 == 3 ? "NA" : "\(i * i)"),\(["x", "y", "z"][i % 3]),\(i % 4)\n"
    }.joined()

  @Test func csv() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(Self.csv)
    let columns = try ColumnSelection(parsing: "a,b")
    let options = ReadOptions(
      columns: columns, targets: ColumnSelection(names: ["w"]), label: ColumnSelection(names: ["kind"]),
      missing: .skipRow, threadCount: 2)
    try check([path], options)
    let other = try directory.write(Self.csv, to: "other.csv")
    try check([path, other, path], options)
  }

  @Test func damageIsFoundAtItsPlace() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(Self.csv.split(separator: "899.", maxSplits: 1)[0] + "oops,n,1,x,1\n")
    let options = ReadOptions(columns: ColumnSelection(names: ["a"]))
    func message(_ limit: MemoryLimit?) -> String {
      do {
        _ = try read(.names([path]), size: 1, options, limit: limit)
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(message(nil).contains("oops"))
    #expect(message(MemoryLimit(windowByteCount: 1000)) == message(nil))
  }

  @Test func sparse() throws {
    let directory = try TemporaryDirectory()
    let lines = (0..<700).map { i in
      "\(i % 3) "
        + stride(from: 1 + i % 4, to: 40, by: 1 + i % 9).map { "\($0):\(Double($0 + i) / 4)" }.joined(separator: " ")
    }
    let path = try directory.write(lines.joined(separator: "\n") + "\n", to: "data.svm")
    try check([path])
    try check([path], ReadOptions(targets: .last, threadCount: 2))
    try check(
      [path], ReadOptions(columns: try ColumnSelection(parsing: "3-9"), label: .last))
  }

  @Test func npy() throws {
    let directory = try TemporaryDirectory()
    let numbers = (0..<4000).map { $0 % 97 == 5 ? Double.nan : Double($0) / 8 }
    let path = directory.path + "/x.npy"
    try RowFileWriter.write(numbers, columnCount: 4, to: path)
    try check([path])
    try check([path], ReadOptions(columns: ColumnSelection(numbers: [2, 0]), missing: .skipRow))
    try check([path], ReadOptions(targets: .last, missing: .skipRow))
    let singles = directory.path + "/y.npy"
    try RowFileWriter.write(numbers.map { Float($0) }, columnCount: 5, to: singles)
    try check([singles])
  }

  @Test(arguments: ["types.arrow", "types-lz4.arrow", "types.arrows"]) func arrow(file: String) throws {
    let files = Array(repeating: try Fixture.path(file), count: 60)
    let targets: ColumnSelection = "uint8"
    let columns = ColumnSelection(names: ["last", "float32"])
    try check(files, ReadOptions(columns: columns, targets: targets))
    try check(
      files,
      ReadOptions(columns: columns, targets: targets, label: ColumnSelection(names: ["text"]), missing: .skipRow))
    try check(
      files, ReadOptions(columns: columns, targets: targets, label: ColumnSelection(names: ["steady"])))
  }

  @Test(arguments: ["stored.npz:x", "compressed.npz:columns"]) func npz(name: String) throws {
    let parts = name.split(separator: ":")
    let path = try Fixture.path(String(parts[0])) + ":" + parts[1]
    try check(Array(repeating: path, count: 60))
  }

  @Test(.enabled(if: HDF5Library.isHere), arguments: ["one.h5:x", "many.h5:group/single"])
  func hdf5(name: String) throws {
    let parts = name.split(separator: ":")
    let path = try Fixture.path(String(parts[0])) + ":" + parts[1]
    try check(Array(repeating: path, count: 60), ReadOptions(targets: .last))
  }

  @Test(.enabled(if: DuckDB.isHere, "no duckdb on the PATH or in LOCKSTEP_DUCKDB"), arguments: [false, true])
  func duckDB(isQuery: Bool) throws {
    let query = """
      SELECT i / 8 AS a, CASE WHEN i % 11 <> 3 THEN i * i END AS b, ['x', 'y', 'z'][i % 3 + 1] AS kind, i % 4 AS w
      FROM range(5000) t(i) ORDER BY i
      """
    let directory = try TemporaryDirectory()
    let path = try DuckDBTests.parquet(query, in: directory)
    var options = ReadOptions(
      columns: ColumnSelection(names: ["b", "a"]), targets: ColumnSelection(names: ["w"]), missing: .skipRow,
      threadCount: 2)
    try check(isQuery ? .query(DataQuery(query)) : .names([path]), options)
    options.label = ColumnSelection(names: ["kind"])
    try check(isQuery ? .query(DataQuery(query)) : .names([path]), options)
  }

  @Test(.enabled(if: DecompressionTests.commands.contains("gzip"))) func compressed() throws {
    let directory = try TemporaryDirectory()
    let path = try DecompressionTests.compressed("gzip", Self.csv, in: directory)
    try check([path], ReadOptions(columns: try ColumnSelection(parsing: "a,b"), missing: .skipRow))
  }
}
