// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// The rounds of k-means‖ and their draws.
///
/// From one row drawn at random, each round draws `L = ⌊f · k⌋` rows in proportion to their squared distances to the
/// nearest candidate, with replacement, and makes them candidates in the order of the rows. The candidates, at most
/// `L · R + 1`, are then weighted by the number of rows nearest to each, and k-means++ chooses `k` of them
/// (``PlusPlusInMemory``).
///
/// Source: B. Bahmani et al., *Scalable k-means++*, PVLDB 5(7), 2012, with exactly `L` draws a round in place of
/// independent ones. The order of the draws is that of daal4py on several processes.
package struct ParallelPlusPlan: Hashable, Sendable {
  /// `k`, how many centers are wanted.
  package let clusterCount: Int
  /// `L`, how many rows a round draws.
  package let drawsPerRound: Int
  /// `R`, how many rounds there are, unless the squared distances are all zero before.
  package let roundCount: Int

  /// The most candidates there can be, `L · R + 1`.
  package var candidateLimit: Int { drawsPerRound * roundCount + 1 }

  /// The plan for `clusterCount` centers.
  ///
  /// - Parameters:
  ///   - clusterCount: `k`, how many centers are wanted.
  ///   - oversamplingFactor: `f`, how many rows a round draws for each center.
  ///   - roundCount: `R`, how many rounds there are.
  /// - Throws: `LockstepError` with the code `usage` if the rounds cannot find more than `k` candidates:
  ///   `⌊f · k⌋ · R ≤ k`.
  /// - Precondition: there is a cluster at least.
  package init(clusterCount: Int, oversamplingFactor: Double = 0.5, roundCount: Int = 5) throws {
    precondition(clusterCount > 0, "k-means‖ for \(clusterCount) clusters")
    let draws = (oversamplingFactor * Double(clusterCount)).rounded(.down)
    guard draws >= 0, draws <= 0x1p31, (0...1 << 20).contains(roundCount),
      Int(draws) * roundCount > clusterCount
    else {
      throw LockstepError(
        .usage,
        "k-means‖ with an oversampling factor of \(oversamplingFactor) and \(roundCount) rounds does not find enough "
          + "candidates for \(clusterCount) clusters: ⌊\(oversamplingFactor) · \(clusterCount)⌋ · \(roundCount) must be more "
          + "than \(clusterCount)",
        remedy: "take an oversampling factor of 0.5 to 2 and 5 rounds; for a single cluster a factor of 1 or more")
    }
    self.clusterCount = clusterCount
    drawsPerRound = Int(draws)
    self.roundCount = roundCount
  }

  /// Draws the row of the first candidate, `⌊u · rowCount⌋`.
  package func firstRow(rowCount: Int, stream: inout MersenneTwister) -> Int {
    stream.nextInteger(in: 0..<rowCount)
  }

  /// Draws the targets of one round.
  ///
  /// - Parameters:
  ///   - total: The sum of all rows' weights. If it is zero, every row is a copy of a candidate: nothing is drawn, and the
  ///     rounds are over.
  ///   - stream: The stream to draw from.
  /// - Returns: The targets, ascending, so in the order of the rows they choose; none if the rounds are over.
  package func targets(total: WeightSum, stream: inout MersenneTwister) -> [WeightTarget] {
    guard total != .zero else { return [] }
    return (0..<drawsPerRound).map { _ in stream.nextWord() }.sorted().map(total.target(word:))
  }
}

extension WeightTarget {
  /// The rows that ascending targets choose among consecutive rows.
  ///
  /// - Parameters:
  ///   - targets: The targets, ascending, counted from the first row of all. Those that choose rows elsewhere are left out.
  ///   - squaredDistances: The squared distances of the rows.
  ///   - passed: The sum of the weights of all rows before these.
  ///   - scale: The scale of the weights.
  /// - Returns: The indices of the chosen rows, ascending, one for each target that chooses one of these rows. A row that is
  ///   chosen several times is there several times.
  /// - Complexity: O(number of rows + number of targets).
  package static func rows(
    chosenBy targets: [WeightTarget], among squaredDistances: UnsafeBufferPointer<Double>, after passed: WeightSum,
    scale: WeightScale
  ) -> [Int] {
    var chosen: [Int] = []
    var pending = targets.drop { $0.remaining < passed.value }
    var sum = passed
    for (row, squaredDistance) in squaredDistances.enumerated() {
      guard let first = pending.first else { break }
      sum += scale.weight(of: squaredDistance)
      guard first.remaining < sum.value else { continue }
      while let target = pending.first, target.remaining < sum.value {
        chosen.append(row)
        pending.removeFirst()
      }
    }
    return chosen
  }
}
