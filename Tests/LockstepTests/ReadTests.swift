// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

@Suite struct ReadTests {
  /// A folder that is gone after the test.
  final class Folder {
    let path = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }
    func write(_ name: String, _ bytes: [UInt8]) throws {
      try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
    }
  }

  static func rows(_ loaded: some RowSource) throws -> [[Double]] {
    var rows: [[Double]] = []
    try loaded.forEachChunk { chunk in for i in 0..<chunk.rowCount { rows.append(chunk.row(i)) } }
    return rows
  }

  /// What each of `size` thread-ranks reads.
  static func readings(
    _ size: Int, _ names: [String], options: ReadOptions = ReadOptions()
  ) -> [Result<[[Double]], any Error>] {
    ThreadRanks.run(size) { communicator in
      try rows(ExecutionContext(communicator: communicator, threadCount: 2).read(names, options: options))
    }
  }

  @Test(arguments: [1, 2, 3, 5, 8]) func anyCutOfAFileWithQuotedLineEndsGivesItsRows(size: Int) throws {
    let folder = try Folder()
    // A text column that holds line ends, delimiters and quotes, so that cuts fall inside quotes.
    let lines = (0..<200).map { i in "\(i),\"note \(i),\nsecond \"\"line\"\"\n\(i * 7 % 13),9\",\(Double(i) / 8)" }
    try folder.write("all.csv", "id,note,value\n" + lines.joined(separator: "\n"))
    let options = ReadOptions(columns: ColumnSelection(names: ["value", "id"]))
    let results = Self.readings(size, ["\(folder.path)/all.csv"], options: options)
    #expect(try results.flatMap { try $0.get() } == (0..<200).map { [Double($0) / 8, Double($0)] })
  }

  @Test(arguments: [1, 2, 3, 5]) func `labels are whole numbers on all ranks, or texts on all`(size: Int) throws {
    let folder = try Folder()
    for (name, last) in [("numbers", "7"), ("texts", "seven")] {
      let lines = (0..<100).map { "\($0),\($0 / 30 - 1)" } + ["100,\(last)"]
      try folder.write("\(name).csv", "x,kind\n" + lines.joined(separator: "\n"))
      let path = "\(folder.path)/\(name).csv"
      let shares = ThreadRanks.run(size) { communicator in
        let loaded = try ExecutionContext(communicator: communicator, threadCount: 2).read(
          path, options: ReadOptions(label: .last))
        #expect(loaded.layout == "dense Double with \(loaded.labels?.kind ?? "none")")
        return try #require(loaded.labels)
      }
      let labels = try shares.map { try $0.get() }
      let expected = (0..<100).map { $0 / 30 - 1 }
      #expect(
        labels[0].appending(Array(labels.dropFirst()))
          == (name == "numbers" ? RowLabels(expected + [7]) : RowLabels(expected.map(String.init) + ["seven"])))
    }
  }

  @Test(arguments: [1, 2, 3]) func rolesMakeRowsThatFitTakes(size: Int) throws {
    let folder = try Folder()
    let lines = (0..<60).map { "\($0 % 7),\($0 % 3),\(3 * ($0 % 7) - ($0 % 5)),\($0)" }
    let repeated = (0..<60).flatMap { i in Array(repeating: lines[i], count: i % 3) }
    try folder.write("weighted.csv", "x,times,price,id\n" + lines.joined(separator: "\n"))
    try folder.write("repeated.csv", "x,times,price,id\n" + repeated.joined(separator: "\n"))
    let path = folder.path
    for result in ThreadRanks.run(
      size,
      { communicator -> [Matrix] in
        let context = ExecutionContext(communicator: communicator)
        let weighted = try context.read("\(path)/weighted.csv", except: "id", targets: "price", weights: "times")
        let single = try context.read("\(path)/weighted.csv", columns: "x", targets: "price", as: Float.self)
        #expect(weighted.layout == "dense Double with 1 responses with weights", "\(weighted.layout)")
        #expect(single.layout == "dense Float with 1 responses" && weighted.columnNames == ["x"])
        let all = try context.read("\(path)/repeated.csv", columns: "x", targets: "price")
        return [
          try LinearRegression().fit(weighted, in: context).coefficients,
          try LinearRegression().fit(all, in: context).coefficients,
        ]
      })
    {
      let found = try result.get()
      #expect(abs(found[0][0, 0] - found[1][0, 0]) <= 8 * found[1][0, 0].ulp)
    }
  }

  @Test(arguments: [1, 2, 3]) func filesThatDifferAreNamed(size: Int) throws {
    let folder = try Folder()
    let first = "a,b\n1,2\n"
    for (second, words) in [
      ("3,4\n", "pass --header no"), ("b,a\n3,4\n", "column 0 is \"b\""), ("a,b,c\n3,4,5\n", "has 3 columns"),
    ] {
      for (i, text) in [first, second, second].enumerated() { try folder.write("part\(i).csv", text) }
      for result in Self.readings(size, ["\(folder.path)/part*.csv"]) {
        let error = #expect(throws: LockstepError.self) { try result.get() }
        #expect(error?.description(in: .commandLine).contains(words) == true, "\(String(describing: error))")
        #expect(error?.place?.file?.contains("part") == true)
      }
    }
  }

  @Test func filesOfAGlobKeepTheirOrder() throws {
    let folder = try Folder()
    for day in 1...12 { try folder.write("day\(day).csv", "x\n\(day)\n\(day + 100)\n") }
    for size in [1, 3, 7] {
      let results = Self.readings(size, ["\(folder.path)/day*.csv"])
      #expect(try results.flatMap { try $0.get() } == (1...12).flatMap { [[Double($0)], [Double($0 + 100)]] })
    }
  }

  @Test func oneBadValueIsTheSameErrorOnAllRanks() throws {
    let folder = try Folder()
    for rank in 0..<4 { try folder.write("file\(rank).csv", "a,b\n1,2\n3,\(rank == 2 ? "abc" : "4")\n") }
    for result in Self.readings(4, ["\(folder.path)/file{rank}.csv"]) {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.code == .malformedInput)
      #expect(error?.rank == 2)
      #expect(error?.place?.line == 3 && error?.place?.column == 2 && error?.place?.columnName == "b")
    }
  }

  @Test func aMissingFileIsTheSameErrorOnAllRanks() throws {
    let folder = try Folder()
    for rank in 0..<3 { try folder.write("file\(rank).csv", "1,2\n") }
    for result in Self.readings(4, ["\(folder.path)/file{rank}.csv"]) {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.code == .noInput && error?.rank == 3)
    }
  }

  @Test func theModelIsTheSameForOneFileAndForFour() throws {
    let folder = try Folder()
    var generator = SplitMix64(state: 3)
    let lines = (0..<3000).map { _ in
      (0..<3).map { _ in "\(Double.random(in: -9...9, using: &generator))" }.joined(separator: ",")
    }
    try folder.write("all.csv", lines.joined(separator: "\n") + "\n")
    let cuts = [0, 10, 1000, 1700, 3000]
    for rank in 0..<4 {
      try folder.write("file\(rank).csv", "x,y,z\n" + lines[cuts[rank]..<cuts[rank + 1]].joined(separator: "\n"))
    }
    func digests(_ size: Int, _ names: [String]) throws -> Set<String> {
      let results = ThreadRanks.run(size) { communicator in
        let context = ExecutionContext(communicator: communicator)
        let rows = try context.read(names)
        let start = try KMeansInitialization(clusterCount: 5).fit(rows, in: context)
        return try KMeans(clusterCount: 5).fit(rows, startingAt: start, in: context).digest
      }
      return Set(try results.map { try $0.get() })
    }
    let expected = try digests(1, ["\(folder.path)/all.csv"])
    #expect(expected.count == 1)
    for size in 2...5 { #expect(try digests(size, ["\(folder.path)/all.csv"]) == expected) }
    #expect(try digests(4, ["\(folder.path)/file{rank}.csv"]) == expected)
  }

  @Test(arguments: [1, 2, 3, 4, 5]) func theFormatOfTheSameNumbersDoesNotShowInAModel(size: Int) throws {
    let folder = try Folder()
    var generator = SplitMix64(state: 3)
    var rows: [[Double]] = []
    for i in 0..<500 {
      var row = [Double](repeating: 0, count: 6)
      row[0] = Double(i % 4)
      for j in 1..<6 where i % 9 != 2 && Int.random(in: 0..<3, using: &generator) == 0 {
        row[j] = Double.random(in: -2...9, using: &generator)
      }
      rows.append(row)
    }
    func entries(_ row: [Double]) -> [(Int, Double)] {
      row.enumerated().filter { $0.element != 0 }.map { ($0.offset, $0.element) }
    }
    try folder.write("a.csv", rows.map { $0.map { "\($0)" }.joined(separator: ",") + "\n" }.joined())
    var lines = ""
    var coordinates: [String] = []
    for (i, row) in rows.enumerated() {
      lines += "\(row[5])"
      for (j, value) in entries(row) {
        lines += " \(j + 1):\(value)"
        coordinates.append("\(i + 1) \(j + 1) \(value)\n")
      }
      lines += "\n"
    }
    try folder.write("a.svm", lines)
    let banner = "%%MatrixMarket matrix"
    try folder.write(
      "a.mtx",
      "\(banner) coordinate real general\n500 6 \(coordinates.count)\n"
        + coordinates.shuffled(using: &generator).joined())
    var columns = ""
    for j in 0..<6 { for row in rows { columns += "\(row[j])\n" } }
    try folder.write("array.mtx", "\(banner) array real general\n500 6\n" + columns)

    func digests(_ name: String) throws -> [[String]] {
      let path = "\(folder.path)/\(name)"
      return try ThreadRanks.run(size) { communicator in
        let context = ExecutionContext(communicator: communicator, threadCount: size == 2 ? 2 : 1)
        let table = try context.read(path)
        return [
          try LowOrderMoments().fit(table, in: context).digest,
          try KMeans(clusterCount: 4).fit(table, in: context).digest,
        ]
      }.map { try $0.get() }
    }
    let expected = try digests("a.csv")
    for name in ["a.svm", "a.mtx", "array.mtx"] { #expect(try digests(name) == expected, "\(name)") }

    // The label of the SVMLight file is the number that stands last in the CSV file.
    func regression(_ name: String, _ options: ReadOptions) throws -> [Matrix] {
      let path = "\(folder.path)/\(name)"
      return try ThreadRanks.run(size) { communicator in
        let context = ExecutionContext(communicator: communicator)
        let table = try context.read(path, options: options)
        return try LinearRegression().fit(table, in: context).coefficients
      }.map { try $0.get() }
    }
    let features = ColumnSelection(numbers: [0, 1, 2, 3, 4])
    let options = ReadOptions(columns: features, targets: .last)
    #expect(try regression("a.svm", options) == regression("a.csv", options))
  }

  @Test func processesWithoutLinesOfASparseFileHaveItsColumns() throws {
    let folder = try Folder()
    try folder.write("a.svm", "1 3:1 7:2\n2 1:5\n")
    let path = folder.path
    let results = ThreadRanks.run(5) { communicator in
      let context = ExecutionContext(communicator: communicator)
      let table = try context.read("\(path)/a.svm")
      return (table.columnCount, try LowOrderMoments().fit(table, in: context).mean)
    }
    for result in results { #expect(try result.get() == (7, [2.5, 0, 0.5, 0, 0, 0, 1])) }
    try folder.write("b.svm", "1 3:1 7:2\n2 1:5 1:6\n3 1:1\n")
    for result in Self.readings(3, ["\(folder.path)/b.svm"]) {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.code == .malformedInput && error?.place?.line == 2)
    }
  }
}
