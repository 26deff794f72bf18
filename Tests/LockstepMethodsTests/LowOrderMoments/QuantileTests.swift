// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

/// What NumPy makes of generated rows (`Scripts/golden/quantiles.py`).
private struct QuantilesReference: Decodable {
  var name: String
  var rows: GeneratedRows
  var rowsDigest: String
  var levels: [Double]
  var quantiles: [[Double]]
  var edges: [[Double]]
  var counts: [[Double]]
}

@Suite struct QuantileTests {
  @Test func equalsNumPyToTheBit() throws {
    let url = try #require(Bundle.module.url(forResource: "Golden/quantiles", withExtension: "json"))
    let references = try JSONDecoder().decode([QuantilesReference].self, from: Data(contentsOf: url))
    #expect(references.count == 4)
    for reference in references {
      let elements = reference.rows.elements()
      #expect(GeneratedRows.digest(elements) == reference.rowsDigest)
      let model = try LowOrderMoments(quantiles: reference.levels, histogramBinCount: 7)
        .fit(Table(DenseRows(elements, columnCount: reference.rows.columns)))
      #expect(model.quantileLevels == reference.levels)
      #expect(model.quantiles?.rows == reference.quantiles, "\(reference.name)")
      #expect(model.histogramEdges?.rows == reference.edges, "\(reference.name)")
      #expect(model.histogramCounts?.rows == reference.counts, "\(reference.name)")
    }
  }

  /// The definition, of sorted numbers.
  private static func sorted(_ column: [Double], _ level: Double) -> Double {
    let numbers = column.filter { !$0.isNaN }.sorted()
    let place = Double(numbers.count - 1) * level
    let below = Int(place)
    guard below + 1 < numbers.count else { return numbers[below] }
    let (a, b, share) = (numbers[below], numbers[below + 1], place - Double(below))
    return share >= 0.5 ? b - (b - a) * (1 - share) : a + (b - a) * share
  }

  @Test(arguments: ["narrow range", "many ties", "all magnitudes", "zeros"])
  func ofNumbersOfAnyKind(kind: String) throws {
    var generator = SplitMix64(state: 3)
    let levels = [0, 0.001, 0.25, 0.5, 0.75, 0.9, 1]
    let columns = (0..<3).map { j in
      (0..<5_000).map { _ -> Double in
        let x = Double.random(in: -1...1, using: &generator)
        switch kind {
        case "narrow range": return 1e9 + (x * 100).rounded() * 0x1p-20 * Double(j + 1)
        case "many ties": return (x * 2).rounded()
        case "all magnitudes": return x * pow(10, Double(Int.random(in: -300...300, using: &generator)))
        default: return x > 0.9 ? x : x > 0 ? 0 : -0.0
        }
      }
    }
    let elements = (0..<5_000).flatMap { i in columns.map { $0[i] } }
    let model = try LowOrderMoments(quantiles: levels).fit(Table(DenseRows(elements, columnCount: 3)))
    for (j, column) in columns.enumerated() {
      for (q, level) in levels.enumerated() {
        #expect(model.quantiles?[j, q] == Self.sorted(column, level), "\(level)")
      }
    }
  }

  @Test func driversAgree() throws {
    let estimator = LowOrderMoments(skipsMissing: true, quantiles: [0.1, 0.5, 0.99], histogramBinCount: 5)
    let table = unequalTable(rowCount: 20_000, columnCount: 3)
    let gaps = (0..<60_000).map { (e: Int) -> Double in
      let (i, j) = (e / 3, e % 3)
      return (i + j) % 7 == 0 ? Double.nan : table.rows.row(i)[j]
    }
    try checkDriversAgree(Table(DenseRows(gaps, columnCount: 3))) { source, context in
      try estimator.fit(source, in: context)
    }
    let model = try estimator.fit(Table(DenseRows(gaps, columnCount: 3)))
    #expect(model.quantiles?[1, 1] == Self.sorted(stride(from: 1, to: gaps.count, by: 3).map { gaps[$0] }, 0.5))
    #expect(model.histogramCounts?.row(2).reduce(0, +) == model.count?[2])
  }

  @Test(arguments: [3, 300]) func sparseRows(columnCount: Int) throws {
    let rows = (0..<500).map { (i: Int) -> [Double] in
      (0..<columnCount).map { (j: Int) -> Double in
        guard (i * (j + 3)) % 5 == 0 else { return 0 }
        return Double((i * 7 + j) % 23 - 9)
      }
    }
    let dense = Table(rows: rows)
    let sparse = SparseTable(SparseRows(dense.rows))
    let estimator = LowOrderMoments(quantiles: [0.05, 0.5, 0.95], histogramBinCount: 4)
    let (a, b) = (try estimator.fit(dense), try estimator.fit(sparse))
    #expect(a.quantiles == b.quantiles && a.histogramCounts == b.histogramCounts)
  }

  @Test func failuresReachAllRanks() throws {
    try checkFailuresReachAllRanks(unequalTable(rowCount: 100, columnCount: 2), readings: 1) { source, context in
      for _ in 0..<2 { _ = try LowOrderMoments(quantiles: [0.5]).fit(source, in: context) }
    }
  }

  @Test func edgeCases() throws {
    let model = try LowOrderMoments(skipsMissing: true, quantiles: [0, 0.3, 1], histogramBinCount: 2)
      .fit(Table(rows: [[5, .nan, -1], [5, .nan, .nan]]))
    #expect(model.quantiles?.rows[0] == [5, 5, 5] && model.quantiles?.rows[2] == [-1, -1, -1])
    #expect(model.quantiles?.row(1).allSatisfy(\.isNaN) == true)
    #expect(
      model.histogramEdges?.rows[0] == [4.5, 5, 5.5] && model.histogramCounts?.rows == [[0, 2], [0, 0], [0, 1]])
    func code(_ body: () throws -> Void) -> LockstepError.Code? {
      do { try body() } catch { return (error as? LockstepError)?.code }
      return nil
    }
    let rows = Table(rows: [[1.0], [2]])
    #expect(code { _ = try LowOrderMoments(quantiles: [1.5]).fit(rows) } == .usage)
    #expect(code { _ = try LowOrderMoments(histogramBinCount: 0).fit(rows) } == .usage)
    let weighted = TrainingRows(rows, weights: DenseRows([1.0, 2], columnCount: 1))
    #expect(code { _ = try LowOrderMoments(quantiles: [0.5]).fit(weighted) } == .usage)
    // Streams read their rows once.
    let method = try #require(Catalog.method(named: "moments"))
    #expect(code { _ = try method.stream(.object(["quantiles": .array([.double(0.5)])])) } == .usage)
  }

  @Test func keysAreInOrder() {
    let numbers = [-Double.infinity, -1e300, -1, -1e-310, 0, 1e-310, 1, 1e300, .infinity]
    let keys = numbers.map(OrderedKey.of)
    #expect(keys == keys.sorted() && Set(keys).count == keys.count && keys.map(OrderedKey.value) == numbers)
    #expect(OrderedKey.of(-0.0) == OrderedKey.of(0))
  }
}
