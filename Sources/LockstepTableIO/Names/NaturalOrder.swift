// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The order of names in which runs of digits count by their value: `part2` comes before `part10`.
enum NaturalOrder {
  /// Whether one name comes before another.
  ///
  /// Names that differ in leading zeros only are ordered as text.
  static func isLess(_ a: String, _ b: String) -> Bool { precedes(key(of: a), key(of: b)) }

  /// The names in order.
  ///
  /// - Complexity: each name is taken apart once; comparing two is comparing bytes.
  static func sorted(_ names: [String]) -> [String] {
    names.map { (name: $0, key: key(of: $0)) }.sorted { precedes($0.key, $1.key) }.map(\.name)
  }

  /// Bytes whose order is that of the names: for each run of digits a 0, the number of its digits without leading zeros, and these;
  /// at the end the name itself, for names that differ in zeros only.
  private static func key(of name: String) -> [UInt8] {
    let bytes = Array(name.utf8)
    var key: [UInt8] = []
    key.reserveCapacity(2 * bytes.count + 16)
    var i = 0
    while i < bytes.count {
      let start = i
      while i < bytes.count, bytes[i] >= 0x30, bytes[i] <= 0x39 { i += 1 }
      if i == start {
        key.append(bytes[i])
        i += 1
      } else {
        var first = start
        while first < i, bytes[first] == 0x30 { first += 1 }
        key += [0x30, UInt8(truncatingIfNeeded: (i - first) >> 8), UInt8(truncatingIfNeeded: i - first)]
        key += bytes[first..<i]
      }
    }
    key.append(0)
    return key + bytes
  }

  private static func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    let order = memcmp(a, b, min(a.count, b.count))
    return order != 0 ? order < 0 : a.count < b.count
  }
}
