// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import Glibc
import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// Files that claim, join or hide what they should not, each of which was once read, or ended the process.
struct HostileFilesTests {
  private func npy(_ shape: String, type: String = "<f8", data: [UInt8] = []) -> [UInt8] {
    let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8) + data
  }

  @Test func twoStreamsInOneFileAreNotOne() throws {
    let directory = try TemporaryDirectory()
    let bytes = try Fixture.bytes("types.arrows")
    let error = #expect(throws: LockstepError.self) {
      try parts(of: try directory.write(bytes + bytes, to: "two.arrows"))
    }
    #expect(error?.code == .malformedInput && error?.message.contains("follow the end of the stream") == true)
  }

  @Test func claimsOfSizeAreNotBelieved() throws {
    let directory = try TemporaryDirectory()
    let market = "%%MatrixMarket matrix array real symmetric\n3037000500 3037000500\n1\n"
    for (name, bytes) in [
      ("n.mtx", Array(market.utf8)), ("columns.npy", npy("(0, 4611686018427387904)")),
      ("more.npy", npy("(0, 2147483647)")), ("rows.npy", npy("(4611686018427387904, 4)")),
    ] {
      let path = try directory.write(bytes, to: name)
      let error = #expect(throws: LockstepError.self, "\(name)") { try parts(of: path) }
      #expect(error?.code == .malformedInput)
    }
    #expect(throws: LockstepError.self) {
      try NPYArray(npyBytes: npy("(1099511627776,)", type: "<U0"), name: "x")
    }
  }

  @Test func membersThatLieOverEachOtherAreRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/model.npz"
    try NPZFile([("x", NPYArray(shape: [500], .double(Array(repeating: 1, count: 500))))]).write(to: path)
    var bytes = try directory.read("model.npz")
    func number(_ place: Int) -> Int { bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) } }
    // The one entry of the directory, thirty times.
    let end = bytes.count - 22
    let entry = bytes[number(end + 16)..<end]
    var tail = Array(bytes[end...])
    (tail[8], tail[10]) = (30, 30)
    bytes = bytes[..<entry.startIndex] + Array(repeating: entry, count: 30).joined() + tail
    let error = #expect(throws: LockstepError.self) { try NPZFile(try directory.write(bytes, to: "model.npz")) }
    #expect(error?.code == .malformedInput)
  }

  @Test func aChangedByteOfAStoredArrayIsFound() throws {
    let directory = try TemporaryDirectory()
    var bytes = try Fixture.bytes("stored.npz")
    _ = try parts(of: try directory.write(bytes, to: "x.npz"))
    let archive = try bytes.withUnsafeBytes { try ZIPArchive($0, name: "x") }
    for member in archive.members where member.method == 0 { bytes[member.place.upperBound - 1] ^= 1 }
    let path = try directory.write(bytes, to: "y.npz")
    for size in [1, 2] {
      for missing in [MissingValuePolicy.error, .skipRow] {
        let error = #expect(throws: LockstepError.self) {
          try parts(of: path, size: size, ReadOptions(missing: missing))
        }
        #expect(error?.message.contains("check sum") == true)
      }
    }
  }

  @Test func checkSumsAreThoseOfEveryLength() {
    // One byte at a time, as the sum is defined.
    func plain(_ bytes: [UInt8]) -> UInt32 {
      ~bytes.reduce(~UInt32(0)) { sum, byte in
        (0..<8).reduce(sum ^ UInt32(byte)) { r, _ in r >> 1 ^ (r & 1 == 1 ? 0xEDB8_8320 : 0) }
      }
    }
    let bytes = (0..<70).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
    for count in 0...bytes.count {
      let first = Array(bytes.prefix(count))
      #expect(first.withUnsafeBytes { lockstep_crc32(0, $0.baseAddress, $0.count) } == plain(first))
    }
    #expect(Array("123456789".utf8).withUnsafeBytes { lockstep_crc32(0, $0.baseAddress, $0.count) } == 0xCBF4_3926)
  }

  @Test func wideNamesAreNotMultiplied() {
    func field(_ name: String, _ width: Int) -> ArrowField {
      let layout = ArrowField.Layout(nodeCount: 1, bufferCount: 2)
      return ArrowField(
        name: name, type: width > 1 ? .list(.double, width: width) : .number(.double), dictionary: nil, layout: layout,
        valueLayout: layout)
    }
    let long = String(repeating: "x", count: 1000)
    #expect(throws: LockstepError.self) { try ArrowSchema([field(long, 8_388_608), field("y", 1)]) }
    #expect(throws: LockstepError.self) { try ArrowSchema([field("x", 1 << 23), field("y", 1 << 23), field("z", 1)]) }
    #expect(throws: Never.self) { try ArrowSchema([field(long, 3), field("y", 1)]) }
  }

  @Test func tablesWithoutTheirColumnsAreRefused() throws {
    var schema = CLockstepTableIO.ArrowSchema()
    "+s".withCString { format in
      schema.format = format
      schema.n_children = 2
      #expect(throws: LockstepError.self) { try ArrowSchema(schema, name: "x") }
      schema.n_children = -1
      #expect(throws: LockstepError.self) { try ArrowSchema(schema, name: "x") }
    }
  }
}

/// Whole numbers, times and decimals come to 32 bits rounded once, whatever they are stored in.
struct RoundedOnceTests {
  /// 2⁶⁰ + 2³⁶ + 1: a double rounds it to the middle between two floats.
  static let whole: Int64 = 1 << 60 + 1 << 36 + 1
  static let right = Float(0x1p60) + Float(0x1p37)

  private func floats<T>(_ values: [T], _ kind: LockstepColumnKind, _ change: (inout LockstepColumn) -> Void = { _ in })
    -> [Float]
  {
    var out = [Float](repeating: 0, count: values.count)
    values.withUnsafeBytes { values in
      var column = LockstepColumn()
      (column.kind, column.factor, column.divisor, column.stride) = (kind, 1, 1, 1)
      column.values = values.baseAddress
      change(&column)
      lockstep_columns_to_rows(&column, 1, 0, Int64(out.count), true, &out, 1)
    }
    return out
  }

  @Test func everyKindOfColumn() {
    #expect(floats([Self.whole, -Self.whole], LockstepColumnInt64) == [Self.right, -Self.right])
    #expect(floats([UInt64(Self.whole)], LockstepColumnUInt64) == [Self.right])
    #expect(floats([Int128(Self.whole)], LockstepColumnDecimal128) == [Self.right])
    // 1 + 2⁻²⁴ + 10⁻¹⁸ as a decimal, and 16777217.000000001 s.
    #expect(floats([1_000_000_059_604_644_776], LockstepColumnDecimal64) { $0.scale = 18 } == [Float(1).nextUp])
    #expect(floats([16_777_217_000_000_001], LockstepColumnInt64) { $0.divisor = 1_000_000_000 } == [16_777_218])
    #expect(floats([16_777_217_000_000_000], LockstepColumnInt64) { $0.divisor = 1_000_000_000 } == [16_777_216])
  }

  @Test func filesOfNumPy() throws {
    let directory = try TemporaryDirectory()
    let array = NPYArray(shape: [2, 1], .int64([Self.whole, Self.whole]))
    let path = try directory.write(array.npyBytes, to: "x.npy")
    #expect(try parts(of: path, as: Float.self)[0].table.nested == [[Self.right], [Self.right]])
    let csv = try directory.write("\(Self.whole)\n\(Self.whole)\n")
    #expect(try parts(of: csv, as: Float.self)[0].table.nested == [[Self.right], [Self.right]])
  }
}
