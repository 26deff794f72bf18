// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepMethods
import Testing

/// The thousand rows (0, 0), (1, 0), … (999, 0) of the reference draws.
private let line: [Double] = (0..<1000).flatMap { [Double($0), 0] }

@Suite("Rows that initialization draws")
struct PlusPlusTests {
  private func plusPlus(
    _ points: [Double], columns: Int, _ clusters: Int, trials: Int = 1, seed: UInt64 = MersenneTwister.defaultSeed
  ) throws -> [Int] {
    var stream = MersenneTwister(seed: seed)
    return try PlusPlusInMemory(points: points, columnCount: columns)
      .choose(clusterCount: clusters, trialCount: trials, stream: &stream)
  }

  @Test("Random rows are daal4py's")
  func randomReference() {
    #expect(
      randomRowIndices(count: 10, rowCount: 1000, seed: 777_777) == [911, 99, 927, 715, 573, 811, 878, 847, 72, 208])
    #expect(randomRowIndices(count: 10, rowCount: 1000, seed: 777) == [229, 446, 1, 991, 371, 577, 274, 832, 341, 541])
  }

  @Test("Random rows are the head of a shuffle", arguments: [(0, 5), (1, 1), (30, 50), (50, 50), (200, 201)])
  func randomIsShuffle(count: Int, rowCount: Int) {
    for seed in UInt64(0)..<50 {
      var rows = Array(0..<rowCount)
      var stream = MersenneTwister(seed: seed)
      for step in 0..<count { rows.swapAt(step, stream.nextInteger(in: step..<rowCount)) }
      let drawn = randomRowIndices(count: count, rowCount: rowCount, seed: seed)
      #expect(drawn == Array(rows.prefix(count)))
      #expect(Set(drawn).count == count)
    }
  }

  @Test("k-means++ takes daal4py's rows")
  func plusPlusReference() throws {
    #expect(try plusPlus(line, columns: 2, 10) == [911, 30, 684, 425, 298, 787, 727, 608, 110, 206])
    #expect(try plusPlus(line, columns: 2, 10, seed: 777) == [229, 811, 492, 997, 96, 637, 333, 891, 351, 551])
  }

  @Test("k-means++ with trials takes daal4py's rows")
  func trialsReference() throws {
    #expect(try plusPlus(line, columns: 2, 10, trials: 2) == [911, 100, 702, 463, 339, 569, 839, 2, 157, 243])
    #expect(try plusPlus(line, columns: 2, 10, trials: 3) == [911, 159, 716, 475, 357, 621, 830, 1, 72, 248])
    #expect(try plusPlus(line, columns: 2, 10, trials: 4) == [911, 159, 405, 677, 526, 45, 277, 777, 102, 646])
  }

  @Test("The least sum wins, the first of equals, and a winner other than trial 0 sits out the next center")
  func bestTrial() throws {
    func best(_ sums: [UInt128], exponents: [Double]? = nil, previous: Int) throws -> Int {
      try PlusPlusDraws.bestTrial(
        sums.enumerated().map { index, sum in
          try ScaledWeightSum(WeightSum(sum), scale: WeightScale(largest: exponents?[index] ?? 1))
        }, previous: previous)
    }
    #expect(try best([5], previous: 0) == 0)
    #expect(try best([5, 4, 4], previous: 0) == 1)
    #expect(try best([4, 4, 5], previous: 0) == 0)
    #expect(try best([3, 4, 5], previous: 0) == 0)
    #expect(try best([5, 4, 3], previous: 2) == 1)
    #expect(try best([5, 6, 3], previous: 2) == 0)
    #expect(try best([5, 4], previous: 1) == 0)
    #expect(try best([5, 6, 7], exponents: [1, 0.5, 1], previous: 0) == 1)
  }

  @Test("Sums of different scales compare by value")
  func scaledSums() throws {
    let one = try WeightScale(largest: 1)
    let half = try WeightScale(largest: 0.5)
    let huge = try WeightScale(largest: 1e300)
    let sum = WeightSum(UInt128(1) << 62)
    #expect(ScaledWeightSum(sum, scale: one) == ScaledWeightSum(WeightSum(UInt128(1) << 63), scale: half))
    #expect(
      ScaledWeightSum(sum, scale: one).hashValue
        == ScaledWeightSum(WeightSum(UInt128(1) << 63), scale: half).hashValue)
    #expect(ScaledWeightSum(WeightSum(UInt128(1) << 62 - 1), scale: one) < ScaledWeightSum(sum, scale: one))
    #expect(ScaledWeightSum(WeightSum(UInt128(1) << 63 - 1), scale: half) < ScaledWeightSum(sum, scale: one))
    #expect(ScaledWeightSum(sum, scale: one) < ScaledWeightSum(WeightSum(UInt128(1) << 63 + 1), scale: half))
    #expect(ScaledWeightSum(WeightSum(UInt128.max), scale: one) < ScaledWeightSum(WeightSum(1), scale: huge))
    #expect(ScaledWeightSum(.zero, scale: huge) < ScaledWeightSum(WeightSum(1), scale: half))
    #expect(ScaledWeightSum(.zero, scale: huge) == ScaledWeightSum(.zero, scale: one))
  }

  @Test("A row near a center is drawn again, with the outputs after the first k")
  func lightRows() {
    var draws = PlusPlusDraws(clusterCount: 3, stream: MersenneTwister(seed: 1))
    var stream = MersenneTwister(seed: 1)
    let words = (0..<5).map { _ in stream.nextWord() }
    let total = WeightSum(1000)
    var targets: [WeightTarget] = []
    let row = draws.row(cluster: 1, trial: 0, total: total, rowCount: 10) { target in
      targets.append(target)
      return targets.count < 3 ? (4, 10) : (7, 11)
    }
    #expect(row == 7)
    #expect(targets == [words[1], words[3], words[4]].map(total.target(word:)))
    #expect(draws.stream == stream)
  }

  @Test("With trials, a row near a center stands")
  func lightRowsOfTrials() {
    var draws = PlusPlusDraws(clusterCount: 3, trialCount: 2, stream: MersenneTwister(seed: 1))
    let before = draws.stream
    #expect(draws.row(cluster: 2, trial: 1, total: WeightSum(1000), rowCount: 10) { _ in (4, 1) } == 4)
    #expect(draws.stream == before)
  }

  @Test("More clusters than different rows end in copies of the last row", arguments: [1, 2, 3])
  func fewDifferentRows(trials: Int) throws {
    let points: [Double] = Array(repeating: [1, 2, 3], count: 5).flatMap { $0 } + [2]
    for seed in UInt64(0)..<20 {
      let rows = try plusPlus(points, columns: 1, 6, trials: trials, seed: seed)
      #expect(Set(rows.prefix(3).map { points[$0] }) == [1, 2, 3])
      #expect(Array(rows.suffix(3)) == [15, 15, 15])
    }
    #expect(try plusPlus([4, 4, 4], columns: 3, 3) == [0, 0, 0])
  }

  @Test("Without multiplicities or with all equal, the same points are chosen")
  func equalMultiplicities() throws {
    for multiplicity in [1.0, 2, 64] {
      var stream = MersenneTwister(seed: 777_777)
      let rows = try PlusPlusInMemory(
        points: line, columnCount: 2, multiplicities: Array(repeating: multiplicity, count: 1000)
      ).choose(clusterCount: 10, stream: &stream)
      #expect(rows == [911, 30, 684, 425, 298, 787, 727, 608, 110, 206])
    }
  }

  @Test("Only points that count are chosen after the first")
  func multiplicities() throws {
    let multiplicities = (0..<1000).map { $0 % 10 == 0 ? Double($0) : 0 }
    for seed in UInt64(0)..<20 {
      var stream = MersenneTwister(seed: seed)
      let rows = try PlusPlusInMemory(points: line, columnCount: 2, multiplicities: multiplicities)
        .choose(clusterCount: 8, stream: &stream)
      #expect(rows.dropFirst().allSatisfy { multiplicities[$0] > 0 })
      #expect(Set(rows).count == 8)
    }
  }

  @Test("Squared distances that are not finite are an error", arguments: [Double.nan, .infinity, 1e200])
  func notFinite(value: Double) throws {
    for place in 0..<3 {
      var points = [0.0, 1, 2]
      points[place] = value
      let error = #expect(throws: LockstepError.self) { try plusPlus(points, columns: 1, 3) }
      #expect(error?.code == .notFinite)
    }
  }
}
