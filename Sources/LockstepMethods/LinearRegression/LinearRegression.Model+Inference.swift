// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepTables

extension LinearRegression.Model {
  /// The t statistics of the coefficients, q × p: coefficient / standard error.
  public var tStatistics: Matrix {
    var result = coefficients
    for i in result.elements.indices { result.elements[i] /= standardErrors.elements[i] }
    return result
  }

  /// The two-sided p values of the coefficients, q × p, by Student's distribution.
  public var pValues: Matrix {
    var result = tStatistics
    for i in result.elements.indices {
      result.elements[i] = Distributions.studentTwoSided(
        result.elements[i], degreesOfFreedom: testDegreesOfFreedom)
    }
    return result
  }

  /// The t statistics of the intercepts, q; NaN without an intercept.
  public var interceptTStatistics: [Double] {
    zip(intercepts, interceptStandardErrors).map { fitsIntercept ? $0 / $1 : .nan }
  }

  /// The two-sided p values of the intercepts, q; NaN without an intercept.
  public var interceptPValues: [Double] {
    interceptTStatistics.map { Distributions.studentTwoSided($0, degreesOfFreedom: testDegreesOfFreedom) }
  }

  /// The p values of the F statistics, q: of the hypothesis that all coefficients are 0.
  public var fPValues: [Double] {
    fStatistics.map { Distributions.fisherUpper($0, Double(rank), testDegreesOfFreedom) }
  }

  /// How many standard errors a limit of ``confidence`` is away from the estimate.
  var limitWidth: Double { Distributions.studentLimit(confidence, degreesOfFreedom: testDegreesOfFreedom) }

  /// The degrees of freedom of t, p and confidence limits: with clustered errors, the number of clusters less 1.
  public var testDegreesOfFreedom: Double { clusterCount.map { Double($0 - 1) } ?? degreesOfFreedom }

  /// The limits between which the coefficients lie with the given ``confidence``, each q × p.
  public var confidenceLimits: (low: Matrix, high: Matrix) {
    let width = limitWidth
    var (low, high) = (coefficients, coefficients)
    for (i, error) in standardErrors.elements.enumerated() {
      low.elements[i] -= width * error
      high.elements[i] += width * error
    }
    return (low, high)
  }

  /// The limits between which the intercepts lie with the given ``confidence``, each q; NaN without an intercept.
  public var interceptConfidenceLimits: (low: [Double], high: [Double]) {
    let width = fitsIntercept ? limitWidth : .nan
    let pairs = zip(intercepts, interceptStandardErrors)
    return (pairs.map { $0 - width * $1 }, pairs.map { $0 + width * $1 })
  }

  /// The covariances of intercept (first, if there is one) and coefficients of a response, from 0: σ² times ``unscaledCovariance``, or
  /// those of ``robustCovariance``; `nil` where the model does not have them.
  public func coefficientCovariance(response k: Int) -> Matrix? {
    if robust != nil {
      let m = columnCount + (fitsIntercept ? 1 : 0)
      return robustCovariance.map {
        Matrix(rowCount: m, columnCount: m, elements: Array($0[k * m * m..<(k + 1) * m * m]))
      }
    }
    guard var result = unscaledCovariance else { return nil }
    let variance = residualStandardDeviations[k] * residualStandardDeviations[k]
    for i in result.elements.indices { result.elements[i] *= variance }
    return result
  }

  /// The number of coefficients that are estimated, with the intercept.
  private var parameterCount: Double { Double(rank + (fitsIntercept ? 1 : 0)) }

  /// The number of rows, or the sum of their weights if these are frequencies.
  private var observationCount: Double { degreesOfFreedom + parameterCount }

  /// The logarithm of the likelihood at its maximum, for normal errors, q: −n/2 (ln(2π RSS/n) + 1), and ½ Σ ln w with analytic weights;
  /// NaN without degrees of freedom, and with probability weights, which have no likelihood.
  public var logLikelihoods: [Double] {
    let n = observationCount
    return residualStandardDeviations.map { deviation in
      guard degreesOfFreedom > 0, weightKind != .probability else { return .nan }
      return (logWeight - n * (log(2 * .pi / n * degreesOfFreedom) + 2 * log(deviation) + 1)) / 2
    }
  }

  /// Akaike's criterion, q: −2 ln L + 2 k, where k counts coefficients, intercept and σ, as in R.
  public var aic: [Double] { logLikelihoods.map { -2 * $0 + 2 * (parameterCount + 1) } }

  /// Schwarz's criterion, q: −2 ln L + k ln n, where k counts coefficients, intercept and σ, as in R.
  public var bic: [Double] { logLikelihoods.map { -2 * $0 + log(observationCount) * (parameterCount + 1) } }

  /// What follows from the fields: t, p, confidence limits, covariances and criteria.
  public var derivedFields: [ModelField] {
    let (limits, interceptLimits) = (confidenceLimits, interceptConfidenceLimits)
    let covariances = (0..<responseCount).compactMap { coefficientCovariance(response: $0) }
    return [
      ModelField("tStatistics", .matrix(tStatistics)), ModelField("pValues", .matrix(pValues)),
      ModelField("confidenceLow", .matrix(limits.low)), ModelField("confidenceHigh", .matrix(limits.high)),
      ModelField("interceptTStatistics", .vector(interceptTStatistics)),
      ModelField("interceptPValues", .vector(interceptPValues)),
      ModelField("interceptConfidenceLow", .vector(interceptLimits.low)),
      ModelField("interceptConfidenceHigh", .vector(interceptLimits.high)),
      ModelField("fPValues", .vector(fPValues)), ModelField("logLikelihood", .vector(logLikelihoods)),
      ModelField("aic", .vector(aic)), ModelField("bic", .vector(bic)),
    ]
      + (unscaledCovariance.map {
        [
          ModelField(
            "coefficientCovariance",
            .doubles(covariances.flatMap(\.elements), shape: [responseCount, $0.rowCount, $0.columnCount]))
        ]
      } ?? []) + (confidence == 0.95 ? [ModelField("confidence", .scalar(confidence))] : [])
      + (clusterCount == nil ? [] : [ModelField("testDegreesOfFreedom", .scalar(testDegreesOfFreedom))])
  }
}
