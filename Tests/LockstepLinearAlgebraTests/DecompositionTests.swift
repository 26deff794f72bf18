// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepLinearAlgebra
import LockstepTables
import Testing

@Suite struct DecompositionTests {
  private func matrix(_ m: Int, _ n: Int) -> Matrix {
    let numbers = (0..<m * n).map { (k: Int) -> Double in Double((k * k * 7 + k * 3) % 23 - 11) }
    return Matrix(rowCount: m, columnCount: n, elements: numbers)
  }

  private func distance(_ a: Matrix, _ b: Matrix) -> Double {
    Matrix(
      rowCount: a.rowCount, columnCount: a.columnCount, elements: zip(a.elements, b.elements).map { $0 - $1 }
    ).frobeniusNorm
  }

  @Test(arguments: [(1, 1), (3, 3), (5, 2), (2, 5), (20, 20), (0, 3)])
  func singularVectorsGiveTheMatrixBack(m: Int, n: Int) throws {
    let a = matrix(m, n)
    let svd = try a.singularValueDecomposition()
    var scaled = svd.right
    for k in 0..<svd.values.count { for j in 0..<n { scaled[k, j] *= svd.values[k] } }
    #expect(distance(svd.left * scaled, a) <= 1e-13 * max(a.frobeniusNorm, 1))
    #expect(distance(svd.left.transposed * svd.left, .identity(min(m, n))) <= 1e-13)
    #expect(distance(svd.right * svd.right.transposed, .identity(min(m, n))) <= 1e-13)
    #expect(zip(svd.values, svd.values.dropFirst()).allSatisfy(>=))
  }

  @Test(arguments: [0, 1, 2, 5, 20]) func eigenvectorsDiagonalize(p: Int) throws {
    let half = matrix(p, p)
    let a = half * half.transposed
    let eigen = try a.symmetricEigen()
    let v = eigen.vectors
    var image = a * v.transposed
    for i in 0..<p { for k in 0..<p { image[i, k] -= eigen.values[k] * v[k, i] } }
    #expect(image.frobeniusNorm <= 1e-12 * max(a.frobeniusNorm, 1))
    #expect(distance(v * v.transposed, .identity(p)) <= 1e-13)
    #expect(zip(eigen.values, eigen.values.dropFirst()).allSatisfy(>=))
  }

  @Test func theUpperTriangleAloneIsRead() throws {
    let eigen = try Matrix(rows: [[2, 1], [99, 2]]).symmetricEigen()
    #expect(abs(eigen.values[0] - 3) <= 1e-15 && abs(eigen.values[1] - 1) <= 1e-15)
  }

  @Test(arguments: [Double.infinity, .nan]) func `numbers that are not finite never reach LAPACK`(bad: Double) {
    var matrix = Matrix.identity(3)
    matrix[0, 2] = bad
    let singular = #expect(throws: LockstepError.self) { try matrix.singularValueDecomposition() }
    let eigen = #expect(throws: LockstepError.self) { try matrix.symmetricEigen() }
    #expect(singular?.code == .notFinite && eigen?.code == .notFinite)
  }

  @Test func trianglesMultiplyAndInvert() throws {
    var r = UpperTriangle(zeros: 6)
    for i in 0..<6 { for j in i..<6 { r[i, j] = i == j ? Double(i + 2) : Double((i + 3 * j) % 5) - 2 } }
    #expect(distance((r * r.inverse).matrix, .identity(6)) <= 1e-14)
    let gram = r.matrix.transposed * r.matrix
    var upper = UpperTriangle(zeros: 6)
    for i in 0..<6 { for j in i..<6 { upper[i, j] = gram[i, j] } }
    let factor = try #require(upper.cholesky())
    #expect(distance(factor.matrix, r.matrix) <= 1e-13)
    upper[3, 3] = -1
    #expect(upper.cholesky() == nil)
  }

  @Test func aGramMatrixIsTrustedForWhatItsScaledColumnsAre() throws {
    // Orthogonal columns of very different lengths: condition 1 when scaled.
    var gram = UpperTriangle(zeros: 3)
    for (j, length) in [1e-60, 1, 1e80].enumerated() { gram[j, j] = length * length }
    let cholesky = try #require(GramCholesky(gram))
    #expect(cholesky.scaledCondition < 1.5)
    #expect(abs(cholesky.factor[2, 2] - 1e80) <= 1e65)
    // Two columns at an angle of 1e−4: condition about 1e4.
    var narrow = UpperTriangle(zeros: 2)
    (narrow[0, 0], narrow[0, 1], narrow[1, 1]) = (1, 1, 1 + 1e-8)
    let condition = try #require(GramCholesky(narrow)).scaledCondition
    #expect(condition > 1e4 && condition < 4e4)
    narrow[1, 1] = 0
    #expect(GramCholesky(narrow) == nil)
    gram[0, 0] = .infinity
    #expect(GramCholesky(gram) == nil)
  }
}
