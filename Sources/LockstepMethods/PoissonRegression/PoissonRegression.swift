// SPDX-License-Identifier: Apache-2.0

import LockstepReduction

/// Poisson regression: the mean of counts is the exponential of a linear predictor, μ = exp(a + xb).
///
/// a and b maximize Σ w (y ln μ − μ), less λ/2 ‖b‖². Counts need not be whole. A weight counts a row that often.
///
/// ```swift
/// let model = try PoissonRegression().fit(TrainingRows(table, responses: counts), in: world)
/// let expected = try model.predict(newRows)
/// ```
/// - Method: iteratively reweighted least squares, which is Newton's method here, from weighted cross-products of one sweep a step; steps
///   are halved where they would raise the deviance.
/// - Accuracy: coefficients and standard errors agree with R's `glm` to ten digits.
/// - Edge cases: a combination of columns that tells rows of 0 from all others leaves coefficients without an estimate: an error that
///   names the columns, unless there is a penalty. Dependent columns: as ``LinearRegression`` has them, the shortest coefficients.
/// - Sweeps: one over the targets, then 5 to 10. Streams: no. Row weights: yes.
/// - Memory and communication per rank: (p + 1)²/2 numbers a sweep.
/// - Source: Nelder & Wedderburn (1972), "Generalized linear models"; McCullagh & Nelder (1989).
public struct PoissonRegression: LogLinearRegression {
  /// Whether the model has an intercept.
  ///
  /// Default `true`.
  public var fitsIntercept: Bool
  /// λ ≥ 0: the penalty λ ‖b‖² is added to the deviance.
  ///
  /// Default 0.
  public var regularization: Double
  /// The largest number of sweeps.
  ///
  /// Default 100.
  public var maxIterations: Int
  /// The iteration ends where a step would explain no more than this share of the residuals' squares Σ w (y − μ)² / V(μ).
  ///
  /// Default 10⁻²⁴, for twelve digits of the standard errors.
  public var tolerance: Double
  /// How sure the model's confidence limits are.
  ///
  /// Default 0.95.
  public var confidence: Double

  /// A regression.
  public init(
    fitsIntercept: Bool = true, regularization: Double = 0, maxIterations: Int = 100, tolerance: Double = 1e-24,
    confidence: Double = 0.95
  ) {
    self.fitsIntercept = fitsIntercept
    self.regularization = regularization
    self.maxIterations = maxIterations
    self.tolerance = tolerance
    self.confidence = confidence
  }

  /// A regression with an intercept and without a penalty.
  public init() { self.init(fitsIntercept: true) }

  /// `poisson-regression`.
  public static var methodName: String { "poisson-regression" }
  /// Counts vary as much as their mean says.
  public static var estimatesDispersion: Bool { false }
  /// The fitted regression.
  public typealias Model = LogLinearModel<PoissonRegression>
}
