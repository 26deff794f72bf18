// SPDX-License-Identifier: Apache-2.0

import LockstepLinearAlgebra
import LockstepTables
import Testing

@Suite struct DoubleDoubleCholeskyTests {
  /// The Hilbert-like Gram matrix of integer rows, exact in double-double.
  private func gram(_ rows: [[Double]]) -> DoubleDoubleMatrix {
    let p = rows[0].count
    var gram = DoubleDoubleMatrix(zeros: p, p)
    for row in rows {
      for i in 0..<p { for j in 0..<p { gram[i, j] += DoubleDouble.product(row[i], row[j]) } }
    }
    return gram
  }

  @Test func solvesTheNormalEquationsOfAnIllConditionedDesign() {
    // Powers 0…5 of 1…20: condition about 1e8, so that the normal equations have 1e16.
    let rows = (1...20).map { i -> [Double] in
      var row = [1.0]
      for _ in 1...5 { row.append(row[row.count - 1] * Double(i)) }
      return row
    }
    let expected: [Double] = [1, -2, 3, -4, 5, -6]
    let cholesky = DoubleDoubleCholesky(gram(rows))
    #expect(cholesky.rank == 6 && cholesky.droppedColumns.isEmpty)
    var right = DoubleDoubleMatrix(zeros: 6, 1)
    for row in rows {
      let y = zip(row, expected).reduce(0) { $0 + $1.0 * $1.1 }  // exact: integers below 2⁵³
      for i in 0..<6 { right[i, 0] += DoubleDouble.product(row[i], y) }
    }
    let solution = cholesky.solve(right)
    for i in 0..<6 { #expect(abs(solution[i, 0].high - expected[i]) <= 1e-14 * abs(expected[i])) }
  }

  @Test func theFactorGivesTheMatrixBack() {
    let rows = [[1.0, 2, 3], [4, 5, 6], [7, 8, 10], [2, 1, 1]]
    let a = gram(rows)
    let cholesky = DoubleDoubleCholesky(a)
    for i in 0..<3 {
      for j in 0..<3 {
        var sum = DoubleDouble.zero
        for k in 0..<3 { sum += cholesky.factor[k, i] * cholesky.factor[k, j] }
        #expect(Double((sum - a[i, j]).magnitude) <= 1e-29 * Double(a[i, j]))
        var identity = DoubleDouble.zero
        for k in 0..<3 { identity += cholesky.factor[i, k] * cholesky.inverseFactor[k, j] }
        #expect(Double((identity - (i == j ? 1 : 0)).magnitude) <= 1e-29)
      }
    }
    // (AᵀA)⁻¹ e₁ · e₁ by solving.
    var unit = DoubleDoubleMatrix(zeros: 3, 1)
    unit[0, 0] = DoubleDouble(1)
    #expect(
      abs(cholesky.inverseDiagonal[0] - Double(cholesky.solve(unit)[0, 0])) <= 1e-14 * cholesky.inverseDiagonal[0])
  }

  @Test func columnsThatDependOnEarlierOnesAreNamed() {
    let rows = [[1.0, 2, 3, 0, 1], [4, 8, 6, 0, 5], [7, 14, 10, 0, 2], [2, 4, 1, 0, 9]]
    let cholesky = DoubleDoubleCholesky(gram(rows))
    #expect(cholesky.droppedColumns == [1, 3])
    #expect(cholesky.rank == 3)
    let solution = cholesky.solve(gram(rows))
    #expect(solution[1, 2] == .zero && solution[3, 2] == .zero)
    #expect(abs(Double(solution[2, 2]) - 1) <= 1e-15 && abs(Double(solution[0, 1]) - 2) <= 1e-15)
  }

  @Test func noColumnsAreFactoredToo() {
    #expect(DoubleDoubleCholesky(DoubleDoubleMatrix(zeros: 0, 0)).rank == 0)
  }
}
