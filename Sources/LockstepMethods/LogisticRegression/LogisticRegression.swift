// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// Logistic regression: the probability of each class of a row, from linear predictors of its columns.
///
/// Of c classes in order, the first is the reference: ln(P(class k) / P(class 0)) = a_k + x b_k for k = 1 … c − 1. a and b maximize the
/// likelihood Σ w ln P(class of the row), less λ/2 ‖b‖². Labels are whole numbers or texts. A weight counts a row that often.
///
/// ```swift
/// let rows = TrainingRows(table, labels: RowLabels(["yes", "no", …]))
/// let model = try LogisticRegression().fit(rows, in: world)
/// let labels = try model.predict(newRows)
/// let probabilities = try model.probabilities(newRows)          // n × c
/// ```
/// - Method: Newton's method; a step takes a weighted cross-product of the columns, and with three classes or more one for each pair of
///   them, from one sweep. Steps are halved where they would lower the likelihood.
/// - The penalty: with two classes it is that of the one predictor. With more it is Σ ‖b_k‖² over all classes where the b of all classes add
///   up to nothing, so that no class is special. Both are scikit-learn's with C = 1/λ. Intercepts have none.
/// - Accuracy: coefficients and standard errors agree with R's `glm` to ten digits.
/// - Edge cases: a combination of columns that tells classes apart, or some rows of them, leaves coefficients without an estimate: an error
///   that names the columns, unless there is a penalty. Dependent columns have no standard errors; with two classes the coefficients are
///   the shortest, with more those of columns that depend on others are 0.
/// - Sweeps: one over the labels, then 5 to 10. Streams: no. Row weights: yes.
/// - Memory and communication per rank: c(c − 1)/2 times (p + 1)²/2 numbers a sweep; c²p² numbers and c³p³/3 flops on rank 0.
/// - Source: McCullagh & Nelder (1989), "Generalized linear models"; Albert & Anderson (1984), "On the existence of maximum likelihood
///   estimates in logistic regression models".
public struct LogisticRegression: GeneralizedLinearEstimator {
  /// Whether the model has intercepts.
  ///
  /// Default `true`.
  public var fitsIntercept: Bool
  /// λ ≥ 0: the penalty λ/2 ‖b‖² is taken from the logarithm of the likelihood.
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

  /// A regression with intercepts and without a penalty.
  public init() { self.init(fitsIntercept: true) }

  /// Fits to the rows of all ranks.
  ///
  /// Collective; the model has the same bits on every rank.
  ///
  /// - Throws: ``LockstepError`` with code `.usage` if the rows have no labels, `.malformedInput` if they are of one class, `.notFinite`
  ///   for a NaN or an infinity, `.tooFewRows` if there is no row, `.rankDeficient` if a combination of columns separates classes.
  public func fit(_ rows: some RowSource, in context: ExecutionContext = .local) throws -> Model {
    try context.agree { try validate(for: rows) }
    let aligned = try context.align(rows) { max(2048, BlockSize.standard(columnCount: $0)) }
    let counts = try context.reduce(ClassPass(), over: aligned)
    let total = counts.weights.reduce(.zero, +)
    let (p, d, lambda) = (aligned.columnCount, counts.classes.count - 1, regularization)
    var start = Predictor(zeros: d, columnCount: p)
    if fitsIntercept {
      for k in 0..<d { start.intercepts[k] = log((counts.weights[k + 1] / counts.weights[0]).high) }
    }
    let iteration = NewtonIteration(
      phase: "logistic regression", tolerance: tolerance, maxIterations: maxIterations,
      penalty: { at in lambda * Self.penalized(at.coefficients) }, checksSeparation: lambda == 0)
    let keepsCovariance = d * p <= WaldTests.covarianceColumnCount
    let result =
      d == 1
      ? try iteration.run(from: start, startingAt: start, or: start, over: aligned, in: context) {
        LinkPass(
          family: .logit, targets: .isClass(counts.classes[1]), fitsIntercept: fitsIntercept, regularization: lambda,
          keepsCovariance: keepsCovariance, tolerance: tolerance, place: $0, direction: $1, isLast: $2)
      }
      : try iteration.run(from: start, startingAt: start, or: start, over: aligned, in: context) {
        ClassProbabilityPass(
          classes: counts.classes, fitsIntercept: fitsIntercept, regularization: lambda,
          keepsCovariance: keepsCovariance, tolerance: tolerance, place: $0 ?? start, direction: $1, isLast: $2)
      }
    // −2 Σ w ln(share of the class), or of equal shares without intercepts.
    let shares = counts.weights.map { fitsIntercept ? ($0 / total).high : 1 / Double(d + 1) }
    let nullDeviance = -2 * zip(counts.weights, shares).reduce(DoubleDouble.zero) { $0 + $1.0 * log($1.1) }.high
    return Model(self, counts, total: total, result, nullDeviance: nullDeviance)
  }

  /// ‖b‖² as the penalty counts it.
  private static func penalized(_ b: Matrix) -> Double {
    let squares = b.elements.reduce(0) { $0 + $1 * $1 }
    guard b.rowCount > 1 else { return squares }
    // Those of all classes, the first one's being 0, less their means.
    return (0..<b.columnCount).reduce(squares) { rest, j in
      let sum = (0..<b.rowCount).reduce(0) { $0 + b[$1, j] }
      return rest - sum * sum / Double(b.rowCount + 1)
    }
  }
}
