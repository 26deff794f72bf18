// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import Glibc
import LockstepTables
import Testing

@testable import LockstepTableIO

/// Every number that is read has the bits that `strtod` and `strtof` give it.
@Suite struct DecimalTests {
  /// Texts of numbers, one after the other, with the values that the C library reads in them.
  private struct Texts {
    var bytes: [UInt8] = []
    var doubles: [Double] = []
    var floats: [Float] = []
    private let scratch = UnsafeMutablePointer<CChar>.allocate(capacity: 2048)

    mutating func append(_ format: String, _ arguments: any CVarArg...) {
      let count = withVaList(arguments) { vsnprintf(scratch, 2048, format, $0) }
      // Rounding to few digits may lead past the largest number.
      guard strtod(scratch, nil).isFinite else { return }
      doubles.append(strtod(scratch, nil))
      floats.append(strtof(scratch, nil))
      bytes += UnsafeRawBufferPointer(start: scratch, count: Int(count))
      bytes.append(0x0A)
    }

    mutating func append(text: String) {
      doubles.append(strtod(text, nil))
      floats.append(strtof(text, nil))
      bytes += text.utf8
      bytes.append(0x0A)
    }

    func free() { scratch.deallocate() }
  }

  private func check(_ seed: UInt64, count: Int, _ write: (inout Texts, inout SeededGenerator) -> Void) throws {
    var random = SeededGenerator(seed: seed)
    var texts = Texts()
    defer { texts.free() }
    // A tenth of them on ordinary days.
    let count = getenv("LOCKSTEP_LONG_TESTS") == nil ? count / 10 : count
    while texts.doubles.count < count { write(&texts, &random) }
    let directory = try TemporaryDirectory()
    let path = try directory.write(texts.bytes)
    let doubles = try CSVFile(path, ReadOptions(csv: CSVOptions(header: .no))).table
    let wrong = doubles.rows.withUnsafeElements { elements in
      texts.doubles.indices.filter { elements[$0].bitPattern != texts.doubles[$0].bitPattern }
    }
    let lines = wrong.isEmpty ? [] : texts.bytes.split(separator: 0x0A)
    #expect(doubles.rowCount == texts.doubles.count)
    #expect(wrong.isEmpty, "\(wrong.prefix(5).map { String(decoding: lines[$0], as: UTF8.self) }), seed \(seed)")
    guard texts.floats.allSatisfy(\.isFinite) else { return }
    let floats = try CSVFile<Float>(path, ReadOptions(csv: CSVOptions(header: .no))).table
    let wrongFloats = floats.rows.withUnsafeElements { elements in
      texts.floats.indices.filter { elements[$0].bitPattern != texts.floats[$0].bitPattern }
    }
    #expect(wrongFloats.isEmpty, "\(wrongFloats.prefix(5).map { texts.doubles[$0] }), seed \(seed)")
  }

  @Test func allExponents() throws {
    try check(1, count: 300_000) { texts, random in
      let value = random.finite()
      texts.append("%.17g", value)
      texts.append("%.16e", value)
      texts.append("%.*e", CInt.random(in: 0...25, using: &random), value)
    }
  }

  @Test func subnormals() throws {
    try check(2, count: 50_000) { texts, random in
      texts.append("%.17g", Double(bitPattern: random.next() >> UInt64.random(in: 12...63, using: &random)))
    }
  }

  @Test func anyDigitsAndExponents() throws {
    try check(3, count: 300_000) { texts, random in
      let digits = random.next() >> UInt64.random(in: 0...63, using: &random)
      let sign = Bool.random(using: &random) ? "" : "-"
      texts.append(text: "\(sign)\(digits)e\(Int.random(in: -19...18, using: &random))")
      texts.append(text: "\(sign)\(digits)")
      texts.append(text: "\(sign)\(digits % 10_000_000).\(random.next() >> 3)")
    }
  }

  @Test func ordinaryNumbers() throws {
    try check(4, count: 300_000) { texts, random in
      let value = Double(Int64(bitPattern: random.next())) / pow(10, Double(Int.random(in: 8...24, using: &random)))
      texts.append("%.*f", CInt.random(in: 0...24, using: &random), value)
      texts.append("%.17g", value)
      texts.append("%+.18e", value)
    }
  }

  @Test func halfwayBetweenNeighbours() throws {
    try check(5, count: 100_000) { texts, random in
      // One bit more than a double has, or a float.
      let odd = (random.next() >> 11 | 1 << 52) * 2 + 1
      texts.append("%llu", odd)
      texts.append("%llu.%02d", odd >> 2, CInt(odd & 3) * 25)
      texts.append(text: "\(odd >> 2).\(tails[Int(odd & 3)])")
      let oddFloat = (random.next() >> 40 | 1 << 23) * 2 + 1
      texts.append("%llu", oddFloat)
      texts.append("%llu.%02d", oddFloat >> 2, CInt(oddFloat & 3) * 25)
      texts.append(text: "\(oddFloat >> 2).\(tails[Int(oddFloat & 3)])")
    }
  }

  /// A hair above quarters, so that what looks like a tie is none.
  private let tails = ["00000000000000000001", "25000000000000000001", "50000000000000000001", "75000000000000000001"]
}
