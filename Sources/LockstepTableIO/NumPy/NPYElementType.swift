// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// How a number is stored in an NPY file: its kind, its size and the order of its bytes.
struct NPYElementType: Hashable, Sendable {
  /// What the bytes mean.
  enum Kind: Hashable, Sendable {
    case float
    case signed
    case unsigned
    case boolean
  }

  let kind: Kind
  let byteCount: Int
  /// Whether the first byte is the most significant.
  let isBigEndian: Bool

  /// The type of NumPy's notation, `<f8` for example; `nil` for what is no real number of at most 64 bits.
  init?(_ text: String) {
    guard let order = text.first, let size = Int(text.dropFirst(2)) else { return nil }
    switch (text.dropFirst().first, size) {
    case ("f", 2), ("f", 4), ("f", 8): kind = .float
    case ("i", 1), ("i", 2), ("i", 4), ("i", 8): kind = .signed
    case ("u", 1), ("u", 2), ("u", 4), ("u", 8): kind = .unsigned
    case ("b", 1): kind = .boolean
    default: return nil
    }
    byteCount = size
    isBigEndian = order == ">"
  }

  /// Whether numbers lie in the file as they do in memory.
  func isStored(as type: (some Scalar).Type) -> Bool {
    kind == .float && !isBigEndian && byteCount == (type == Float.self ? 4 : 8)
  }

  /// Whether a number may be NaN.
  var hasNaN: Bool { kind == .float }

  /// Calls `body` with the type of numbers that reads these bytes.
  func withSource<R>(_ body: (any NPYSource.Type) throws -> R) rethrows -> R {
    switch (kind, byteCount) {
    case (.float, 2): try body(Float16.self)
    case (.float, 4): try body(Float.self)
    case (.float, _): try body(Double.self)
    case (.signed, 1): try body(Int8.self)
    case (.signed, 2): try body(Int16.self)
    case (.signed, 4): try body(Int32.self)
    case (.signed, _): try body(Int64.self)
    case (.unsigned, 2): try body(UInt16.self)
    case (.unsigned, 4): try body(UInt32.self)
    case (.unsigned, 8): try body(UInt64.self)
    default: try body(UInt8.self)
    }
  }
}

/// A number as it lies in a file.
protocol NPYSource: BitwiseCopyable {
  /// The number whose bytes run the other way.
  var byteSwapped: Self { get }
  /// The number in double, rounded where it has more than 53 bits.
  var inDouble: Double { get }
  /// The number in float, rounded once.
  var inFloat: Float { get }
}

extension NPYSource {
  var inFloat: Float { Float(inDouble) }
}

extension NPYSource where Self: FixedWidthInteger {
  var inDouble: Double { Double(self) }
}

extension Int8: NPYSource {}
extension Int16: NPYSource {}
extension Int32: NPYSource {}
extension Int64: NPYSource {
  var inFloat: Float { Float(self) }
}
extension UInt8: NPYSource {}
extension UInt16: NPYSource {}
extension UInt32: NPYSource {}
extension UInt64: NPYSource {
  var inFloat: Float { Float(self) }
}

extension Float16: NPYSource {
  var byteSwapped: Float16 { Float16(bitPattern: bitPattern.byteSwapped) }
  var inDouble: Double { Double(self) }
}

extension Float: NPYSource {
  var byteSwapped: Float { Float(bitPattern: bitPattern.byteSwapped) }
  var inDouble: Double { Double(self) }
}

extension Double: NPYSource {
  var byteSwapped: Double { Double(bitPattern: bitPattern.byteSwapped) }
  var inDouble: Double { self }
}
