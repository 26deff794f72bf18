// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

/// What scikit-learn makes of generated rows (`Scripts/golden/ledoit_wolf.py`).
private struct LedoitWolfReference: Decodable {
  var name: String
  var rows: GeneratedRows
  var rowsDigest: String
  var means: [Double]
  var covariance: [[Double]]
  var shrinkage: Double
  var oasShrinkage: Double
  var weightedCovariance: [[Double]]
  var weightedShrinkage: Double
}

@Suite struct LedoitWolfTests {
  @Test func equalsScikitLearn() throws {
    let url = try #require(Bundle.module.url(forResource: "Golden/ledoit-wolf", withExtension: "json"))
    let references = try JSONDecoder().decode([LedoitWolfReference].self, from: Data(contentsOf: url))
    #expect(references.count == 5)
    for reference in references {
      let elements = reference.rows.elements()
      #expect(GeneratedRows.digest(elements) == reference.rowsDigest)
      let table = Table(DenseRows(elements, columnCount: reference.rows.columns))
      let model = try LedoitWolf().fit(table)
      #expect(relativeDifference(model.means, reference.means) < 1e-14, "\(reference.name)")
      #expect(relativeDifference(model.covariance.elements, reference.covariance.flatMap(\.self)) < 1e-12)
      // Far from the origin, scikit-learn's own sums have lost some digits.
      #expect(abs(model.shrinkage - reference.shrinkage) < 1e-11, "\(reference.name): \(model.shrinkage)")
      let oracle = try LedoitWolf(formula: .oracleApproximating).fit(table)
      #expect(abs(oracle.shrinkage - reference.oasShrinkage) < 1e-11, "\(reference.name): \(oracle.shrinkage)")
      let weights = DenseRows((0..<table.rowCount).map { Double(1 + $0 % 3) }, columnCount: 1)
      let weighted = try LedoitWolf().fit(TrainingRows(table, weights: weights))
      #expect(abs(weighted.shrinkage - reference.weightedShrinkage) < 1e-11, "\(reference.name), weighted")
      #expect(relativeDifference(weighted.covariance.elements, reference.weightedCovariance.flatMap(\.self)) < 1e-12)
    }
  }

  @Test(arguments: [3, 20]) func mergeLaws(columnCount: Int) throws {
    try checkMergeLaws(LedoitWolf(), unequalTable(rowCount: 19, columnCount: columnCount).rows, tolerance: 1e-13) {
      $0.covariance.elements + $0.means + [$0.shrinkage]
    }
  }

  @Test func driversAgree() throws {
    try checkDriversAgree(unequalTable(rowCount: 20_000, columnCount: 7)) { source, context in
      try LedoitWolf().fit(source, in: context)
    }
  }

  @Test func failuresReachAllRanks() throws {
    try checkFailuresReachAllRanks(unequalTable(rowCount: 100, columnCount: 3), readings: 1) { source, context in
      for _ in 0..<3 { _ = try LedoitWolf().fit(source, in: context) }
    }
  }

  @Test func manyBlocksAndFarMeansChangeNothing() throws {
    let near = unequalTable(rowCount: 9000, columnCount: 4)
    let far = Table(DenseRows((0..<9000).flatMap { near.rows.row($0).map { $0 + 0x1p20 } }, columnCount: 4))
    let (a, b) = (try LedoitWolf().fit(near), try LedoitWolf().fit(far))
    #expect(abs(a.shrinkage - b.shrinkage) < 1e-8 * a.shrinkage)
    #expect(a.shrinkage > 0)
    // One block holds the first rows whole.
    let few = Table(near.rows.rows(0..<2000))
    let pieces = try (0..<10).reduce(into: LedoitWolf().makePartial(columnCount: 4)) { partial, i in
      try LedoitWolf().accumulate(
        Samples(few.rows.rows(200 * i..<200 * (i + 1)), firstRow: 200 * i), into: &partial)
    }
    let whole = try LedoitWolf().fit(few)
    #expect(abs(try LedoitWolf().finalize(pieces).shrinkage - whole.shrinkage) < 1e-13)
  }

  @Test func edgeCases() throws {
    let one = try LedoitWolf().fit(Table(rows: [[1, 2, 3]]))
    #expect(one.shrinkage == 0 && one.covariance == Matrix(zeros: 3, 3))
    let column = try LedoitWolf().fit(Table(rows: [[1], [2], [6]]))
    #expect(column.shrinkage == 0)
    #expect(abs(column.covariance[0, 0] - 14.0 / 3) < 1e-15)
    let constant = try LedoitWolf().fit(Table(rows: [[7, 7], [7, 7], [7, 7]]))
    #expect(constant.shrinkage == 0 && constant.covariance == Matrix(zeros: 2, 2))
    func code(_ table: Table<Double>) -> LockstepError.Code? {
      do {
        _ = try LedoitWolf().fit(table)
        return nil
      } catch { return (error as? LockstepError)?.code }
    }
    #expect(code(Table(DenseRows([], columnCount: 2))) == .tooFewRows)
    #expect(code(Table(rows: [[1, .nan], [2, 3]])) == .notFinite)
    // Fewer rows than columns: positive definite all the same.
    let wide = try LedoitWolf().fit(unequalTable(rowCount: 5, columnCount: 12))
    #expect(wide.shrinkage > 0 && (0..<12).allSatisfy { wide.covariance[$0, $0] > 0 })
  }
}
