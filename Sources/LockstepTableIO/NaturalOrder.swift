// SPDX-License-Identifier: Apache-2.0

/// The order of names in which runs of digits count by their value: `part2` comes before `part10`.
enum NaturalOrder {
  /// Whether one name comes before another.
  ///
  /// Names that differ in leading zeros only are ordered as text.
  static func isLess(_ a: String, _ b: String) -> Bool {
    let x = Array(a.utf8)
    let y = Array(b.utf8)
    var i = 0
    var j = 0
    while i < x.count, j < y.count {
      if isDigit(x[i]), isDigit(y[j]) {
        let m = digits(of: x, at: &i)
        let n = digits(of: y, at: &j)
        if m.count != n.count { return m.count < n.count }
        if !m.elementsEqual(n) { return m.lexicographicallyPrecedes(n) }
      } else {
        if x[i] != y[j] { return x[i] < y[j] }
        i += 1
        j += 1
      }
    }
    if (i < x.count) != (j < y.count) { return j < y.count }
    return x.lexicographicallyPrecedes(y)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  /// The digits at `i` without leading zeros; `i` moves past them.
  private static func digits(of bytes: [UInt8], at i: inout Int) -> ArraySlice<UInt8> {
    let run = bytes[i...].prefix { isDigit($0) }
    i += run.count
    return run.drop { $0 == 0x30 }
  }
}
