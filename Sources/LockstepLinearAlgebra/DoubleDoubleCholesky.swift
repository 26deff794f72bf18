// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// The Cholesky factor of a symmetric positive semidefinite matrix in double-double: A = RᵀR, R upper triangular.
///
/// Columns that depend on the columns before them are left out and named, so that the other columns still have a solution:
/// column j is left out where its pivot, aⱼⱼ less what the columns before explain of it, is at most `tolerance · aⱼⱼ`. The share is
/// 1 − Rⱼ², R² of the regression of column j on those before, so it does not depend on the columns' units.
///
/// ```swift
/// let cholesky = DoubleDoubleCholesky(gram)
/// let coefficients = cholesky.solve(rightHandSide)          // zero in the columns left out
/// ```
/// - Accuracy: backward stable in arithmetic of u² ≈ 1.2e−32: with a Gram matrix exact to that, solutions keep the digits of
///   binary64 up to a condition of the data of about 1e15.
/// - Complexity: p³/3 multiply-adds in double-double, some 20 times the cost in double.
package struct DoubleDoubleCholesky: Sendable {
  /// R, p × p, upper triangular, with a zero row for each column left out.
  package let factor: DoubleDoubleMatrix
  /// The columns that depend on columns before them, ascending.
  package let droppedColumns: [Int]

  /// The number of columns.
  package var columnCount: Int { factor.columnCount }
  /// The number of columns that are not left out.
  package var rank: Int { columnCount - droppedColumns.count }

  /// Factors `matrix`, of which the upper triangle is read.
  ///
  /// - Parameters:
  ///   - matrix: Symmetric positive semidefinite, p × p.
  ///   - tolerance: The share of a column's square below which it is left out; by default 2⁻⁹⁶, what rounding leaves of a
  ///     column that is an exact combination of others.
  ///   - largestRank: The number of columns that are kept at the most: what is known of the rank, where pivots may be rounding.
  /// - Precondition: the matrix is square and the tolerance is not negative.
  package init(_ matrix: DoubleDoubleMatrix, tolerance: Double = 0x1p-96, largestRank: Int = .max) {
    let p = matrix.columnCount
    precondition(matrix.rowCount == p, "Cholesky of a matrix of \(matrix.rowCount) × \(p)")
    precondition(tolerance >= 0, "a tolerance of \(tolerance)")
    var factor = matrix
    var dropped: [Int] = []
    factor.highs.withUnsafeMutableBufferPointer { high in
      factor.lows.withUnsafeMutableBufferPointer { low in
        for j in 0..<p {
          for i in 0..<j {
            high[j * p + i] = 0
            low[j * p + i] = 0
          }
          let whole = matrix.highs[j * p + j]
          let pivot = DoubleDouble(high: high[j * p + j], low: low[j * p + j])
          let share = whole > 0 ? pivot.high / whole : 0
          guard share > tolerance, j - dropped.count < largestRank else {  // a NaN is left out too
            dropped.append(j)
            for k in j..<p {
              high[j * p + k] = 0
              low[j * p + k] = 0
            }
            continue
          }
          let root = pivot.squareRoot()
          let inverse = DoubleDouble(1) / root
          high[j * p + j] = root.high
          low[j * p + j] = root.low
          for k in j + 1..<max(p, j + 1) {
            let r = DoubleDouble(high: high[j * p + k], low: low[j * p + k]) * inverse
            high[j * p + k] = r.high
            low[j * p + k] = r.low
          }
          for i in j + 1..<max(p, j + 1) {
            let r = DoubleDouble(high: -high[j * p + i], low: -low[j * p + i])
            for k in i..<p {
              let s =
                DoubleDouble(high: high[i * p + k], low: low[i * p + k])
                + r * DoubleDouble(high: high[j * p + k], low: low[j * p + k])
              high[i * p + k] = s.high
              low[i * p + k] = s.low
            }
          }
        }
      }
    }
    self.factor = factor
    droppedColumns = dropped
  }

  /// X of A X = B, p × q, with zero rows for the columns left out.
  ///
  /// - Precondition: `rightHandSide` has p rows.
  package func solve(_ rightHandSide: DoubleDoubleMatrix) -> DoubleDoubleMatrix {
    solveUpper(solveLower(rightHandSide))
  }

  /// Y of Rᵀ Y = B, p × q, with zero rows for the columns left out.
  package func solveLower(_ rightHandSide: DoubleDoubleMatrix) -> DoubleDoubleMatrix {
    let (p, q) = (columnCount, rightHandSide.columnCount)
    precondition(rightHandSide.rowCount == p, "\(rightHandSide.rowCount) right-hand sides of a \(p) × \(p) system")
    var y = rightHandSide
    for i in 0..<p {
      let pivot = factor[i, i]
      for c in 0..<q { y[i, c] = pivot.high > 0 ? y[i, c] / pivot : .zero }
      for k in i + 1..<max(p, i + 1) {
        let r = factor[i, k]
        for c in 0..<q { y[k, c] -= r * y[i, c] }
      }
    }
    return y
  }

  /// X of R X = Y, p × q, with zero rows for the columns left out.
  package func solveUpper(_ rightHandSide: DoubleDoubleMatrix) -> DoubleDoubleMatrix {
    let (p, q) = (columnCount, rightHandSide.columnCount)
    precondition(rightHandSide.rowCount == p, "\(rightHandSide.rowCount) right-hand sides of a \(p) × \(p) system")
    var x = rightHandSide
    for i in (0..<p).reversed() {
      let pivot = factor[i, i]
      for c in 0..<q {
        guard pivot.high > 0 else {
          x[i, c] = .zero
          continue
        }
        var sum = x[i, c]
        for k in i + 1..<max(p, i + 1) { sum -= factor[i, k] * x[k, c] }
        x[i, c] = sum / pivot
      }
    }
    return x
  }

  /// The inverse of R, p × p, upper triangular, with zero rows and columns for the columns left out.
  package var inverseFactor: DoubleDoubleMatrix {
    let p = columnCount
    var inverse = DoubleDoubleMatrix(zeros: p, p)
    for j in 0..<p where factor[j, j].high > 0 {
      inverse[j, j] = DoubleDouble(1) / factor[j, j]
      for i in (0..<j).reversed() where factor[i, i].high > 0 {
        var sum = DoubleDouble.zero
        for k in i + 1...j { sum -= factor[i, k] * inverse[k, j] }
        inverse[i, j] = sum / factor[i, i]
      }
    }
    return inverse
  }

  /// The diagonal of the inverse of A, p numbers, zero for the columns left out: variances of coefficients but for a factor.
  package var inverseDiagonal: [Double] {
    let inverse = inverseFactor
    return (0..<columnCount).map { i in
      var sum = DoubleDouble.zero
      for k in i..<columnCount { sum += inverse[i, k] * inverse[i, k] }
      return Double(sum)
    }
  }
}
