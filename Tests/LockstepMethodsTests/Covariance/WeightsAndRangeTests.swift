// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

@Suite struct WeightsAndRangeTests {
  func weighted(_ weights: [Double], columnCount: Int = 2) -> TrainingRows<Table<Double>> {
    TrainingRows(
      unequalTable(rowCount: weights.count, columnCount: columnCount), weights: DenseRows(weights, columnCount: 1))
  }

  @Test(arguments: [1.0 / 2000, 1.0 / 3000, 0.1 / 2000]) func `weights of a sum of 1 or less have no variance`(
    weight: Double
  )
    throws
  {
    let source = weighted(Array(repeating: weight, count: 2000))
    let moments = try LowOrderMoments().fit(source)
    #expect(moments.variance.allSatisfy(\.isNaN) && moments.standardDeviation.allSatisfy(\.isNaN))
    #expect(moments.mean.allSatisfy { $0.isFinite })
    #expect(try Covariance().fit(source).covariance.elements.allSatisfy(\.isNaN))
    #expect(try Covariance(isBiased: true).fit(source).covariance.elements.allSatisfy { $0 != 0 && $0.isFinite })
    let error = #expect(throws: LockstepError.self) { try PCA().fit(source) }
    #expect(error?.code == .tooFewRows)
  }

  @Test func `a sum of weights beyond the range is said so`() throws {
    for count in [4, 5000] {  // within a block, and in a merge
      let source = weighted(Array(repeating: count == 4 ? 1e308 : 5e304, count: count))
      func check(_ body: () throws -> Void) {
        let error = #expect(throws: LockstepError.self) { try body() }
        #expect(error?.code == .notFinite && error?.message.contains("weights") == true)
      }
      check { _ = try LowOrderMoments().fit(source) }
      check { _ = try Covariance().fit(source) }
      check { _ = try PCA().fit(source) }
    }
  }

  @Test(arguments: PCA.Method.allCases) func `squares beyond the range are an error`(method: PCA.Method) throws {
    let table = Table(rows: [[1e200, 1], [2e200, 5], [4e200, 2]])
    let error = #expect(throws: LockstepError.self) { try PCA(componentCount: nil, method: method).fit(table) }
    #expect(error?.code == .notFinite && error?.place == .init(column: 1))
    #expect(throws: LockstepError.self) { try Covariance().fit(table) }
  }

  @Test(arguments: PCA.Method.allCases) func `whitened scores of dependent columns stay small`(method: PCA.Method)
    throws
  {
    var generator = SplitMix64(state: 5)
    let table = Table(
      rows: (0..<200).map { _ -> [Double] in
        let z = (0..<3).map { _ in Double.random(in: -1...1, using: &generator) }
        return [z[0], z[1], z[2], z[0] / 3 + z[1] / 7 - 0.3 * z[2], 0.1 * z[0] - 0.7 * z[1]]
      })
    let model = try PCA(componentCount: nil, method: method, isWhitened: true).fit(table)
    let scores = try model.transform(table.rows)
    #expect(scores.elements.allSatisfy { abs($0) < 10 })
    #expect((0..<200).allSatisfy { scores[$0, 3] == 0 && scores[$0, 4] == 0 })
  }
}
