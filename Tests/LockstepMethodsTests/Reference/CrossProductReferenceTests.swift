// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

/// What NumPy, SciPy and scikit-learn make of generated rows (`Scripts/golden/cross_products.py`).
struct CrossProductReference: Decodable, CustomTestStringConvertible {
  struct LeastSquares: Decodable {
    var coefficients: [[Double]]
    var intercepts: [Double]
    var standardErrors: [[Double]]
    var interceptStandardErrors: [Double]
    var pValues: [[Double]]
    var rSquared: [Double]
    var adjustedRSquared: [Double]
    var residualStandardDeviations: [Double]
    var fStatistics: [Double]
    var fPValues: [Double]
  }
  var name: String
  var rows: GeneratedRows
  var rowsDigest: String
  var responses: Int
  var penalty: Double
  var mean: [Double]
  var variance: [Double]
  var minimum: [Double]
  var maximum: [Double]
  var sumSquares: [Double]
  var covariance: [[Double]]
  var correlation: [[Double]]
  var covarianceEigenvalues: [Double]
  var covarianceComponents: [[Double]]
  var correlationEigenvalues: [Double]
  var correlationComponents: [[Double]]
  var ridgeCoefficients: [[Double]]
  var ridgeIntercepts: [Double]
  var leastSquares: LeastSquares
  var testDescription: String { name }

  static func all() throws -> [CrossProductReference] {
    let url = try #require(Bundle.module.url(forResource: "Golden/cross-products", withExtension: "json"))
    return try JSONDecoder().decode([CrossProductReference].self, from: Data(contentsOf: url))
  }
}

@Suite struct CrossProductReferenceTests {
  /// Compares numbers with a reference, relative to the largest.
  func expectEqual(_ found: [Double], _ expected: [Double], _ tolerance: Double, _ what: String) {
    let difference = relativeDifference(found, expected)
    #expect(difference <= tolerance, "\(what): \(difference)")
  }

  @Test func `moments, covariance, components and regressions are those of other libraries`() throws {
    for reference in try CrossProductReference.all() {
      let elements = reference.rows.elements()
      #expect(GeneratedRows.digest(elements) == reference.rowsDigest)
      let source = SplitSource(
        Table(DenseRows(elements, columnCount: reference.rows.columns)), responses: reference.responses)

      let moments = try LowOrderMoments().fit(source)
      expectEqual(moments.mean, reference.mean, 1e-14, "mean")
      expectEqual(moments.variance, reference.variance, 1e-12, "variance")
      expectEqual(moments.sumSquares, reference.sumSquares, 1e-14, "sum of squares")
      #expect(moments.minimum == reference.minimum && moments.maximum == reference.maximum)

      let covariance = try Covariance(includesCorrelation: true).fit(source)
      expectEqual(covariance.covariance.elements, reference.covariance.flatMap(\.self), 1e-12, "covariance")
      expectEqual(covariance.correlation?.elements ?? [], reference.correlation.flatMap(\.self), 1e-12, "correlation")

      for (method, values, components) in [
        (PCA.Method.covariance, reference.covarianceEigenvalues, reference.covarianceComponents),
        (.correlation, reference.correlationEigenvalues, reference.correlationComponents),
        (.svd, reference.correlationEigenvalues, reference.correlationComponents),
      ] {
        let model = try PCA(componentCount: nil, method: method).fit(source)
        expectEqual(model.eigenvalues, values, 1e-11, "eigenvalues by \(method)")
        expectEqual(model.components.elements, components.flatMap(\.self), 1e-8, "components by \(method)")
      }

      let model = try LinearRegression().fit(source)
      let expected = reference.leastSquares
      expectEqual(model.coefficients.elements, expected.coefficients.flatMap(\.self), 1e-11, "coefficients")
      expectEqual(model.intercepts, expected.intercepts, 1e-9, "intercepts")
      expectEqual(model.standardErrors.elements, expected.standardErrors.flatMap(\.self), 1e-11, "standard errors")
      expectEqual(model.interceptStandardErrors, expected.interceptStandardErrors, 1e-11, "their intercepts'")
      expectEqual(model.pValues.elements, expected.pValues.flatMap(\.self), 1e-9, "p values")
      expectEqual(model.rSquared, expected.rSquared, 1e-11, "R²")
      expectEqual(model.adjustedRSquared, expected.adjustedRSquared, 1e-10, "adjusted R²")
      expectEqual(model.residualStandardDeviations, expected.residualStandardDeviations, 1e-11, "deviations")
      expectEqual(model.fStatistics, expected.fStatistics, 1e-10, "F")
      expectEqual(model.fPValues, expected.fPValues, 1e-9, "p of F")

      let ridge = try RidgeRegression(regularization: [reference.penalty]).fit(source)
      expectEqual(ridge.coefficients.elements, reference.ridgeCoefficients.flatMap(\.self), 1e-10, "ridge")
      expectEqual(ridge.intercepts, reference.ridgeIntercepts, 1e-9, "ridge intercepts")
    }
  }

  @Test(ExampleData.condition) func `moments and covariance are those that daal4py stored`() throws {
    let rows = try ExampleData.rows("covcormoments_dense.csv")
    let covariance = try ExampleData.rows("reference/covariance.csv")
    let moments = try ExampleData.rows("reference/low_order_moms_dense.csv")
    // They were made from numbers rounded to floats.
    let table = Table(rows: rows.map { $0.map(Float.init) })
    let model = try LowOrderMoments().fit(table)
    for (field, expected) in zip(model.fields, moments) {
      guard case .doubles(let found, _) = field.value else { continue }
      for (f, e) in zip(found, expected) { #expect(abs(f - e) <= 1e-5 * max(1, abs(e)), "\(field.name)") }
    }
    #expect(
      relativeDifference(try Covariance().fit(table).covariance.elements, covariance.flatMap(\.self)) < 1e-7)
  }

  @Test(ExampleData.condition) func `components and predictions are those that daal4py stored`() throws {
    let parts = try (1...4).map { try ExampleData.rows("distributed/pca_normalized_\($0).csv") }
    let components = try ExampleData.rows("reference/pca.csv")
    let pca = try PCA().fit(Table(rows: parts.flatMap(\.self)))
    for (i, expected) in components.enumerated() {
      let row = Array(pca.components.row(i))
      let largest = expected.indices.max { abs(expected[$0]) < abs(expected[$1]) } ?? 0
      let sign = (expected[largest] < 0) == (row[largest] < 0) ? 1.0 : -1
      for (f, e) in zip(row, expected) { #expect(abs(f * sign - e) < 1e-6) }
    }
    let train = try (1...4).map { try ExampleData.rows("distributed/linear_regression_train_\($0).csv") }
    let predictions = try ExampleData.rows("reference/linear_regression.csv")
    let test = try ExampleData.rows("distributed/linear_regression_test.csv")
    let regression = try LinearRegression().fit(SplitSource(Table(rows: train.flatMap(\.self)), responses: 2))
    let predicted = try regression.predict(Table(rows: test.map { Array($0.prefix(10)) }).rows)
    for (row, expected) in zip(predicted.rows, predictions) {
      for (f, e) in zip(row, expected) { #expect(abs(f - e) < 2e-4) }
    }
  }
}
