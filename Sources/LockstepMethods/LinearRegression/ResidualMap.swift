// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// What robust errors and diagnostics make of a row: its coordinates z = (1/√W, Bᵀ(x − x̄)), in which XᵀWX is the unit matrix, and
/// its residuals.
struct ResidualMap: Sendable {
  /// The number of coordinates: the rank, and one more with an intercept.
  let coordinateCount: Int
  /// The number of responses.
  let responseCount: Int
  let weightKind: WeightKind
  private let map: AffineMap

  init(_ fit: LinearRegression.FirstFit) {
    let (model, root) = (fit.model, fit.root ?? Matrix(zeros: 0, 0))
    let (p, q) = (model.columnCount, model.responseCount)
    var matrix: [Double] = []
    var constants: [Double] = []
    if model.fitsIntercept {
      matrix += Array(repeating: 0, count: p)
      constants.append(1 / fit.weight.squareRoot())
    }
    for c in 0..<root.columnCount { matrix += (0..<p).map { root[$0, c] } }
    constants += Array(repeating: 0, count: root.columnCount)
    coordinateCount = constants.count
    // About the means, where fitted values lose no digits to columns far from 0.
    for k in 0..<q {
      matrix += model.coefficients.row(k)
      constants.append(zip(fit.means, model.coefficients.row(k)).reduce(model.intercepts[k]) { $0 + $1.0 * $1.1 })
    }
    responseCount = q
    weightKind = model.weightKind
    map = AffineMap(matrix: matrix, shift: fit.means, constants: constants)
  }

  /// What `body` is told of a row.
  struct Row {
    /// The number of the row in its block.
    var index: Int
    /// The coordinates z.
    var coordinates: UnsafeBufferPointer<Double>
    /// ŷ.
    var fitted: UnsafeBufferPointer<Double>
    /// y.
    var responses: UnsafeBufferPointer<Double>
    /// w: 1 where there are no weights.
    var weight: Double
    /// h: how much the row's own response counts in its fitted value; of rows that were seen several times, that of one of them.
    var leverage: Double
  }

  /// Calls `body` with each row of a block.
  ///
  /// - Throws: ``LockstepError`` for rows without responses, and weights that are none.
  func forEachRow(of samples: Samples, _ body: (Row) -> Void) throws {
    guard samples.rowCount > 0 else { return }
    guard let responses = samples.responses, responses.columnCount == responseCount else {
      throw LockstepError(
        .usage, "rows without the \(responseCount) responses of the model",
        remedy: "give the columns that are to be explained as responses")
    }
    let (m, q) = (coordinateCount, responseCount)
    let values = samples.rows.mapped(by: map)
    try samples.withCheckedWeights { weights in
      values.elements.withUnsafeBufferPointer { values in
        responses.withUnsafeElements { responses in
          for i in 0..<samples.rowCount {
            let row = UnsafeBufferPointer(rebasing: values[i * (m + q)..<(i + 1) * (m + q)])
            let coordinates = UnsafeBufferPointer(rebasing: row[..<m])
            let weight = weights?[i] ?? 1
            var square = 0.0
            for z in coordinates { square += z * z }
            body(
              Row(
                index: i, coordinates: coordinates, fitted: UnsafeBufferPointer(rebasing: row[m...]),
                responses: UnsafeBufferPointer(rebasing: responses[i * q..<(i + 1) * q]), weight: weight,
                leverage: weightKind == .frequency ? square : weight * square))
          }
        }
      }
    }
  }
}

extension LinearRegression.FirstFit {
  /// A row whose fitted value is its response whatever that is: 1 − h is rounding.
  static let fullLeverage = 1 - 1e-10

  /// The number of coefficients that are estimated, with the intercept.
  var parameterCount: Double { Double(model.rank + (model.fitsIntercept ? 1 : 0)) }

  /// What residuals are divided by, so that their squares add up to something near 1: σ; `nil` where there is nothing to divide by.
  func residualScale(_ k: Int) -> Double? {
    let deviation = model.residualStandardDeviations[k]
    return deviation > 0 && deviation.isFinite ? deviation : nil
  }

  /// The model with the errors that a sum M of products of scores gives.
  ///
  /// - Parameters:
  ///   - errors: What kind of errors they are.
  ///   - meats: M of each response, in the coordinates z and in units of σ².
  ///   - clusterCount: The number of clusters, if there are any.
  ///   - areKnown: Whether there are errors at all.
  /// - Returns: The model, whose coefficients are as they were.
  func robust(
    _ errors: RobustErrors, _ meats: [Matrix], clusterCount: Int? = nil, areKnown: Bool
  ) -> LinearRegression.Model {
    guard let root else { return model }
    let (p, q, first) = (model.columnCount, model.responseCount, model.fitsIntercept ? 1 : 0)
    var result = model
    result.robust = errors
    result.clusterCount = clusterCount
    let factor: Double =
      switch errors {
      case .hc0, .hc2, .hc3, .cr0: 1
      case .hc1: observations / (observations - parameterCount)
      case .cr1:
        clusterCount.map { Double($0) / Double($0 - 1) * (observations - 1) / (observations - parameterCount) } ?? .nan
      }
    // From z to intercept and coefficients: (1/√W, −x̄ᵀB) above (0, B).
    var back = Matrix(zeros: p + first, root.columnCount + first)
    if first == 1 {
      back[0, 0] = 1 / weight.squareRoot()
      for c in 0..<root.columnCount {
        var sum = DoubleDouble.zero
        for j in 0..<p { sum += DoubleDouble.product(means[j], root[j, c]) }
        back[0, 1 + c] = -sum.high
      }
    }
    for j in 0..<p { for c in 0..<root.columnCount { back[first + j, first + c] = root[j, c] } }
    let transposed = back.transposed
    var covariances: [Double] = []
    for k in 0..<q {
      let deviation = model.residualStandardDeviations[k]
      let known =
        (first == 1 ? [!model.interceptStandardErrors[k].isNaN] : [])
        + (0..<p).map { !model.standardErrors[k, $0].isNaN }
      let scale = areKnown ? factor * deviation * deviation : .nan
      var covariance = back * meats[k] * transposed
      for i in 0..<p + first {
        for j in i..<p + first {
          let value = known[i] && known[j] ? scale * covariance[i, j] : .nan
          (covariance[i, j], covariance[j, i]) = (value, value)
        }
      }
      if first == 1 { result.interceptStandardErrors[k] = covariance[0, 0].squareRoot() }
      for j in 0..<p { result.standardErrors[k, j] = covariance[first + j, first + j].squareRoot() }
      result.fStatistics[k] = waldF(meats[k], response: k, first, scale, clusterCount)
      covariances += covariance.elements
    }
    result.robustCovariance = model.unscaledCovariance == nil ? nil : covariances
    return result
  }

  /// The Wald statistic of all coefficients, divided by their number: γᵀ M⁻¹ γ / r, where coefficients are Bγ.
  private func waldF(
    _ meat: Matrix, response k: Int, _ first: Int, _ scale: Double, _ clusterCount: Int?
  ) -> Double {
    let r = model.rank
    // Scores add up to nothing over all clusters.
    guard r > 0, scale > 0, clusterCount.map({ $0 > r }) ?? true else { return .nan }
    var triangle = UpperTriangle(zeros: r)
    for i in 0..<r { for j in i..<r { triangle[i, j] = meat[first + i, first + j] } }
    guard let factor = triangle.cholesky() else { return .nan }
    let inverse = factor.inverse
    var sum = 0.0
    for j in 0..<r {
      let term = (0...j).reduce(0.0) { $0 + inverse[$1, j] * projections[k * r + $1] }
      sum += term * term
    }
    return sum / (scale * Double(r))
  }
}
