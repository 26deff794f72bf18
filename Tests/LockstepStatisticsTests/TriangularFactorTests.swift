// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepStatistics
import LockstepTables
import LockstepTestSupport
import Testing

@Suite struct TriangularFactorTests {
  struct RPass: Pass {
    func makePartial(columnCount: Int) -> TriangularFactor { TriangularFactor(columnCount: columnCount) }
    func accumulate(_ samples: Samples, into partial: inout TriangularFactor) throws {
      partial.merge(try TriangularFactor(samples))
    }
    func finalize(_ partial: TriangularFactor) -> Matrix { partial.r }
  }

  private func rows(_ n: Int, _ p: Int) -> DenseRows<Double> {
    var generator = SplitMix64(state: 5)
    return DenseRows((0..<n * p).map { _ in Double.random(in: -1..<1, using: &generator) }, columnCount: p)
  }

  @Test func obeysTheLawsOfMerging() throws {
    for (n, p) in [(12, 3), (9, 9), (5, 8), (20, 1)] {
      try checkMergeLaws(RPass(), rows(n, p), tolerance: 1e-13) { $0.elements }
    }
  }

  @Test func gramMatricesObeyTheLawsToo() throws {
    struct GramPass: Pass {
      func makePartial(columnCount: Int) -> GramMatrix { GramMatrix(columnCount: columnCount) }
      func accumulate(_ samples: Samples, into partial: inout GramMatrix) { partial.observe(samples.rows) }
      func finalize(_ partial: GramMatrix) -> [Double] { partial.upper.elements }
    }
    try checkMergeLaws(GramPass(), rows(15, 4), tolerance: 1e-14) { $0 }
  }

  @Test func columnsAtBothEndsOfTheRangeKeepTheirDigits() throws {
    let scales = [1e300, 1, 1e-300]
    let plain = rows(40, 3)
    let scaled = plain.withUnsafeElements { x in DenseRows((0..<120).map { x[$0] * scales[$0 % 3] }, columnCount: 3) }
    var halves = try TriangularFactor(Samples(scaled.rows(0..<17), firstRow: 0))
    halves.merge(try TriangularFactor(Samples(scaled.rows(17..<40), firstRow: 17)))
    let expected = try TriangularFactor(Samples(plain, firstRow: 0)).r
    for i in 0..<3 {
      for j in i..<3 { #expect(abs(halves.r[i, j] / scales[j] - expected[i, j]) <= 1e-14) }
    }
  }

  @Test func seedsSplitIntoWhatMakesTheMergedColumnsOrthonormal() throws {
    // [E; L] = Q·[seed; 0] keeps lengths: the split of a unit seed has unit length.
    for (a, b, p) in [(20, 30, 4), (2, 30, 4), (2, 3, 8), (30, 2, 4), (0, 5, 3), (5, 0, 3)] {
      let all = rows(a + b, p)
      var factor = try TriangularFactor(Samples(all.rows(0..<a), firstRow: 0))
      let later = try TriangularFactor(Samples(all.rows(a..<a + b), firstRow: a))
      let (heldA, heldB) = (factor.heldRowCount, later.heldRowCount)
      let trace = factor.mergeTracing(later)
      let k = factor.heldRowCount
      var seed = Matrix(zeros: k, 2)
      seed[0, 0] = 1
      seed[k - 1, 1] = 2
      let (top, bottom) = TriangularFactor.split(seed, along: trace)
      #expect(top.rowCount == heldA && bottom.rowCount == heldB)
      for c in 0..<2 {
        let squares = (top.rows + bottom.rows).reduce(0) { $0 + $1[c] * $1[c] }
        #expect(abs(squares - Double(k > 1 ? (c + 1) * (c + 1) : 4 * c + (1 - c))) <= 1e-14)
      }
    }
  }

  @Test func aNaNIsNamedByItsGlobalRow() {
    #expect { try TriangularFactor(Samples(DenseRows([1, 2, .nan, 4.0], columnCount: 2), firstRow: 100)) } throws: {
      "\($0)".contains("row 102, column 1")
    }
  }
}
