// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

@Suite struct LabelTests {
  func read(_ text: String, _ label: ColumnSelection = .last, _ options: ReadOptions = ReadOptions()) throws -> CSVFile<
    Double
  > {
    let directory = try TemporaryDirectory()
    var options = options
    options.label = label
    return try CSVFile(directory.write(text), options)
  }

  @Test func `labels are texts, or whole numbers if all are`() throws {
    let texts = try read("1,2,setosa\n3,4,virginica\n5,6,setosa\n")
    #expect(texts.table.nested == [[1, 2], [3, 4], [5, 6]] && texts.columnNames == nil)
    #expect(texts.labels == RowLabels(["setosa", "virginica", "setosa"]))
    #expect(try read("1,7\n2,-3\n3,007\n").labels == RowLabels([7, -3, 7]))
    #expect(try read("1,2.0\n2,1.000000000000000000e+03\n").labels == RowLabels([2, 1000]))
    #expect(try read("1,7\n2,x\n3,007\n").labels == RowLabels(["7", "x", "007"]))
    #expect(try read("1,0.5\n2,1\n").labels == RowLabels(["0.5", "1"]))
    #expect(try read("a;1\nb;2\n", try ColumnSelection(parsing: "0")).labels == RowLabels(["a", "b"]))
    #expect(
      try read("a,1,2,3\nb,4,5,6\n", try ColumnSelection(parsing: "0"), ReadOptions(columns: .init(numbers: [3, 1])))
        .table.nested == [[3, 1], [6, 4]])
  }

  @Test func `quotes, blanks and doubled quotes`() throws {
    let file = try read("1, a \n2,\" a \"\n3,\"x,\"\"y\"\"\n\"\n4,\"\"\"\"\n5,\"a\"\n6,é\r\n7,\"é\",\n")
    #expect(file.labels == RowLabels(["a", " a ", "x,\"y\"\n", "\"", "a", "é", "é"]))
    #expect(file.rowCount == 7)
  }

  @Test func `a text label makes no header, and a header is found all the same`() throws {
    #expect(try read("size,kind\n1,a\n2,b\n").columnNames == ["size"])
    #expect(try read("1,a\n2,b\n").rowCount == 2)
    // Only the label's name is a text: the next label tells, or the choice by name.
    #expect(try read("kind,10,11\n5,2,3\n", try ColumnSelection(parsing: "0")).labels == RowLabels([5]))
    #expect(try read("a,10,11\nb,2,3\n", try ColumnSelection(parsing: "0")).labels == RowLabels(["a", "b"]))
    #expect(try read("kind,10,11\nb,2,3\n", try ColumnSelection(parsing: "kind")).labels == RowLabels(["b"]))
    #expect(
      try read("a,10,11\nb,2,3\n", try ColumnSelection(parsing: "0"), ReadOptions(csv: CSVOptions(header: .yes))).labels
        == RowLabels(["b"])
    )
    #expect(try read("a,10\n\n1,2\n", try ColumnSelection(parsing: "0")).labels == RowLabels([1]))
    #expect(try read("1,a").labels == RowLabels(["a"]))
    let wide = (10..<3000).map(String.init).joined(separator: ",")
    #expect(try read("x,\(wide)\n7,\(wide)\n", try ColumnSelection(parsing: "0")).labels == RowLabels([7]))
  }

  @Test func `missing labels follow the policy`() throws {
    let text = "1,a\n2,\n3,NA\n4,b\n,c\n6,nan\n7,\"\"\n8,NAN2\n"
    let file = try read(text, .last, ReadOptions(missing: .skipRow))
    #expect(file.labels == RowLabels(["a", "b", "NAN2"]) && file.table.nested == [[1], [4], [8]])
    #expect(file.skippedRowCount == 5 && file.missingCounts == [1])
    let error = #expect(throws: LockstepError.self) { try read(text) }
    #expect(error?.code == .malformedInput && error?.place?.line == 2 && error?.place?.column == 2)
  }

  @Test func `what cannot be is refused`() throws {
    let two = #expect(throws: LockstepError.self) { try read("1,2,a\n1,2,b\n", try ColumnSelection(parsing: "0,2")) }
    #expect(two?.code == .usage)
    let twice = #expect(throws: LockstepError.self) {
      try read("1,2,a\n1,2,b\n", .last, ReadOptions(columns: .init(numbers: [2])))
    }
    #expect(twice?.code == .usage)
    let long = #expect(throws: LockstepError.self) { try read("1,\(String(repeating: "x", count: 1 << 16))\n") }
    #expect(long?.code == .malformedInput && long?.message.contains("65,535") == true)
    #expect(try read("1,\(String(repeating: "x", count: (1 << 16) - 1))\n").rowCount == 1)
    #expect(throws: LockstepError.self) { try read("a\nb\n") }
  }

  @Test func `any number of threads, pieces and parts`() throws {
    let directory = try TemporaryDirectory()
    var text = "x,y,kind,w\n"
    var labels: [String] = []
    for i in 0..<3000 {
      let label = ["a", "b,c", "d\"e", "line\nend", "word \(i % 300)"][i * i % 5]
      if i % 11 == 3 { text += "\(i),,z,1\n" }
      text +=
        "\(i),0.5,\"\(label.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\",2\n"
      if i % 7 == 0 { text += "\n" }
      labels.append(label)
    }
    let path = try directory.write(text)
    for (threads, pieces) in [(1, 1 << 19), (3, 100), (2, 1000)] {
      for element in [false, true] {
        var options = ReadOptions(
          targets: .last, label: try ColumnSelection(parsing: "kind"), missing: .skipRow, threadCount: threads)
        options.pieceByteCount = pieces
        let found = element ? try CSVFile<Float>(path, options).labels : try CSVFile(path, options).labels
        #expect(found == RowLabels(labels))
        for count in [1, 2, 5, 13] {
          var parts: [RowLabels] = []
          var rows: [[Double]] = []
          var quotes = 0
          for index in 0..<count {
            let reading = try DataReading<Double>(
              [DataPart(path, shard: FileShard(index: index, count: count))], options: options)
            let loaded = try reading.resolved(startingInsideQuotes: quotes % 2 == 1)
            quotes += reading.quoteCount
            parts.append(try #require(loaded.labels))
            rows += loaded.table.nested
          }
          #expect(parts[0].texts.appending(parts.dropFirst().map(\.texts)) == RowLabels(labels))
          #expect(rows.map { $0[0] } == (0..<3000).map(Double.init))
        }
      }
    }
  }

  @Test func `through a pipe`() throws {
    let directory = try TemporaryDirectory()
    let text = "x,kind\n" + (0..<5000).map { "\($0),\"k \($0 % 17)\"\n" }.joined()
    let path = "\(directory.path)/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    let writer = WriterThread(path: path, text: text)
    let file = try CSVFile(path, ReadOptions(label: .last))
    writer.join()
    #expect(file.labels == RowLabels((0..<5000).map { "k \($0 % 17)" }))
  }

  @Test func `labels of several files, CSV and NPY`() throws {
    let directory = try TemporaryDirectory()
    let first = try directory.write("1,2,5\n3,4,6\n", to: "a.csv")
    let second = try directory.write("1,2,x\n", to: "b.csv")
    let third = directory.path + "/c.npy"
    try RowFileWriter.write([7.0, 8, -9, 1, 1, 4], columnCount: 3, to: third)
    let options = ReadOptions(label: .last)
    func labels(_ paths: String...) throws -> RowLabels? {
      try DataReading<Double>(paths.map { DataPart($0) }, options: options).resolved().withLabels(asWholeNumbers: true)
        .labels
    }
    #expect(try labels(first, third) == RowLabels([5, 6, -9, 4]))
    #expect(try labels(third, first, second) == RowLabels(["-9", "4", "5", "6", "x"]))
    #expect(try labels(third, third) == RowLabels([-9, 4, -9, 4]))
    #expect(try NPYFile(third, options: ReadOptions(label: .last)).table.nested == [[7, 8], [1, 1]])
    try RowFileWriter.write([7.0, .nan, 8, 1.5, 9, 2], columnCount: 2, to: third)
    let error = #expect(throws: LockstepError.self) { try NPYFile(third, options: ReadOptions(label: .last)) }
    #expect(error?.code == .malformedInput)
    let skipping = #expect(throws: LockstepError.self) {
      try NPYFile(third, options: ReadOptions(label: .last, missing: .skipRow))
    }
    #expect(skipping?.place?.row == 1 && skipping?.message.contains("1.5") == true)
  }

  @Test func `labels are written as texts`() throws {
    let labels = RowLabels(["a", "x, \"y\"", "é"])
    let csv = LabelFileWriter(.csv, width: 0)
    #expect(String(decoding: csv.bytes(of: labels), as: UTF8.self) == "a\n\"x, \"\"y\"\"\"\né\n")
    let npy = LabelFileWriter(.npy, width: LabelFileWriter.width(of: labels))
    let array = try NPYArray(npyBytes: npy.head(totalRowCount: 3) + npy.bytes(of: labels), name: "labels")
    #expect(array.elements == .string(["a", "x, \"y\"", "é"]))
  }
}
