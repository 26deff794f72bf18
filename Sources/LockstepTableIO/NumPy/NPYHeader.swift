// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// What precedes the numbers in a file of NumPy's NPY format: their type, order and shape.
///
/// Source: NumPy enhancement proposal 1, "A simple file format for NumPy arrays", format versions 1.0, 2.0 and 3.0.
struct NPYHeader: Hashable, Sendable {
  /// The type of the elements in NumPy's notation, for example `<f8`.
  var type: String
  /// Whether the first index runs fastest.
  var isFortranOrder = false
  /// The lengths along each index.
  var shape: [Int]

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The number of elements; `nil` if it exceeds an `Int`.
  var elementCount: Int? {
    var count = 1
    for length in shape {
      let (product, isTooLong) = count.multipliedReportingOverflow(by: length)
      guard !isTooLong else { return nil }
      count = product
    }
    return count
  }

  /// The header as bytes, their number a multiple of 64.
  var bytes: [UInt8] {
    let lengths = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let order = isFortranOrder ? "True" : "False"
    let text = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(lengths)), }"
    let prefixByteCount = NPYHeader.magic.count + 4
    let byteCount = (prefixByteCount + text.utf8.count + 1 + 63) / 64 * 64
    let textByteCount = byteCount - prefixByteCount
    precondition(textByteCount < 1 << 16, "an array of \(shape.count) dimensions has no NPY header")
    let padding = [UInt8](repeating: 0x20, count: textByteCount - text.utf8.count - 1)
    return NPYHeader.magic + [1, 0, UInt8(textByteCount & 0xFF), UInt8(textByteCount >> 8)] + Array(text.utf8) + padding
      + [0x0A]
  }

  /// Reads the header of a file, and returns it with the number of bytes that it takes.
  ///
  /// `read` gives the file's first bytes: as many as asked for, or all there are.
  static func read(name: String, _ read: (Int) throws -> [UInt8]) throws -> (header: NPYHeader, byteCount: Int) {
    let (text, byteCount) = try text(name: name, read)
    guard let header = NPYHeader(text: text) else { throw unknown(text, name: name) }
    return (header, byteCount)
  }

  /// What is said of a header that describes no array that can be read.
  static func unknown(_ text: String, name: String) -> LockstepError {
    let shown = String(text.prefix(100)).split(separator: "\n").joined(separator: " ")
    return LockstepError(
      .unsupported, "the NPY header \(shown) does not describe an array of numbers",
      remedy: "save a plain array of float64 or float32", place: .init(file: name))
  }

  /// Reads what the header of a file says, as a text, and returns it with the number of bytes that it takes.
  static func text(name: String, _ read: (Int) throws -> [UInt8]) throws -> (text: String, byteCount: Int) {
    let truncated = LockstepError(
      .malformedInput, "the NPY header is cut off", remedy: "write the file again", place: .init(file: name))
    let start = try read(12)
    guard start.starts(with: magic) else {
      throw LockstepError(
        .malformedInput, "this is not an NPY file: it does not begin with \\x93NUMPY",
        remedy: "write it with numpy.save", place: .init(file: name))
    }
    guard start.count == 12 else { throw truncated }
    let version = start[6]
    guard (1...3).contains(version) else {
      throw LockstepError(
        .unsupported, "NPY format version \(version).\(start[7]) is not known", remedy: "write it with numpy.save",
        place: .init(file: name))
    }
    let lengthByteCount = version == 1 ? 2 : 4
    let textByteCount = start[8..<8 + lengthByteCount].reversed().reduce(0) { $0 << 8 | Int($1) }
    let byteCount = 8 + lengthByteCount + textByteCount
    guard textByteCount <= 1 << 24 else {
      throw LockstepError(
        .malformedInput, "an NPY header of \(textByteCount) bytes is not plausible", place: .init(file: name))
    }
    let bytes = try read(byteCount)
    guard bytes.count == byteCount else { throw truncated }
    return (String(decoding: bytes[(8 + lengthByteCount)...], as: UTF8.self), byteCount)
  }

  init(type: String, shape: [Int]) {
    self.type = type
    self.shape = shape
  }

  /// Reads the description, a Python dictionary with three keys; `nil` for anything else, structured types included.
  init?(text: String) {
    var scanner = PythonScanner(text)
    guard scanner.skip("{") else { return nil }
    var type: String?
    var order: Bool?
    var shape: [Int]?
    while !scanner.skip("}") {
      guard let key = scanner.string(), scanner.skip(":") else { return nil }
      switch key {
      case "descr": type = scanner.string()
      case "fortran_order": order = scanner.boolean()
      case "shape": shape = scanner.tuple()
      default: return nil
      }
      if !scanner.skip(",") {
        guard scanner.skip("}") else { return nil }
        break
      }
    }
    guard let type, let order, let shape, scanner.isAtEnd else { return nil }
    self.type = type
    isFortranOrder = order
    self.shape = shape
  }
}

/// Reads the few kinds of Python literals that NPY headers are made of.
struct PythonScanner {
  private let bytes: [UInt8]
  private var i = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  private mutating func skipBlanks() {
    while i < bytes.count, bytes[i] == 0x20 || bytes[i] == 0x0A || bytes[i] == 0x09 { i += 1 }
  }

  var isAtEnd: Bool {
    mutating get {
      skipBlanks()
      return i == bytes.count
    }
  }

  mutating func skip(_ word: String) -> Bool {
    skipBlanks()
    guard bytes[i...].starts(with: word.utf8) else { return false }
    i += word.utf8.count
    return true
  }

  mutating func string() -> String? {
    skipBlanks()
    guard i < bytes.count, bytes[i] == UInt8(ascii: "'") || bytes[i] == UInt8(ascii: "\"") else { return nil }
    guard let end = bytes[(i + 1)...].firstIndex(of: bytes[i]) else { return nil }
    defer { i = end + 1 }
    return String(decoding: bytes[(i + 1)..<end], as: UTF8.self)
  }

  mutating func boolean() -> Bool? {
    if skip("True") { return true }
    return skip("False") ? false : nil
  }

  mutating func tuple() -> [Int]? {
    guard skip("(") else { return nil }
    var numbers: [Int] = []
    while !skip(")") {
      skipBlanks()
      let digits = bytes[i...].prefix { $0 >= 0x30 && $0 <= 0x39 }
      guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
      i += digits.count
      _ = skip("L")
      numbers.append(number)
      if !skip(",") { return skip(")") ? numbers : nil }
    }
    return numbers
  }
}
