// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// All numbers of a model, in the order of its fields.
func numbers(_ model: some FittedModel) -> [Double] {
  model.fields.flatMap { field -> [Double] in
    switch field.value {
    case .doubles(let values, _): values
    case .integers(let values, _): values.map(Double.init)
    default: []
    }
  }
}

/// Rows of normal-looking numbers, of different means and deviations by column.
func unequalTable(rowCount: Int, columnCount: Int, mean: Double = 3, deviation: Double = 2, seed: UInt64 = 5) -> Table<
  Double
> {
  var generator = SplitMix64(state: seed)
  let elements = (0..<rowCount * columnCount).map { i -> Double in
    let j = Double(i % columnCount)
    let bell = (0..<4).reduce(0.0) { sum, _ in sum + Double.random(in: -1...1, using: &generator) }
    return mean * (1 + j) + bell * deviation / (1 + j)
  }
  return Table(DenseRows(elements, columnCount: columnCount))
}

@Suite struct LowOrderMomentsTests {
  /// The definitions, two passes, in plain doubles.
  static func textbook(_ column: [Double]) -> [Double] {
    let n = Double(column.count)
    let sum = column.reduce(0, +)
    let mean = sum / n
    let squares = column.reduce(0) { $0 + $1 * $1 }
    let centred = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (centred / (n - 1)).squareRoot()
    return [
      column.min() ?? .nan, column.max() ?? .nan, sum, squares, centred, mean, squares / n, centred / (n - 1),
      deviation,
      deviation / mean,
    ]
  }

  @Test(arguments: [1, 2, 3, 7, 8, 9, 16, 17, 50], [2, 3, 15, 16, 17, 200, 5000])
  func `the ten estimates are their definitions`(columnCount: Int, rowCount: Int) throws {
    let table = unequalTable(rowCount: rowCount, columnCount: columnCount)
    let model = try LowOrderMoments().fit(table)
    for j in 0..<columnCount {
      let expected = Self.textbook((0..<rowCount).map { table.rows.row($0)[j] })
      let found = model.fields.map { field -> Double in
        guard case .doubles(let values, _) = field.value else { return .nan }
        return values[j]
      }
      for (f, e) in zip(found, expected) { #expect(abs(f - e) <= 1e-12 * abs(e) + 1e-300) }
    }
  }

  @Test func mergeLaws() throws {
    for columnCount in [1, 3, 8, 11] {
      try checkMergeLaws(LowOrderMoments(), unequalTable(rowCount: 23, columnCount: columnCount).rows, tolerance: 1e-14)
      {
        numbers($0).map { $0.isNaN ? 0 : $0 }
      }
    }
  }

  @Test func driversAgree() throws {
    try checkDriversAgree(unequalTable(rowCount: 150_000, columnCount: 3)) { source, context in
      try LowOrderMoments().fit(source, in: context)
    }
    let table = unequalTable(rowCount: 40_000, columnCount: 9)
    try checkDriversAgree(
      Table(DenseRows((0..<table.rowCount).flatMap { table.rows.row($0).map(Float.init) }, columnCount: 9))
    ) {
      source, context in try LowOrderMoments().fit(source, in: context)
    }
    try checkDriversAgree(table) { source, context in
      try LowOrderMoments().fit(SplitSource(source, responses: 0, hasWeights: true), in: context)
    }
    var stream = Online(LowOrderMoments(), columnCount: 9)
    try Chunked(table, rowCount: 1000).forEachChunk { try stream.observe($0) }
    #expect(try stream.output() == LowOrderMoments().fit(table))
  }

  @Test func failuresReachAllRanks() throws {
    try checkFailuresReachAllRanks(unequalTable(rowCount: 100, columnCount: 2), readings: 1) { source, context in
      for _ in 0..<3 { _ = try LowOrderMoments().fit(source, in: context) }
    }
  }

  @Test(arguments: [2, 5, 12]) func `a weight of 2 is the row repeated, and of 0 no row`(columnCount: Int) throws {
    let table = unequalTable(rowCount: 100, columnCount: columnCount)
    let repeated = Table(rows: (0..<100).flatMap { i in Array(repeating: table.rows.row(i), count: i % 3) })
    let weights = DenseRows((0..<100).map { Double($0 % 3) }, columnCount: 1)
    let expected = try LowOrderMoments().fit(repeated)
    let found = try LowOrderMoments().fit(TrainingRows(table, weights: weights))
    #expect(found.minimum == expected.minimum && found.maximum == expected.maximum)
    #expect(relativeDifference(numbers(found), numbers(expected)) < 1e-14)
  }

  @Test func `one row, constant columns and negative means`() throws {
    let one = try LowOrderMoments().fit(Table(rows: [[5.0, -2]]))
    #expect(one.mean == [5, -2] && one.sumSquares == [25, 4] && one.sumSquaresCentered == [0, 0])
    #expect(one.variance.allSatisfy(\.isNaN) && one.standardDeviation.allSatisfy(\.isNaN))
    for rowCount in [2, 3, 7, 100, 20_000] {
      let constant = try LowOrderMoments().fit(Table(rows: Array(repeating: [0.1, 1e8 + 0.3, -7.7], count: rowCount)))
      #expect(constant.mean == [0.1, 1e8 + 0.3, -7.7])
      #expect(
        constant.variance == [0, 0, 0] && constant.variation == [0, 0, 0] && constant.minimum == constant.maximum)
    }
    let negative = try LowOrderMoments().fit(Table(rows: [[-1.0], [-3]]))
    #expect(negative.variation[0] < 0)
  }

  @Test func `numbers that are not finite are reported with their place`() throws {
    for columnCount in [3, 20] {
      let table = unequalTable(rowCount: 9000, columnCount: columnCount)
      for bad in [Double.nan, .infinity, -.infinity] {
        var rows = (0..<9000).map { table.rows.row($0) }
        rows[7777][2] = bad
        let source = Table(rows: rows)
        let error = #expect(throws: LockstepError.self) { try LowOrderMoments().fit(source) }
        #expect(error?.code == .notFinite && error?.place == .init(row: 7777, column: 3))
      }
    }
    let weights = DenseRows([1.0, -1, 1], columnCount: 1)
    let error = #expect(throws: LockstepError.self) {
      try LowOrderMoments().fit(TrainingRows(Table(rows: [[1.0], [2], [3]]), weights: weights))
    }
    #expect(error?.place?.row == 1)
    #expect(throws: LockstepError.self) { try LowOrderMoments().fit(Table<Double>(rows: [])) }
  }

  @Test func `squares beyond the range of doubles are infinite`() throws {
    let model = try LowOrderMoments().fit(Table(rows: [[1e200], [3e200]]))
    #expect(model.mean == [2e200] && model.sumSquares == [.infinity] && model.variance == [.infinity])
  }

  @Test func `means far from zero keep the deviation's digits on 4 ranks`() throws {
    let table = unequalTable(rowCount: 50_000, columnCount: 1, mean: 0, deviation: 0.1)
    let shifted = Table(rows: (0..<50_000).map { [1e8 + table.rows.row($0)[0]] })
    // What 1e8 leaves of each number, exactly.
    let exact = Table(rows: (0..<50_000).map { [shifted.rows.row($0)[0] - 1e8] })
    let expected = try LowOrderMoments().fit(exact).variance[0]
    let results = ThreadRanks.run(4) { communicator in
      let share = Table(shifted.rows.rows(12_500 * communicator.rank..<12_500 * (communicator.rank + 1)))
      return try LowOrderMoments().fit(share, in: ExecutionContext(communicator: communicator)).variance[0]
    }
    for result in results { #expect(abs(try result.get() - expected) < 1e-14 * expected) }
  }
}
