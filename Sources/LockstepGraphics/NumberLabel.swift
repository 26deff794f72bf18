// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Numbers as axes and text alternatives show them.
package enum NumberLabel {
  /// The labels of ticks that are `step` apart, all with as many decimals as the step needs.
  package static func labels(_ values: [Double], step: Double) -> [String] {
    let largest = values.map(abs).max() ?? 0
    guard largest < 1e6, largest == 0 || step >= 1e-5 else { return values.map(scientific) }
    let decimals = max(0, -Int((log10(step) + 1e-9).rounded(.down)))
    return values.map { signed(fixed(abs($0), decimals: decimals), isNegative: $0 < 0) }
  }

  /// Three significant digits at most: `0.0123`, `1,230`, `1.5e8`.
  package static func short(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "not a number" : signed("∞", isNegative: value < 0) }
    guard value != 0 else { return "0" }
    let size = abs(value)
    guard size < 1e6, size >= 1e-4 else { return scientific(value) }
    let digits = max(0, 2 - Int(log10(size).rounded(.down)))
    return signed(trimmed(fixed(size, decimals: digits)), isNegative: value < 0)
  }

  /// A power of ten: 1, 10, 0.01, 1e6.
  package static func power(_ exponent: Int) -> String {
    switch exponent {
    case 0...3: "1" + String(repeating: "0", count: exponent)
    case -3..<0: "0." + String(repeating: "0", count: -exponent - 1) + "1"
    default: "1e" + signed("\(abs(exponent))", isNegative: exponent < 0)
    }
  }

  /// The number with `decimals` digits after the point and commas between thousands.
  ///
  /// - Precondition: `value` is not negative, and below 10^15.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    var scale: Int64 = 1
    for _ in 0..<min(decimals, 15) { scale *= 10 }
    let (scaled, overflow) = Int64(value.rounded(.down)).multipliedReportingOverflow(by: scale)
    precondition(!overflow, "a label of \(value) with \(decimals) decimals")
    let hundredths = scaled + Int64(((value - value.rounded(.down)) * Double(scale)).rounded())
    let (whole, part) = hundredths.quotientAndRemainder(dividingBy: scale)
    guard decimals > 0 else { return grouped("\(whole)") }
    let digits = "\(part)"
    return grouped("\(whole)") + "." + String(repeating: "0", count: decimals - digits.count) + digits
  }

  private static func grouped(_ digits: String) -> String {
    guard digits.count > 4 else { return digits }
    var result = ""
    for (i, digit) in digits.enumerated() {
      if i > 0, (digits.count - i) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  private static func scientific(_ value: Double) -> String {
    guard value != 0 else { return "0" }
    var exponent = Int(log10(abs(value)).rounded(.down))
    var digits = abs(value) / pow(10, Double(exponent))
    if digits >= 9.995 { (digits, exponent) = (digits / 10, exponent + 1) }
    return signed(trimmed(fixed(digits, decimals: 2)), isNegative: value < 0) + "e"
      + signed("\(abs(exponent))", isNegative: exponent < 0)
  }

  /// With a true minus sign, as wide as a digit.
  private static func signed(_ text: String, isNegative: Bool) -> String { isNegative ? "−" + text : text }
}

extension NumberLabel {
  /// A number for a small field: two decimals below ten, one below a hundred.
  static func brief(_ value: Double) -> String {
    guard abs(value) < 99.95 else { return short(value) }
    let text = fixed(abs(value), decimals: abs(value) < 9.995 ? 2 : 1)
    return signed(text, isNegative: value < 0 && text != "0.00")
  }

  /// A whole number with commas between thousands.
  package static func count(_ value: Int) -> String {
    signed(grouped("\(value.magnitude)"), isNegative: value < 0)
  }
}
