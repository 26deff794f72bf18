// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

@testable import LockstepMethods

@Suite struct InferenceTests {
  @Test func `figures of fourteen data sets are those of R`() throws {
    let references = try RegressionReference.shared.get().linear
    #expect(references.count == 14)
    for r in references {
      let table = Table(rows: zip(r.x, r.y).map { $0 + [$1] })
      let model = try LinearRegression(fitsIntercept: true, confidence: 0.99).fit(SplitSource(table, responses: 1))
      func check(_ what: String, _ found: [Double], _ expected: [Double], _ tolerance: Double = 1e-10) {
        let difference = largestDifference(found, expected)
        #expect(difference < tolerance, "\(r.name), \(what): \(difference)")
      }
      func all(_ intercepts: [Double], _ coefficients: Matrix) -> [Double] { intercepts + coefficients.elements }
      check("coefficients", all(model.intercepts, model.coefficients), r.coefficients)
      check("errors", all(model.interceptStandardErrors, model.standardErrors), r.standardErrors)
      check("t", all(model.interceptTStatistics, model.tStatistics), r.t)
      check("p", all(model.interceptPValues, model.pValues), r.p)
      check("low", all(model.interceptConfidenceLimits.low, model.confidenceLimits.low), r.low)
      check("high", all(model.interceptConfidenceLimits.high, model.confidenceLimits.high), r.high)
      check("covariance", try #require(model.coefficientCovariance(response: 0)).elements, r.covariance)
      check("inflation", model.varianceInflation, r.inflation)
      check("F", model.fPValues, [r.fPValue], 1e-9)
      check("likelihood", model.logLikelihoods + model.aic + model.bic, [r.logLikelihood, r.aic, r.bic])
    }
  }

  @Test func `all figures are in JSON, the digest covers the fields alone, and files bring the model back`() throws {
    let table = regressionTable(rowCount: 90, columnCount: 3, responses: 2)
    let model = try LinearRegression(fitsIntercept: true, confidence: 0.9).fit(SplitSource(table, responses: 2))
    let json = model.fieldsAsJSON
    for name in ["tStatistics", "pValues", "confidenceLow", "confidenceHigh"] {
      #expect(json[name] == ModelValue.doubles(doubles(model, name), shape: [2, 3]).json)
    }
    for name in [
      "interceptTStatistics", "interceptPValues", "interceptConfidenceLow", "interceptConfidenceHigh", "fPValues",
      "logLikelihood", "aic", "bic",
    ] { #expect(doubles(model, name).count == 2) }
    #expect(doubles(model, "coefficientCovariance").count == 2 * 16)
    #expect(doubles(model, "varianceInflation").allSatisfy { $0 >= 1 })
    let saved = try ModelFile(json: try ModelFile(model, rowCount: 90).encodedAsJSON(), file: "model.json").model
    #expect(try saved as? LinearRegression.Model == model && saved.digest == model.digest)
    let numbers = try ModelFile(npz: ModelFile(model, rowCount: 90).npzFile()).model
    #expect(numbers as? LinearRegression.Model == model)
  }

  private func doubles(_ model: some FittedModel, _ name: String) -> [Double] {
    for field in model.fields + model.derivedFields where field.name == name {
      if case .doubles(let values, _) = field.value { return values }
    }
    return []
  }

  @Test func `a model of an earlier release is read`() throws {
    let table = regressionTable(rowCount: 30, columnCount: 2, responses: 1)
    let model = try LinearRegression(fitsIntercept: true, keepsCovariance: false).fit(SplitSource(table, responses: 1))
    let old = model.fields.filter { $0.name != "varianceInflation" }
    let read = try LinearRegression.Model(fields: ModelFields(methodName: "linear-regression", old))
    #expect(read.fields == old && read.confidence == 0.95 && read.pValues == model.pValues)
  }

  @Test func `the covariances of many columns are kept on request`() throws {
    let table = regressionTable(rowCount: 400, columnCount: 101, responses: 1)
    let source = SplitSource(table, responses: 1)
    #expect(try LinearRegression().fit(source).unscaledCovariance == nil)
    let model = try LinearRegression(fitsIntercept: false, keepsCovariance: true).fit(source)
    let covariance = try #require(model.coefficientCovariance(response: 0))
    #expect(covariance.rowCount == 101)
    for j in 0..<101 {
      #expect(abs(covariance[j, j].squareRoot() - model.standardErrors[0, j]) <= 1e-14 * model.standardErrors[0, j])
    }
  }

  @Test func `what dependent columns leave undetermined has no figures`() throws {
    let x = [1.0, 4, 2, 8, 5, 7, 3]
    let table = Table(rows: x.indices.map { [x[$0], 2 * x[$0] + 5, Double($0 % 2), 3 * x[$0] + Double($0 % 3)] })
    let model = try LinearRegression().fit(SplitSource(table, responses: 1))
    let covariance = try #require(model.unscaledCovariance)
    #expect(covariance[0, 0].isNaN && covariance[1, 3].isNaN && covariance[3, 3] > 0)
    #expect(model.varianceInflation[0] == .infinity && model.varianceInflation[2] >= 1)
    #expect(model.pValues[0, 1].isNaN && model.confidenceLimits.low[0, 1].isNaN && model.pValues[0, 2] >= 0)
    #expect(model.logLikelihoods[0].isFinite)
  }

  @Test func `a confidence is between 0 and 1`() throws {
    let table = regressionTable(rowCount: 30, columnCount: 2, responses: 1)
    let sure = try LinearRegression(fitsIntercept: true, confidence: 1).fit(SplitSource(table, responses: 1))
    #expect(sure.confidenceLimits.low.elements == [-.infinity, -.infinity])
    for confidence in [0, 1.5, -0.5, .nan] {
      let error = #expect(throws: LockstepError.self) {
        try LinearRegression(fitsIntercept: true, confidence: confidence).fit(SplitSource(table, responses: 1))
      }
      #expect(error?.code == .usage)
    }
  }
}
