// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

@Suite struct CSVFileTests {
  @Test func readsRowsWithoutHeader() throws {
    #expect(try rows(of: "1,2.5,-3\n4,5e0,6\n") == [[1, 2.5, -3], [4, 5, 6]])
    #expect(try rows(of: "7") == [[7]])
    #expect(try rows(of: "1\n2") == [[1], [2]])
  }

  @Test func findsTheHeader() throws {
    let directory = try TemporaryDirectory()
    let file = try CSVFile(directory.write("time, \"wind, max\" ,price\n1,2,3\n"))
    #expect(file.columnNames == ["time", "wind, max", "price"])
    #expect(file.table.nested == [[1, 2, 3]])
    #expect(file.rowCount == 1 && file.columnCount == 3)
  }

  @Test func takesNumbersAndMissingValuesForNoHeader() throws {
    let skip = ReadOptions(missing: .skipRow)
    #expect(try rows(of: "1,,NA\n1,2,3\n", skip) == [[1, 2, 3]])
    #expect(try rows(of: "nan,inf,-Infinity\n1,2,3\n", skip) == [[1, 2, 3]])
    #expect(try rows(of: "\"1\",\"2\"\n3,4\n") == [[1, 2], [3, 4]])
    #expect(try rows(of: "1,2\n3,4\n", ReadOptions(csv: CSVOptions(header: .yes))) == [[3, 4]])
  }

  @Test func headerSaidToBeAbsentIsData() throws {
    #expect(
      try failure(of: "a,b\n1,2\n", ReadOptions(csv: CSVOptions(header: .no)))
        == "data.csv:1, column 1: \"a\" is not a number; "
        + "fix it, leave the column out with --columns, or make it categorical with --categorical")
  }

  @Test(arguments: [",", ";", "\t", "|"]) func findsTheDelimiter(_ delimiter: String) throws {
    let header = ["\"a,;\t|,;\t|\"", "b", "c"].joined(separator: delimiter)
    #expect(try rows(of: header + "\n" + ["1", "2", "3"].joined(separator: delimiter)) == [[1, 2, 3]])
  }

  @Test(arguments: ["?,1,2\n3,4,5\n", "2023-02-29,1\n2023-03-01,2\n", "id,2019\n1,2\n"])
  func asksWhetherAFirstRowOfTextsAndNumbersIsAHeader(text: String) throws {
    let message = try failure(of: text)
    #expect(
      message.hasPrefix("data.csv:1: the first row has a text, ") && message.hasSuffix("--header yes or --header no"))
    #expect(
      try rows(of: text, ReadOptions(columns: 1, csv: CSVOptions(header: .yes))).count == text.split(separator: "\n")
        .count - 1)
  }

  @Test func namesThatAreChosenAreInAHeader() throws {
    #expect(try rows(of: "id,2019\n1,2\n", ReadOptions(columns: "2019")) == [[2]])
    #expect(try rows(of: "id,2019\n1,2\n", ReadOptions(except: "id")) == [[2]])
  }

  @Test func countedColumnsBehindAnIndexAreNamed() throws {
    let directory = try TemporaryDirectory()
    let file = try CSVFile(directory.write(",0,1\n0,1.5,2\n1,2.5,4\n2,3.5,5\n"))
    #expect(file.columnNames == ["0", "1"] && file.table.nested == [[1.5, 2], [2.5, 4], [3.5, 5]])
    #expect(file.loaded.notes.count == 1 && file.loaded.notes[0].contains("no name"))
    #expect(try rows(of: ",a\n7,1\n8,2\n", ReadOptions(columns: [0, "a"])) == [[7, 1], [8, 2]])
  }

  @Test func lineEndsAreNoReturnsAlone() throws {
    for text in ["1\r2\r3\r", "a,b\r1,2\r3,4\r", "1,2\r3,4\r\n"] {
      #expect(try failure(of: text).hasPrefix("data.csv:1: a carriage return stands alone"), "\(text.debugDescription)")
    }
    #expect(try rows(of: "\"a\rb\",c\n1,2\n") == [[1, 2]] && rows(of: "1,2\r\n\r\n3,4\r\n") == [[1, 2], [3, 4]])
  }

  @Test func readsMissingWords() throws {
    let words = ["NULL", "None", "N/A", "null", "<NA>", "#N/A", "n/a"]
    let text = "a,b\n" + words.map { "\($0),1\n" }.joined() + "2,3\n"
    #expect(try rows(of: text, ReadOptions(missing: .skipRow)) == [[2, 3]])
    let own = CSVOptions(missingWords: ["-999", "?"])
    #expect(try rows(of: "a,b\n-999,1\n?,1\n-999.5,4\n", ReadOptions(missing: .skipRow, csv: own)) == [[-999.5, 4]])
    #expect(try failure(of: "a\n1\n-999\n", ReadOptions(csv: own)).contains("\"-999\" stands for a missing value"))
    #expect(try rows(of: "NULL,8\n9,10\n", ReadOptions(missing: .skipRow)) == [[9, 10]])
  }

  @Test func readsTruthValues() throws {
    #expect(try rows(of: "true,1\nFALSE,2\nTrue,3\n") == [[1, 1], [0, 2], [1, 3]])
    #expect(try failure(of: "a\ntruth\n").contains("\"truth\" is not a number"))
  }

  @Test func passesOverCommentsAndFirstLines() throws {
    let marked = ReadOptions(csv: CSVOptions(comment: UInt8(ascii: "#")))
    #expect(try rows(of: "# made today\na,b\n1,2\n  # and, more\n3,4\n#", marked) == [[1, 2], [3, 4]])
    #expect(try failure(of: "a\n1\n# \"x\n", marked).contains("data.csv:3: a line that is a comment holds a quote"))
    let skipping = ReadOptions(csv: CSVOptions(skippedLineCount: 2))
    #expect(try rows(of: "the \"first\n\na,b\n1,2\n", skipping) == [[1, 2]])
    #expect(
      try failure(of: "x\n1\n", ReadOptions(csv: CSVOptions(skippedLineCount: 3))).contains("no more than the 3 lines"))
    #expect(try failure(of: "x\ny\nz\n1\n?\n", skipping).hasPrefix("data.csv:5, column 1"))
  }

  @Test func readsOtherMarksOfNumbers() throws {
    let european = CSVOptions(decimalMark: UInt8(ascii: ","), groupMark: UInt8(ascii: "."))
    let text = "a;b\n1.234,5;-2\n1,5e3;\"3.000.000\"\n.5;0,25\n"
    #expect(throws: LockstepError.self) { try rows(of: text, ReadOptions(csv: european)) }
    let right = "a;b\n1.234,5;-2\n1,5e3;\"3.000.000\"\n,5;0,25\n"
    #expect(try rows(of: right, ReadOptions(csv: european)) == [[1234.5, -2], [1500, 3_000_000], [0.5, 0.25]])
    let american = ReadOptions(csv: CSVOptions(groupMark: UInt8(ascii: ",")))
    #expect(try rows(of: "a,b\n\"1,234\",2\n\"12,345.5\",7\n", american) == [[1234, 2], [12345.5, 7]])
    for wrong in ["12,34", "1,2345", ",123", "1,234,", "1.5,000", "1e1,000"] {
      #expect(try failure(of: "a;b\n\(wrong);2\n", american).contains("is not a number"), "\(wrong)")
    }
    #expect(
      try failure(of: "1;2\n", ReadOptions(csv: CSVOptions(decimalMark: 0x2C, groupMark: 0x2C))).contains(
        "are the same"))
  }

  @Test func takesTheDelimiterGiven() throws {
    #expect(
      try rows(of: "1:2\n3:4\n", ReadOptions(csv: CSVOptions(delimiter: UInt8(ascii: ":")))) == [[1, 2], [3, 4]])
    #expect(
      try rows(of: "1 2\n3 4\n", ReadOptions(csv: CSVOptions(delimiter: UInt8(ascii: " ")))) == [[1, 2], [3, 4]])
    #expect(try CSVOptions.delimiter("tab") == 9)
    #expect(try CSVOptions.delimiter("\\t") == 9)
    #expect(try CSVOptions.delimiter(";") == UInt8(ascii: ";"))
    #expect(throws: LockstepError.self) { try CSVOptions.delimiter("e") }
    #expect(throws: LockstepError.self) { try CSVOptions.delimiter("::") }
    #expect(throws: LockstepError.self) { try CSVOptions.delimiter("") }
  }

  @Test func readsEveryWayToWriteANumber() throws {
    let texts = [
      "+1.5", "1e+05", "1E5", "1e5", "-1e-5", " 7", "7 ", "\t7\t", ".5", "5.", "-0", "007",
      "1.0000000000000000000000001",
      "inf", "-INF", "+Infinity", "\"3.5\"", "\" 3.5 \"", "4.9406564584124654e-324", "1e-400", "-1e-400",
      "0.00000000000000000000000000000000000000000000001", "179769313486231570000000000000000000000e270",
      "123456789012345678901234567890", "9007199254740993", "0e999999999999",
    ]
    let values: [Double] = [
      1.5, 1e5, 1e5, 1e5, -1e-5, 7, 7, 7, 0.5, 5, -0.0, 7, 1, .infinity, -.infinity, .infinity, 3.5, 3.5,
      .leastNonzeroMagnitude, 0, -0.0, 1e-47, .greatestFiniteMagnitude,
      0x1.8ee90ff6c373ep+96, 9_007_199_254_740_992, 0,
    ]
    for (text, value) in zip(texts, values) {
      let read = try rows(of: "1,\(text),2\n", ReadOptions(csv: CSVOptions(header: .no)))
      #expect(read[0][1].bitPattern == value.bitPattern, "\(text)")
      #expect(read[0][2] == 2)
    }
  }

  @Test(arguments: [
    "abc", "1x", "--1", "+-1", "-+1", "+ 1", "1 2", "1e", "1e+", ".", "-", "+", "e5", "0x10", "1_000", "1.2.3",
    "nan(1)",
    "infinit", "in", "NAN1", "N/B", "na", "١", "1\u{0}", "1\r",
  ])
  func refusesWhatIsNoNumber(_ text: String) throws {
    let message = try failure(of: "1,2,3\n4,\(text),6\n", ReadOptions(csv: CSVOptions(header: .no)))
    #expect(message.hasPrefix("data.csv:2, column 2: \""), "\(message)")
    #expect(message.contains("is not a number"), "\(message)")
  }

  @Test func refusesNumbersTooLarge() throws {
    #expect(
      try failure(of: "1\n-1e400\n") == "data.csv:2, column 1: \"-1e400\" is too large for a 64-bit number; fix it")
    let directory = try TemporaryDirectory()
    let path = try directory.write("1\n1e39\n")
    #expect(throws: LockstepError.self) { try CSVFile<Float>(path) }
    #expect(try CSVFile(path).table.nested == [[1], [1e39]])
  }

  @Test func roundsFloatsOnce() throws {
    let directory = try TemporaryDirectory()
    // Halfway between two floats after rounding to a double, above it before.
    let text = "1.00000005960464477540"
    let path = try directory.write("\(text)\n")
    #expect(try CSVFile<Float>(path).table.nested[0][0] == Float(text))
  }

  @Test func readsQuotedFields() throws {
    let text = "name,note,x\r\n\"a\",\"says \"\"hello, you\"\"\",1\r\n\"b\nc\",\"\"\"\",\"2\"\r\n,,3"
    #expect(try rows(of: text, ReadOptions(columns: .init(names: ["x"]))) == [[1], [2], [3]])
  }

  @Test func readsTextWithoutQuoting() throws {
    var options = ReadOptions(columns: .init(numbers: [1]), csv: CSVOptions(usesQuotes: false))
    options.csv.header = .yes
    #expect(try rows(of: "size,x\n5\",1\n\"6,2\n", options) == [[1], [2]])
  }

  @Test func passesOverWhatMeansNothing() throws {
    #expect(try rows(of: "\u{FEFF}1,2\r\n\r\n3,4,\r\n  \n5,6, \n\n") == [[1, 2], [3, 4], [5, 6]])
    #expect(try rows(of: "\n\n1,2,\n3,4,\n") == [[1, 2], [3, 4]])
    #expect(try rows(of: "a,b,\n3,4,\n5,6\n") == [[3, 4], [5, 6]])
    #expect(try rows(of: "\u{FEFF}a,b\n3,4") == [[3, 4]])
    #expect(try rows(of: "1,2\r") == [[1, 2]])
    #expect(try rows(of: "a,\"\"\n3,4,\n") == [[3, 4]])
    #expect(try failure(of: "3,4\n3,4,\"\"\n").contains("3 fields where the first row has 2"))
  }

  @Test func namesThePlaceOfAMissingValue() throws {
    #expect(
      try failure(of: "a,price\n1,2\n3,\n")
        == "data.csv:3, column 2 (\"price\"): the value is missing; fill it in, or pass --missing skip-row to leave such rows out"
    )
    #expect(try failure(of: "1\nNA\n").hasPrefix("data.csv:2, column 1: \"NA\" stands for a missing value; fill it in"))
    #expect(try failure(of: "1\n+NaN\n").hasPrefix("data.csv:2, column 1: \"+NaN\" stands for a missing value"))
    #expect(try failure(of: "1,2\n\"\",2\n").hasPrefix("data.csv:2, column 1: the value is missing"))
  }

  @Test func leavesOutRowsWithMissingValues() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a,b,c\n1,,3\nNA,nan,6\n7,8,9\n,,\n10,11,NA\n")
    let file = try CSVFile(path, ReadOptions(missing: .skipRow))
    #expect(file.table.nested == [[7, 8, 9]])
    #expect(file.skippedRowCount == 4)
    #expect(file.missingCounts == [2, 3, 2])
    let some = try CSVFile(path, ReadOptions(columns: .init(names: ["c"]), missing: .skipRow))
    #expect(some.table.nested == [[3], [6], [9]])
    #expect(some.missingCounts == [2])
    let none = try CSVFile(directory.write("a\nNA\n"), ReadOptions(missing: .skipRow))
    #expect(none.rowCount == 0 && none.skippedRowCount == 1)
  }

  @Test func skippingRowsStillRefusesWhatIsWrong() throws {
    let skip = ReadOptions(missing: .skipRow)
    #expect(try failure(of: "1,2\n,x\n", skip).hasPrefix("data.csv:2, column 2: \"x\" is not a number"))
    #expect(try failure(of: "1,2\n,\n\n5\n", skip).hasPrefix("data.csv:4: 1 field where the first row has 2"))
  }

  @Test func refusesRowsOfAnotherLength() throws {
    #expect(try failure(of: "a,b,c\n1,2,3\n4,5\n").hasPrefix("data.csv:3: 2 fields where the header has 3; "))
    #expect(try failure(of: "1,2,3\n1,2,3,4\n").hasPrefix("data.csv:2: 4 fields where the first row has 3; "))
    #expect(try failure(of: "1,2,3\n1,2,3,,\n").hasPrefix("data.csv:2: 4 fields where the first row has 3; "))
    #expect(
      try failure(of: "1,2\n\n1,2,3,x,\"y\nz\",5\n").hasPrefix("data.csv:3: 6 fields where the first row has 2; "))
  }

  @Test func refusesQuotesOutOfPlace() throws {
    let options = ReadOptions(columns: .init(numbers: [0]))
    #expect(
      try failure(of: "x,a\n2,5\" pipe\n", options).hasPrefix("data.csv:2, column 2 (\"a\"): there is a quote in"))
    #expect(try failure(of: "x,a\n2,\"x\"y\n", options).hasPrefix("data.csv:2, column 2 (\"a\"): there is a quote in"))
    #expect(
      try failure(of: "x,b\n2,c\n3,\"d\n4,e\n", options).hasPrefix("data.csv:3, column 2 (\"b\"): the quote that opens")
    )
    #expect(try failure(of: "1,\"b\n2,c\n", options).hasPrefix("data.csv:1: a quote in the first row is never closed"))
    #expect(try failure(of: "1,b\"x\n2,c\"\n", options).hasPrefix("data.csv:1, column 2: there is a quote in"))
  }

  @Test func countsTheLinesWithinQuotes() throws {
    let options = ReadOptions(columns: .init(numbers: [0]))
    #expect(
      try failure(of: "x,t\n1,\"a\nb\nc\"\ny,d\n", options).hasPrefix("data.csv:5, column 1 (\"x\"): \"y\" is not"))
  }

  @Test func suggestsWhatMayBeMeant() throws {
    #expect(
      try failure(of: "1;2\n1,5;2\n").hasSuffix(
        "\"1,5\" is not a number; pass --decimal , if the comma is the decimal mark, and --delimiter ';' if semicolons separate the fields"
      ))
    #expect(try failure(of: "1\n1 2\n").hasSuffix("pass --delimiter if blanks separate the fields"))
    #expect(try failure(of: "1,2\n3,4\r5,6").hasSuffix("end the lines with LF or CR LF, not with CR alone"))
    #expect(
      try failure(of: "1\n\(String(repeating: "y", count: 50))\n").contains("\"\(String(repeating: "y", count: 40))…\"")
    )
  }

  @Test func refusesFilesWithoutRows() throws {
    #expect(try failure(of: "") == "data.csv: the file is empty")
    #expect(try failure(of: "\n \n\r\n") == "data.csv: the file has no rows, only blank lines")
    #expect(try failure(of: "a,b") == "data.csv: the file has a header but no rows")
    #expect(try failure(of: "a,b\n\n") == "data.csv: the file has a header but no rows")
    #expect(try failure(of: "\u{FEFF}") == "data.csv: the file has no rows, only blank lines")
  }

  @Test func refusesWhatIsNoReadableFile() throws {
    let missing = #expect(throws: LockstepError.self) { try CSVFile("/nowhere/data.csv") }
    #expect(missing?.description == "/nowhere/data.csv: there is no such file")
    #expect(missing?.code == .noInput)
    let directory = try TemporaryDirectory()
    let isDirectory = #expect(throws: LockstepError.self) { try CSVFile(directory.path) }
    #expect(isDirectory?.message == "this is a directory")
    #expect(isDirectory?.code == .noInput)
  }

  @Test func knowsOtherFormats() throws {
    let directory = try TemporaryDirectory()
    let error = #expect(throws: LockstepError.self) { try CSVFile(directory.write([0x1F, 0x8B, 8, 0])) }
    #expect(error?.message == "this is compressed by gzip")
    let wide = #expect(throws: LockstepError.self) { try CSVFile(directory.write([0xFF, 0xFE, 0x31, 0])) }
    #expect(wide?.message == "this is UTF-16 text")
  }

  @Test func keepsTargetsAndWeightsInTablesOfTheirOwn() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a,b,label,w\n1,2,3,4\n5,,7,8\n9,10,11,12\n")
    let options = ReadOptions(targets: ["label", "a"], weights: "w", missing: .skipRow)
    let loaded = try CSVFile(path, options).loaded
    #expect(loaded.columnNames == ["b"])
    #expect(loaded.table.nested == [[2], [10]])
    #expect(loaded.extraTables.map(\.columnNames) == [["label", "a"], ["w"]])
    #expect(loaded.extraTables[1].table.nested == [[4], [12]])
    #expect(loaded.extraTables[0].table.nested == [[3, 1], [11, 9]])
    #expect(loaded.rows.missingCounts == [1])
    #expect(throws: LockstepError.self) {
      try CSVFile(path, ReadOptions(columns: .init(names: ["a"]), targets: .init(numbers: [0])))
    }
  }

  @Test func readsFromAPipe() throws {
    for pieceByteCount in [1, 2, 5, 1 << 20] {
      let directory = try TemporaryDirectory()
      let name = directory.path + "/pipe"
      try #require(mkfifo(name, 0o600) == 0)
      let text = "a,t,b\r\n1,\"x\n\"\"y\",2\r\n\n3,z,NA\n5,,6"
      let thread = WriterThread(path: name, text: text)
      var options = ReadOptions(columns: .init(names: ["b", "a"]), missing: .skipRow)
      options.pieceByteCount = pieceByteCount
      let file = try CSVFile(name, options)
      thread.join()
      #expect(file.table.nested == [[2, 1], [6, 5]])
      #expect(file.skippedRowCount == 1)
    }
  }

  @Test func countsLinesFromAPipe() throws {
    let directory = try TemporaryDirectory()
    let name = directory.path + "/pipe"
    try #require(mkfifo(name, 0o600) == 0)
    let thread = WriterThread(path: name, text: "a,b\n1,2\n\n3,x\n" + String(repeating: "5,6\n", count: 9))
    var options = ReadOptions()
    options.pieceByteCount = 3
    let error = #expect(throws: LockstepError.self) { try CSVFile(name, options) }
    thread.join()
    #expect(error?.place?.line == 4)
    #expect(error?.place?.column == 2)
  }
}
