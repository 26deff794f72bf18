// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction

/// A regression by iteratively reweighted least squares: what all of them can be told.
public protocol GeneralizedLinearEstimator: Estimator, Hashable {
  /// A regression with an intercept and without a penalty.
  init()
  /// Whether the model has an intercept.
  var fitsIntercept: Bool { get set }
  /// λ ≥ 0: how much large coefficients cost.
  var regularization: Double { get set }
  /// The largest number of sweeps.
  var maxIterations: Int { get set }
  /// The iteration ends where a step would explain no more of the residuals' squares.
  var tolerance: Double { get set }
  /// How sure the model's confidence limits are.
  var confidence: Double { get set }
}

extension GeneralizedLinearEstimator {
  /// Throws ``LockstepError`` with code `.usage` if a hyperparameter makes no sense.
  public func validate() throws {
    guard regularization >= 0, regularization.isFinite else {
      throw LockstepError(
        .usage, "a regularization of \(regularization)", remedy: "give a finite number that is not negative")
    }
    guard maxIterations >= 1 else {
      throw LockstepError(.usage, "\(maxIterations) iterations", remedy: "ask for 1 or more")
    }
    guard tolerance >= 0, tolerance.isFinite else {
      throw LockstepError(.usage, "a tolerance of \(tolerance)", remedy: "give a finite number that is not negative")
    }
    guard WaldTests.isConfidence(confidence) else {
      throw LockstepError(.usage, "a confidence of \(confidence)", remedy: "give a number above 0, up to 1, as 0.95")
    }
  }

  /// The hyperparameters; `penalty` says what the penalty is.
  static func hyperparameters(intercept: String, penalty: String) -> [Hyperparameter<Self>] {
    [
      .init("fitsIntercept", \.fitsIntercept, intercept),
      .init("regularization", \.regularization, bounds: .atLeast(0), penalty),
      .init("maxIterations", \.maxIterations, bounds: .atLeast(1), "The largest number of sweeps."),
      .init(
        "tolerance", \.tolerance, bounds: .atLeast(0),
        "Stop where a step would explain no more than this share of the squared residuals."),
      .init(
        "confidence", \.confidence, bounds: .above(0, upTo: 1),
        "How sure the confidence limits of the coefficients are."),
    ]
  }

  /// What people should know of a fit.
  static func notes(isConverged: Bool, droppedColumns: [Int]) -> [String] {
    (isConverged ? [] : ["the iteration has not converged: allow more of them, or give a penalty"])
      + (droppedColumns.isEmpty
        ? [] : ["\(NumberText.count(droppedColumns.count, "column depends", "columns depend")) on others"])
  }
}

extension LogLinearRegression where Self: CatalogEstimator {
  /// What those on a log scale take.
  package static var roles: MethodRoles { MethodRoles(targets: .required, weights: .optional) }
  /// They iterate.
  package static var iterates: Bool { true }

  static func hyperparameters() -> [Hyperparameter<Self>] {
    hyperparameters(
      intercept: "Fit an intercept.",
      penalty: "The penalty: this times the squared length of the coefficients is added to the deviance.")
  }
}
