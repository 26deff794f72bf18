// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep
import LockstepTestSupport
import Testing

/// Columns of a table of noise, of which the first few decide a class of `classCount`, or a count.
private func noisyTable(rowCount: Int, columnCount: Int, classCount: Int, seed: UInt64 = 5) -> Table<Double> {
  var generator = SplitMix64(state: seed)
  return Table(
    rows: (0..<rowCount).map { _ in
      let x = (0..<columnCount).map { _ in Double.random(in: -1...1, using: &generator) }
      let signal = x.prefix(3).reduce(0, +) + Double.random(in: -3...3, using: &generator)
      let label = min(max(Int((signal + 2) / 4 * Double(classCount)), 0), classCount - 1)
      return x + [Double(label)]
    })
}

/// A table of the rows that a closure makes of their numbers.
private func made(_ count: Int, _ make: (Int) -> [Int]) -> Table<Double> {
  Table(rows: (0..<count).map { make($0).map(Double.init) })
}

@Suite struct GeneralizedLinearTests {
  @Test(arguments: [2, 3]) func driversAgree(classCount: Int) throws {
    let table = noisyTable(rowCount: 5000, columnCount: 4, classCount: classCount)
    try checkDriversAgree(table) { source, context in
      try LogisticRegression().fit(SplitSource(source, responses: 0, hasLabels: true), in: context)
    }
  }

  @Test(arguments: [2, 3]) func failuresReachAllRanks(classCount: Int) throws {
    let table = noisyTable(rowCount: 100, columnCount: 2, classCount: classCount)
    try checkFailuresReachAllRanks(table, readings: 4) { source, context in
      _ = try LogisticRegression().fit(SplitSource(source, responses: 0, hasLabels: true), in: context)
    }
    try checkFailuresReachAllRanks(table, readings: 4) { source, context in
      _ = try PoissonRegression().fit(SplitSource(source, responses: 1), in: context)
    }
  }

  @Test(arguments: [2, 3]) func `a weight of 2 is the row repeated`(classCount: Int) throws {
    let table = noisyTable(rowCount: 300, columnCount: 3, classCount: classCount)
    let weighted = Table(
      rows: (0..<300).map { i in
        let row = table.rows.row(i)
        return Array(row[..<3]) + [Double(i % 3)] + [row[3]]
      })
    let repeated = Table(rows: (0..<300).flatMap { i in Array(repeating: table.rows.row(i), count: i % 3) })
    let a = try LogisticRegression().fit(SplitSource(weighted, responses: 0, hasWeights: true, hasLabels: true))
    let b = try LogisticRegression().fit(SplitSource(repeated, responses: 0, hasLabels: true))
    #expect(relativeDifference(a.coefficients.elements, b.coefficients.elements) < 1e-11)
    #expect(relativeDifference(a.standardErrors.elements, b.standardErrors.elements) < 1e-11)
    #expect(a.degreesOfFreedom == b.degreesOfFreedom && a.classWeights == b.classWeights)
  }

  @Test func `classes that a column separates are named, and a penalty helps`() throws {
    // All rows of class 1 have more of the second column.
    let apart = made(40) { [$0 * 7 % 11, $0, $0 < 20 ? 0 : 1] }
    // Half of the rows of class 1, and none of the others, have a 1 in the first column.
    let partly = made(60) { [$0 % 4 == 3 ? 1 : 0, $0 * 7 % 11, $0 % 2] }
    for (table, column) in [(apart, 2), (partly, 1)] {
      let rows = SplitSource(table, responses: 0, hasLabels: true)
      let error = #expect(throws: LockstepError.self) { try LogisticRegression().fit(rows) }
      #expect(error?.code == .rankDeficient && error?.place?.column == column, "\(String(describing: error))")
      let model = try LogisticRegression(regularization: 1).fit(rows)
      #expect(model.isConverged && model.coefficients.elements.allSatisfy { abs($0) < 20 })
    }
    // Two of three classes overlap, the third lies apart.
    let three = made(90) { [($0 % 3 == 2 ? 100 : 0) + $0 * 7 % 13, $0 % 3] }
    let error = #expect(throws: LockstepError.self) {
      try LogisticRegression().fit(SplitSource(three, responses: 0, hasLabels: true))
    }
    #expect(error?.code == .rankDeficient)
    // Counts are 0 wherever the first column is 1.
    let zeros = made(60) { [$0 % 4 == 3 ? 1 : 0, $0 * 7 % 11, $0 % 4 == 3 ? 0 : $0 % 5] }
    let counts = #expect(throws: LockstepError.self) { try PoissonRegression().fit(SplitSource(zeros, responses: 1)) }
    #expect(counts?.code == .rankDeficient && counts?.place?.column == 1)
  }

  @Test func `classes that hardly overlap have an estimate`() throws {
    let table = made(200) { [$0, ($0 < 100) != ($0 == 40 || $0 == 150) ? 0 : 1] }
    let model = try LogisticRegression().fit(SplitSource(table, responses: 0, hasLabels: true))
    #expect(model.isConverged && model.coefficients[0, 0] > 0 && model.standardErrors[0, 0] > 0)
  }

  @Test(arguments: [2, 3]) func `dependent columns have no standard errors, and the fit is that of the others`(
    classCount: Int
  ) throws {
    let table = noisyTable(rowCount: 400, columnCount: 3, classCount: classCount)
    let wide = Table(
      rows: (0..<400).map { i in
        let row = table.rows.row(i)
        return [row[0], row[1], 2 * row[0] + 5, row[2], row[3]]
      })
    let model = try LogisticRegression().fit(SplitSource(wide, responses: 0, hasLabels: true))
    let plain = try LogisticRegression().fit(SplitSource(table, responses: 0, hasLabels: true))
    #expect(model.rank == 3 && model.droppedColumns == [2])
    #expect(abs(model.deviance - plain.deviance) < 1e-9 * plain.deviance)
    for k in 0..<classCount - 1 {
      #expect(model.standardErrors[k, 0].isNaN && model.standardErrors[k, 2].isNaN)
      #expect(abs(model.standardErrors[k, 3] - plain.standardErrors[k, 2]) < 1e-9 * plain.standardErrors[k, 2])
    }
  }

  @Test func `labels are texts, and probabilities add up to 1`() throws {
    let table = noisyTable(rowCount: 300, columnCount: 3, classCount: 3)
    let names = ["red", "green", "blue"]
    let labels = RowLabels((0..<300).map { names[Int(table.rows.row($0)[3])] })
    let features = Table(rows: (0..<300).map { Array(table.rows.row($0)[..<3]) })
    let model = try LogisticRegression().fit(TrainingRows(features, labels: labels))
    #expect(model.classes == ["blue", "green", "red"])
    let probabilities = try model.probabilities(features.rows)
    let predicted = try model.predict(features.rows)
    for i in 0..<300 {
      let row = Array(probabilities.row(i))
      #expect(abs(row.reduce(0, +) - 1) < 1e-14)
      #expect(predicted[i] == model.classes[row.firstIndex(of: row.max() ?? 0) ?? 0])
    }
    let saved = try ModelFile(json: try ModelFile(model, rowCount: 300).encodedAsJSON(), file: "model.json").model
    #expect(saved as? LogisticRegression.Model == model)
  }

  @Test func `two targets are two fits`() throws {
    let table = made(200) { [$0 % 7, $0 % 11, $0 % 5, $0 % 3 + 1] }
    let both = try PoissonRegression().fit(SplitSource(table, responses: 2))
    let second = try PoissonRegression().fit(
      SplitSource(made(200) { [$0 % 7, $0 % 11, $0 % 3 + 1] }, responses: 1))
    #expect(
      both.coefficients.row(1).elementsEqual(second.coefficients.row(0)) && both.deviances[1] == second.deviances[0])
    let mean = try both.predict(Table(rows: [[1.0, 2]]).rows)
    let linear = both.intercepts[0] + both.coefficients[0, 0] + 2 * both.coefficients[0, 1]
    #expect(abs(mean[0, 0] - exp(linear)) < 1e-14 * mean[0, 0])
  }

  @Test func `what cannot be fitted is refused with its place`() throws {
    func code(_ body: () throws -> Void) -> LockstepError? { #expect(throws: LockstepError.self) { try body() } }
    let bad = Table(rows: [[1.0, 2], [2, -1], [3, 4]])
    let negative = code { _ = try PoissonRegression().fit(SplitSource(bad, responses: 1)) }
    #expect(negative?.code == .malformedInput && negative?.place?.row == 1)
    let zero = code { _ = try GammaRegression().fit(SplitSource(Table(rows: [[1.0, 2], [2, 0]]), responses: 1)) }
    #expect(zero?.code == .malformedInput && zero?.place?.row == 1)
    let one = code {
      _ = try LogisticRegression().fit(
        SplitSource(Table(rows: [[1.0, 2], [2, 2]]), responses: 0, hasLabels: true))
    }
    #expect(one?.code == .malformedInput)
    let missing = code {
      _ = try LogisticRegression().fit(
        SplitSource(Table(rows: [[1.0, 0], [.nan, 1], [3, 0], [1, 1]]), responses: 0, hasLabels: true))
    }
    #expect(missing?.code == .notFinite && missing?.place?.row == 1 && missing?.place?.column == 1)
    let none = code { _ = try LogisticRegression().fit(bad) }
    #expect(none?.code == .usage)
    let empty = code {
      _ = try PoissonRegression().fit(SplitSource(Table(DenseRows<Double>([], columnCount: 2)), responses: 1))
    }
    #expect(empty?.code == .tooFewRows)
    for regression in [LogisticRegression(regularization: -1), .init(maxIterations: 0), .init(tolerance: .nan)] {
      #expect(code { _ = try regression.fit(SplitSource(bad, responses: 0, hasLabels: true)) }?.code == .usage)
    }
  }

  @Test func `an iteration that is cut short says so`() throws {
    let table = noisyTable(rowCount: 300, columnCount: 3, classCount: 2)
    let model = try LogisticRegression(maxIterations: 2).fit(SplitSource(table, responses: 0, hasLabels: true))
    #expect(!model.isConverged && model.iterations == 2 && model.standardErrors[0, 0] > 0)
  }
}
