// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

@Suite struct DataReadingTests {
  /// Reads as `size` processes do, with the exclusive scan of quotes that joins the parts of a file.
  private func read(_ names: [String], size: Int, _ options: ReadOptions = ReadOptions()) throws -> [[Double]] {
    let readings = try (0..<size).map { rank in
      try DataReading<Double>(DataNames.parts(of: names, rank: rank, size: size), options: options)
    }
    var quoteCount = 0
    return try readings.flatMap { reading in
      if reading.isFirstPartOfFile { quoteCount = 0 }
      defer { quoteCount += reading.quoteCount }
      return try reading.resolved(startingInsideQuotes: quoteCount % 2 == 1).table.nested
    }
  }

  @Test func rowsKeepTheirOrderForAnyNumberOfProcesses() throws {
    let directory = try TemporaryDirectory()
    var expected: [[Double]] = []
    for file in 0..<12 {
      let rows = (0..<(file * 5 % 7 + 1)).map { [Double(file), Double($0)] }
      expected += rows
      let text = rows.map { "\($0[0]),\"odd \"\"\n note\",\($0[1])\n" }.joined()
      _ = try directory.write("file,note,row\n" + text, to: "f\(file).csv")
    }
    let options = ReadOptions(columns: .init(names: ["file", "row"]))
    for size in 1...17 {
      #expect(try read([directory.path + "/f*.csv"], size: size, options) == expected, "\(size) processes")
    }
    let few = ["f3.csv", "f11.csv", "f0.csv"].map { directory.path + "/" + $0 }
    let whole = try read(few, size: 1, options)
    for size in 2...40 { #expect(try read(few, size: size, options) == whole, "\(size) processes") }
  }

  @Test func formatsAreKnownByContent() throws {
    let directory = try TemporaryDirectory()
    let array = NPYArray(shape: [2, 2], .double([5, 6, 7, 8]))
    let npy = try directory.write(array.npyBytes, to: "a.data")
    let csv = try directory.write("x,y\n1,2\n3,4\n", to: "b.npy")
    #expect(try read([csv, npy], size: 1) == [[1, 2], [3, 4], [5, 6], [7, 8]])
    #expect(try read([npy], size: 5) == [[5, 6], [7, 8]])
    let loaded = try DataReading<Float>([DataPart(npy), DataPart(csv)]).resolved()
    #expect(loaded.columnNames == ["x", "y"])
    #expect(loaded.rows.runs.map(\.rowCount) == [2, 2])
  }

  @Test func filesNeedTheSameColumns() throws {
    let directory = try TemporaryDirectory()
    let a = try directory.write("x,y\n1,2\n", to: "a.csv")
    let b = try directory.write("x,z\n3,4\n", to: "b.csv")
    let c = try directory.write("x\n5\n", to: "c.csv")
    let swapped = try directory.write("y,x\n8,7\n", to: "d.csv")
    let names = #expect(throws: LockstepError.self) { try read([a, b], size: 1) }
    #expect(names?.description.contains("\(b): column 1 is \"z\", in \(a) it is \"y\"") == true)
    let count = #expect(throws: LockstepError.self) { try read([a, c], size: 1) }
    #expect(count?.description.contains("\(c): the file has 1 columns, \(a) has 2") == true)
    #expect(try read([a, swapped], size: 1, ReadOptions(columns: .init(names: ["x", "y"]))) == [[1, 2], [7, 8]])
  }

  @Test func countsOfSeveralFilesAreAdded() throws {
    let directory = try TemporaryDirectory()
    let a = try directory.write("x,y\n1,NA\n3,4\n", to: "a.csv")
    let b = try directory.write("x,y\n,NA\n7,8\n", to: "b.csv")
    let options = ReadOptions(targets: .init(names: ["y"]), missing: .skipRow)
    let loaded = try DataReading<Double>([DataPart(a), DataPart(b)], options: options).resolved()
    #expect(loaded.table.nested == [[3], [7]])
    #expect(loaded.extraTables[0].table.nested == [[4], [8]])
    #expect(loaded.skippedRowCount == 2)
    #expect(loaded.rows.missingCounts == [1])
    #expect(loaded.extraTables[0].missingCounts == [2])
  }
}
