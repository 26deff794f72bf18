// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// Ridge regressions for many penalties from one reading, and the best of them by generalized cross-validation.
///
/// ```swift
/// let path = try RidgePath(regularizations: [0.01, 0.1, 1, 10, 100]).fit(rows, in: world)
/// let model = path.best
/// ```
/// - Sweeps: 1 for all penalties; then p³ flops a penalty on rank 0.
/// - Source: Golub, Heath & Wahba (1979), "Generalized cross-validation as a method for choosing a good ridge parameter".
public struct RidgePath: CrossProductEstimator, Hashable {
  /// The penalties λ ≥ 0, in the order of the models.
  public var regularizations: [Double]
  /// Whether the models have an intercept.
  ///
  /// Default `true`.
  public var fitsIntercept: Bool
  /// How sums are kept.
  ///
  /// Default ``CrossProduct/Precision/automatic``.
  public var precision: CrossProduct.Precision

  /// Regressions for some penalties.
  public init(
    regularizations: [Double], fitsIntercept: Bool = true, precision: CrossProduct.Precision = .automatic
  ) {
    self.regularizations = regularizations
    self.fitsIntercept = fitsIntercept
    self.precision = precision
  }

  /// Regressions for the penalties 10⁻³, 10⁻², …, 10³.
  public init() { self.init(regularizations: [0.001, 0.01, 0.1, 1, 10, 100, 1000]) }

  /// The responses join the features.
  public static var includesResponses: Bool { true }

  /// Throws ``LockstepError`` with code `.usage` if a hyperparameter makes no sense.
  public func validate() throws {
    if regularizations.isEmpty { throw LockstepError(.usage, "no regularization", remedy: "give one number or more") }
    for value in regularizations { try RidgeRegression.validate(value) }
  }

  /// The regressions of what was summed.
  ///
  /// - Throws: what ``RidgeRegression/finalize(_:)`` throws.
  public func finalize(_ products: CrossProduct) throws -> Model {
    try products.requireRows(for: "a regression", dividesBySquares: true)
    let q = products.responseCount
    let models = try regularizations.map {
      try RidgeRegression.model(
        products, regularization: Array(repeating: $0, count: q), fitsIntercept: fitsIntercept)
    }
    let choices = (0..<q).map { k in
      models.indices.reduce(0) { models[$1].crossValidation[k] < models[$0].crossValidation[k] ? $1 : $0 }
    }
    let chosen = Set(choices).map { models[$0].conditionEstimate }.max() ?? 1
    return Model(models: models, choosing: choices.map { regularizations[$0] }, conditionEstimate: chosen)
  }
}
