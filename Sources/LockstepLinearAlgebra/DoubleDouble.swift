// SPDX-License-Identifier: Apache-2.0

/// The unevaluated sum of two doubles, |low| ≤ ½ ulp(high): about 106 bits of precision with the range of `Double`.
///
/// What a few digits beyond `Double` buy: the normal equations of least squares square the condition of the data, and in
/// this arithmetic that costs nothing that binary64 data still has.
///
/// - Accuracy: relative errors of at most 3u² for sums and differences, 5u² for products, 10u² for quotients and 4u² for
///   square roots, u = 2⁻⁵³, as long as nothing underflows or overflows.
/// - Source: Dekker (1971); Joldes, Muller & Popescu (2017), "Tight and rigorous error bounds for basic building blocks of
///   double-word arithmetic", algorithms 6, 12 and 17.
@usableFromInline package struct DoubleDouble: Codable, Hashable, Sendable, BitwiseCopyable {
  /// The sum, rounded to a double.
  @usableFromInline package let high: Double
  /// What the rounding left out.
  @usableFromInline package let low: Double

  /// A double, exactly.
  @inlinable package init(_ value: Double) {
    high = value
    low = 0
  }

  /// Two parts of a sum that is known to be normalized: `high` is `high + low` rounded.
  @inlinable package init(high: Double, low: Double) {
    self.high = high
    self.low = low
  }

  /// a + b, exactly.
  @inlinable package static func sum(_ a: Double, _ b: Double) -> DoubleDouble {
    let s = a + b
    let t = s - a
    return DoubleDouble(high: s, low: (a - (s - t)) + (b - t))
  }

  /// a · b, exactly unless the error term underflows.
  @inlinable package static func product(_ a: Double, _ b: Double) -> DoubleDouble {
    let p = a * b
    return DoubleDouble(high: p, low: (-p).addingProduct(a, b))
  }

  /// a + b, exactly, where |a| ≥ |b| or a = 0.
  @inlinable static func orderedSum(_ a: Double, _ b: Double) -> DoubleDouble {
    let s = a + b
    return DoubleDouble(high: s, low: b - (s - a))
  }

  /// Zero.
  @inlinable package static var zero: DoubleDouble { DoubleDouble(0) }

  /// Whether neither part is a NaN or an infinity.
  @inlinable package var isFinite: Bool { high.isFinite && low.isFinite }

  /// The value without its sign.
  @inlinable package var magnitude: DoubleDouble { high < 0 ? -self : self }

  /// The square root; a NaN of a negative number.
  @inlinable package func squareRoot() -> DoubleDouble {
    guard high > 0 else { return DoubleDouble(high.squareRoot()) }
    let root = high.squareRoot()
    let rest = (-root).multipliedExactly(by: root) + self
    return .orderedSum(root, rest.high / (2 * root))
  }

  /// Multiplied by 2^`exponent`, exactly unless it overflows or underflows.
  @inlinable package func scaled(byPowerOfTwo exponent: Int) -> DoubleDouble {
    DoubleDouble(
      high: Double(sign: .plus, exponent: exponent, significand: high),
      low: Double(sign: .plus, exponent: exponent, significand: low))
  }
}

extension Double {
  /// The product as a sum of two doubles.
  @inlinable func multipliedExactly(by other: Double) -> DoubleDouble { .product(self, other) }

  /// The double nearest to `value`.
  @inlinable package init(_ value: DoubleDouble) { self = value.high }
}

extension DoubleDouble {
  /// The negative.
  @inlinable package static prefix func - (a: DoubleDouble) -> DoubleDouble { DoubleDouble(high: -a.high, low: -a.low) }

  /// The sum.
  @inlinable package static func + (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let s = sum(a.high, b.high)
    let t = sum(a.low, b.low)
    let v = orderedSum(s.high, s.low + t.high)
    return orderedSum(v.high, t.low + v.low)
  }

  /// The sum with a double.
  @inlinable package static func + (a: DoubleDouble, b: Double) -> DoubleDouble {
    let s = sum(a.high, b)
    return orderedSum(s.high, a.low + s.low)
  }

  /// The difference.
  @inlinable package static func - (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble { a + -b }

  /// The difference with a double.
  @inlinable package static func - (a: DoubleDouble, b: Double) -> DoubleDouble { a + -b }

  /// The product.
  @inlinable package static func * (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let c = product(a.high, b.high)
    let cross = (a.low * b.low).addingProduct(a.high, b.low).addingProduct(a.low, b.high)
    return orderedSum(c.high, c.low + cross)
  }

  /// The product with a double.
  @inlinable package static func * (a: DoubleDouble, b: Double) -> DoubleDouble {
    let c = product(a.high, b)
    return orderedSum(c.high, c.low.addingProduct(a.low, b))
  }

  /// The quotient.
  @inlinable package static func / (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let q = a.high / b.high
    guard q.isFinite, q != 0 else { return DoubleDouble(q) }
    let r = a - b * q
    return orderedSum(q, Double(r) / b.high)
  }

  /// Adds in place.
  @inlinable package static func += (a: inout DoubleDouble, b: DoubleDouble) { a = a + b }
  /// Adds a double in place.
  @inlinable package static func += (a: inout DoubleDouble, b: Double) { a = a + b }
  /// Subtracts in place.
  @inlinable package static func -= (a: inout DoubleDouble, b: DoubleDouble) { a = a - b }
  /// Multiplies in place.
  @inlinable package static func *= (a: inout DoubleDouble, b: DoubleDouble) { a = a * b }
}

extension DoubleDouble: Comparable {
  /// Whether `a` is less than `b`.
  @inlinable package static func < (a: DoubleDouble, b: DoubleDouble) -> Bool {
    a.high < b.high || (a.high == b.high && a.low < b.low)
  }
}
