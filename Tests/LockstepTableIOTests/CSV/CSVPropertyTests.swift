// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// One way of writing a table.
private struct Dialect {
  var delimiter: String
  var lineEnd: String
  var hasMark: Bool
  var hasHeader: Bool
  var hasTrailingDelimiter: Bool
  var quotes: Int
  var blanks: Int
  var blankLines: Int
  var hasFinalLineEnd: Bool
  var textColumn: Int?

  init(_ random: inout SeededGenerator, columnCount: Int) {
    delimiter = [",", ";", "\t", "|"].randomElement(using: &random) ?? ","
    lineEnd = Bool.random(using: &random) ? "\n" : "\r\n"
    hasMark = Bool.random(using: &random)
    hasTrailingDelimiter = Bool.random(using: &random)
    quotes = Int.random(in: 0...4, using: &random)
    blanks = Int.random(in: 0...3, using: &random)
    blankLines = Int.random(in: 0...3, using: &random)
    hasFinalLineEnd = Bool.random(using: &random)
    textColumn = Bool.random(using: &random) ? Int.random(in: 0...columnCount, using: &random) : nil
    hasHeader = textColumn != nil || Bool.random(using: &random)
  }

  private func field(_ text: String, _ random: inout SeededGenerator) -> String {
    var text = text
    let blank = delimiter == "\t" ? " " : [" ", "\t"].randomElement(using: &random) ?? " "
    if blanks > 0, Int.random(in: 0..<4, using: &random) < blanks { text = blank + text + blank }
    if quotes > 0, Int.random(in: 0..<4, using: &random) < quotes { text = "\"" + text + "\"" }
    if blanks > 0, Int.random(in: 0..<4, using: &random) < blanks { text = text + blank }
    return text
  }

  private func prose(_ random: inout SeededGenerator) -> String {
    let length = Int.random(in: 0..<6, using: &random)
    let letters = (0..<length).map { _ in
      ["a", "\n", "\"\"", ",", ";", "é", " ", "1", "\r\n"].randomElement(using: &random) ?? ""
    }
    return "\"" + letters.joined() + "\""
  }

  func text(of rows: [[Double]], _ random: inout SeededGenerator) -> String {
    var text = hasMark ? "\u{FEFF}" : ""
    var lines: [String] = []
    let columnCount = rows[0].count
    if hasHeader {
      var names = (0..<columnCount).map { field("c\($0)", &random) }
      if let textColumn { names.insert("note", at: textColumn) }
      lines.append(names.joined(separator: delimiter))
    }
    for row in rows {
      var fields = row.map { field(spelled($0, &random), &random) }
      if let textColumn { fields.insert(prose(&random), at: textColumn) }
      lines.append(fields.joined(separator: delimiter) + (hasTrailingDelimiter ? delimiter : ""))
    }
    for (i, line) in lines.enumerated() {
      while blankLines > 0, Int.random(in: 0..<8, using: &random) < blankLines { text += " " + lineEnd }
      text += line + (i < lines.count - 1 || hasFinalLineEnd ? lineEnd : "")
    }
    return text
  }

  /// One of the exact ways to write a number.
  private func spelled(_ value: Double, _ random: inout SeededGenerator) -> String {
    func printed(_ digits: Int, _ format: String) -> String {
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1200) { buffer in
        let count = withVaList([CInt(digits), value]) { vsnprintf(buffer.baseAddress, buffer.count, format, $0) }
        return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      }
    }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return "\(value)"
    case 1: return printed(17, "%.*g")
    case 2: return printed(18, "%.*e")
    case 3: return printed(16, "%+.*E")
    case 4: return printed(800, "%.*g")
    default: return value.magnitude < 1e40 && value.magnitude > 1e-40 ? printed(80, "%.*f") : "\(value)"
    }
  }
}

@Suite struct CSVPropertyTests {
  /// A number of one of the kinds that data and parsers' edge cases are made of.
  private func number(_ random: inout SeededGenerator) -> Double {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: Double(Int.random(in: -100...100, using: &random))
    case 1: Double.random(in: -1...1, using: &random)
    case 2: Double.random(in: -1e9...1e9, using: &random)
    case 3: Double(bitPattern: random.next() >> 12) * (Bool.random(using: &random) ? 1 : -1)
    case 4:
      [0, -0.0, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNormalMagnitude].randomElement(using: &random)
        ?? 0
    default: random.finite()
    }
  }

  @Test(arguments: 0..<60 as Range<UInt64>) func whatIsWrittenIsRead(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let columnCount = Int.random(in: 1...6, using: &random)
    let dialect = Dialect(&random, columnCount: columnCount)
    let table = (0..<Int.random(in: 1...30, using: &random)).map { _ in (0..<columnCount).map { _ in number(&random) } }
    let directory = try TemporaryDirectory()
    let path = try directory.write(dialect.text(of: table, &random))
    let bits = table.map { $0.map(\.bitPattern) }
    var options = ReadOptions(
      columns: dialect.textColumn.map { text in .init(numbers: (0...columnCount).filter { $0 != text }) } ?? .all,
      csv: CSVOptions(header: dialect.hasHeader ? .yes : .no, delimiter: Array(dialect.delimiter.utf8)[0]))
    for threadCount in 1...4 {
      for pieceByteCount in [1, 5, 64, 1000] {
        options.threadCount = threadCount
        options.pieceByteCount = pieceByteCount
        let result = ReadingResult { try CSVFile(path, options).loaded }
        #expect(result.error == nil)
        #expect(result.rows == bits, "seed \(seed), \(threadCount) threads, pieces of \(pieceByteCount)")
      }
    }
    options.threadCount = 1
    for count in [2, 3, 7] { #expect(readInParts(path, options, count: count).rows == bits, "seed \(seed)") }
  }

  @Test(arguments: 0..<200 as Range<UInt64>) func damagedFilesGiveTheSameErrorHoweverTheyAreRead(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let columnCount = Int.random(in: 1...4, using: &random)
    let dialect = Dialect(&random, columnCount: columnCount)
    let table = (0..<Int.random(in: 1...12, using: &random)).map { _ in (0..<columnCount).map { _ in number(&random) } }
    var bytes = Array(dialect.text(of: table, &random).utf8)
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
      let i = Int.random(in: 0..<bytes.count, using: &random)
      let byte = Array(",;\t|\"\r\n\0 x1.-e\u{FF}".utf8).randomElement(using: &random) ?? 0
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes.remove(at: i)
      case 1: bytes.insert(byte, at: i)
      case 2: bytes[i] = UInt8(truncatingIfNeeded: random.next())
      default: bytes[i] = byte
      }
    }
    let directory = try TemporaryDirectory()
    let path = try directory.write(bytes)
    var options = ReadOptions(missing: seed % 2 == 0 ? .error : .skipRow)
    if seed % 3 == 0 { options.columns = .init(numbers: [0]) }
    let whole = ReadingResult { try CSVFile(path, options).loaded }
    for pieceByteCount in [1, 3, 50] {
      for threadCount in [1, 3] {
        options.pieceByteCount = pieceByteCount
        options.threadCount = threadCount
        #expect(
          ReadingResult { try CSVFile(path, options).loaded } == whole, "seed \(seed), pieces of \(pieceByteCount)")
      }
      options.threadCount = 1
      for count in [2, 5] {
        #expect(readInParts(path, options, count: count) == whole, "seed \(seed), \(count) parts")
      }
    }
  }
}
