// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Numbers for people.
package enum NumberText {
  /// Whether numbers are written with all their digits, for programs that read tables.
  @TaskLocal package static var isExact = false

  /// The number with six significant digits at most: `0.0123`, `1234`, `1.5e+20`.
  package static func short(_ value: Double) -> String { isExact ? exact(value) : formatted("%.6g", value) }

  /// Exactly, with the fewest digits that read back to the same number.
  package static func exact(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 || !value.isFinite ? formatted("%.0f", value) : "\(value)"
  }

  /// The number with so many significant digits at most.
  package static func significant(_ value: Double, _ digits: Int) -> String {
    isExact ? exact(value) : formatted("%.\(digits)g", value)
  }

  /// `1 row`, `2 rows`.
  package static func count(_ number: Int, _ one: String, _ several: String? = nil) -> String {
    number == 1 ? "1 \(one)" : "\(number) \(several ?? one + "s")"
  }

  /// The number with `decimals` digits after the point.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    isExact ? exact(value) : formatted("%.\(decimals)f", value)
  }

  /// Numbers of one column, with the same number of decimals, so that their points stand under each other; six significant
  /// digits for the largest.
  package static func column(_ values: [Double]) -> [String] {
    if isExact { return values.map(exact) }
    let largest = values.lazy.filter(\.isFinite).map { abs($0) }.max() ?? 0
    guard largest > 0 else { return values.map(short) }
    guard largest < 1e9, largest >= 1e-3 else { return values.map { formatted("%.5e", $0) } }
    if values.allSatisfy({ $0 == $0.rounded() || !$0.isFinite }) { return values.map { fixed($0, decimals: 0) } }
    let decimals = min(max(5 - Int(log10(largest).rounded(.down)), 0), 6)
    return values.map { fixed($0, decimals: decimals) }
  }

  private static func formatted(_ format: String, _ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    // The longest is %.6f of 1e9, or %.5e.
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress else { return "" }
      _ = withVaList([value]) { vsnprintf(start, buffer.count, format, $0) }
      return String(cString: start)
    }
  }
}
