// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The product of positive weights, from 1 to below 2 and a power of two: what likelihoods of weighted rows take the logarithm of.
///
/// A multiplication a row, the same on every machine, where a sum of logarithms would depend on the system's library.
package struct WeightProduct: Codable, Hashable, Sendable {
  private var significand = 1.0
  private var exponent = 0

  /// The product of no weights, 1.
  package init() {}

  /// Multiplies by a weight, which is finite and above 0.
  package mutating func multiply(by weight: Double) {
    multiply(weight.significand, Int(weight.exponent))
  }

  /// Multiplies by the product of other rows.
  package mutating func multiply(by later: Self) { multiply(later.significand, later.exponent) }

  private mutating func multiply(_ otherSignificand: Double, _ otherExponent: Int) {
    significand *= otherSignificand
    exponent += otherExponent
    guard significand >= 2 else { return }
    significand /= 2
    exponent += 1
  }

  /// The sum of the logarithms of the weights.
  package var logarithm: Double { Double(exponent) * log(2) + log(significand) }

  /// Whether the parts are those of a product of as many weights as there can be rows.
  package var isWellFormed: Bool { significand >= 1 && significand < 2 && (-(1 << 59)...1 << 59).contains(exponent) }
}
