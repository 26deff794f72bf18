// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

@Suite struct RidgeRegressionTests {
  @Test(arguments: [2, 20, 60], [true, false])
  func `the gradient vanishes`(columnCount: Int, fitsIntercept: Bool) throws {
    let table = regressionTable(rowCount: 200, columnCount: columnCount, responses: 2)
    let penalties = [0.3, 40]
    let model = try RidgeRegression(regularization: penalties, fitsIntercept: fitsIntercept).fit(
      SplitSource(table, responses: 2))
    let predicted = try model.predict(SplitSource.split(table.rows, 2, false))
    for k in 0..<2 {
      let residuals = (0..<200).map { table.rows.row($0)[columnCount + k] - predicted[$0, k] }
      for j in 0..<columnCount {
        let dot = (0..<200).reduce(0.0) { $0 + residuals[$1] * table.rows.row($1)[j] }
        let scale = (0..<200).reduce(0.0) { $0 + abs(residuals[$1] * table.rows.row($1)[j]) }
        #expect(abs(dot - penalties[k] * model.coefficients[k, j]) < 1e-9 * scale)
      }
      if fitsIntercept { #expect(abs(residuals.reduce(0, +)) < 1e-9 * residuals.reduce(0) { $0 + abs($1) }) }
    }
  }

  @Test func `no penalty is least squares, and refuses dependent columns`() throws {
    let table = regressionTable(rowCount: 100, columnCount: 3, responses: 1)
    let source = SplitSource(table, responses: 1)
    let ridge = try RidgeRegression(regularization: [0]).fit(source)
    let linear = try LinearRegression().fit(source)
    #expect(relativeDifference(ridge.coefficients.elements, linear.coefficients.elements) < 1e-14)
    #expect(ridge.effectiveDegreesOfFreedom == [4])
    let dependent = Table(rows: (0..<50).map { [Double($0), 2 * Double($0), Double($0 % 3)] })
    let error = #expect(throws: LockstepError.self) {
      try RidgeRegression(regularization: [0]).fit(SplitSource(dependent, responses: 1))
    }
    #expect(error?.code == .rankDeficient)
    let shared = try RidgeRegression(regularization: [1]).fit(SplitSource(dependent, responses: 1))
    #expect(abs(shared.coefficients[0, 1] - 2 * shared.coefficients[0, 0]) < 1e-12 * abs(shared.coefficients[0, 1]))
  }

  @Test func `one reading gives a model for each penalty, and cross-validation the best`() throws {
    let table = regressionTable(rowCount: 60, columnCount: 18, responses: 2, noise: 30)
    let source = SplitSource(table, responses: 2)
    let penalties = [0.01, 1, 10, 100, 1000]
    let path = try RidgePath(regularizations: penalties).fit(source)
    for (penalty, model) in zip(penalties, path.models) {
      #expect(try model == RidgeRegression(regularization: [penalty, penalty]).fit(source))
      // n RSS / (n − tr H)², from the rows.
      let predicted = try model.predict(SplitSource.split(table.rows, 2, false))
      for k in 0..<2 {
        let residual = (0..<60).reduce(0.0) {
          let r = table.rows.row($1)[18 + k] - predicted[$1, k]
          return $0 + r * r
        }
        let freedom = 60 - model.effectiveDegreesOfFreedom[k]
        #expect(abs(model.crossValidation[k] - 60 * residual / freedom / freedom) < 1e-9 * model.crossValidation[k])
      }
    }
    for k in 0..<2 {
      #expect(path.best.crossValidation[k] == path.models.map { $0.crossValidation[k] }.min())
    }
  }

  @Test func `senseless penalties are refused`() throws {
    let source = SplitSource(regressionTable(rowCount: 20, columnCount: 2, responses: 2), responses: 2)
    for penalties in [[], [-1], [.nan], [1, 2, 3]] {
      let error = #expect(throws: LockstepError.self) { try RidgeRegression(regularization: penalties).fit(source) }
      #expect(error?.code == .usage)
    }
  }

  @Test func failuresReachAllRanks() throws {
    try checkFailuresReachAllRanks(regressionTable(rowCount: 100, columnCount: 2, responses: 1), readings: 1) {
      source, context in
      for _ in 0..<3 { _ = try RidgeRegression().fit(SplitSource(source, responses: 1), in: context) }
    }
  }
}
