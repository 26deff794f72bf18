// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

@Suite struct SVMLightTests {
  private let text = """
    # made by hand
    +1 1:0.5 3:-2e-1 # the first

    -1 qid:7 2:4
    0
    1\t4:8\t\r
    """

  /// The labels as they are written.
  private func texts(_ loaded: LoadedRows<Double>) -> [String] {
    loaded.labels.map { labels in (0..<labels.count).map { labels[$0].text } } ?? []
  }

  /// Reads as `size` processes do, in small pieces, with the columns that all together need.
  private func read<Element: Scalar>(
    _ path: String, size: Int = 1, pieceByteCount: Int = 7, _ options: ReadOptions = ReadOptions(),
    as type: Element.Type = Double.self
  ) throws -> [LoadedRows<Element>] {
    var options = options
    options.pieceByteCount = pieceByteCount
    options.threadCount = 2
    let readings = try (0..<size).map { rank in
      try DataReading<Element>(DataNames.parts(of: [path], rank: rank, size: size), options: options)
    }
    let columnCount = readings.reduce(0) { max($0, $1.leastColumnCount) }
    return try readings.map { try $0.resolved(columnCount: columnCount) }
  }

  private func rows(_ parts: [LoadedRows<some Scalar>]) throws -> [[Double]] {
    var rows: [[Double]] = []
    for part in parts {
      try part.forEachChunk { chunk in for i in 0..<chunk.rowCount { rows.append(chunk.row(i)) } }
    }
    return rows
  }

  @Test func linesBecomeSparseRows() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(text, to: "a.txt")
    let expected = [[0.5, 0, -0.2, 0], [0, 4, 0, 0], [0, 0, 0, 0], [0, 0, 0, 8]]
    for size in 1...12 {
      for pieceByteCount in [1, 2, 5, 1000] {
        let parts = try read(path, size: size, pieceByteCount: pieceByteCount, ReadOptions(label: .last))
        #expect(try rows(parts) == expected, "\(size) processes, pieces of \(pieceByteCount)")
        #expect(parts.flatMap(texts) == ["+1", "-1", "0", "1"])
        #expect(parts.allSatisfy { $0.columnCount == 4 && $0.layout == "sparse Double" })
      }
    }
    let singles = try read(path, as: Float.self)
    #expect(singles[0].layout == "sparse Float" && singles[0].table.rows.row(0)[2] == Double(Float(-0.2)))
  }

  @Test func theLabelIsAColumnOfItsOwn() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(text)
    for selection in [ColumnSelection.last, ColumnSelection(names: ["label"])] {
      let parts = try read(path, size: 2, ReadOptions(targets: selection))
      #expect(parts.flatMap { $0.extraTables[0].table.nested } == [[1], [-1], [0], [1]])
      #expect(parts[0].columnCount == 4)
      #expect(parts[0].withRoles(of: ReadOptions(targets: selection)).layout == "sparse Double with 1 responses")
    }
    let two = try read(path, ReadOptions(targets: [3, 0], weights: .last))[0]
    #expect(two.extraTables[0].table.nested == [[0, 0.5], [0, 0], [0, 0], [8, 0]])
    #expect(two.table.nested == [[0, -0.2], [4, 0], [0, 0], [0, 0]])
    let chosen = try read(path, ReadOptions(columns: ColumnSelection(numbers: [2, 0])))[0]
    #expect(chosen.table.nested == [[-0.2, 0.5], [0, 0], [0, 0], [0, 0]])
    for options in [
      ReadOptions(columns: ColumnSelection(names: ["label"])), ReadOptions(targets: .last, weights: .last),
      ReadOptions(columns: ColumnSelection(numbers: [1]), targets: ColumnSelection(numbers: [1])),
      ReadOptions(columns: ColumnSelection(numbers: [4])), ReadOptions(columns: ColumnSelection(names: ["x"])),
    ] {
      let error = #expect(throws: LockstepError.self) { try read(path, options) }
      #expect(error?.code == .usage, "\(String(describing: error))")
    }
  }

  @Test func wordsAreLabelsButNoNumbers() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("1 1:1\n# note\nspam 1:2\nham 2:3\n")
    #expect(try texts(read(path, ReadOptions(label: .last))[0]) == ["1", "spam", "ham"])
    #expect(try read(path)[0].labels == nil)
    for options in [
      ReadOptions(targets: .last, label: .last), ReadOptions(label: ColumnSelection(numbers: [0])),
    ] {
      let taken = #expect(throws: LockstepError.self) { try read(path, options) }
      #expect(taken?.code == .usage)
    }
    let error = #expect(throws: LockstepError.self) { try read(path, ReadOptions(targets: .last)) }
    #expect(error?.description.contains("data.csv:3: the label \"spam\" is not a number") == true)
  }

  @Test func theNumberOfColumnsCanBeGiven() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(text)
    #expect(try read(path, size: 3, ReadOptions(columnCount: 6)).allSatisfy { $0.columnCount == 6 })
    let error = #expect(throws: LockstepError.self) { try read(path, ReadOptions(columnCount: 3)) }
    #expect(error?.description.contains(":6: \"4:8\" has an index past the 3 columns that are given") == true)
    let lone = try directory.write("1 qid:1\n2\n", to: "lone")
    #expect(try read(lone, ReadOptions(columnCount: 2))[0].table.nested == [[0, 0], [0, 0]])
    #expect(throws: LockstepError.self) { try read(lone) }
  }

  @Test func severalFilesShareTheirColumns() throws {
    let directory = try TemporaryDirectory()
    let paths = [
      try directory.write("1 1:1\n", to: "a"), try directory.write("2 5:1\n", to: "b"),
    ]
    let loaded = try DataReading<Double>(paths.map { DataPart($0) }, options: ReadOptions(label: .last))
      .resolved()
    #expect(loaded.table.nested == [[1, 0, 0, 0, 0], [0, 0, 0, 0, 1]] && texts(loaded) == ["1", "2"])
    let csv = try directory.write("1,2,3,4,5\n", to: "c")
    let error = #expect(throws: LockstepError.self) {
      try DataReading<Double>([DataPart(paths[1]), DataPart(csv)]).resolved()
    }
    #expect(error?.description.contains("the file has dense Double rows") == true)
  }

  @Test(arguments: [
    ("1 0:1", "\"0:1\" has an index below 1"), ("1 -3:1", "\"-3:1\" has an index below 1"),
    ("1 2:1 1:1", "the index of \"1:1\" is not above"), ("1 2:1 2:1", "the index of \"2:1\" is not above"),
    ("1 1:1 3:", "\"3:\" stands for a missing value"), ("1 1:1 3:x", "\"3:x\" is not a number"),
    ("1 1:1 3", "\"3\" is not an index, a colon"), ("1 1:1 a:3", "\"a:3\" is not an index"),
    ("1 1:1 2:1e999", "\"2:1e999\" is too large for a 64-bit"), ("1 1:1 2:nan", "missing value"),
    ("1 1:1 99999999999999999999:1", "has an index past 16777216"), ("3:1", "\"3:1\" is not an index"),
    ("1 1:1 2:1:1", "\"2:1:1\" is not a number"), ("1 2147483648:1", "has an index past 16777216"),
  ])
  func damageIsNamedByLine(line: String, message: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("1 1:1 2:2\n# c\n\n" + line + "\n1 1:1\n")
    for pieceByteCount in [3, 1000] {
      let error = #expect(throws: LockstepError.self) { try read(path, pieceByteCount: pieceByteCount) }
      #expect(
        error?.description.contains("data.csv:4: ") == true && error?.description.contains(message) == true,
        "\(String(describing: error))")
      #expect(error?.code == .malformedInput && error?.remedy != nil)
    }
  }

  @Test func incompleteRowsAreLeftOutIfAsked() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("1 1:1\n2 1:2 2:nan\n3 2:3\n")
    let loaded = try read(path, ReadOptions(targets: .last, missing: .skipRow))[0]
    #expect(loaded.table.nested == [[1, 0], [0, 3]] && loaded.skippedRowCount == 1)
    #expect(loaded.extraTables[0].table.nested == [[1], [3]] && loaded.rowCount == 2)
  }

  @Test func otherTextsAreNotTakenForIt() {
    for text in [
      "1,2\n3,4\n", "a b\n1 2\n", "time value\n12:30 5:10\n", "12:30 5:10\n", "1 2:3,4\n", "x;1:2\n", "1 1:2:3\n",
      "1\n2\n", "",
      "1 :5\n", "1 5:\n", "# 1 1:2\n1 2\n", "a b:1\n",
    ] { #expect(!SVMLightReading<Double>.isLikely(Array(text.utf8)), "\(text)") }
    for text in ["1 1:2\n", "# c\n\n0\n-1 qid:3 1:2", "spam 3:1e-5 # x\r\n", "1 qid:3\n"] {
      #expect(SVMLightReading<Double>.isLikely(Array(text.utf8)), "\(text)")
    }
  }
}
