// SPDX-License-Identifier: Apache-2.0

import LockstepLinearAlgebra
import LockstepStatistics
import LockstepTables

/// Least squares from cross-products: A β = c with A = XᵀX + diag(λ), X centred if there is an intercept.
///
/// Columns are scaled to the length 1, and A is factored in double-double, or in double where sums are in double and there are
/// many columns. A column that depends on the columns before it is dropped; the coefficients returned are those of least
/// Euclidean length among all that fit as well.
struct NormalEquations {
  /// The coefficients, p × q.
  let coefficients: DoubleDoubleMatrix
  /// B, p × r, with (XᵀX + diag(λ))⁺ = B Bᵀ.
  let inverseRoot: Matrix
  /// The number of columns that are not dropped, r.
  let rank: Int
  /// The columns that depend on columns before them.
  let droppedColumns: [Int]
  /// For each of them, a direction v with X v = 0: 1 at the dropped column.
  let nullDirections: Matrix
  /// The ratio of the largest to the least singular value of the kept columns, scaled to length 1.
  let conditionEstimate: Double

  /// The number of columns up to which double-double arithmetic on the matrix costs next to nothing.
  static let narrow = 48

  /// Solves the equations of `products`.
  ///
  /// - Parameters:
  ///   - products: Features and responses.
  ///   - isCentred: Whether there is an intercept.
  ///   - regularization: λ, added to the diagonal.
  ///   - responses: The responses to solve for, from 0.
  ///   - shift: What is taken from each response's products with the columns, p numbers; nothing by default.
  init(
    _ products: CrossProduct, isCentred: Bool, regularization: Double = 0, responses: Range<Int>, shift: [Double] = []
  ) {
    let p = products.featureCount
    let columns = p + responses.lowerBound..<p + responses.upperBound
    var gram = isCentred ? products.centred(0..<p, 0..<p) : products.raw(0..<p, 0..<p)
    var rightHandSide = isCentred ? products.centred(0..<p, columns) : products.raw(0..<p, columns)
    // A column that, or whose remainder, is no larger than the rounding of the numbers it is made of is none.
    var growth = 1.0
    for j in 0..<p where isCentred && gram[j, j].high > 0 {
      let mean = products.mean(j).high
      growth = max(growth, 1 + Double(products.weight) * mean * mean / gram[j, j].high)
    }
    for j in 0..<p { gram[j, j] += DoubleDouble(regularization) }
    for j in shift.indices { for c in 0..<responses.count { rightHandSide[j, c] -= DoubleDouble(shift[j]) } }
    // n rows have at most n independent columns, centred ones n − 1, whatever rounding leaves of the others.
    let largestRank = regularization > 0 ? p : min(p, max(0, products.weighedRowCount - (isCentred ? 1 : 0)))
    let noise = products.isDoubleDouble ? 0x1p-88 : 0x1p-40
    let tolerance = Double(p) * max(noise, 0x1p-102 * growth)

    if !products.isDoubleDouble, p > Self.narrow, p <= largestRank, let plain = PlainFactor(gram, rightHandSide) {
      self.init(plain)
    } else {
      self.init(gram, rightHandSide, tolerance: min(tolerance, 0.01), largestRank: largestRank)
    }
  }

  private init(_ plain: PlainFactor) {
    let p = plain.inverse.rowCount
    coefficients = plain.coefficients
    inverseRoot = plain.inverse
    rank = p
    droppedColumns = []
    nullDirections = Matrix(zeros: 0, p)
    conditionEstimate = plain.conditionEstimate
  }

  private init(
    _ gram: DoubleDoubleMatrix, _ rightHandSide: DoubleDoubleMatrix, tolerance: Double, largestRank: Int
  ) {
    let (p, q) = (gram.columnCount, rightHandSide.columnCount)
    let lengths = (0..<p).map { j in gram[j, j].high > 0 ? gram[j, j].squareRoot() : DoubleDouble(1) }
    var scaled = gram
    var scaledRight = rightHandSide
    for i in 0..<p {
      for j in i..<p { scaled[i, j] = gram[i, j] / lengths[i] / lengths[j] }
      for c in 0..<q { scaledRight[i, c] = rightHandSide[i, c] / lengths[i] }
    }
    let cholesky = DoubleDoubleCholesky(scaled, tolerance: tolerance, largestRank: largestRank)
    let dropped = cholesky.droppedColumns
    let kept = (0..<p).filter { !dropped.contains($0) }
    var basic = cholesky.solve(scaledRight)
    for i in 0..<p { for c in 0..<q { basic[i, c] = basic[i, c] / lengths[i] } }

    // R⁻¹ of the kept columns, in the columns' own units.
    let inverse = cholesky.inverseFactor
    var root = DoubleDoubleMatrix(zeros: p, kept.count)
    for (c, j) in kept.enumerated() { for i in kept where i <= j { root[i, c] = inverse[i, j] / lengths[i] } }

    let factor = cholesky.factor
    conditionEstimate = Self.condition(
      kept.map { i in kept.map { j in factor[i, j].high } }, kept.map { i in kept.map { j in inverse[i, j].high } })
    rank = kept.count
    droppedColumns = dropped
    guard !dropped.isEmpty else {
      coefficients = basic
      inverseRoot = root.rounded
      nullDirections = Matrix(zeros: 0, p)
      return
    }

    // The dropped columns are X_d = X T, T zero in their own rows.
    var dependence = DoubleDoubleMatrix(zeros: p, dropped.count)
    for (c, j) in dropped.enumerated() { for i in kept where i < j { dependence[i, c] = factor[i, j] } }
    dependence = cholesky.solveUpper(dependence)
    for (c, j) in dropped.enumerated() {
      for i in 0..<p { dependence[i, c] = dependence[i, c] * lengths[j] / lengths[i] }
    }
    // Among all β with the same X β: β_d free, β_kept = b − T β_d. The shortest solves (I + TᵀT) β_d = Tᵀ b.
    let shortest = ShortestSolution(dependence: dependence, dropped: dropped)
    coefficients = shortest.applied(to: basic)
    inverseRoot = shortest.applied(to: root).rounded
    nullDirections = shortest.nullDirections
  }

  /// ‖R‖₂ ‖R⁻¹‖₂ by power iteration on RᵀR.
  static func condition(_ factor: [[Double]], _ inverse: [[Double]]) -> Double {
    factor.isEmpty ? 1 : max(1, largestSingularValue(factor) * largestSingularValue(inverse))
  }

  private static func largestSingularValue(_ a: [[Double]]) -> Double {
    let p = a.count
    var v = (0..<p).map { 1 + Double($0 % 7) / 8 }
    var product = v
    var value = 0.0
    let elements = a.flatMap { $0 }
    for _ in 0..<24 {
      let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0, length.isFinite else { return length }
      elements.withUnsafeBufferPointer { elements in
        v.withUnsafeBufferPointer { v in
          product.withUnsafeMutableBufferPointer { product in
            product.update(repeating: 0)
            for i in 0..<p {
              let row = UnsafeBufferPointer(rebasing: elements[i * p..<i * p + p])
              var dot = 0.0
              for j in 0..<p { dot += row[j] * v[j] }
              dot /= length
              for j in 0..<p { product[j] += row[j] * dot }
            }
          }
        }
      }
      swap(&v, &product)
      value = v.reduce(0) { $0 + $1 * $1 }.squareRoot().squareRoot()
    }
    return value
  }
}

/// The Cholesky factor in double, where the matrix is well enough conditioned for it.
private struct PlainFactor {
  let coefficients: DoubleDoubleMatrix
  let inverse: Matrix
  let conditionEstimate: Double

  init?(_ gram: DoubleDoubleMatrix, _ rightHandSide: DoubleDoubleMatrix) {
    let (p, q) = (gram.columnCount, rightHandSide.columnCount)
    var triangle = UpperTriangle(zeros: p)
    let lengths = (0..<p).map { gram[$0, $0].high.squareRoot() }
    for i in 0..<p { for j in i..<p { triangle[i, j] = gram[i, j].high / lengths[i] / lengths[j] } }
    guard let factor = triangle.cholesky() else { return nil }
    // The least share of a column that those before it do not explain.
    guard !factor.diagonal.contains(where: { $0 * $0 <= 1e-9 }) else { return nil }
    let inverse = factor.inverse.matrix
    conditionEstimate = NormalEquations.condition(factor.matrix.rows, inverse.rows)
    var root = inverse
    for i in 0..<p { for j in i..<p { root[i, j] /= lengths[i] } }
    self.inverse = root
    // β = B Bᵀ c, row by row.
    var half = Matrix(zeros: p, q)
    for i in 0..<p { for c in 0..<q { for j in i..<p { half[j, c] += root[i, j] * rightHandSide[i, c].high } } }
    var result = DoubleDoubleMatrix(zeros: p, q)
    for i in 0..<p {
      for c in 0..<q {
        var sum = 0.0
        for j in i..<p { sum += root[i, j] * half[j, c] }
        result[i, c] = DoubleDouble(sum)
      }
    }
    coefficients = result
  }
}

/// The map from a solution that is zero in the dropped columns to the shortest one.
private struct ShortestSolution {
  let dependence: DoubleDoubleMatrix  // T, p × d
  let dropped: [Int]
  private let cholesky: DoubleDoubleCholesky

  init(dependence: DoubleDoubleMatrix, dropped: [Int]) {
    self.dependence = dependence
    self.dropped = dropped
    let (p, d) = (dependence.rowCount, dropped.count)
    var matrix = DoubleDoubleMatrix(zeros: d, d)
    for a in 0..<d {
      for b in a..<d {
        var sum = DoubleDouble(a == b ? 1 : 0)
        for i in 0..<p { sum += dependence[i, a] * dependence[i, b] }
        matrix[a, b] = sum
      }
    }
    cholesky = DoubleDoubleCholesky(matrix, tolerance: 0)
  }

  func applied(to basic: DoubleDoubleMatrix) -> DoubleDoubleMatrix {
    let (p, q, d) = (basic.rowCount, basic.columnCount, dropped.count)
    var right = DoubleDoubleMatrix(zeros: d, q)
    for a in 0..<d {
      for c in 0..<q {
        var sum = DoubleDouble.zero
        for i in 0..<p { sum += dependence[i, a] * basic[i, c] }
        right[a, c] = sum
      }
    }
    let free = cholesky.solve(right)
    var result = basic
    for c in 0..<q {
      for i in 0..<p { for a in 0..<d { result[i, c] -= dependence[i, a] * free[a, c] } }
      for (a, j) in dropped.enumerated() { result[j, c] = free[a, c] }
    }
    return result
  }

  var nullDirections: Matrix {
    var directions = Matrix(zeros: dropped.count, dependence.rowCount)
    for (a, j) in dropped.enumerated() {
      for i in 0..<dependence.rowCount { directions[a, i] = i == j ? 1 : -dependence[i, a].high }
    }
    return directions
  }
}
