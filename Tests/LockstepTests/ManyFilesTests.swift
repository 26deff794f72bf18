// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

/// Data in more files than a process may have open, or map, and other awkward cuts.
@Suite struct ManyFilesTests {
  typealias Folder = ReadTests.Folder

  /// The digests of a model on all ranks.
  static func digests(_ size: Int, _ names: [String]) throws -> Set<String> {
    let results = ThreadRanks.run(size) { communicator in
      let context = ExecutionContext(communicator: communicator, threadCount: 2)
      let rows = try context.read(names)
      return try LowOrderMoments().fit(rows, in: context).digest
    }
    return Set(try results.map { try $0.get() })
  }

  @Test func tenThousandFilesAreOneTable() throws {
    let folder = try Folder()
    var all = "x,y,z\n"
    for i in 0..<10_000 {
      var text = "x,y,z\n"
      // One to three rows, some files without a line end at the end.
      let rows = (0...i % 3).map { r in "\(Double(i * 37 % 1009) / 8),\(i - r),\(Double(r) + 0.1 * Double(i % 11))" }
      text += rows.joined(separator: "\n") + (i % 2 == 0 ? "\n" : "")
      all += rows.joined(separator: "\n") + "\n"
      let file = try #require(fopen("\(folder.path)/part\(i).csv", "w"))  // Foundation would wait for the disk
      fputs(text, file)
      fclose(file)
    }
    try folder.write("all.csv", all)
    let expected = try Self.digests(1, ["\(folder.path)/all.csv"])
    #expect(expected.count == 1)
    for size in 1...5 { #expect(try Self.digests(size, ["\(folder.path)/part*.csv"]) == expected, "\(size) processes") }
  }

  @Test func smallFilesTakeNeitherMappingsNorDescriptors() throws {
    let folder = try Folder()
    for i in 0..<300 {
      try folder.write("a\(i).svm", "1 1:\(i) 2:1\n")
      try RowFileWriter<Double>.write([Double(i), 2], columnCount: 2, to: "\(folder.path)/b\(i).npy")
    }
    for kind in ["a*.svm", "b*.npy"] {
      let reading = try DataReading<Double>(try DataNames.parts(of: ["\(folder.path)/\(kind)"], rank: 0, size: 1))
      let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
      }
      #expect(!names.contains { $0.hasPrefix(folder.path) }, "\(kind): files stay open")
      let rows = try reading.resolved()
      let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
      #expect(!maps.contains(folder.path), "\(kind): files stay mapped")
      #expect(try ReadTests.rows(rows) == (0..<300).map { [Double($0), kind == "a*.svm" ? 1 : 2] })
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5]) func `awkward texts have the same rows in any number of parts`(size: Int) throws {
    let folder = try Folder()
    let texts: [(name: String, text: String, rows: [[Double]])] = [
      ("one row", "1,2\n", [[1, 2]]),
      ("one row without a line end", "1,2", [[1, 2]]),
      ("one row and a header", "a,b\n1,2", [[1, 2]]),
      ("fewer rows than processes", "1,2\n3,4\n", [[1, 2], [3, 4]]),
      ("no line end at the end", "1,2\n3,4\n5,6", [[1, 2], [3, 4], [5, 6]]),
      ("blank lines at the end", "1,2\n3,4\n\n\r\n\n\n\n\n\n", [[1, 2], [3, 4]]),
      ("one long row", "1,2\n3,\(String(repeating: "0", count: 500))4\n5,6\n", [[1, 2], [3, 4], [5, 6]]),
    ]
    for (name, text, expected) in texts {
      try folder.write("x.csv", text)
      let rows = try ReadTests.readings(size, ["\(folder.path)/x.csv"]).flatMap { try $0.get() }
      #expect(rows == expected, "\(name)")
    }
  }

  @Test(arguments: [2, 3, 4, 5]) func aQuotedLineEndAtTheVeryCut(size: Int) throws {
    let folder = try Folder()
    // The line end within quotes, or a quote, moves over each cut, byte by byte.
    let options = ReadOptions(columns: ColumnSelection(names: ["v"]))
    for shift in 0..<24 {
      let note = String(repeating: "n", count: shift) + "\n\n,\"\"\n" + String(repeating: "m", count: 24 - shift)
      let lines = (0..<4).map { "\"\(note)\",\($0)" }
      try folder.write("x.csv", "note,v\n" + lines.joined(separator: "\n") + "\n")
      let results = ReadTests.readings(size, ["\(folder.path)/x.csv"], options: options)
      #expect(try results.flatMap { try $0.get() } == (0..<4).map { [Double($0)] }, "shifted by \(shift)")
    }
  }

  @Test(arguments: [1, 2, 5]) func someFilesMustHaveRows(size: Int) throws {
    let folder = try Folder()
    for i in 0..<3 { try folder.write("x\(i).csv", "a,b\n") }
    for result in ReadTests.readings(size, ["\(folder.path)/x*.csv"]) {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.code == .noInput && error?.message == "there are no rows")
      #expect(error?.place?.file == "\(folder.path)/x0.csv")
    }
    try folder.write("x1.csv", "a,b\n1,NA\n")
    let options = ReadOptions(missing: .skipRow)
    for result in ReadTests.readings(size, ["\(folder.path)/x*.csv"], options: options) {
      #expect(try result.get().isEmpty)
    }
  }

  @Test(arguments: [1, 2, 5, 8], ["x*.csv", "x{rank}.csv"])
  func emptyFilesAmongOthersHaveNoRows(size: Int, pattern: String) throws {
    let folder = try Folder()
    for i in 0..<8 { try folder.write("x\(i).csv", i % 3 == 0 && (i > 0 || size > 1) ? "" : "\(i),2\n") }
    let path = "\(folder.path)/\(pattern)"
    let results = ThreadRanks.run(size) { communicator in
      let loaded = try ExecutionContext(communicator: communicator).read(path)
      return (loaded.notes, try ReadTests.rows(loaded))
    }
    let found = try results.map { try $0.get() }
    let files = (0..<(pattern == "x*.csv" ? 8 : size)).filter { $0 % 3 > 0 || ($0 == 0 && size == 1) }
    let expected: [[Double]] = files.map { [Double($0), 2] }
    #expect(found.flatMap { $0.1 } == expected)
    let hasEmpty = pattern == "x*.csv" || size > 1
    for (notes, _) in found { #expect(notes.contains { $0.contains("no bytes, and so no rows") } == hasEmpty) }
  }

  // In a process of its own: what has happened to a mapping is told by the next collective of the process, whosever it is.
  @Test func aMappedFileThatShrinksIsAnErrorOfAllRanks() async {
    await #expect(processExitsWith: .success) {
      for size in [1, 2, 3] { try ManyFilesTests.shrinkMappedFile(size: size) }
    }
  }

  private static func shrinkMappedFile(size: Int) throws {
    let folder = try Folder()
    let path = "\(folder.path)/x.npy"
    try RowFileWriter<Double>.write((0..<400_000).map { Double($0) }, columnCount: 4, to: path)
    // To nothing, to a half, and by a few bytes that no page ends with.
    for length in [3_199_000, 1_600_128, 0] {
      try RowFileWriter<Double>.write((0..<400_000).map { Double($0) }, columnCount: 4, to: path)
      let results = ThreadRanks.run(size) { communicator in
        let context = ExecutionContext(communicator: communicator, threadCount: 2)
        let rows = try context.read(path)
        _ = try LowOrderMoments().fit(rows, in: context)
        try context.agree { if context.rank == 0 { try #require(truncate(path, length) == 0) } }
        return try LowOrderMoments().fit(rows, in: context).digest
      }
      for result in results {
        let error = #expect(throws: LockstepError.self) { try result.get() }
        #expect(error?.code == .malformedInput && error?.place?.file == path, "\(String(describing: error))")
        #expect(error?.message.contains("became shorter") == true)
      }
    }
    // Rows that nobody holds any more are nobody's error.
    try RowFileWriter<Double>.write((0..<400_000).map { Double($0) }, columnCount: 4, to: path)
    #expect(try digests(size, [path]).count == 1)
  }
}
