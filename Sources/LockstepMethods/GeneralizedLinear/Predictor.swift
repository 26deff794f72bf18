// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import LockstepTables

/// Linear predictors a + xb, d of them: where an iteration stands, or a step that it takes.
struct Predictor: Codable, Hashable, Sendable {
  /// a, d.
  var intercepts: [Double]
  /// b, d × p.
  var coefficients: Matrix

  /// All zeros.
  init(zeros count: Int, columnCount: Int) {
    intercepts = Array(repeating: 0, count: count)
    coefficients = Matrix(zeros: count, columnCount)
  }

  /// This and a multiple of a step.
  func adding(_ step: Predictor, times factor: Double) -> Predictor {
    var result = self
    for k in intercepts.indices { result.intercepts[k].addProduct(factor, step.intercepts[k]) }
    for i in coefficients.elements.indices {
      result.coefficients.elements[i].addProduct(factor, step.coefficients.elements[i])
    }
    return result
  }

  /// The predictors of each row, and after them the changes along a direction if there is one.
  func values(of rows: any RowBlock, direction: Predictor?) -> [Double] {
    let map = AffineMap(
      matrix: coefficients.elements + (direction?.coefficients.elements ?? []),
      shift: Array(repeating: 0, count: coefficients.columnCount),
      constants: intercepts + (direction?.intercepts ?? []))
    return rows.mapped(by: map).elements
  }
}

/// What a sweep at some predictors finds.
struct NewtonStep: Codable, Sendable {
  /// The deviance there, and the margins along the direction that led there.
  var sums: LinkSums
  /// The step to where a quadratic has its least that agrees with the penalized deviance there to the second derivative.
  var change: Predictor
  /// By how much the quadratic is less there, as a share of Σ w (y − μ)² / V(μ): what of the residuals the step explains.
  var decrement: Double
  /// How much each column varies, p; for messages.
  var columnDeviations: [Double]
  /// How sure the coefficients are; only if the decrement is small, or it was asked for.
  var spread: PredictorSpread?
}

/// How sure estimated coefficients are, for a dispersion of 1.
struct PredictorSpread: Codable, Sendable {
  /// The variances of the intercepts, d; NaN where the rows do not determine them.
  var interceptVariances: [Double]
  /// The variances of the coefficients, d × p; NaN where the rows do not determine them.
  var variances: Matrix
  /// The covariances of each predictor's intercept and coefficients, then of the next one's, if they are wanted.
  var covariance: Matrix?
  /// The number of columns that do not depend on those before them.
  var rank: Int
  /// The columns that depend on columns before them.
  var droppedColumns: [Int]
  /// The condition of the columns as the step weighs them, scaled to length 1.
  var conditionEstimate: Double
  /// Σ w (y − μ)² / V(μ); NaN of several predictors.
  var pearson: Double
}
