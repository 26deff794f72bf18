// SPDX-License-Identifier: Apache-2.0

extension FittedModel {
  /// The SHA-256 digest of the model's bits, as `sha256:` and 64 hexadecimal digits.
  ///
  /// Over the method's name and each field's name, shape and elements (little-endian), in order. Two models have the same
  /// digest if and only if all their numbers have the same bits; NaN counts as one number, whatever its bits. Fields that say no more
  /// than others and were added later are not covered.
  ///
  /// - Throws: `LockstepError` with code `.unsupported` where neither OpenSSL's libcrypto nor libgcrypt is installed.
  public var digest: String {
    get throws {
      let hash = try SHA256()
      func absorb(_ text: String) throws {
        try absorb([text.utf8.count])
        try Array(text.utf8).withUnsafeBytes(hash.update)
      }
      func absorb(_ integers: [Int]) throws {
        try integers.map { Int64($0).littleEndian }.withUnsafeBytes(hash.update)
      }
      try absorb(Self.methodName)
      for field in fields where field.isDigested {
        try absorb(field.name)
        switch field.value {
        case .doubles(let elements, let shape):
          try absorb([0, shape.count] + shape)
          try elements.map { ($0.isNaN ? Double.nan : $0).bitPattern.littleEndian }.withUnsafeBytes(hash.update)
        case .integers(let elements, let shape):
          try absorb([1, shape.count] + shape)
          try absorb(elements)
        case .bool(let value): try absorb([2, value ? 1 : 0])
        case .strings(let strings):
          try absorb([3, strings.count])
          for string in strings { try absorb(string) }
        }
      }
      return try hash.finalize()
    }
  }
}
