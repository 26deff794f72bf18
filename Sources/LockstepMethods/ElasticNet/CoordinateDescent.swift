// SPDX-License-Identifier: Apache-2.0

import LockstepLinearAlgebra
import LockstepTables

/// Least squares with a penalty on absolute values and squares, from cross-products of columns of unit variance:
/// ½ bᵀG b − cᵀb + λ (α ‖b‖₁ + (1 − α)/2 ‖b‖²) is made least.
///
/// - Method: cyclic coordinate descent with the gradient kept up to date (Friedman, Hastie & Tibshirani 2010), on the columns that matter;
///   then the equations of the columns that are left are solved exactly, and the conditions of the minimum are checked for all.
struct CoordinateDescent {
  /// G, p × p.
  private let gram: [Double]
  /// c, p.
  private let products: [Double]
  private let p: Int
  /// b.
  private(set) var coefficients: [Double]
  /// c − G b.
  private var gradient: [Double]

  /// The most sweeps over all columns for one penalty.
  private static let sweepLimit = 100_000

  init(gram: Matrix, products: [Double]) {
    self.gram = gram.elements
    self.products = products
    p = products.count
    coefficients = Array(repeating: 0, count: p)
    gradient = products
  }

  /// The least penalty at which all coefficients are 0.
  static func greatestPenalty(_ products: [Double], alpha: Double) -> Double {
    (products.map(abs).max() ?? 0) / max(alpha, 1e-3)
  }

  /// Goes on from the coefficients of another penalty to those of this one.
  ///
  /// - Returns: Whether the conditions of the minimum hold to rounding.
  mutating func minimize(penalty: Double, alpha: Double) -> Bool {
    let (lasso, ridge) = (penalty * alpha, penalty * (1 - alpha))
    let scale = max(products.map(abs).max() ?? 0, lasso, .leastNormalMagnitude)
    var tolerance = 1e-7 * scale
    var sweeps = 0
    while sweeps < Self.sweepLimit {
      // All columns once, then those that are not 0 until they stay, then all again to see whether others join.
      let change = sweep(lasso, ridge, onlyActive: false)
      sweeps += 1
      guard change > tolerance else {
        if polish(lasso, ridge), violation(lasso, ridge) <= 1e-12 * scale { return true }
        guard tolerance > 1e-16 * scale else { return violation(lasso, ridge) <= 1e-9 * scale }
        tolerance /= 100
        continue
      }
      while sweeps < Self.sweepLimit, sweep(lasso, ridge, onlyActive: true) > tolerance { sweeps += 1 }
    }
    return violation(lasso, ridge) <= 1e-9 * scale
  }

  /// The largest change of a gradient by a sweep.
  private mutating func sweep(_ lasso: Double, _ ridge: Double, onlyActive: Bool) -> Double {
    var largest = 0.0
    let p = p
    gram.withUnsafeBufferPointer { gram in
      coefficients.withUnsafeMutableBufferPointer { b in
        gradient.withUnsafeMutableBufferPointer { g in
          for j in 0..<p {
            let (before, square) = (b[j], gram[j * p + j])
            guard square > 0, !onlyActive || before != 0 else { continue }
            let towards = g[j] + square * before
            let size = abs(towards) - lasso
            let after = size > 0 ? (towards < 0 ? -size : size) / (square + ridge) : 0
            guard after != before else { continue }
            let change = after - before
            b[j] = after
            for k in 0..<p { g[k] -= change * gram[j * p + k] }
            largest = max(largest, abs(change) * square)
          }
        }
      }
    }
    return largest
  }

  /// Solves the equations of the columns that are not 0, for their signs; false, and nothing changes, if that gives other signs.
  private mutating func polish(_ lasso: Double, _ ridge: Double) -> Bool {
    let active = (0..<p).filter { coefficients[$0] != 0 }
    guard !active.isEmpty else { return true }
    var matrix = DoubleDoubleMatrix(zeros: active.count, active.count)
    var right = DoubleDoubleMatrix(zeros: active.count, 1)
    for (a, i) in active.enumerated() {
      for (c, j) in active.enumerated() where j >= i { matrix[a, c] = DoubleDouble(gram[i * p + j]) }
      matrix[a, a] += DoubleDouble(ridge)
      right[a, 0] = DoubleDouble(products[i]) - (coefficients[i] < 0 ? -lasso : lasso)
    }
    let solution: [Double]
    if active.count <= 200 {
      let cholesky = DoubleDoubleCholesky(matrix, tolerance: 1e-14)
      guard cholesky.droppedColumns.isEmpty else { return false }
      solution = cholesky.solve(right).highs
    } else {
      var triangle = UpperTriangle(zeros: active.count)
      for a in active.indices { for c in a..<active.count { triangle[a, c] = matrix[a, c].high } }
      guard let factor = triangle.cholesky() else { return false }
      let inverse = factor.inverse.matrix
      solution = (inverse * (inverse.transposed * right.rounded)).elements
    }
    for (a, j) in active.enumerated() where !(solution[a] * coefficients[j] > 0) { return false }
    for (a, j) in active.enumerated() { coefficients[j] = solution[a] }
    // The gradient anew, without the rounding of many steps.
    for i in 0..<p {
      var sum = DoubleDouble(products[i])
      for j in active { sum -= .product(gram[i * p + j], coefficients[j]) }
      gradient[i] = sum.high
    }
    return true
  }

  /// By how much the conditions of the minimum are missed: |c − Gb| ≤ λα where b = 0, else c − Gb = λ(α sign b + (1 − α) b).
  func violation(_ lasso: Double, _ ridge: Double) -> Double {
    (0..<p).filter { gram[$0 * p + $0] > 0 }.map { j in
      let b = coefficients[j]
      return b == 0 ? abs(gradient[j]) - lasso : abs(gradient[j] - ridge * b - (b < 0 ? -lasso : lasso))
    }.max() ?? 0
  }
}
