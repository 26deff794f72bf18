// SPDX-License-Identifier: Apache-2.0

/// The draws of k-means++: which output of the stream chooses which center.
///
/// All outputs that are sure to be needed are taken at the start, trial after trial: output `t · k + j` belongs to trial
/// `t` of center `j`. Output 0 chooses the first center; outputs `t · k` of further trials are not used. Draws that are
/// repeated because the row is too light (``WeightSum/isTooLight(_:rowCount:)``) take the outputs after these.
///
/// Source: D. Arthur and S. Vassilvitskii, *k-means++: the advantages of careful seeding*, SODA 2007. The order of the
/// draws, the repetition and the choice among trials are daal4py's.
package struct PlusPlusDraws: Codable, Equatable, Sendable {
  /// How many centers are drawn.
  package let clusterCount: Int
  /// How many rows are tried for each center after the first.
  package let trialCount: Int
  private let words: [UInt32]
  /// The stream after the outputs that were taken.
  package private(set) var stream: MersenneTwister

  /// Takes the outputs for `clusterCount` centers from `stream`.
  ///
  /// - Precondition: both counts are at least one.
  package init(clusterCount: Int, trialCount: Int = 1, stream: MersenneTwister) {
    precondition(clusterCount > 0 && trialCount > 0, "\(clusterCount) clusters with \(trialCount) trials each")
    var stream = stream
    words = (0..<clusterCount * trialCount).map { _ in stream.nextWord() }
    self.clusterCount = clusterCount
    self.trialCount = trialCount
    self.stream = stream
  }

  /// The row of the first center, `⌊u · rowCount⌋`.
  package func firstRow(rowCount: Int) -> Int {
    precondition(rowCount > 0, "no center to draw from no rows")
    return Int((UInt128(rowCount) * UInt128(words[0])) >> 32)
  }

  /// The target of the first center among rows that have weights, of a sum `total`.
  package func firstTarget(total: WeightSum) -> WeightTarget { total.target(word: words[0]) }

  /// Chooses the row of a center after the first.
  ///
  /// The target is `⌊u · total⌋`, the row the first whose running sum of weights exceeds it. With a single trial, a row that
  /// is too light is drawn again. If `total` is zero, all rows are copies of centers and the last row is taken.
  ///
  /// - Parameters:
  ///   - cluster: The index of the center, from 1.
  ///   - trial: The index of the trial.
  ///   - total: The sum of all rows' weights.
  ///   - rowCount: How many rows there are on all ranks, without those of weight 0 at the end.
  ///   - locate: The row a target chooses, and its weight. On several ranks it is collective: `total` is the same
  ///     everywhere, so all ranks call it equally often, with the same targets.
  /// - Returns: The index of the row among all rows of all ranks.
  package mutating func row(
    cluster: Int, trial: Int, total: WeightSum, rowCount: Int,
    locate: (WeightTarget) throws -> (row: Int, weight: UInt64)
  ) rethrows -> Int {
    precondition((1..<clusterCount).contains(cluster), "center \(cluster) of \(clusterCount) is not drawn by weight")
    precondition((0..<trialCount).contains(trial), "trial \(trial) of \(trialCount)")
    guard total != .zero else { return rowCount - 1 }
    var word = words[trial * clusterCount + cluster]
    while true {
      let choice = try locate(total.target(word: word))
      if trialCount > 1 || !total.isTooLight(choice.weight, rowCount: rowCount) { return choice.row }
      word = stream.nextWord()
    }
  }

  /// Chooses the trial that becomes the center: the one that leaves the least sum, the first of equals.
  ///
  /// The trial that won the center before does not take part, unless it is trial 0. So it is in daal4py, whose centroids
  /// these are; a center has one trial less to choose from, and one at least.
  ///
  /// - Parameters:
  ///   - sums: The sum of squared distances to the nearest center that each trial would leave.
  ///   - previous: The trial that won the center before; 0 for the first that is drawn by weight.
  /// - Returns: The index of the trial.
  package static func bestTrial(_ sums: [ScaledWeightSum], previous: Int) -> Int {
    precondition(sums.indices.contains(previous), "trial \(previous) of \(sums.count)")
    var best = 0
    for trial in sums.indices where trial != previous && sums[trial] < sums[best] {
      best = trial
    }
    return best
  }
}
