// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// What reading ends with: rows and counts, or the words of the error.
struct ReadingResult: Equatable, CustomStringConvertible {
  var rows: [[UInt64]] = []
  var skippedRowCount = 0
  var missingCounts: [Int] = []
  var error: String?

  init() {}

  init(_ read: () throws -> LoadedRows<Double>) {
    do {
      let loaded = try read()
      rows = loaded.table.nested.map { $0.map(\.bitPattern) }
      skippedRowCount = loaded.skippedRowCount
      missingCounts = loaded.rows.missingCounts
    } catch {
      self.error = String(describing: error)
    }
  }

  var description: String { error ?? "\(rows.map { $0.map(Double.init(bitPattern:)) }), \(skippedRowCount) left out" }
}

/// Reads a file in `count` parts, as so many processes would, and puts the results together: the first error wins.
func readInParts(_ path: String, _ options: ReadOptions, count: Int) -> ReadingResult {
  var whole = ReadingResult()
  do {
    let readings = try (0..<count).map {
      try CSVReading<Double>(path, options: options, shard: FileShard(index: $0, count: count))
    }
    var quoteCount = 0
    for reading in readings {
      let part = ReadingResult { try reading.resolved(startingInsideQuotes: quoteCount % 2 == 1) }
      quoteCount += reading.quoteCount
      if let error = part.error { throw Failure(description: error) }
      whole.rows += part.rows
      whole.skippedRowCount += part.skippedRowCount
      whole.missingCounts =
        whole.missingCounts.isEmpty ? part.missingCounts : zip(whole.missingCounts, part.missingCounts).map(+)
    }
    if whole.rows.isEmpty, whole.skippedRowCount == 0 { throw CSVReading<Double>.noRows(name: path) }
  } catch {
    whole = ReadingResult()
    whole.error = String(describing: error)
  }
  return whole
}

private struct Failure: Error, CustomStringConvertible {
  let description: String
}

@Suite struct CSVShardTests {
  static let nastyFiles = [
    "1,2\n3,4\n5,6\n",
    "1,2\r\n3,4\r\n5,6",
    "\u{FEFF}a,b\r\n1,2\r\n\r\n3,4,\r\n   \r\n5,6\r\n\r\n",
    "7",
    "x\n7",
    "a long header,and another one,\n1,2\n",
    "\n\n\n1\n\n\n\n\n\n2\n\n\n",
    "\"a\nb\",\"c\"\"\nd\"\n\"1\",\"\n2\n\"\n3,4\n\"\n5\",\"6\"\n",
    "n,t\n1,\"\"\"\n\"\"\"\n2,\"\n\n\n\n\n\n\n\n\n\n\n\n\n\"\n3,\"\"\n4,\n",
    "n,t\n1,\"x,\n2,\"\"y\n3,z\n\"\n4,plain\n5,\"end\"",
    "1\n\(String(repeating: "\n", count: 300))2\n",
    "1\n\n\n\n\n\n\n\n\nx\n\n\n\n\n\n",
    "1,2\n3\n4,5\n",
    "n,t\n1,\"never closed\n2,x\n3,y\n",
    "n,t\n1,a\"b\n2,x\n3,y\"\n",
  ]

  @Test(arguments: nastyFiles) func partsMakeUpTheWhole(_ text: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(text)
    for columns in [ColumnSelection.all, .init(numbers: [0])] {
      for missing in MissingValuePolicy.allCases {
        let plain = ReadOptions(columns: columns, missing: missing)
        let whole = ReadingResult { try CSVFile(path, plain).loaded }
        for threadCount in [1, 3] {
          for pieceByteCount in [1, 2, 7, 1 << 20] {
            var options = plain
            options.threadCount = threadCount
            options.pieceByteCount = pieceByteCount
            #expect(ReadingResult { try CSVFile(path, options).loaded } == whole)
            guard threadCount == 1 || pieceByteCount == 2 else { continue }
            for count in 1...9 {
              #expect(readInParts(path, options, count: count) == whole, "\(count) parts, pieces of \(pieceByteCount)")
            }
            #expect(readInParts(path, options, count: text.utf8.count + 3) == whole)
          }
        }
      }
    }
  }

  @Test func everyCutThroughAQuotedField() throws {
    let directory = try TemporaryDirectory()
    let options = ReadOptions(columns: .init(numbers: [0]))
    for length in 0..<24 {
      let inner = String(repeating: "a\n\"\",", count: 8).prefix(length)
      let text = "n,t\n1,\"\(inner)\"\n2,\"\"\n3,z\n"
      // A field that the prefix leaves with half a doubled quote is another field, or an error, but the same one for all.
      let path = try directory.write(text)
      let whole = ReadingResult { try CSVFile(path, options).loaded }
      for count in [2, 3, 7, text.utf8.count] { #expect(readInParts(path, options, count: count) == whole, "\(text)") }
    }
  }

  @Test func partsReadOnlyTheirRange() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("1,2\n3,4\n5,6\n7,x\n")
    let first = try CSVReading<Double>(path, shard: FileShard(index: 0, count: 2))
    #expect(try first.resolved().table.nested == [[1, 2], [3, 4]])
    #expect(first.quoteCount == 0)
    let second = try CSVReading<Double>(path, shard: FileShard(index: 1, count: 2))
    let error = #expect(throws: LockstepError.self) { try second.resolved() }
    #expect(error?.place == .init(file: path, line: 4, column: 2))
  }

  @Test func readsAgainWhereARowHasNoEndInSight() throws {
    let directory = try TemporaryDirectory()
    // From the second half on, quotes look the wrong way round, and no line seems to end for more than a mebibyte.
    let filler = String(repeating: "z", count: 400_000)
    let rows = (0..<8).map { "\($0),\"\(filler)\n\(filler)\"\n" }.joined()
    let path = try directory.write("n,t\n" + rows + String(repeating: "8,y\n", count: 600_000))
    let options = ReadOptions(columns: .init(numbers: [0]))
    let whole = ReadingResult { try CSVFile(path, options).loaded }
    #expect(whole.rows.count == 600_008)
    for count in [2, 3, 8, 11] { #expect(readInParts(path, options, count: count) == whole) }
  }

  @Test func sharesAreExact() {
    for total in [0, 1, 5, 100, Int.max - 1] {
      for count in [1, 2, 3, 7] {
        var next = 0
        for index in 0..<count {
          let range = FileShard(index: index, count: count).range(of: total)
          #expect(range.lowerBound == next)
          next = range.upperBound
        }
        #expect(next == total)
      }
    }
  }

  @Test func aPipeCannotBeShared() throws {
    let error = #expect(throws: LockstepError.self) {
      try CSVReading<Double>("/dev/null", shard: FileShard(index: 0, count: 2))
    }
    #expect(error?.code == .usage)
  }
}
