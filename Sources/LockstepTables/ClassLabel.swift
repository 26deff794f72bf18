// SPDX-License-Identifier: Apache-2.0

/// What a class is called: a whole number or a text.
///
/// Labels have one order everywhere: integers by value, then texts by their UTF-8 bytes.
public enum ClassLabel: Codable, Hashable, Sendable {
  /// A whole number.
  case integer(Int)
  /// A text.
  case string(String)
}

extension ClassLabel: Comparable {
  /// Whether `a` comes before `b`.
  public static func < (a: ClassLabel, b: ClassLabel) -> Bool {
    switch (a, b) {
    case (.integer(let a), .integer(let b)): a < b
    case (.string(let a), .string(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
    case (.integer, .string): true
    case (.string, .integer): false
    }
  }

  // Texts are equal if their bytes are: `String` would take "é" in one scalar and in two for the same.
  /// Whether the two are the same number or the same bytes.
  public static func == (a: ClassLabel, b: ClassLabel) -> Bool {
    switch (a, b) {
    case (.integer(let a), .integer(let b)): a == b
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    default: false
    }
  }

  /// Hashes the number or the bytes.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .integer(let value): hasher.combine(value)
    case .string(let text):
      hasher.combine(text.utf8.count)
      for byte in text.utf8 { hasher.combine(byte) }
    }
  }
}

extension ClassLabel: CustomStringConvertible {
  /// The number, or the text in quotes.
  public var description: String {
    switch self {
    case .integer(let value): "\(value)"
    case .string(let text): "\"\(text)\""
    }
  }
}

extension ClassLabel {
  /// The number in digits, or the text.
  public var text: String {
    switch self {
    case .integer(let value): "\(value)"
    case .string(let text): text
    }
  }
}

extension ClassLabel: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
}
