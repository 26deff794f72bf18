// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// Starting centroids for ``KMeans``.
///
/// All random draws come from one stream (MT19937) applied to the global order of rows, so the centroids depend on the seed and on
/// the rows in order, never on the number of ranks. With the same seed they are the rows that daal4py takes. The rules are
/// written out in <doc:kmeans-initialization>.
///
/// ```swift
/// let start = try KMeansInitialization(clusterCount: 10, method: .plusPlus).fit(rows, in: world)
/// ```
/// - Sweeps: k + 1 for k-means++; 2 · rounds + 2 for k-means‖; 1 or 2 for the others.
/// - Memory per rank: 8 bytes a row for k-means++ and k-means‖; with many columns and clusters, and without a limit of memory,
///   20 and one for each column: rows rounded to bytes, from which follows that most are not nearer to a new centroid. Draws
///   and bits are those of all distances.
public struct KMeansInitialization: Estimator, Hashable {
  /// A rule for choosing the centroids.
  public enum Method: String, Codable, Hashable, Sendable, CaseIterable {
    /// The first k rows.
    case firstRows = "first-rows"
    /// k distinct rows, each set of rows equally likely.
    case random
    /// k-means++ (Arthur & Vassilvitskii 2007): one row after the other, each drawn in proportion to its squared distance
    /// from the nearest centroid so far; E[objective] ≤ 8(ln k + 2) times the best.
    case plusPlus = "plus-plus"
    /// k-means‖ (Bahmani et al. 2012): a few rounds that draw many rows each, then weighted k-means++ among them; for k so
    /// large that k rounds of messages are too many.
    case parallel
  }

  /// The seed that daal4py uses by default.
  public static let defaultSeed = Catalog.defaultSeed

  /// The number of centroids, k ≥ 1.
  public var clusterCount: Int
  /// The rule.
  ///
  /// Default k-means++.
  public var method: Method
  /// The seed of the random stream.
  public var seed: UInt64
  /// k-means++: how many rows are drawn for each centroid, of which the one that lowers the objective most is taken.
  ///
  /// Default 1.
  public var trials: Int
  /// k-means‖: each round draws ⌊`oversampling` · k⌋ rows.
  ///
  /// Default 0.5.
  public var oversampling: Double
  /// k-means‖: the number of rounds.
  ///
  /// Default 5.
  public var rounds: Int

  /// A start for 8 clusters, with all defaults.
  public init() { self.init(clusterCount: 8) }

  /// A start for `clusterCount` clusters.
  public init(
    clusterCount: Int, method: Method = .plusPlus, seed: UInt64 = defaultSeed, trials: Int = 1,
    oversampling: Double = 0.5, rounds: Int = 5
  ) {
    self.clusterCount = clusterCount
    self.method = method
    self.seed = seed
    self.trials = trials
    self.oversampling = oversampling
    self.rounds = rounds
  }

  /// Throws ``LockstepError`` with code `.usage` if a hyperparameter makes no sense.
  public func validate() throws {
    if clusterCount < 1 { throw LockstepError(.usage, "\(clusterCount) clusters", remedy: "ask for 1 or more") }
    if trials < 1 { throw LockstepError(.usage, "\(trials) trials", remedy: "ask for 1 or more") }
    if method == .parallel {
      _ = try ParallelPlusPlan(clusterCount: clusterCount, oversamplingFactor: oversampling, roundCount: rounds)
    }
  }

  /// Chooses the centroids among the rows of all ranks.
  ///
  /// Collective; the same bits on every rank.
  ///
  /// - Throws: ``LockstepError`` with code `.tooFewRows` if there are fewer rows than clusters, `.notFinite` for a NaN or an
  ///   infinity, `.usage` for senseless hyperparameters.
  /// - Complexity: 3nkp flops for k-means++ with one trial.
  public func fit(_ rows: some RowSource, in context: ExecutionContext = .local) throws -> Model {
    try context.agree { try validate(for: rows) }
    // The sums are integers, so the size of a block decides nothing; large ones cost less.
    let aligned = try context.align(rows) { max(BlockSize.standard(columnCount: $0), 8192) }
    _ = try context.decide {
      try aligned.requireRows(forClusters: clusterCount)
      return true
    }
    // The first distances of k-means++ and k-means‖ show what is not finite.
    if method == .firstRows || method == .random || clusterCount == 1 {
      _ = try context.reduce(FiniteCheck(columnNames: aligned.columnNames), over: aligned)
    }
    let rowWeights = try RowWeights.of(aligned, clusterCount: clusterCount, in: context)
    switch method {
    case .firstRows:
      return try RowFetch.fetch(rowWeights?.firstRows ?? Array(0..<clusterCount), from: aligned, in: context)
    case .random:
      let rows =
        if let rowWeights {
          try WeightedRowDraws.rows(of: aligned, rowWeights, count: clusterCount, seed: seed, in: context)
        } else { randomRowIndices(count: clusterCount, rowCount: aligned.totalRowCount, seed: seed) }
      return try RowFetch.fetch(rows, from: aligned, in: context)
    case .plusPlus: return try plusPlus(aligned, rowWeights, MersenneTwister(seed: seed), in: context)
    case .parallel: return try parallel(aligned, rowWeights, MersenneTwister(seed: seed), in: context)
    }
  }
}
