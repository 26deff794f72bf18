// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

@testable import LockstepMethods

@Suite struct ElasticNetTests {
  /// What `Scripts/golden/elastic_net.R` writes.
  private struct Paths: Decodable {
    var name: String
    var alpha: Double
    var standardizes: Bool
    var regularizations: [Double]
    var intercepts: [Double]
    var coefficients: [[Double]]
  }

  @Test func `paths of six data sets are those of glmnet`() throws {
    let sets = try RegressionReference.shared.get().linear
    let references = try JSONDecoder().decode([Paths].self, from: goldenFile("elastic-net"))
    #expect(references.count == 18)
    for r in references {
      let set = try #require(sets.first { $0.name == r.name })
      let rows = SplitSource(Table(rows: zip(set.x, set.y).map { $0 + [$1] }), responses: 1)
      // glmnet divides the squares' part of the penalty by the deviation of y.
      let mean = set.y.reduce(0, +) / Double(set.y.count)
      let deviation = (set.y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(set.y.count)).squareRoot()
      let factor = r.alpha + (1 - r.alpha) / deviation
      let model = try ElasticNet(
        alpha: r.alpha / factor, regularizations: r.regularizations.map { $0 * factor }, standardizes: r.standardizes,
        folds: 0
      ).fit(rows)
      #expect(model.isConverged && model.choices == [6])
      for l in r.regularizations.indices {
        let found = [model.intercepts[l, 0]] + model.coefficients(penalty: l, response: 0)
        let difference = largestDifference(found, [r.intercepts[l]] + r.coefficients[l])
        #expect(difference < 1e-8, "\(r.name), alpha \(r.alpha), penalty \(l): \(difference)")
      }
    }
  }

  /// What `Scripts/golden/elastic_net_folds.py` writes.
  private struct Validation: Decodable {
    var x: [[Double]]
    var y: [Double]
    var seed: UInt64
    var folds: Int
    var alpha: Double
    var sizes: [Int]
    var regularizations: [Double]
    var coefficients: [[Double]]
    var intercepts: [Double]
    var errors: [Double]
    var deviations: [Double]
    var least: Int
    var oneStandardError: Int
  }

  @Test func `a path and its cross-validation are those of scikit-learn`() throws {
    let r = try JSONDecoder().decode(Validation.self, from: goldenFile("elastic-net-folds"))
    let folds = Folds(count: r.folds, seed: r.seed)
    var sizes = Array(repeating: 0, count: r.folds)
    for row in r.y.indices { sizes[folds.fold(ofRow: row)] += 1 }
    #expect(sizes == r.sizes)
    let rows = SplitSource(Table(rows: zip(r.x, r.y).map { $0 + [$1] }), responses: 1)
    var estimator = ElasticNet(
      alpha: r.alpha, regularizations: r.regularizations, standardizes: false, folds: r.folds, seed: r.seed)
    let model = try estimator.fit(rows)
    for l in r.regularizations.indices {
      let found = [model.intercepts[l, 0]] + model.coefficients(penalty: l, response: 0)
      #expect(largestDifference(found, [r.intercepts[l]] + r.coefficients[l]) < 1e-9, "penalty \(l)")
    }
    #expect(largestDifference(model.crossValidation.elements, r.errors) < 1e-9)
    #expect(largestDifference(model.crossValidationErrors.elements, r.deviations) < 1e-8)
    #expect(model.leastRegularization == [r.regularizations[r.least]] && model.choices == [r.least])
    #expect(model.oneStandardErrorRegularization == [r.regularizations[r.oneStandardError]])
    estimator.selection = .oneStandardError
    #expect(try estimator.fit(rows).choices == [r.oneStandardError])
  }

  @Test(arguments: [1, 0.3], [3, 25, 60]) func `the conditions of the minimum hold along the path`(
    alpha: Double, columnCount: Int
  ) throws {
    // With 60 columns, more than rows.
    let n = 50
    let table = regressionTable(rowCount: n, columnCount: columnCount, responses: 2)
    let model = try ElasticNet(alpha: alpha, pathLength: 20, standardizes: false, folds: 0).fit(
      SplitSource(table, responses: 2))
    #expect(model.isConverged && model.regularizations.count == 20)
    let rows = (0..<n).map { table.rows.row($0) }
    let means = (0..<columnCount).map { j in rows.reduce(0) { $0 + $1[j] } / Double(n) }
    for k in 0..<2 {
      let y = rows.map { $0[columnCount + k] }
      for (l, penalty) in model.regularizations.enumerated() {
        let b = Array(model.coefficients(penalty: l, response: k))
        let residuals = rows.indices.map { i in
          y[i] - model.intercepts[l, k] - zip(b, rows[i]).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let sum: Double = residuals.reduce(0, +)
        let size: Double = y.reduce(0) { $0 + abs($1) }
        #expect(abs(sum) < 1e-9 * size)
        for j in 0..<columnCount {
          var gradient = 0.0
          for i in rows.indices { gradient += (rows[i][j] - means[j]) * residuals[i] / Double(n) }
          let slack = 1e-9 * model.regularizations[0]
          if b[j] == 0 {
            #expect(abs(gradient) <= penalty * alpha + slack)
          } else {
            let sign: Double = b[j] < 0 ? -1 : 1
            let expected = penalty * (alpha * sign + (1 - alpha) * b[j])
            #expect(abs(gradient - expected) <= slack)
          }
        }
      }
    }
  }

  @Test func driversAgree() throws {
    let table = regressionTable(rowCount: 9000, columnCount: 4, responses: 1)
    try checkDriversAgree(table) { source, context in
      try ElasticNet(alpha: 0.7, pathLength: 8, folds: 3).fit(SplitSource(source, responses: 1), in: context)
    }
  }

  @Test func failuresReachAllRanks() throws {
    try checkFailuresReachAllRanks(regressionTable(rowCount: 100, columnCount: 2, responses: 1), readings: 1) {
      source, context in
      for _ in 0..<3 { _ = try ElasticNet(alpha: 1).fit(SplitSource(source, responses: 1), in: context) }
    }
  }

  @Test func `ridge is an end of the mix`() throws {
    let table = regressionTable(rowCount: 200, columnCount: 5, responses: 1)
    let rows = SplitSource(table, responses: 1)
    let net = try ElasticNet(alpha: 0, regularizations: [0.25], standardizes: false, folds: 0).fit(rows)
    let ridge = try RidgeRegression(regularization: [0.25 * 200]).fit(rows)
    #expect(relativeDifference(net.bestCoefficients.elements, ridge.coefficients.elements) < 1e-11)
    #expect(relativeDifference(net.bestIntercepts, ridge.intercepts) < 1e-11)
    let predicted = try net.predict(SplitSource.split(table.rows, 1, false))
    let expected = try ridge.predict(SplitSource.split(table.rows, 1, false))
    #expect(relativeDifference(predicted.elements, expected.elements) < 1e-11)
    let saved = try ModelFile(json: try ModelFile(net, rowCount: 200).encodedAsJSON(), file: "model.json").model
    #expect(saved as? ElasticNet.Model == net)
  }

  @Test func `a weight of 2 is the row repeated, and constant columns are left alone`() throws {
    let table = regressionTable(rowCount: 90, columnCount: 3, responses: 1)
    func row(_ i: Int) -> [Double] {
      let row = table.rows.row(i)
      return Array(row[..<3]) + [0.1] + [row[3]]
    }
    let weighted = Table(rows: (0..<90).map { row($0) + [Double($0 % 3)] })
    let repeated = Table(rows: (0..<90).flatMap { i in Array(repeating: row(i), count: i % 3) })
    let estimator = ElasticNet(alpha: 1, pathLength: 10, folds: 0)
    let a = try estimator.fit(SplitSource(weighted, responses: 1, hasWeights: true))
    let b = try estimator.fit(SplitSource(repeated, responses: 1))
    #expect(relativeDifference(a.coefficients, b.coefficients) < 1e-10)
    for l in 0..<10 { #expect(a.coefficients[l * 4 + 3] == 0) }
  }

  @Test func `what makes no sense is refused`() throws {
    let rows = SplitSource(regressionTable(rowCount: 30, columnCount: 2, responses: 1), responses: 1)
    for bad in [
      ElasticNet(alpha: 1.5), .init(alpha: 1, regularizations: [1, 2]), .init(alpha: 1, regularizations: [-1]),
      .init(alpha: 1, pathLength: 0), .init(alpha: 1, folds: 1), .init(alpha: 1, leastShare: 2),
    ] {
      let error = #expect(throws: LockstepError.self) { try bad.fit(rows) }
      #expect(error?.code == .usage)
    }
  }
}
