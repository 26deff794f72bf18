// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

@testable import LockstepMethods

@Suite struct DiagnosticsTests {
  /// The numbers of one kind, of the first response.
  private func column(_ values: ComputedRows, _ kind: Int) throws -> [Double] {
    let rows = try values.inMemory()
    return (0..<rows.rowCount).map { rows.row($0)[kind] }
  }

  @Test func `diagnostics of seventeen models are those of R`() throws {
    for r in try RobustReference.shared.get().sets {
      let regression = LinearRegression(fitsIntercept: r.intercept)
      let (model, values) = try regression.fitWithDiagnostics(r.rows)
      #expect(try model == regression.fit(r.rows))
      let tolerance = r.name == "longley" ? 1e-7 : 1e-9
      for (kind, expected) in [(2, r.standardized), (3, r.studentized), (4, r.leverages), (5, r.cook)] {
        let difference = largestDifference(try column(values, kind), expected)
        #expect(difference < tolerance, "\(r.name), \(kind): \(difference)")
      }
      let residuals = zip(r.y, try column(values, 0)).map { $0 - $1 }
      #expect(relativeDifference(try column(values, 1), residuals) < 1e-9)
    }
  }

  @Test func `intervals of seventeen models are those of R`() throws {
    for r in try RobustReference.shared.get().sets {
      let model = try LinearRegression(fitsIntercept: r.intercept).fit(r.rows)
      for (kind, expected) in [(PredictionInterval.confidence, r.mean), (.prediction, r.new)] {
        let found = try model.predictedIntervals(
          DenseRows(r.x.flatMap(\.self), columnCount: r.x[0].count), kind, confidence: 0.9)
        let difference = largestDifference(found.elements, expected.flatMap(\.self))
        #expect(difference < 1e-9, "\(r.name), \(kind): \(difference)")
      }
    }
  }

  @Test func `rows have the same diagnostics on any number of ranks`() throws {
    let table = regressionTable(rowCount: 5000, columnCount: 3, responses: 2)
    let whole = try LinearRegression().fitWithDiagnostics(SplitSource(table, responses: 2)).diagnostics.inMemory()
    #expect(whole.columnCount == 12 && whole.rowCount == 5000)
    let cuts = [0, 700, 700, 5000]
    let parts = ThreadRanks.run(3) { communicator in
      let own = Table(table.rows.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1]))
      return try LinearRegression().fitWithDiagnostics(
        SplitSource(own, responses: 2), in: ExecutionContext(communicator: communicator)
      ).diagnostics.inMemory().withUnsafeElements { Array($0) }
    }
    let joined = try parts.flatMap { try $0.get() }
    whole.withUnsafeElements { #expect(Array($0) == joined) }
  }

  @Test func `robust intervals take the robust covariances, and models without any refuse`() throws {
    let table = regressionTable(rowCount: 80, columnCount: 2, responses: 2)
    let rows = SplitSource.split(table.rows, 2, false).features
    let source = SplitSource(table, responses: 2)
    let robust = try LinearRegression(robust: .hc3).fit(source)
    let covariance = try #require(robust.coefficientCovariance(response: 1))
    let intervals = try robust.predictedIntervals(rows, .confidence, confidence: 0.95)
    let x = [1] + rows.row(7)
    var variance = 0.0
    for i in 0..<3 { for j in 0..<3 { variance += x[i] * covariance[i, j] * x[j] } }
    let width = robust.limitWidth * variance.squareRoot()
    #expect(abs(intervals[7, 5] - intervals[7, 3] - width) < 1e-10 * width)
    let bare = try LinearRegression(keepsCovariance: false).fit(source)
    let error = #expect(throws: LockstepError.self) {
      try bare.predictedIntervals(rows, .prediction, confidence: 0.95)
    }
    #expect(error?.code == .usage)
    let unsure = #expect(throws: LockstepError.self) {
      try robust.intervalValues(of: table, .prediction, confidence: 1, in: .local)
    }
    #expect(unsure?.code == .usage)
    let numbers = (0..<9).map { i -> [Double] in
      let x = Double(i)
      return [x, 2 * x, Double(i * i % 5)]
    }
    let dependent = Table<Double>(rows: numbers)
    let model = try LinearRegression().fit(SplitSource(dependent, responses: 1))
    let unknown = try model.predictedIntervals(
      SplitSource.split(dependent.rows, 1, false).features, .confidence, confidence: 0.9)
    #expect(unknown[0, 0].isFinite && unknown[0, 1].isNaN)
  }

  @Test func `a row of leverage 1 has no standardized residual`() throws {
    let numbers = (0..<12).map { i -> [Double] in
      let last: Double = i == 11 ? 1 : 0
      return [Double(i), last, Double(i * i % 5)]
    }
    let (_, values) = try LinearRegression().fitWithDiagnostics(
      SplitSource(Table<Double>(rows: numbers), responses: 1))
    let last = try values.inMemory().row(11)
    #expect(abs(last[4] - 1) < 1e-12 && abs(last[1]) < 1e-12 && last[2].isNaN && last[3].isNaN && last[5].isNaN)
  }
}
