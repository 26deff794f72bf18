// SPDX-License-Identifier: Apache-2.0

import LockstepReduction

/// Gamma regression: the mean of positive numbers is the exponential of a linear predictor, μ = exp(a + xb), and they vary in proportion
/// to it.
///
/// a and b minimize the deviance 2 Σ w ((y − μ)/μ − ln(y/μ)), plus λ ‖b‖². The variance is φ μ²; φ is estimated. A weight counts a
/// row that often.
///
/// ```swift
/// let model = try GammaRegression().fit(TrainingRows(table, responses: costs), in: world)
/// let expected = try model.predict(newRows)
/// ```
/// - Method: Fisher scoring by iteratively reweighted least squares, from cross-products of one sweep a step; steps are halved where they
///   would raise the deviance.
/// - Accuracy: coefficients and standard errors agree with R's `glm` to ten digits.
/// - Edge cases: a target of 0 or below is refused, with its place. Dependent columns: as ``LinearRegression`` has them, the shortest
///   coefficients.
/// - Sweeps: one over the targets, then some 10. Streams: no. Row weights: yes.
/// - Memory and communication per rank: (p + 1)²/2 numbers a sweep.
/// - Source: McCullagh & Nelder (1989), "Generalized linear models", chapter 8.
public struct GammaRegression: LogLinearRegression {
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

  /// `gamma-regression`.
  public static var methodName: String { "gamma-regression" }
  /// The dispersion φ is estimated.
  public static var estimatesDispersion: Bool { true }
  /// The fitted regression.
  public typealias Model = LogLinearModel<GammaRegression>
}
