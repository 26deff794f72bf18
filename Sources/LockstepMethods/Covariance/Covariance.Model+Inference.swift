// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepLinearAlgebra
import LockstepTables

extension Covariance.Model {
  /// P(|r| or more) for each correlation, if the columns were normal and did not depend on each other, p × p: Student's t with n − 2 degrees of
  /// freedom.
  ///
  /// 0 on the diagonal; NaN for a constant column or fewer than three rows; `nil` without ``correlation``.
  public var correlationPValues: Matrix? {
    guard let freedom = observationCount.map({ $0 - 2 }) else { return nil }
    return correlation?.mappingPairs { i, j, r in
      guard !r.isNaN else { return r }
      guard i != j else { return 0 }
      // 1 − r², of which nothing cancels.
      let rest = (1 - r) * (1 + r)
      return rest > 0 ? Distributions.studentTwoSided(r * (freedom / rest).squareRoot(), degreesOfFreedom: freedom) : 0
    }
  }

  /// The limits between which each correlation lies with the given ``confidence``, p × p: Fisher's z, which has a deviation of 1 / √(n − 3).
  ///
  /// 1 on the diagonal; NaN for a constant column, −1 and 1 for three rows or fewer; `nil` without ``correlation``.
  public var correlationLimits: (low: Matrix, high: Matrix)? {
    guard let correlation, let n = observationCount else { return nil }
    let reach = n > 3 ? Distributions.normalLimit(confidence) / (n - 3).squareRoot() : .infinity
    func limit(_ side: Double) -> Matrix {
      correlation.mappingPairs { i, j, r in i == j || r.isNaN || abs(r) == 1 ? r : tanh(atanh(r) + side * reach) }
    }
    return (limit(-1), limit(1))
  }

  /// What follows from the fields: p values and limits of the correlations, if there are any.
  public var derivedFields: [ModelField] {
    guard let values = correlationPValues, let limits = correlationLimits else { return [] }
    return [
      ModelField("correlationPValues", .matrix(values)), ModelField("correlationConfidenceLow", .matrix(limits.low)),
      ModelField("correlationConfidenceHigh", .matrix(limits.high)),
    ]
  }
}

extension Matrix {
  fileprivate func mappingPairs(_ body: (Int, Int, Double) -> Double) -> Matrix {
    var result = self
    for i in 0..<rowCount { for j in 0..<columnCount { result[i, j] = body(i, j, self[i, j]) } }
    return result
  }

  /// The correlation of each pair of columns with what all others explain taken away, of a correlation matrix: −Pᵢⱼ / √(Pᵢᵢ Pⱼⱼ), P its inverse.
  ///
  /// 1 on the diagonal; NaN beside it if the matrix has no inverse.
  var partialCorrelation: Matrix {
    var upper = UpperTriangle(zeros: rowCount)
    for i in 0..<rowCount { for j in i..<rowCount { upper[i, j] = self[i, j] } }
    var result = Matrix(zeros: rowCount, rowCount)
    for i in result.elements.indices { result.elements[i] = .nan }
    // What rounding leaves of a column that the others explain is no part of its own.
    let least = Double(rowCount) * 0x1p-50
    if let factor = upper.cholesky(), factor.diagonal.allSatisfy({ $0 * $0 > least }) {
      let inverse = factor.inverse.matrix
      let precision = inverse * inverse.transposed
      let roots = (0..<rowCount).map { precision[$0, $0].squareRoot() }
      for i in 0..<rowCount {
        for j in 0..<rowCount { result[i, j] = min(max(-precision[i, j] / roots[i] / roots[j], -1), 1) }
      }
    }
    for i in 0..<rowCount { result[i, i] = 1 }
    return result
  }
}
