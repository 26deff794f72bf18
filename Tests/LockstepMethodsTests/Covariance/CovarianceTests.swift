// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepStatistics
import LockstepTestSupport
import Testing

@Suite struct CovarianceTests {
  /// Two passes in plain doubles.
  static func textbook(_ rows: [[Double]]) -> Matrix {
    let (n, p) = (rows.count, rows[0].count)
    let means = (0..<p).map { j in rows.reduce(0) { $0 + $1[j] } / Double(n) }
    var result = Matrix(zeros: p, p)
    for i in 0..<p {
      for j in 0..<p {
        result[i, j] = rows.reduce(0) { $0 + ($1[i] - means[i]) * ($1[j] - means[j]) } / Double(n - 1)
      }
    }
    return result
  }

  @Test(arguments: [1, 2, 7, 8, 9, 16, 17, 24, 25, 50], [CrossProduct.Precision.double, .doubleDouble])
  func `covariance is its definition`(columnCount: Int, precision: CrossProduct.Precision) throws {
    for rowCount in [2, 5, 64, 65, 129, 3000] {
      let table = unequalTable(rowCount: rowCount, columnCount: columnCount)
      let expected = Self.textbook((0..<rowCount).map { table.rows.row($0) })
      let model = try Covariance(isBiased: false, precision: precision).fit(table)
      #expect(relativeDifference(model.covariance.elements, expected.elements) < 1e-12)
      let biased = try Covariance(isBiased: true, precision: precision).fit(table)
      let factor = Double(rowCount - 1) / Double(rowCount)
      #expect(relativeDifference(biased.covariance.elements, expected.elements.map { $0 * factor }) < 1e-12)
    }
  }

  @Test(arguments: [3, 20]) func `correlation of both readings is one`(columnCount: Int) throws {
    let table = unequalTable(rowCount: 500, columnCount: columnCount)
    let model = try Covariance(includesCorrelation: true).fit(table)
    let correlation = try #require(model.correlation)
    for i in 0..<columnCount {
      #expect(correlation[i, i] == 1)
      for j in 0..<columnCount {
        let expected = model.covariance[i, j] / (model.covariance[i, i] * model.covariance[j, j]).squareRoot()
        #expect(abs(correlation[i, j] - expected) < 1e-15)
      }
    }
  }

  @Test(arguments: [3, 20]) func mergeLaws(columnCount: Int) throws {
    try checkMergeLaws(Covariance(), unequalTable(rowCount: 19, columnCount: columnCount).rows, tolerance: 1e-14) {
      $0.covariance.elements + $0.means
    }
  }

  @Test(arguments: [5, 20]) func driversAgree(columnCount: Int) throws {
    let table = unequalTable(rowCount: 40_000, columnCount: columnCount)
    try checkDriversAgree(table) { source, context in
      try Covariance(includesCorrelation: true).fit(source, in: context)
    }
    try checkDriversAgree(
      Table(DenseRows((0..<9000).flatMap { table.rows.row($0).map(Float.init) }, columnCount: columnCount))
    ) {
      source, context in try Covariance().fit(source, in: context)
    }
    try checkDriversAgree(Table(table.rows.rows(0..<9000))) { source, context in
      try Covariance().fit(SplitSource(source, responses: 0, hasWeights: true), in: context)
    }
    var stream = Online(Covariance(), columnCount: columnCount)
    try Chunked(table, rowCount: 1000).forEachChunk { try stream.observe($0) }
    #expect(try stream.output() == Covariance().fit(table))
  }

  @Test func failuresReachAllRanks() throws {
    try checkFailuresReachAllRanks(unequalTable(rowCount: 100, columnCount: 2), readings: 1) { source, context in
      for _ in 0..<3 { _ = try Covariance().fit(source, in: context) }
    }
  }

  @Test(arguments: [4, 20]) func `a weight of 2 is the row repeated`(columnCount: Int) throws {
    let table = unequalTable(rowCount: 100, columnCount: columnCount)
    let repeated = Table(rows: (0..<100).flatMap { i in Array(repeating: table.rows.row(i), count: i % 3) })
    let weights = DenseRows((0..<100).map { Double($0 % 3) }, columnCount: 1)
    let expected = try Covariance().fit(repeated)
    let found = try Covariance().fit(TrainingRows(table, weights: weights))
    #expect(relativeDifference(found.covariance.elements, expected.covariance.elements) < 1e-14)
    #expect(relativeDifference(found.means, expected.means) < 1e-14)
  }

  @Test(arguments: [CrossProduct.Precision.double, .doubleDouble])
  func `constant columns, one row, and numbers that are not finite`(precision: CrossProduct.Precision) throws {
    let estimator = Covariance(isBiased: false, includesCorrelation: true, precision: precision)
    let constant = try estimator.fit(Table(rows: (0..<777).map { [Double($0), 0.1, Double($0 % 7)] }))
    let correlation = try #require(constant.correlation)
    #expect(constant.covariance[1, 1] == 0 && constant.covariance[0, 1] == 0)
    #expect(correlation[1, 1] == 1 && correlation[0, 1].isNaN && !correlation[0, 2].isNaN)
    #expect(try estimator.fit(Table(rows: [[1.0, 2]])).covariance[0, 0].isNaN)
    let error = #expect(throws: LockstepError.self) {
      try estimator.fit(Table(rows: (0..<777).map { [Double($0), $0 == 500 ? .nan : 1] }))
    }
    #expect(error?.code == .notFinite && error?.place == .init(row: 500, column: 2))
  }

  @Test func `means of 1e8 and deviations of 0.1 keep their digits on 4 ranks`() throws {
    for columnCount in [4, 20] {
      let table = unequalTable(rowCount: 20_000, columnCount: columnCount, mean: 0, deviation: 0.1)
      let shifted = Table(rows: (0..<20_000).map { table.rows.row($0).map { 1e8 + $0 } })
      let exact = Table(rows: (0..<20_000).map { shifted.rows.row($0).map { $0 - 1e8 } })
      let expected = try Covariance().fit(exact).covariance
      let results = ThreadRanks.run(4) { communicator in
        let share = Table(shifted.rows.rows(5000 * communicator.rank..<5000 * (communicator.rank + 1)))
        return try Covariance().fit(share, in: ExecutionContext(communicator: communicator)).covariance
      }
      for result in results {
        #expect(relativeDifference(try result.get().elements, expected.elements) < 1e-12)
      }
    }
  }
}
