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
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
    }
  }

  static func rows(_ loaded: some RowSource) throws -> [[Double]] {
    var rows: [[Double]] = []
    try loaded.forEachChunk { chunk in for i in 0..<chunk.rowCount { rows.append(chunk.row(i)) } }
    return rows
  }

  /// What each of `size` thread-ranks reads.
  static func readings(
    _ size: Int, _ names: [String], options: CSVOptions = CSVOptions()
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
    let options = CSVOptions(columns: ColumnSelection(names: ["value", "id"]))
    let results = Self.readings(size, ["\(folder.path)/all.csv"], options: options)
    #expect(try results.flatMap { try $0.get() } == (0..<200).map { [Double($0) / 8, Double($0)] })
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
}
