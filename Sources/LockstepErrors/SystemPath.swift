// SPDX-License-Identifier: Apache-2.0

/// Names of files, which have any bytes, as strings, which are UTF-8.
///
/// A byte that is no part of UTF-8 stands in the string as a character of its own, of those for private use. Where a name has such a
/// character itself, its bytes stand so too: the name that the system gets is always the one that it gave.
extension String {
  /// A name that the system, or a user, has given.
  package init(systemPath name: UnsafePointer<CChar>) {
    let bytes = UnsafeBufferPointer(start: name, count: Self.length(of: name)).map { UInt8(bitPattern: $0) }
    self.init(systemPath: bytes)
  }

  /// A name of these bytes.
  package init(systemPath bytes: [UInt8]) {
    if let text = String(validating: bytes, as: UTF8.self),
      !text.unicodeScalars.contains(where: { $0.byteInName != nil })
    {
      self = text
      return
    }
    var scalars = String.UnicodeScalarView()
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var position = 0
    func add(_ count: Int) {
      for byte in bytes[position..<position + count] {
        if let scalar = Unicode.Scalar(Unicode.Scalar.firstByteInName + UInt32(byte)) { scalars.append(scalar) }
      }
    }
    while true {
      switch parser.parseScalar(from: &rest) {
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        if scalar.byteInName == nil { scalars.append(scalar) } else { add(encoded.count) }
        position += encoded.count
      case .error(let length):
        add(length)
        position += length
      case .emptyInput:
        self.init(scalars)
        return
      }
    }
  }

  /// The name as the system has it, which ends with a zero.
  package var systemPath: [CChar] {
    guard utf8.contains(0xF4) else { return Array(utf8CString) }
    var bytes: [CChar] = []
    for scalar in unicodeScalars {
      if let byte = scalar.byteInName {
        bytes.append(CChar(bitPattern: byte))
      } else {
        bytes += String(scalar).utf8.map { CChar(bitPattern: $0) }
      }
    }
    return bytes + [0]
  }

  private static func length(of name: UnsafePointer<CChar>) -> Int {
    var count = 0
    while name[count] != 0 { count += 1 }
    return count
  }
}

extension Unicode.Scalar {
  fileprivate static var firstByteInName: UInt32 { 0x10F700 }

  /// The byte of a name that the character stands for; `nil` of all others.
  package var byteInName: UInt8? {
    value >= Self.firstByteInName + 0x80 && value <= Self.firstByteInName + 0xFF
      ? UInt8(truncatingIfNeeded: value) : nil
  }
}
