// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors

extension ArrowSchema {
  /// A schema as Arrow's C data interface hands it over.
  ///
  /// Source: "The Arrow C data interface", section "Data type description".
  init(_ schema: CLockstepTableIO.ArrowSchema, name: String) throws {
    guard schema.format.map({ String(cString: $0) }) == "+s" else {
      let format = schema.format.map { String(cString: $0) } ?? ""
      throw LockstepError(
        .unsupported, "a stream of \"\(format)\" is not a table", remedy: "hand over a table or its batches",
        place: .init(file: name))
    }
    // In the header the pointer may be anything, and is NULL where there are no columns.
    let children: UnsafeMutablePointer<UnsafeMutablePointer<CLockstepTableIO.ArrowSchema>?>? = schema.children
    let lacking = LockstepError(
      .malformedInput, "the table lacks a column that it describes", place: .init(file: name))
    guard schema.n_children >= 0, schema.n_children == 0 || children != nil else { throw lacking }
    var fields: [ArrowField] = []
    for i in 0..<Int(schema.n_children) {
      guard let child = children?[i]?.pointee else { throw lacking }
      fields.append(ArrowField(child))
    }
    try self.init(fields)
  }
}

extension ArrowField {
  fileprivate init(_ field: CLockstepTableIO.ArrowSchema) {
    name = field.name.map { String(cString: $0) } ?? ""
    layout = Layout(nodeCount: 1, bufferCount: 0)
    valueLayout = layout
    guard let values = field.dictionary?.pointee else {
      type = Self.type(field)
      return
    }
    if case .number(let index) = Self.type(field) { dictionary = (0, index) }
    type = Self.type(values)
    // A dictionary of lists is nobody's, and would need its own way of looking up.
    if case .list = type { type = .other("lists") }
  }

  private static func type(_ field: CLockstepTableIO.ArrowSchema) -> ArrowType {
    let format = field.format.map { String(cString: $0) } ?? ""
    let whole: [String: (Int, Bool)] = [
      "c": (8, true), "s": (16, true), "i": (32, true), "l": (64, true), "C": (8, false), "S": (16, false),
      "I": (32, false), "L": (64, false),
    ]
    if let (bitCount, isSigned) = whole[format], let number = ArrowNumber(bitCount: bitCount, isSigned: isSigned) {
      return .number(number)
    }
    switch format {
    case "n": return .number(.none)
    case "b": return .number(.bit)
    case "e": return .number(.half)
    case "f": return .number(.float)
    case "g": return .number(.double)
    case "u": return .text(.ends32)
    case "U": return .text(.ends64)
    case "vu": return .text(.views)
    case "tdD": return .number(.days)
    case "tdm": return .number(ArrowNumber(LockstepColumnInt64, 64, divisor: 1000))
    default: break
    }
    if let time = time(format) { return .number(time) }
    if format.hasPrefix("d:") {
      let numbers = format.dropFirst(2).split(separator: ",").compactMap { Int($0) }
      if numbers.count >= 2,
        let number = ArrowNumber(decimalOf: numbers.count > 2 ? numbers[2] : 128, scale: numbers[1])
      {
        return .number(number)
      }
    }
    if format.hasPrefix("+w:"), let width = Int(format.dropFirst(3)), width > 0, width < 1 << 24, field.n_children == 1,
      let child = field.children[0]?.pointee, child.dictionary == nil, case .number(let number) = type(child)
    {
      return .list(number, width: width)
    }
    return .other("values of the type \"\(format)\"")
  }

  /// Times of a day, points in time, and durations.
  private static func time(_ format: String) -> ArrowNumber? {
    let units: [Character: Int64] = ["s": 1, "m": 1000, "u": 1_000_000, "n": 1_000_000_000]
    guard format.hasPrefix("t"), format.count >= 3, let divisor = units[Array(format)[2]] else { return nil }
    switch Array(format)[1] {
    case "t": return ArrowNumber(bitCount: divisor <= 1000 ? 32 : 64, isSigned: true, divisor: divisor)
    case "s", "D": return ArrowNumber(LockstepColumnInt64, 64, divisor: divisor)
    default: return nil
    }
  }
}
