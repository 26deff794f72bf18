// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// The Cholesky factor of a Gram matrix, checked after the fact.
///
/// XᵀX is scaled by powers of two so that its diagonal is near 1, which costs no bit, and factored. The condition that decides
/// how much of X's information the factor still has, κ of X with its columns scaled, is then bounded by ‖R‖ ‖R⁻¹‖.
package struct GramCholesky: Sendable {
  /// R with RᵀR = XᵀX.
  package let factor: UpperTriangle
  /// An upper bound of the condition of X with its columns scaled to length about 1, divided by p: 1 for orthogonal columns.
  package let scaledCondition: Double

  /// Factors a Gram matrix; nil if it is singular to working precision, not finite, or so large or small that squares have
  /// overflowed or lost digits.
  package init?(_ gram: UpperTriangle) {
    let p = gram.columnCount
    let diagonal = gram.diagonal
    guard diagonal.allSatisfy({ $0 > 0x1p-900 && $0 < 0x1p900 }) else { return nil }
    let exponents = diagonal.map { -Int($0.exponent >> 1) }
    var scaled = gram
    for i in 0..<p {
      for j in i..<p {
        scaled[i, j] = Double(sign: .plus, exponent: exponents[i] + exponents[j], significand: gram[i, j])
      }
    }
    guard var factor = scaled.cholesky() else { return nil }
    let condition = factor.frobeniusNorm * factor.inverse.frobeniusNorm / Double(max(p, 1))
    guard condition.isFinite else { return nil }
    for i in 0..<p {
      for j in i..<p { factor[i, j] = Double(sign: .plus, exponent: -exponents[j], significand: factor[i, j]) }
    }
    self.factor = factor
    scaledCondition = condition
  }
}

extension UpperTriangle {
  /// ‖A − I‖ in the Frobenius norm, for the symmetric A whose upper half this is.
  package var distanceFromIdentity: Double {
    var sum = 0.0
    for i in 0..<columnCount {
      for j in i..<columnCount {
        let difference = self[i, j] - (i == j ? 1 : 0)
        sum += (i == j ? 1 : 2) * difference * difference
      }
    }
    return sum.squareRoot()
  }
}
