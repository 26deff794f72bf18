// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

@testable import LockstepMethods

/// What SciPy makes of generated rows (`Scripts/golden/rank_correlation.py`).
private struct RankReference: Decodable {
  var name: String
  var rows: GeneratedRows
  var rowsDigest: String
  var correlation: [[Double]]
  var pValues: [[Double]]
}

@Suite struct RankCorrelationTests {
  @Test func equalsSciPy() throws {
    let url = try #require(Bundle.module.url(forResource: "Golden/rank-correlation", withExtension: "json"))
    let references = try JSONDecoder().decode([RankReference].self, from: Data(contentsOf: url))
    #expect(references.count == 5)
    for reference in references {
      let elements = reference.rows.elements()
      #expect(GeneratedRows.digest(elements) == reference.rowsDigest)
      let model = try RankCorrelation().fit(Table(DenseRows(elements, columnCount: reference.rows.columns)))
      let (r, p) = (reference.correlation.flatMap(\.self), reference.pValues.flatMap(\.self))
      #expect(relativeDifference(model.correlation.elements, r) < 1e-13, "\(reference.name)")
      // Of a correlation of 1, SciPy's p value is what its rounding is.
      for (i, expected) in p.enumerated() where abs(r[i]) < 1 - 1e-12 {
        #expect(abs(model.pValues.elements[i] - expected) <= 1e-9 * expected + 1e-300, "\(reference.name): \(expected)")
      }
    }
  }

  /// Columns with many ties, with few, and one that is constant.
  private func mixed(_ rowCount: Int) -> Table<Double> {
    var source = SplitMix64(state: 19)
    return Table(
      DenseRows(
        (0..<rowCount).flatMap { i -> [Double] in
          let x = Double(source.next() % 1000) / 8
          return [x, Double(source.next() % 7), (x / 30).rounded() - 2, i % 2 == 0 ? 0 : -0.0, Double(i)]
        }, columnCount: 5))
  }

  @Test func ranksAreTheDefinition() throws {
    let table = mixed(150)
    for result in ThreadRanks.run(
      3,
      { communicator in
        let own = 50 * communicator.rank..<50 * communicator.rank + 50
        let context = ExecutionContext(communicator: communicator, threadCount: 2)
        let aligned = try context.align(Chunked(table.rows.rows(own), rowCount: 11)) { _ in 16 }
        let ranks = try ColumnRanks(of: aligned, in: context).ranks().inMemory()
        for (i, row) in own.enumerated() {
          for j in 0..<5 {
            let number = table.rows.row(row)[j]
            var (below, equal) = (0, 0)
            for other in 0..<150 {
              let theirs = table.rows.row(other)[j]
              if theirs < number { below += 1 }
              if theirs == number { equal += 1 }
            }
            let expected = Double(below) + Double(equal + 1) / 2
            #expect(ranks.row(i)[j] == expected)
          }
        }
      })
    { try result.get() }
  }

  @Test func driversAgree() throws {
    try checkDriversAgree(mixed(300)) { source, context in try RankCorrelation().fit(source, in: context).digest }
  }

  @Test func failuresReachAllRanks() throws {
    try checkFailuresReachAllRanks(mixed(100), readings: 3) { source, context in
      for _ in 0..<2 { _ = try RankCorrelation().fit(source, in: context) }
    }
  }

  @Test func edges() throws {
    // One column is another on a curve, or its reverse.
    let numbers: [Double] = (0..<20).map { Double($0) }
    let elements: [Double] = numbers.flatMap { x -> [Double] in [x, x * x * x, -x.squareRoot()] }
    let curves = Table(DenseRows(elements, columnCount: 3))
    let model = try RankCorrelation().fit(curves)
    let expected: [Double] = [1, 1, -1, 1, 1, -1, -1, -1, 1]
    #expect(model.correlation.elements == expected)
    #expect(model.pValues.elements.allSatisfy { $0 == 0 })
    let constant = try RankCorrelation().fit(Table(rows: [[1, 2], [1, 3], [1, 4]]))
    #expect(constant.correlation[0, 1].isNaN && constant.pValues[0, 1].isNaN && constant.pValues[0, 0] == 0)
    let two = try RankCorrelation().fit(Table(rows: [[1, 2], [2, 3]]))
    #expect(abs(two.correlation[0, 1] - 1) < 1e-15 && two.pValues[0, 1].isNaN)
    #expect(throws: LockstepError.self) { try RankCorrelation().fit(Table(DenseRows<Double>([], columnCount: 2))) }
    #expect(throws: LockstepError.self) { try RankCorrelation().fit(Table(rows: [[1, .nan], [2, 3]])) }
    let weighted = TrainingRows(curves, weights: DenseRows([Double](repeating: 1, count: 20), columnCount: 1))
    #expect(throws: LockstepError.self) { try RankCorrelation().fit(weighted) }
  }
}
