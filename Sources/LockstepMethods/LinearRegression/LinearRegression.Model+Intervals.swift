// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepTables

extension LinearRegression.Model: IntervalModel {
  /// Throws ``LockstepError`` with code `.usage` if the model has no covariances of its coefficients.
  package func requireIntervals() throws {
    guard unscaledCovariance != nil else {
      throw LockstepError(
        .usage,
        "intervals need the covariances of the coefficients, which this model of \(columnCount) columns has not",
        remedy: "fit it with \(option: .covariance)")
    }
  }

  /// The responses of each row with their intervals, n × 3q: ŷ, ŷ − t s and ŷ + t s; local, no communication.
  ///
  /// s² is the variance of ŷ, x V xᵀ, to which σ² is added for a single new row; V are the covariances of the coefficients, robust ones if
  /// the model has them. NaN if columns of the model depend on each other.
  ///
  /// - Parameters:
  ///   - rows: The rows.
  ///   - interval: Whether intervals hold the mean, or a single new row.
  ///   - confidence: How sure they are to hold it, above 0 and below 1.
  /// - Returns: Three numbers for each response of each row.
  /// - Throws: ``LockstepError`` with code `.usage` if the model has no covariances, `.shapeMismatch` for rows of another number of columns.
  public func predictedIntervals(
    _ rows: any RowBlock, _ interval: PredictionInterval, confidence: Double
  ) throws -> Matrix {
    try requireIntervals()
    try rows.requireColumns(columnCount)
    let (n, q) = (rows.rowCount, responseCount)
    let fitted = try predict(rows)
    let width = Distributions.studentLimit(confidence, degreesOfFreedom: testDegreesOfFreedom)
    var result = Matrix(zeros: n, 3 * q)
    var shared: [Double]?
    for k in 0..<q {
      let deviation = residualStandardDeviations[k]
      let scale = robust == nil ? deviation * deviation : 1
      let variances = try shared ?? spread(of: rows, response: k)
      // Without robust errors, those of all responses are alike but for σ².
      if robust == nil { shared = variances }
      let noise = interval == .prediction ? deviation * deviation : 0
      for i in 0..<n {
        let limit = width * (scale * variances[i] + noise).squareRoot()
        let value = fitted[i, k]
        result[i, 3 * k] = value
        result[i, 3 * k + 1] = value - limit
        result[i, 3 * k + 2] = value + limit
      }
    }
    return result
  }

  /// x V xᵀ of each row, V without σ² if errors are not robust: the squares of the lengths of R xᵀ, V = RᵀR.
  private func spread(of rows: any RowBlock, response k: Int) throws -> [Double] {
    let (n, p, first) = (rows.rowCount, columnCount, fitsIntercept ? 1 : 0)
    guard let matrix = robust == nil ? unscaledCovariance : coefficientCovariance(response: k),
      matrix.elements.allSatisfy(\.isFinite)
    else { return Array(repeating: .nan, count: n) }
    let factor = DoubleDoubleCholesky(DoubleDoubleMatrix(matrix), tolerance: 0x1p-48).factor
    var rotation = Matrix(zeros: p + first, p)
    for i in 0..<p + first { for j in 0..<p { rotation[i, j] = factor[i, first + j].high } }
    let constants = (0..<p + first).map { first == 1 ? factor[$0, 0].high : 0 }
    let map = AffineMap(matrix: rotation.elements, shift: Array(repeating: 0, count: p), constants: constants)
    let lengths = rows.mapped(by: map)
    return lengths.elements.withUnsafeBufferPointer { elements in
      (0..<n).map { i in
        var sum = 0.0
        for j in i * (p + first)..<(i + 1) * (p + first) { sum += elements[j] * elements[j] }
        return sum
      }
    }
  }
}
