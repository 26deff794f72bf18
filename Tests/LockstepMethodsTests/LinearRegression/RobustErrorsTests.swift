// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

@testable import LockstepMethods

/// What R's sandwich and lmtest make of its own data sets (`Scripts/golden/robust.R`).
struct RobustReference: Decodable {
  struct Model: Decodable {
    var name: String
    var intercept: Bool
    var x: [[Double]]
    var y: [Double]
    var weights: [Double]
    var clusters: [String]
    var coefficients: [Double]
    var standardErrors: [Double]
    var adjusted: Double
    var logLikelihood: Double
    var aic: Double
    var bic: Double
    /// HC0 to HC3, CR0 and CR1.
    var covariances: [[Double]]
    var p: [[Double]]
    var f: [Double]
    var leverages: [Double]
    var standardized: [Double]
    var studentized: [Double]
    var cook: [Double]
    var mean: [[Double]]
    var new: [[Double]]

    var rows: TrainingRows<Table<Double>> {
      TrainingRows(
        Table(rows: x), responses: DenseRows(y, columnCount: 1), weights: DenseRows(weights, columnCount: 1))
    }
    var clusteredRows: TrainingRows<Table<Double>> {
      TrainingRows(
        Table(rows: x), responses: DenseRows(y, columnCount: 1), weights: DenseRows(weights, columnCount: 1),
        labels: RowLabels(clusters))
    }
  }
  var sets: [Model]

  static let shared = Result { try JSONDecoder().decode(RobustReference.self, from: goldenFile("robust")) }
}

@Suite struct RobustErrorsTests {
  private func estimates(_ model: LinearRegression.Model, _ intercepts: [Double], _ others: Matrix) -> [Double] {
    (model.fitsIntercept ? intercepts : []) + others.elements
  }

  @Test func `robust and clustered errors of seventeen models are those of R`() throws {
    let references = try RobustReference.shared.get().sets
    #expect(references.count == 17)
    for r in references {
      for (k, errors) in RobustErrors.allCases.enumerated() {
        let regression = LinearRegression(fitsIntercept: r.intercept, robust: errors)
        let model = try regression.fit(errors.isClustered ? r.clusteredRows : r.rows)
        func check(_ what: String, _ found: [Double], _ expected: [Double], _ tolerance: Double = 1e-9) {
          let difference = largestDifference(found, expected)
          // Of Longley's covariances R itself keeps 6 to 7 digits: see below.
          let tolerance = r.name == "longley" ? 1e-6 : tolerance
          #expect(difference < tolerance, "\(r.name), \(errors), \(what): \(difference)")
        }
        check("coefficients", estimates(model, model.intercepts, model.coefficients), r.coefficients)
        check("covariances", try #require(model.coefficientCovariance(response: 0)).elements, r.covariances[k])
        check(
          "errors", estimates(model, model.interceptStandardErrors, model.standardErrors),
          r.coefficients.indices.map { r.covariances[k][$0 * (r.coefficients.count + 1)].squareRoot() })
        check("p", estimates(model, model.interceptPValues, model.pValues), r.p[k], 1e-8)
        if model.clusterCount.map({ $0 > model.rank }) ?? true { check("F", model.fStatistics, [r.f[k]], 1e-8) }
        #expect(model.clusterCount == (errors.isClustered ? Set(r.clusters).count : nil))
      }
    }
  }

  @Test func `robust errors of Longley's regression have the digits of exact arithmetic`() throws {
    struct Exact: Decodable { var longley: [[Double]] }
    let exact = try JSONDecoder().decode(Exact.self, from: goldenFile("robust-exact"))
    let longley = try #require(try RobustReference.shared.get().sets.first { $0.name == "longley" })
    for (k, errors) in RobustErrors.allCases.enumerated() {
      let model = try LinearRegression(robust: errors).fit(errors.isClustered ? longley.clusteredRows : longley.rows)
      let difference = largestDifference(try #require(model.robustCovariance), exact.longley[k])
      #expect(difference < 1e-11, "\(errors): \(difference)")
    }
  }

  @Test func `figures of weighted regressions are those of R`() throws {
    for r in try RobustReference.shared.get().sets {
      let model = try LinearRegression(fitsIntercept: r.intercept).fit(r.rows)
      func check(_ what: String, _ found: [Double], _ expected: [Double]) {
        #expect(largestDifference(found, expected) < 1e-10, "\(r.name), \(what)")
      }
      check("errors", estimates(model, model.interceptStandardErrors, model.standardErrors), r.standardErrors)
      check("R²", model.adjustedRSquared, [r.adjusted])
      check("likelihood", model.logLikelihoods + model.aic + model.bic, [r.logLikelihood, r.aic, r.bic])
    }
  }

  /// Columns, a response, a weight and a cluster that many rows far apart share.
  private func table(rowCount: Int, columnCount: Int) -> Table<Double> {
    let table = regressionTable(rowCount: rowCount, columnCount: columnCount, responses: 2)
    return Table(rows: (0..<rowCount).map { table.rows.row($0) + [Double(1 + $0 % 3), Double($0 * $0 % 37)] })
  }

  @Test(arguments: RobustErrors.allCases) func `errors have the same bits on any number of ranks`(
    errors: RobustErrors
  ) throws {
    try checkDriversAgree(table(rowCount: 9000, columnCount: 3)) { source, context in
      try LinearRegression(robust: errors).fit(
        SplitSource(source, responses: 2, hasWeights: true, hasLabels: true).labelled(errors.isClustered), in: context)
    }
    try checkFailuresReachAllRanks(table(rowCount: 100, columnCount: 2), readings: 2) { source, context in
      for _ in 0..<2 {
        _ = try LinearRegression(robust: errors).fit(
          SplitSource(source, responses: 2, hasWeights: true, hasLabels: true).labelled(errors.isClustered),
          in: context)
      }
    }
  }

  @Test(arguments: [RobustErrors.hc2, .cr1]) func mergeLaws(errors: RobustErrors) throws {
    let rows = SplitSource.split(table(rowCount: 60, columnCount: 3).rows, 2, true, true)
    let first = try LinearRegression().fit(
      TrainingRows(
        Table(rows: (0..<60).map { rows.features.row($0) }), responses: rows.responses, weights: rows.weights),
      in: .local, keepsRoot: true)
    if errors.isClustered {
      try checkMergeLaws(ClusterPass(errors, first), rows, tolerance: 1e-12) { $0.standardErrors.elements }
    } else {
      try checkMergeLaws(RobustPass(errors, first), rows, tolerance: 1e-12) { $0.standardErrors.elements }
    }
  }

  @Test func `sparse rows and many columns have the errors of dense ones`() throws {
    var generator = SplitMix64(state: 6)
    let rows = (0..<900).map { _ -> [Double] in
      let x = (0..<60).map { _ in
        Int.random(in: 0..<4, using: &generator) == 0 ? Double.random(in: -1...1, using: &generator) : 0
      }
      return x + [x.reduce(0, +) * (1 + Double.random(in: -1...1, using: &generator))]
    }
    let (dense, sparse) = (Table(rows: rows), SparseTable(SparseRows(DenseRows(rows.flatMap(\.self), columnCount: 61))))
    let regression = LinearRegression(robust: .hc3)
    let (a, b) = (
      try regression.fit(SplitSource(dense, responses: 1)), try regression.fit(SplitSource(sparse, responses: 1))
    )
    #expect(relativeDifference(a.standardErrors.elements, b.standardErrors.elements) < 1e-10)
    // By the definition.
    let exact = try LinearRegression(keepsCovariance: true).fit(SplitSource(dense, responses: 1))
    let inverse = try #require(exact.unscaledCovariance)
    var meat = Matrix(zeros: 61, 61)
    for row in rows {
      let x = [1] + row[..<60]
      let spread = (0..<61).map { i in (0..<61).reduce(0.0) { $0 + inverse[i, $1] * x[$1] } }
      let leverage = zip(x, spread).reduce(0) { $0 + $1.0 * $1.1 }
      let fitted = zip(exact.coefficients.elements, row).reduce(exact.intercepts[0]) { $0 + $1.0 * $1.1 }
      let score = (row[60] - fitted) / (1 - leverage)
      for i in 0..<61 { for j in 0..<61 { meat[i, j] += score * score * x[i] * x[j] } }
    }
    let errors = inverse * meat * inverse
    for j in 0..<60 {
      let expected = errors[1 + j, 1 + j].squareRoot()
      #expect(abs(a.standardErrors[0, j] - expected) < 1e-9 * expected)
    }
  }

  @Test func `what weights are decides the number of rows`() throws {
    let rows = SplitSource(table(rowCount: 120, columnCount: 2), responses: 2, hasWeights: true, hasLabels: true)
      .labelled(false)
    let analytic = try LinearRegression().fit(rows)
    let frequency = try LinearRegression(weightKind: .frequency).fit(rows)
    let probability = try LinearRegression(weightKind: .probability).fit(rows)
    #expect(analytic.degreesOfFreedom == 117 && frequency.degreesOfFreedom == 237)
    #expect(analytic.coefficients == frequency.coefficients && analytic.coefficients == probability.coefficients)
    #expect(probability.robust == .hc1 && probability.degreesOfFreedom == 117)
    #expect(try probability.standardErrors == LinearRegression(robust: .hc1).fit(rows).standardErrors)
    #expect(probability.logLikelihoods.allSatisfy(\.isNaN) && analytic.logLikelihoods.allSatisfy(\.isFinite))
    // A factor of all analytic weights changes nothing.
    let scaled = TrainingRows(
      Table(rows: (0..<9).map { i -> [Double] in [Double(i), Double(i * i % 5)] }),
      responses: DenseRows((0..<9).map { Double($0 % 4) }, columnCount: 1),
      weights: DenseRows((0..<9).map { Double(1 + $0 % 3) / 1024 }, columnCount: 1))
    let whole = TrainingRows(
      scaled.features, responses: scaled.responses,
      weights: DenseRows((0..<9).map { Double(1 + $0 % 3) }, columnCount: 1))
    #expect(
      relativeDifference(
        try LinearRegression().fit(scaled).standardErrors.elements,
        try LinearRegression().fit(whole).standardErrors.elements) < 1e-14)
    // As frequencies they are no rows at all.
    let none = try LinearRegression(weightKind: .frequency).fit(scaled)
    #expect(none.degreesOfFreedom == 0 && none.standardErrors.elements.allSatisfy(\.isNaN))
    let notes = none.report(ReportNames(columns: nil, columnCount: 2, responses: nil)).notes.joined()
    #expect(notes.contains("frequencies"))
  }

  @Test func `frequencies are rows repeated, with robust errors too`() throws {
    let weighted = table(rowCount: 90, columnCount: 2)
    let repeated = Table(
      rows: (0..<90).flatMap { i in Array(repeating: weighted.rows.row(i), count: 1 + i % 3) })
    for errors in RobustErrors.allCases {
      let a = try LinearRegression(weightKind: .frequency, robust: errors).fit(
        SplitSource(weighted, responses: 2, hasWeights: true, hasLabels: true).labelled(errors.isClustered))
      let b = try LinearRegression(robust: errors).fit(
        SplitSource(repeated, responses: 2, hasWeights: true, hasLabels: true).unweighted(errors.isClustered))
      #expect(relativeDifference(a.standardErrors.elements, b.standardErrors.elements) < 1e-11, "\(errors)")
    }
  }

  @Test func `what robust errors cannot be made of is said`() throws {
    let table = table(rowCount: 30, columnCount: 2)
    let clustered = SplitSource(table, responses: 2, hasWeights: true, hasLabels: true)
    let plain = clustered.labelled(false)
    #expect(try LinearRegression().fit(clustered).robust == .cr1)
    for (regression, rows) in [(LinearRegression(robust: .hc3), clustered), (LinearRegression(robust: .cr0), plain)] {
      #expect(#expect(throws: LockstepError.self) { try regression.fit(rows) }?.code == .usage)
    }
    let method = try #require(Catalog.method(named: "linear-regression"))
    for parameters in [["robust": JSONValue.string("hc0")], ["weightKind": .string("probability")]] {
      let error = #expect(throws: LockstepError.self) { try method.stream(.object(parameters)) }
      #expect(error?.code == .usage && error?.message.contains("second time") == true)
    }
    let unsaid = #expect(throws: LockstepError.self) { try method.stream(.object([:]), of: clustered, in: .local) }
    #expect(unsaid?.code == .usage)
    // The last row alone has the third column: its leverage is 1.
    let numbers = (0..<12).map { i -> [Double] in
      let last: Double = i == 11 ? 1 : 0
      return [Double(i), Double(i * i % 7), last, Double(i % 5)]
    }
    let alone = Table<Double>(rows: numbers)
    let model = try LinearRegression(robust: .hc3).fit(SplitSource(alone, responses: 1))
    #expect(model.standardErrors[0, 0].isNaN && model.standardErrors[0, 2].isNaN)
    let notes = model.report(ReportNames(columns: nil, columnCount: 3, responses: nil)).notes.joined()
    #expect(notes.contains("leverage"))
    #expect(try LinearRegression(robust: .hc1).fit(SplitSource(alone, responses: 1)).standardErrors[0, 0] > 0)
    let responses: [Double] = [1, 3, 2, 5, 4, 4]
    let single = TrainingRows(
      Table<Double>(rows: (0..<6).map { i -> [Double] in [Double(i)] }),
      responses: DenseRows<Double>(responses, columnCount: 1),
      labels: RowLabels([Int](repeating: 7, count: 6)))
    #expect(try LinearRegression().fit(single).standardErrors[0, 0].isNaN)
  }

  @Test func `robust models come back from files, and dependent columns stay undetermined`() throws {
    let rows = (0..<40).map { i -> [Double] in
      let x = Double(i * i % 11)
      return [x, 2 * x + 1, Double(i % 3), x + Double(i % 7), Double(i % 4 + 1), Double(i % 9)]
    }
    let model = try LinearRegression(confidence: 0.9).fit(
      SplitSource(Table(rows: rows), responses: 1, hasWeights: true, hasLabels: true))
    #expect(model.standardErrors[0, 0].isNaN && model.standardErrors[0, 2] > 0 && model.fStatistics[0] > 0)
    let saved = try ModelFile(json: try ModelFile(model, rowCount: 40).encodedAsJSON(), file: "model.json").model
    #expect(try saved.digest == model.digest && (saved as? LinearRegression.Model)?.robust == .cr1)
    let numbers = try ModelFile(npz: ModelFile(model, rowCount: 40).npzFile()).model
    #expect((numbers as? LinearRegression.Model)?.clusterCount == 9)
    #expect(model.summary().contains("Clustered standard errors CR1, 9 clusters"))
  }
}

extension SplitSource {
  /// The same, with the labels or without.
  fileprivate func labelled(_ isLabelled: Bool) -> SplitSource {
    with(RowRoles(responseCount: 2, hasWeights: true, hasLabels: isLabelled))
  }
  /// The same without weights.
  fileprivate func unweighted(_ isLabelled: Bool) -> SplitSource {
    with(RowRoles(responseCount: 2, hasLabels: isLabelled))
  }
}
