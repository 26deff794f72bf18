// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

@Suite struct DataNamesTests {
  private func parts(_ names: [String], _ rank: Int, of size: Int) throws -> [String] {
    try DataNames.parts(of: names, rank: rank, size: size).map(\.description)
  }

  @Test func oneFileIsShared() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("1\n")
    #expect(try parts([path], 0, of: 1) == [path])
    #expect(try DataNames.parts(of: [path], rank: 2, size: 3) == [DataPart(path, shard: FileShard(index: 2, count: 3))])
    #expect(try parts([path], 2, of: 3) == ["\(path) (part 3 of 3)"])
  }

  @Test func globsAreSortedByValue() throws {
    let directory = try TemporaryDirectory()
    for name in ["d10.csv", "d2.csv", "d1.csv", "e.txt"] { _ = try directory.write("1\n", to: name) }
    let paths = ["d1.csv", "d2.csv", "d10.csv"].map { directory.path + "/" + $0 }
    #expect(try parts([directory.path + "/d*.csv"], 0, of: 1) == paths)
    #expect(try parts([directory.path + "/d*.csv"], 1, of: 3) == [paths[1]])
    #expect(try parts([paths[2], paths[0]], 0, of: 1) == [paths[2], paths[0]])
    let literal = try directory.write("1\n", to: "[x]*.csv")
    #expect(try parts([literal], 0, of: 1) == [literal])
    let error = #expect(throws: LockstepError.self) { try parts([directory.path + "/z*"], 0, of: 1) }
    #expect(error?.code == .noInput)
    #expect(error?.message.hasSuffix("/z*") == true)
  }

  @Test func ordersNamesNaturally() {
    let sorted = ["", "a", "a1", "a01", "a2", "a2b", "a10", "a10.1", "b"]
    for i in sorted.indices {
      for j in sorted.indices where sorted[i] != "a1" || sorted[j] != "a01" {
        let isLess = NaturalOrder.isLess(sorted[i], sorted[j])
        if [sorted[i], sorted[j]].sorted() == ["a01", "a1"] {
          #expect(isLess == (sorted[i] == "a01"))
        } else {
          #expect(isLess == (i < j), "\(sorted[i]) \(sorted[j])")
        }
      }
    }
  }

  @Test func eachRankItsOwnFile() throws {
    let directory = try TemporaryDirectory()
    for rank in 0..<3 { _ = try directory.write("1\n", to: "f\(rank).csv") }
    #expect(try parts([directory.path + "/f{rank}.csv"], 2, of: 3) == [directory.path + "/f2.csv"])
    #expect(try parts([directory.path + "/f{}.csv"], 0, of: 3) == [directory.path + "/f0.csv"])
    #expect(try parts([directory.path + "/f{rank+1}.csv"], 1, of: 2) == [directory.path + "/f2.csv"])
    let missing = #expect(throws: LockstepError.self) { try parts([directory.path + "/f{rank}.csv"], 3, of: 4) }
    #expect(missing?.description == directory.path + "/f3.csv: there is no such file")
    let mixed = #expect(throws: LockstepError.self) {
      try parts([directory.path + "/f{rank}.csv", directory.path + "/f0.csv"], 0, of: 2)
    }
    #expect(mixed?.code == .usage)
  }

  @Test func patternsAreSpelled() {
    #expect(RankPattern("a{rank:03}b").name(for: 7) == "a007b")
    #expect(RankPattern("a{rank+1:02}").name(for: 9) == "a10")
    #expect(RankPattern("{}-{rank+10}").name(for: 2) == "2-12")
    for text in ["plain", "{ranks}", "{rank+}", "{rank:}", "{rank+x}", "a{b}c", "{", "}{", "{rank", ""] {
      #expect(!RankPattern(text).dependsOnRank, "\(text)")
      #expect(RankPattern(text).name(for: 1) == text)
    }
  }

  @Test func standardInputIsAlone() throws {
    #expect(try DataNames.parts(of: ["-"], rank: 0, size: 1) == [DataPart(.standardInput)])
    #expect(try parts(["-"], 0, of: 1) == ["standard input"])
    #expect(throws: LockstepError.self) { try parts(["-"], 0, of: 2) }
    #expect(throws: LockstepError.self) { try parts(["-", "a.csv"], 0, of: 1) }
    #expect(throws: LockstepError.self) { try parts([], 0, of: 1) }
  }

  @Test func whatAGlobFindsIsAFile() throws {
    let directory = try TemporaryDirectory()
    for name in ["-", "sql:SELECT 1", "a{rank}"] { _ = try directory.write("1\n", to: name) }
    let names = ["-", "a{rank}", "sql:SELECT 1"].map { "\(directory.path)/\($0)" }
    #expect(try Set(DataNames.parts(of: [directory.path + "/*"], rank: 0, size: 1)) == Set(names.map { DataPart($0) }))
    #expect(throws: LockstepError.self) { try parts(["sql:SELECT 1"], 0, of: 1) }
    let query = DataQuery("SELECT 1")
    #expect(
      try DataNames.parts(of: .query(query), rank: 1, size: 2)
        == [DataPart(.query(query), shard: FileShard(index: 1, count: 2))])
  }

  @Test func aFormatCanBePinned() throws {
    let directory = try TemporaryDirectory()
    let files: [(PinnedFormat, String)] = [
      (.csv, try directory.write("1,2\n", to: "x.csv")), (.svmLight, try directory.write("1 1:2\n", to: "x.svm")),
      (.matrixMarket, try directory.write("%%MatrixMarket matrix array real general\n1 1\n1\n", to: "x.mtx")),
      (.hdf5, try Fixture.path("one.h5")), (.npz, try Fixture.path("stored.npz")),
      (.arrow, try Fixture.path("types.arrow")), (.arrow, try Fixture.path("types.arrows")),
      (.parquet, try Fixture.path("decimal256.parquet")),
    ]
    for (format, path) in files {
      for pinned in PinnedFormat.allCases {
        let request = DataRequest.namesOf(pinned, [path])
        if pinned == format {
          #expect(try DataNames.parts(of: request, rank: 0, size: 1) == [DataPart(path)])
        } else {
          let error = #expect(throws: LockstepError.self) { try DataNames.parts(of: request, rank: 0, size: 1) }
          #expect(error?.code == .malformedInput)
        }
      }
    }
  }

  @Test func aNamedPipeIsOpenedOnce() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/pipe"
    try #require(mkfifo(path, 0o600) == 0)
    // Nobody writes: to open it would wait for ever.
    let parts = try DataNames.parts(of: [path], rank: 0, size: 1)
    #expect(
      try parts == [DataPart(path)] && DataPreview.of(path) == nil && ReadOptions().columnNames(ofFile: path) == nil)
    #expect(throws: LockstepError.self) { try DataLook(.file(path), options: ReadOptions()) }
    let shared = #expect(throws: LockstepError.self) {
      try DataReading<Double>(DataNames.parts(of: [path], rank: 1, size: 2))
    }
    #expect(shared?.code == .usage)
    let writer = WriterThread(path: path, text: "a,b\n1,2\n3,4\n")
    #expect(try DataReading<Double>(parts).resolved().rowCount == 2)
    writer.join()
  }

  @Test func everyRankSeesEveryBadFile() throws {
    let directory = try TemporaryDirectory()
    let good = try directory.write("1\n", to: "a.csv")
    let empty = try directory.write("", to: "b.csv")
    try directory.makeFolder("folder")
    for rank in 0..<2 {
      let error = #expect(throws: LockstepError.self) { try parts([empty], rank, of: 2) }
      #expect(error?.description == "\(empty): the file is empty")
      #expect(throws: LockstepError.self) { try parts([good, directory.path + "/folder"], rank, of: 2) }
      #expect(throws: LockstepError.self) { try parts([good, directory.path + "/c.csv"], rank, of: 2) }
    }
  }

  @Test func dealsBytesEvenlyInOrder() {
    #expect(FileDealing.runs(byteCounts: [1, 1, 1, 1], count: 2) == [0..<2, 2..<4])
    #expect(FileDealing.runs(byteCounts: [10, 1, 1, 1, 1, 10], count: 3) == [0..<1, 1..<5, 5..<6])
    #expect(FileDealing.runs(byteCounts: [5, 5, 5], count: 3) == [0..<1, 1..<2, 2..<3])
    #expect(FileDealing.runs(byteCounts: [100, 1, 1], count: 3) == [0..<1, 1..<2, 2..<3])
    #expect(FileDealing.runs(byteCounts: [0, 0, 0], count: 2) == [0..<2, 2..<3])
    #expect(FileDealing.processCounts(byteCounts: [10, 30], total: 4) == [1, 3])
    #expect(FileDealing.processCounts(byteCounts: [5, 5, 5], total: 4) == [2, 1, 1])
  }

  /// The best way to cut files into runs, by trying all of them.
  private func leastLargest(_ byteCounts: ArraySlice<Int>, _ count: Int) -> Int {
    if count == 1 { return byteCounts.reduce(0, +) }
    return (1...(byteCounts.count - count + 1)).map { first in
      max(byteCounts.prefix(first).reduce(0, +), leastLargest(byteCounts.dropFirst(first), count - 1))
    }.min() ?? 0
  }

  @Test(arguments: 0..<50 as Range<UInt64>) func runsAreAsEvenAsCanBe(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let byteCounts = (0..<Int.random(in: 1...7, using: &random)).map { _ in Int.random(in: 0...20, using: &random) }
    for count in 1...byteCounts.count {
      let runs = FileDealing.runs(byteCounts: byteCounts, count: count)
      #expect(runs.count == count && runs.allSatisfy { !$0.isEmpty })
      #expect(runs.flatMap { Array($0) } == Array(byteCounts.indices))
      #expect(runs.map { byteCounts[$0].reduce(0, +) }.max() == leastLargest(byteCounts[...], count), "seed \(seed)")
    }
  }
}

/// Files whose names are no UTF-8.
struct NamesOfAnyBytesTests {
  @Test func filesAreFoundByNameGlobAndFolder() throws {
    let directory = try TemporaryDirectory()
    try directory.makeFolder("d")
    let path = String(systemPath: Array("\(directory.path)/d/bad".utf8) + [0xFF] + Array(".csv".utf8))
    try AtomicFile.write(Array("1,2\n3,4\n".utf8), to: path)
    defer { unlink(path.systemPath) }
    for name in [path, "\(directory.path)/d", "\(directory.path)/d/b*.csv"] {
      let found = try DataNames.parts(of: [name], rank: 0, size: 1)
      #expect(found.map(\.path) == [path])
      #expect(try DataReading<Double>(found).resolved().rowCount == 2)
    }
    let error = #expect(throws: LockstepError.self) { try parts(of: path + "x") }
    #expect(error?.description.hasSuffix("bad\\xff.csvx: there is no such file") == true)
  }
}
