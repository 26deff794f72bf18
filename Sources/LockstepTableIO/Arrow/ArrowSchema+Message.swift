// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors

extension ArrowSchema {
  /// Reads a schema as Arrow's messages hold it.
  ///
  /// Source: Apache Arrow, format/Schema.fbs. The fields are numbered as there.
  init(_ schema: FlatTable) throws {
    guard try schema.integer(0, or: Int16(0)) == 0 else {
      throw LockstepError(
        .unsupported, "numbers are stored with the most significant byte first",
        remedy: "write it on a machine like this one")
    }
    // Damaged references may lead to the same field again and again.
    var fieldCount = 0
    let fields = try schema.tables(1).map { try ArrowField($0, depth: 0, fieldCount: &fieldCount) }
    try self.init(fields)
  }
}

extension ArrowField {
  fileprivate init(_ field: FlatTable, depth: Int, fieldCount: inout Int) throws {
    fieldCount += 1
    guard depth < 64, fieldCount < 1 << 20 else { throw FlatTable.damaged }
    name = try field.text(0) ?? ""
    var children: [ArrowField] = []
    for child in try field.tables(5) {
      children.append(try ArrowField(child, depth: depth + 1, fieldCount: &fieldCount))
    }
    let code = try field.integer(2, or: UInt8(0))
    let details = try field.table(3)
    type = try Self.type(code, details, children)
    var own = Layout(nodeCount: 1, bufferCount: try Self.bufferCount(code, details))
    if code == 23 || code == 24 { own.viewCount = 1 }
    valueLayout = children.reduce(own) { $0 + $1.layout }
    layout = valueLayout
    guard let encoding = try field.table(4) else { return }
    let index = try encoding.table(1)
    let bitCount = Int(try index?.integer(0, or: Int32(0)) ?? 32)
    guard let number = ArrowNumber(bitCount: bitCount, isSigned: try index?.isTrue(1) ?? true) else {
      throw FlatTable.damaged
    }
    dictionary = (try encoding.integer(0, or: Int64(0)), number)
    layout = Layout(nodeCount: 1, bufferCount: 2)
  }

  /// The number of pieces of memory of a field itself, without those of its parts.
  private static func bufferCount(_ code: UInt8, _ details: FlatTable?) throws -> Int {
    switch code {
    case 1, 22: 0  // nothing at all, runs
    case 13, 16: 1  // structure, list of one size
    case 14: try details?.integer(0, or: Int16(0)) ?? 0 == 0 ? 1 : 2  // union, sparse or dense
    case 4, 5, 19, 20, 25, 26: 3  // bytes, texts, views of lists
    default: 2
    }
  }

  private static func type(_ code: UInt8, _ details: FlatTable?, _ children: [ArrowField]) throws -> ArrowType {
    func unit(_ byDefault: Int16) throws -> Int64? {
      switch try details?.integer(0, or: byDefault) ?? byDefault {
      case 0: 1
      case 1: 1000
      case 2: 1_000_000
      case 3: 1_000_000_000
      default: nil
      }
    }
    func times(bitCount: Int, _ unit: Int64?) -> ArrowType {
      guard let unit, let number = ArrowNumber(bitCount: bitCount, isSigned: true, divisor: unit) else {
        return .other("times")
      }
      return .number(number)
    }
    switch code {
    case 1: return .number(.none)
    case 2:
      let bitCount = Int(try details?.integer(0, or: Int32(0)) ?? 0)
      guard let number = ArrowNumber(bitCount: bitCount, isSigned: try details?.isTrue(1) ?? false) else {
        throw FlatTable.damaged
      }
      return .number(number)
    case 3:
      switch try details?.integer(0, or: Int16(0)) ?? 0 {
      case 0: return .number(.half)
      case 1: return .number(.float)
      case 2: return .number(.double)
      default: throw FlatTable.damaged
      }
    case 4, 19, 23: return .other("bytes")
    case 5: return .text(.ends32)
    case 20: return .text(.ends64)
    case 24: return .text(.views)
    case 6: return .number(.bit)
    case 7:
      let bitCount = Int(try details?.integer(2, or: Int32(128)) ?? 128)
      guard let number = ArrowNumber(decimalOf: bitCount, scale: Int(try details?.integer(1, or: Int32(0)) ?? 0)) else {
        return .other("decimals of \(bitCount) bits")
      }
      return .number(number)
    case 8:
      return .number(
        try details?.integer(0, or: Int16(1)) ?? 1 == 0 ? .days : ArrowNumber(LockstepColumnInt64, 64, divisor: 1000))
    case 9: return times(bitCount: Int(try details?.integer(1, or: Int32(32)) ?? 32), try unit(1))
    case 10: return times(bitCount: 64, try unit(0))
    case 18: return times(bitCount: 64, try unit(1))
    case 16:
      let width = Int(try details?.integer(0, or: Int32(0)) ?? 0)
      guard children.count == 1, width >= 0 else { throw FlatTable.damaged }
      guard case .number(let number) = children[0].type, children[0].dictionary == nil, width > 0 else {
        return .other("lists")
      }
      return .list(number, width: width)
    default:
      let names: [UInt8: String] = [
        11: "intervals", 12: "lists", 13: "structures", 14: "unions", 15: "bytes", 17: "maps", 21: "lists", 22: "runs",
        25: "lists", 26: "lists",
      ]
      return .other(names[code] ?? "values of an unknown type")
    }
  }
}
