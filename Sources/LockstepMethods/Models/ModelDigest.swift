// SPDX-License-Identifier: Apache-2.0

import Crypto

extension FittedModel {
  /// The SHA-256 digest of the model's bits, as `sha256:` and 64 hexadecimal digits.
  ///
  /// Over the method's name and each field's name, shape and elements (little-endian), in order. Two models have the same
  /// digest if and only if all their numbers have the same bits; NaN counts as one number, whatever its bits.
  public var digest: String {
    var hash = SHA256()
    func absorb(_ text: String) {
      absorb([text.utf8.count])
      hash.update(data: Array(text.utf8))
    }
    func absorb(_ integers: [Int]) {
      integers.map { Int64($0).littleEndian }.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }
    absorb(Self.methodName)
    for field in fields {
      absorb(field.name)
      switch field.value {
      case .doubles(let elements, let shape):
        absorb([0, shape.count] + shape)
        elements.map { ($0.isNaN ? Double.nan : $0).bitPattern.littleEndian }.withUnsafeBytes {
          hash.update(bufferPointer: $0)
        }
      case .integers(let elements, let shape):
        absorb([1, shape.count] + shape)
        absorb(elements)
      case .bool(let value): absorb([2, value ? 1 : 0])
      case .strings(let strings):
        absorb([3, strings.count])
        for string in strings { absorb(string) }
      }
    }
    return "sha256:" + hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
