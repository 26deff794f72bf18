// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepMethods
import Testing

@Suite("Candidates of k-means‖")
struct ParallelPlusTests {
  private func parallelPlus(
    _ points: [[Double]], plan: ParallelPlusPlan, blockSize: Int, seed: UInt64 = MersenneTwister.defaultSeed
  ) throws -> [Int] {
    try ParallelPlusInBlocks(points: points, blockSize: blockSize).choose(plan, seed: seed)
  }

  @Test("The rows are those of daal4py on several processes", arguments: [1, 7, 1000])
  func reference(blockSize: Int) throws {
    let points: [[Double]] = (0..<1000).map { [Double($0), 0] }
    let rows = try parallelPlus(points, plan: ParallelPlusPlan(clusterCount: 10), blockSize: blockSize)
    #expect(rows == [532, 997, 80, 799, 615, 911, 312, 170, 224, 388])
  }

  @Test("Few different rows end the rounds early, and in copies of the last candidate")
  func fewDifferentRows() throws {
    let points = (0..<40).map { [Double($0 % 3)] }
    for seed in UInt64(0)..<20 {
      let rows = try parallelPlus(
        points, plan: ParallelPlusPlan(clusterCount: 6, oversamplingFactor: 2), blockSize: 7, seed: seed)
      #expect(rows.count == 6)
      #expect(Set(rows.map { points[$0] }).count == 3)
    }
    let plan = try ParallelPlusPlan(clusterCount: 2, oversamplingFactor: 1)
    #expect(try parallelPlus([[5], [5]], plan: plan, blockSize: 1).count == 2)
  }

  @Test("When all rows are candidates nothing is drawn")
  func roundsOver() throws {
    var stream = MersenneTwister(seed: 1)
    let plan = try ParallelPlusPlan(clusterCount: 10)
    #expect(plan.targets(total: .zero, stream: &stream).isEmpty)
    #expect(stream == MersenneTwister(seed: 1))
  }

  @Test("Targets are ascending and as many as the plan says")
  func targets() throws {
    var stream = MersenneTwister(seed: 1)
    let plan = try ParallelPlusPlan(clusterCount: 100, oversamplingFactor: 0.7)
    let targets = plan.targets(total: WeightSum(1 << 40), stream: &stream)
    #expect(targets.count == 70)
    #expect(targets == targets.sorted())
    var skipped = MersenneTwister(seed: 1)
    skipped.discard(70)
    #expect(stream == skipped)
  }

  @Test("Each rank finds its own targets")
  func rowsOfRanks() throws {
    let scale = try WeightScale(largest: 4)
    let unit = UInt128(scale.weight(of: 1))
    let distances = [0.0, 1, 0, 3, 4]
    let targets = [0, unit - 1, unit, 4 * unit - 1, 4 * unit, 4 * unit, 8 * unit - 1].map(WeightTarget.init)
    func rows(_ range: Range<Int>, after passed: UInt128) -> [Int] {
      distances[range].withUnsafeBufferPointer {
        WeightTarget.rows(chosenBy: targets, among: $0, after: WeightSum(passed), scale: scale)
      }
    }
    #expect(rows(0..<5, after: 0) == [1, 1, 3, 3, 4, 4, 4])
    #expect(rows(0..<2, after: 0) == [1, 1])
    #expect(rows(2..<2, after: unit) == [])
    #expect(rows(2..<4, after: unit) == [1, 1])
    #expect(rows(4..<5, after: 4 * unit) == [0, 0, 0])
  }

  @Test(
    "Too few draws for the clusters are an error",
    arguments: [
      (1, 0.5, 5), (10, 0.1, 10), (10, 1, 1), (10, 0, 5), (10, -1, 5), (10, Double.nan, 5), (10, .infinity, 5),
      (10, 1, 0), (10, 1, -5), (10, 1e300, 1),
    ])
  func tooFewDraws(clusters: Int, factor: Double, rounds: Int) {
    let error = #expect(throws: LockstepError.self) {
      try ParallelPlusPlan(clusterCount: clusters, oversamplingFactor: factor, roundCount: rounds)
    }
    #expect(error?.code == .usage)
  }

  @Test("A plan counts its candidates")
  func plan() throws {
    let plan = try ParallelPlusPlan(clusterCount: 7, oversamplingFactor: 1.5, roundCount: 3)
    #expect(plan.drawsPerRound == 10)
    #expect(plan.candidateLimit == 31)
  }
}
