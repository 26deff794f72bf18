// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepStatistics
import LockstepTestSupport
import Testing

/// Features and `q` responses that depend on them, with some noise.
func regressionTable(rowCount: Int, columnCount: Int, responses: Int, noise: Double = 0.5) -> Table<Double> {
  let features = unequalTable(rowCount: rowCount, columnCount: columnCount)
  var generator = SplitMix64(state: 99)
  return Table(
    rows: (0..<rowCount).map { i in
      let x = features.rows.row(i)
      return x
        + (0..<responses).map { k in
          let signal = x.enumerated().reduce(Double(k)) { $0 + Double(($1.offset + k) % 5 - 2) * $1.element }
          return signal + noise * Double.random(in: -1...1, using: &generator)
        }
    })
}

@Suite struct LinearRegressionTests {
  @Test(arguments: [1, 3, 15, 16, 17, 40, 60], [true, false])
  func `residuals are orthogonal to the columns, and the figures follow`(columnCount: Int, fitsIntercept: Bool) throws {
    let table = regressionTable(rowCount: 400, columnCount: columnCount, responses: 2)
    let source = SplitSource(table, responses: 2)
    let model = try LinearRegression(fitsIntercept: fitsIntercept).fit(source)
    let rows = SplitSource.split(table.rows, 2, false)
    let predicted = try model.predict(rows)
    for k in 0..<2 {
      let y = (0..<400).map { table.rows.row($0)[columnCount + k] }
      let residuals = (0..<400).map { y[$0] - predicted[$0, k] }
      let size = residuals.map(abs).max() ?? 0
      for j in 0..<columnCount {
        let dot = (0..<400).reduce(0.0) { $0 + residuals[$1] * table.rows.row($1)[j] }
        let scale = (0..<400).reduce(0.0) { $0 + abs(table.rows.row($1)[j]) } * size
        #expect(abs(dot) < 1e-10 * scale)
      }
      if fitsIntercept { #expect(abs(residuals.reduce(0, +)) < 1e-10 * size * 400) }
      let residual = residuals.reduce(0) { $0 + $1 * $1 }
      let mean = fitsIntercept ? y.reduce(0, +) / 400 : 0
      let total = y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let freedom = Double(400 - columnCount - (fitsIntercept ? 1 : 0))
      #expect(model.degreesOfFreedom == freedom && model.rank == columnCount)
      #expect(abs(model.rSquared[k] - (1 - residual / total)) < 1e-12)
      #expect(abs(model.residualStandardDeviations[k] - (residual / freedom).squareRoot()) < 1e-9 * size)
      let f = (total - residual) / Double(columnCount) / (residual / freedom)
      #expect(abs(model.fStatistics[k] - f) < 1e-8 * f)
    }
  }

  @Test func mergeLaws() throws {
    struct Split: Pass {
      let regression = LinearRegression()
      func makePartial(columnCount: Int) -> CrossProduct { regression.makePartial(columnCount: columnCount - 1) }
      func accumulate(_ samples: Samples, into partial: inout CrossProduct) throws {
        try regression.accumulate(
          Samples(SplitSource.split(samples.rows, 1, false), firstRow: samples.firstRow), into: &partial)
      }
      func finalize(_ partial: CrossProduct) throws -> LinearRegression.Model { try regression.finalize(partial) }
    }
    try checkMergeLaws(Split(), regressionTable(rowCount: 21, columnCount: 3, responses: 1).rows, tolerance: 1e-13) {
      $0.coefficients.elements + $0.intercepts + $0.standardErrors.elements
    }
  }

  @Test(arguments: [3, 20]) func driversAgree(columnCount: Int) throws {
    let table = regressionTable(rowCount: 20_000, columnCount: columnCount, responses: 2)
    try checkDriversAgree(table) { source, context in
      try LinearRegression().fit(SplitSource(source, responses: 2), in: context)
    }
    try checkDriversAgree(
      Table(DenseRows((0..<3000).flatMap { table.rows.row($0).map(Float.init) }, columnCount: table.columnCount))
    ) {
      source, context in try LinearRegression().fit(SplitSource(source, responses: 2), in: context)
    }
    try checkDriversAgree(table) { source, context in
      try RidgeRegression(regularization: [0.5, 3]).fit(SplitSource(source, responses: 2), in: context)
    }
    var stream = Online(LinearRegression(), columnCount: columnCount)
    try Chunked(table, rowCount: 1000).forEachChunk { try stream.observe(SplitSource.split($0, 2, false)) }
    #expect(try stream.output() == LinearRegression().fit(SplitSource(table, responses: 2)))
  }

  @Test func failuresReachAllRanks() throws {
    try checkFailuresReachAllRanks(regressionTable(rowCount: 100, columnCount: 2, responses: 1), readings: 1) {
      source, context in
      for _ in 0..<3 { _ = try LinearRegression().fit(SplitSource(source, responses: 1), in: context) }
    }
  }

  @Test func `the second sweep of an ill-conditioned fit fails on all ranks too`() throws {
    var generator = SplitMix64(state: 4)
    let rows = (0..<3000).map { _ -> [Double] in
      let x = (0..<49).map { _ in Double.random(in: -1...1, using: &generator) }
      return x + [x[0] + 1e-6 * Double.random(in: -1...1, using: &generator), x[1] + x[2]]
    }
    let table = Table(rows: rows)
    let model = try LinearRegression().fit(SplitSource(table, responses: 1))
    #expect(model.isDoubleDouble && model.conditionEstimate > 1e5)
    try checkFailuresReachAllRanks(table, readings: 2) { source, context in
      for _ in 0..<2 { _ = try LinearRegression().fit(SplitSource(source, responses: 1), in: context) }
    }
  }

  @Test func `few rows of many columns have all digits, as in a stream`() throws {
    // Two columns that nearly coincide: a condition of some hundreds.
    var generator = SplitMix64(state: 9)
    let rows = (0..<569).map { _ -> [Double] in
      var x = (0..<29).map { _ in Double.random(in: -1...1, using: &generator) }
      x[1] = x[0] + 3e-3 * x[1]
      return x + [x.reduce(0, +) + Double.random(in: -1...1, using: &generator)]
    }
    let table = Table(rows: rows)
    let model = try LinearRegression().fit(SplitSource(table, responses: 1))
    #expect(model.conditionEstimate > 100 && model.conditionEstimate < 1e3)
    var stream = Online(LinearRegression(), columnCount: 29)
    try stream.observe(SplitSource.split(table.rows, 1, false))
    #expect(try stream.output() == model)
    #expect(model.isDoubleDouble)
  }

  @Test(arguments: [(0, true), (1e-9, true), (1e-5, false)])
  func `a nearly exact fit has the digits of sums in double-double`(noise: Double, fitsIntercept: Bool) throws {
    var generator = SplitMix64(state: 12)
    let rows = (0..<2500).map { i -> [Double] in
      let x = (0..<60).map { j in Double(j % 3) + Double.random(in: -1...1, using: &generator) }
      let y = x.reduce(0) { $0 * 0.9 + $1 } + noise * Double.random(in: -1...1, using: &generator)
      return x + [fitsIntercept ? y + 3 : y, -y, Double(i % 3)]
    }
    let source = SplitSource(Table(rows: rows), responses: 2, hasWeights: true)
    let model = try LinearRegression(fitsIntercept: fitsIntercept).fit(source)
    let exact = try LinearRegression(fitsIntercept: fitsIntercept, precision: .doubleDouble).fit(source)
    #expect(model.isDoubleDouble && model.rank == 60)
    #expect(relativeDifference(model.coefficients.elements, exact.coefficients.elements) < 1e-15)
    #expect(relativeDifference(model.intercepts, exact.intercepts) < 4e-15)
    #expect(relativeDifference(model.rSquared, exact.rSquared) < 1e-15)
    #expect(
      relativeDifference(model.residualStandardDeviations, exact.residualStandardDeviations)
        < (noise == 0 ? 1e-2 : 1e-9))
    #expect(
      relativeDifference(model.standardErrors.elements, exact.standardErrors.elements) < (noise == 0 ? 1e-2 : 1e-9))
    try checkDriversAgree(Table(rows: rows)) { rows, context in
      try LinearRegression(fitsIntercept: fitsIntercept).fit(
        SplitSource(rows, responses: 2, hasWeights: true), in: context)
    }
  }

  @Test(arguments: [2, 20]) func `a weight of 2 is the row repeated`(columnCount: Int) throws {
    let table = regressionTable(rowCount: 120, columnCount: columnCount, responses: 1)
    let weighted = Table(rows: (0..<120).map { table.rows.row($0) + [Double($0 % 3)] })
    let repeated = Table(rows: (0..<120).flatMap { i in Array(repeating: table.rows.row(i), count: i % 3) })
    let a = try LinearRegression(weightKind: .frequency).fit(
      SplitSource(weighted, responses: 1, hasWeights: true))
    let b = try LinearRegression().fit(SplitSource(repeated, responses: 1))
    #expect(relativeDifference(a.coefficients.elements, b.coefficients.elements) < 1e-10)
    #expect(relativeDifference(a.standardErrors.elements, b.standardErrors.elements) < 1e-10)
    #expect(a.degreesOfFreedom == b.degreesOfFreedom)
  }

  @Test(arguments: [0, 20]) func `dependent columns are named, and the solution is the shortest`(others: Int) throws {
    var generator = SplitMix64(state: 4)
    let table = Table(
      rows: (0..<500).map { _ -> [Double] in
        let a = Double.random(in: -1...1, using: &generator)
        let b = Double.random(in: 5...9, using: &generator)
        let rest = (0..<others).map { _ in Double.random(in: -1...1, using: &generator) }
        return [a, b, 2 * a - b, 0.1] + rest + [a + b + 0.1 * Double.random(in: -1...1, using: &generator)]
      })
    let model = try LinearRegression().fit(SplitSource(table, responses: 1))
    #expect(model.droppedColumns == [2, 3] && model.rank == 2 + others)
    let direction = Array(model.nullDirections.row(0))
    #expect(relativeDifference(Array(direction[..<4]), [-2, 1, 1, 0]) < 1e-12)
    // The shortest solution has no part along directions that vanish.
    let b = Array(model.coefficients.row(0))
    for a in 0..<2 { #expect(abs(zip(b, model.nullDirections.row(a)).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-10) }
    // It fits as well as the regression on the independent columns.
    let independent = Table(
      rows: (0..<500).map { i in
        let row = table.rows.row(i)
        return [row[0], row[1]] + row[4...]
      })
    let smaller = try LinearRegression().fit(SplitSource(independent, responses: 1))
    #expect(abs(model.rSquared[0] - smaller.rSquared[0]) < 1e-12)
    #expect(model.summary().contains("x3 depends on others"))
    // The rows do not determine these, but those of the other columns.
    #expect((0..<4).allSatisfy { model.standardErrors[0, $0].isNaN } && model.interceptStandardErrors[0].isNaN)
    #expect((4..<4 + others).allSatisfy { model.standardErrors[0, $0] > 0 })
    let fields = ModelFields(methodName: "linear-regression", model.fields)
    let restored = try LinearRegression.Model(fields: fields)
    #expect(restored.nullConstants == model.nullConstants)
  }

  @Test func `rows without responses, and rows of another shape, are refused`() throws {
    let table = regressionTable(rowCount: 10, columnCount: 2, responses: 1)
    let missing = #expect(throws: LockstepError.self) { try LinearRegression().fit(table) }
    #expect(missing?.code == .usage)
    let model = try LinearRegression().fit(SplitSource(table, responses: 1))
    let wrong = #expect(throws: LockstepError.self) { try model.predict(table.rows) }
    #expect(wrong?.code == .shapeMismatch)
  }

  @Test func `no degrees of freedom leave no standard errors`() throws {
    let model = try LinearRegression().fit(SplitSource(Table(rows: [[1.0, 2], [2, 4.5]]), responses: 1))
    #expect(model.coefficients[0, 0] == 2.5 && model.intercepts[0] == -0.5)
    #expect(model.degreesOfFreedom == 0 && model.standardErrors[0, 0].isNaN && model.rSquared[0] == 1)
  }

  @Test func `a model comes back from its fields`() throws {
    let table = regressionTable(rowCount: 50, columnCount: 2, responses: 2)
    let model = try LinearRegression().fit(SplitSource(table, responses: 2))
    #expect(try LinearRegression.Model(fields: .init(methodName: "linear-regression", model.fields)) == model)
    let ridge = try RidgeRegression().fit(SplitSource(table, responses: 2))
    #expect(try RidgeRegression.Model(fields: .init(methodName: "ridge-regression", ridge.fields)) == ridge)
  }
}
