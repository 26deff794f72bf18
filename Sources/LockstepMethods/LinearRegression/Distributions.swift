// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The tail probabilities that regression tables show.
enum Distributions {
  /// P(|T| ≥ |t|) for Student's T; NaN for NaN or no degrees of freedom.
  static func studentTwoSided(_ t: Double, degreesOfFreedom v: Double) -> Double {
    guard !t.isNaN, v > 0 else { return .nan }
    guard t.isFinite else { return 0 }
    let square = t * t
    guard square.isFinite else { return 0 }
    return betaTail(v / 2, 0.5, odds: square / v)
  }

  /// The t with P(|T| ≤ t) = `confidence`, above 0 and up to 1, by bisection; NaN for no degrees of freedom.
  static func studentLimit(_ confidence: Double, degreesOfFreedom v: Double) -> Double {
    guard v > 0 else { return .nan }
    return limit(confidence) { studentTwoSided($0, degreesOfFreedom: v) }
  }

  /// P(|Z| ≥ |z|) for a normal Z.
  static func normalTwoSided(_ z: Double) -> Double { erfc(abs(z) / 2.0.squareRoot()) }

  /// The z with P(|Z| ≤ z) = `confidence`, between 0 and 1.
  static func normalLimit(_ confidence: Double) -> Double { limit(confidence, normalTwoSided) }

  private static func limit(_ confidence: Double, _ tail: (Double) -> Double) -> Double {
    guard confidence > 0, confidence < 1 else { return confidence == 1 ? .infinity : .nan }
    var (low, high) = (0.0, 1.0)
    while tail(high) > 1 - confidence, high < 1e15 { high *= 2 }
    while true {
      let middle = low + (high - low) / 2
      guard low < middle, middle < high else { return middle }
      if tail(middle) > 1 - confidence { low = middle } else { high = middle }
    }
  }

  /// P(F ≥ f) for Fisher's F with d₁ and d₂ degrees of freedom; NaN for NaN or no degrees of freedom.
  static func fisherUpper(_ f: Double, _ d1: Double, _ d2: Double) -> Double {
    guard !f.isNaN, d1 > 0, d2 > 0 else { return .nan }
    guard f > 0 else { return 1 }
    guard (d1 * f).isFinite else { return 0 }
    return betaTail(d2 / 2, d1 / 2, odds: d1 / d2 * f)
  }

  /// Iₓ(a, b), the regularized incomplete beta function at x = 1 / (1 + r); r = (1 − x) / x says where x is close to 1 too.
  ///
  /// - Accuracy: relative errors of some 10⁻¹³, whatever a, above 10⁻³⁰⁰.
  private static func betaTail(_ a: Double, _ b: Double, odds r: Double) -> Double {
    guard r > 0 else { return 1 }
    guard a >= 50, (2 * b).rounded() == 2 * b else { return incompleteBeta(a, b, 1 / (1 + r), complement: r / (1 + r)) }
    // Iₓ(a, b + 1) = Iₓ(a, b) + xᵃ (1 − x)ᵇ Γ(a + b) / (Γ(a) Γ(b + 1)), from b = ½ or 1 on. No term is negative.
    let start = b.truncatingRemainder(dividingBy: 1) == 0 ? 1.0 : 0.5
    let steps = Int(b - start)
    let logX = -log1p(r)
    let y = r / (1 + r)
    var tail = largeBetaTail(a, start, logX)
    if steps > 0 {
      var (term, sum, logScale) = (1.0, 1.0, a * logX + start * log(y))
      logScale += logGammaRatio(a, start) - logGamma(start + 1)
      for k in 1..<max(steps, 1) {
        term *= y * (a + start + Double(k - 1)) / (start + Double(k))
        sum += term
        guard sum > 1e250 else { continue }
        (term, sum, logScale) = (term * 1e-250, sum * 1e-250, logScale + log(1e250))
      }
      tail += exp(logScale + log(sum))
    }
    return min(tail, 1)
  }

  /// Iₓ(a, b) for a ≥ 50 and b = ½ or 1: as a goes to infinity, the tail of the normal distribution, or the exponential one.
  ///
  /// - Source: DiDonato & Morris (1992), "Algorithm 708: Significant digit computation of the incomplete beta function
  ///   ratios", section 9.
  private static func largeBetaTail(_ a: Double, _ b: Double, _ logX: Double) -> Double {
    let t = a + (b - 1) / 2
    let u = -t * logX
    let density = (b == 0.5 ? (u / .pi).squareRoot() : u) * exp(-u)
    var term = b == 0.5 ? erfc(u.squareRoot()) : exp(-u)
    var sum = term
    var weights = [1.0]
    var power = 1.0  // (ln x / 2)²ⁿ
    var factorials = [1.0]  // (2n + 1)!
    for n in 1...20 {
      let m = Double(2 * (n - 1))
      term = ((b + m) * (b + m + 1) * term + density * (u + b + m + 1) * power) / (4 * t * t)
      power *= logX * logX / 4
      factorials.append(factorials[n - 1] * Double(2 * n * (2 * n + 1)))
      var weight = 0.0
      for k in 1..<max(n, 1) { weight += (Double(k) * b - Double(n)) * weights[n - k] / factorials[k] }
      weights.append((b - 1) / factorials[n] + weight / Double(n))
      let change = weights[n] * term
      sum += change
      if abs(change) <= 1e-18 * abs(sum) { break }
    }
    return exp(logGammaRatio(a, b) - b * log(t)) * sum
  }

  /// ln Γ(a + b) − ln Γ(a) for a ≥ 50, by the difference of two series of Stirling.
  private static func logGammaRatio(_ a: Double, _ b: Double) -> Double {
    func rest(_ z: Double) -> Double {
      let i = 1 / (z * z)
      return (1.0 / 12 - i * (1.0 / 360 - i * (1.0 / 1260 - i * (1.0 / 1680 - i / 1188)))) / z
    }
    return (a - 0.5) * log1p(b / a) + b * (log(a + b) - 1) + rest(a + b) - rest(a)
  }

  /// The regularized incomplete beta function Iₓ(a, b), with 1 − x given too, so that it need not be computed from x.
  ///
  /// - Accuracy: relative errors of some 10⁻¹³ for a and b up to 10³, growing with a · ln a beyond (10⁻⁹ at 10⁶): see `betaTail`.
  /// - Source: the continued fraction of Abramowitz & Stegun (1964), 26.5.8, by the method of Lentz (1976), from the side where it converges fast.
  static func incompleteBeta(_ a: Double, _ b: Double, _ x: Double, complement y: Double) -> Double {
    guard x > 0 else { return 0 }
    guard y > 0 else { return 1 }
    let scale = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log(y))
    // Iₓ(a, b) = 1 − I₁₋ₓ(b, a).
    return x < (a + 1) / (a + b + 2) ? scale * fraction(a, b, x) / a : 1 - scale * fraction(b, a, y) / b
  }

  private static func logGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    return lgamma_r(x, &sign)
  }

  private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    let tiny = 1e-300
    func nonzero(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / nonzero(1 - (a + b) * x / (a + 1))
    var result = d
    // Converges in O(√max(a, b)) steps.
    for k in 1..<1_000_000 {
      let m = Double(k)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonzero(1 + even * d)
      c = nonzero(1 + even / c)
      result *= c * d
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonzero(1 + odd * d)
      c = nonzero(1 + odd / c)
      let step = c * d
      result *= step
      if abs(step - 1) < 1e-16 { break }
    }
    return result
  }
}
