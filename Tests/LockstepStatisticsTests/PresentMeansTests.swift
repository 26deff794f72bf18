// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

@Suite struct PresentMeansTests {
  private static var rows: DenseRows<Double> {
    var generator = SplitMix64(state: 5)
    let elements = (0..<40 * 3).map { i in
      i % 7 == 2 ? Double.nan : Double.random(in: -1e6...1e6, using: &generator) + 1e9
    }
    return DenseRows(elements, columnCount: 3)
  }

  @Test func sumsObeyTheLaws() throws {
    try checkMergeLaws(PresentMeansPass(), Self.rows, tolerance: 0x1p-52) { $0.means + $0.counts.map(Double.init) }
  }

  @Test func nanIsLeftOut() throws {
    let table = Table(rows: [[1, .nan, -0.0], [2, .nan, .nan], [.nan, .nan, -0.0], [6, .nan, 4]])
    let found = try ExecutionContext.local.reduce(PresentMeansPass(), over: table)
    #expect(found.counts == [3, 0, 3])
    #expect(found.means[0] == 3 && found.means[1].isNaN && found.means[2] == 4.0 / 3)
  }

  @Test func zerosOfSparseRowsCount() throws {
    let rows = try SparseRows(
      offsets: [0, 2, 2, 3, 4], columns: [0, 1, 1, 0], values: [6, 2, .nan, .nan] as [Float], columnCount: 3)
    let found = try ExecutionContext.local.reduce(PresentMeansPass(), over: SparseTable(rows))
    #expect(found.counts == [3, 3, 4])
    #expect(found.means == [2, 2.0 / 3, 0])
  }

  @Test func cancellationKeepsTheSmallParts() throws {
    let table = Table(rows: [[1e100], [1], [-1e100], [2], [.nan]])
    let found = try ExecutionContext.local.reduce(PresentMeansPass(), over: table)
    #expect(found.means == [0.75])
  }
}
