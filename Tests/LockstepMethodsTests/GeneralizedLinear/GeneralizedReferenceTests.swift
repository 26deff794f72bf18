// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

@testable import LockstepMethods

@Suite struct GeneralizedReferenceTests {
  private func table(_ x: [[Double]], _ more: [[Double]]) -> Table<Double> {
    Table(rows: x.indices.map { i in x[i] + more.map { $0[i] } })
  }

  private func check(_ name: String, _ pairs: [(String, [Double], [Double])], _ tolerance: Double = 1e-10) {
    for (what, found, expected) in pairs {
      let difference = largestDifference(found, expected)
      #expect(difference < tolerance, "\(name), \(what): \(difference)")
    }
  }

  @Test func `logistic regressions of nine data sets are those of R`() throws {
    let references = try RegressionReference.shared.get().generalized.filter { $0.family == "binomial" }
    #expect(references.count == 9)
    for r in references {
      let rows = SplitSource(table(r.x, [r.weights, r.y]), responses: 0, hasWeights: true, hasLabels: true)
      let model = try LogisticRegression().fit(rows)
      let wald = WaldTests(degreesOfFreedom: nil, confidence: 0.95)
      let estimates = model.intercepts + model.coefficients.elements
      let errors = model.interceptStandardErrors + model.standardErrors.elements
      #expect(model.isConverged)
      check(
        r.name,
        [
          ("coefficients", estimates, r.coefficients), ("errors", errors, r.standardErrors),
          ("z", wald.statistics(estimates, errors), r.statistics), ("p", wald.pValues(estimates, errors), r.p),
          ("deviance", [model.deviance, model.nullDeviance, model.aic], [r.deviance, r.nullDeviance, r.aic]),
        ])
    }
  }

  @Test(arguments: ["poisson", "Gamma"]) func `regressions on a log scale of six data sets are those of R`(
    family: String
  ) throws {
    let references = try RegressionReference.shared.get().generalized.filter { $0.family == family }
    #expect(references.count == 6)
    for r in references {
      let rows = SplitSource(table(r.x, [r.y]), responses: 1)
      if family == "poisson" {
        try check(r, try PoissonRegression().fit(rows), degreesOfFreedom: nil)
      } else {
        let model = try GammaRegression().fit(rows)
        try check(r, model, degreesOfFreedom: model.degreesOfFreedom)
      }
    }
  }

  private func check<R: LogLinearRegression>(
    _ r: RegressionReference.Generalized, _ model: LogLinearModel<R>, degreesOfFreedom: Double?
  ) throws {
    let wald = WaldTests(degreesOfFreedom: degreesOfFreedom, confidence: 0.95)
    let estimates = model.intercepts + model.coefficients.elements
    let errors = model.interceptStandardErrors + model.standardErrors.elements
    #expect(model.isConverged)
    check(
      r.name,
      [
        ("coefficients", estimates, r.coefficients), ("errors", errors, r.standardErrors),
        ("statistics", wald.statistics(estimates, errors), r.statistics), ("p", wald.pValues(estimates, errors), r.p),
        ("deviance", model.deviances + model.nullDeviances, [r.deviance, r.nullDeviance]),
        ("dispersion", model.dispersions, [r.dispersion]), ("AIC", model.aic, [r.aic]),
      ])
  }

  /// What `Scripts/golden/classes.py` writes.
  private struct Classes: Decodable {
    struct Multinomial: Decodable {
      var name: String
      var x: [[Double]]
      var classes: [Int]
      var coefficients: [[Double]]
      var intercepts: [Double]
      var standardErrors: [[Double]]
      var interceptStandardErrors: [Double]
      var logLikelihood: Double
      var nullLogLikelihood: Double
      var covariance: [[Double]]
    }
    struct Penalized: Decodable {
      var name: String
      var x: [[Double]]
      var classes: [Int]
      var coefficients: [[Double]]
      var intercepts: [Double]
      var regularization: Double
      var hasIntercept: Bool
      var probabilities: [[Double]]
    }
    struct Counts: Decodable {
      var name: String
      var x: [[Double]]
      var y: [Double]
      var coefficients: [Double]
      var intercept: Double
      var regularization: Double
    }
    var multinomial: [Multinomial]
    var penalized: [Penalized]
    var counts: [Counts]
  }

  private func classes() throws -> Classes { try JSONDecoder().decode(Classes.self, from: goldenFile("classes")) }

  @Test func `regressions of several classes are those of statsmodels`() throws {
    for r in try classes().multinomial {
      let model = try LogisticRegression().fit(TrainingRows(Table(rows: r.x), labels: RowLabels(r.classes)))
      #expect(model.isConverged)
      check(
        r.name,
        [
          ("coefficients", model.coefficients.elements, r.coefficients.flatMap(\.self)),
          ("intercepts", model.intercepts, r.intercepts),
          ("errors", model.standardErrors.elements, r.standardErrors.flatMap(\.self)),
          ("intercepts' errors", model.interceptStandardErrors, r.interceptStandardErrors),
          ("likelihood", [model.logLikelihood, -model.nullDeviance / 2], [r.logLikelihood, r.nullLogLikelihood]),
          ("covariance", try #require(model.coefficientCovariance).elements, r.covariance.flatMap(\.self)),
        ], 2e-9)
    }
  }

  @Test func `penalties are those of scikit-learn`() throws {
    for r in try classes().penalized {
      let regression = LogisticRegression(fitsIntercept: r.hasIntercept, regularization: r.regularization)
      let table = Table(rows: r.x)
      let model = try regression.fit(TrainingRows(table, labels: RowLabels(r.classes)))
      check(
        r.name,
        [
          ("coefficients", model.coefficients.elements, r.coefficients.flatMap(\.self)),
          ("intercepts", model.intercepts, r.intercepts),
          ("probabilities", try model.probabilities(table.rows).elements, r.probabilities.flatMap(\.self)),
        ], 1e-8)
    }
    for r in try classes().counts {
      let rows = SplitSource(table(r.x, [r.y]), responses: 1)
      let model = try PoissonRegression(regularization: r.regularization).fit(rows)
      check(r.name, [("all", model.intercepts + model.coefficients.elements, [r.intercept] + r.coefficients)], 1e-8)
      #expect(model.standardErrors.elements.allSatisfy(\.isNaN) && model.coefficientCovariance == nil)
    }
  }
}
