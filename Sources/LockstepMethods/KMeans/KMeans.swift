// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// k-means clustering by Lloyd's algorithm.
///
/// Chooses k starting centroids by ``KMeansInitialization``, and then repeats two steps: each row xᵢ (n × p in all) goes to its nearest centroid,
/// aᵢ = argminⱼ ‖xᵢ − cⱼ‖², ties to the lowest j; each centroid becomes the mean of its rows. The objective
/// Σᵢ ‖xᵢ − c(aᵢ)‖² never grows, and the assignments repeat after finitely many steps, at a local minimum.
///
/// ```swift
/// let model = try KMeans(clusterCount: 10).fit(rows, in: world)
/// ```
/// - Method: Lloyd (1982). Rows whose nearest centroid provably has not changed are skipped by distance bounds (Hamerly
///   2010; Ding et al. 2015) with a margin for rounding: labels and sums are those of the plain algorithm, to the bit.
/// - Empty clusters: the e-th empty cluster, in the order of clusters, takes the row that is e-th farthest from its own
///   centroid (ties to the lowest global row), which leaves its old cluster. If the farthest row lies on its centroid, there are
///   fewer distinct rows than clusters, and an empty cluster stays where it is.
/// - Accuracy: distances and sums are taken about a point amid the data, so data far from the origin (mean 10⁶, spread 1)
///   keep their clusters. The objective is computed from differences, for the final centroids and their assignments.
/// - Sweeps: one for each iteration, one before to look for NaN and infinities, and one or two after; and those of the initialization.
/// - Memory per rank: the rows, 4 bytes a row for the label, and bounds and sums of blocks: about a tenth of the
///   rows' own size, or up to 100 MB where that is more. With many columns and clusters, and without a limit of memory, also the
///   rows rounded to bytes: a byte for each number, by which most centroids are excluded without computing their distance.
/// - Communication per iteration: k(p + 1) numbers up and down, 2⌈log₂ P⌉ messages.
/// - Not for: clusters that are not round, or of very different spread; distances other than Euclidean; columns of different
///   units, unless you scale them first.
public struct KMeans: Estimator, Hashable {
  /// The number of clusters, k ≥ 1.
  ///
  /// Default 8.
  public var clusterCount = 8
  /// The rule for the starting centroids.
  ///
  /// Default k-means++.
  public var initialization = KMeansInitialization.Method.plusPlus
  /// The seed of the random draws.
  public var seed = KMeansInitialization.defaultSeed
  /// k-means++: the draws for each centroid.
  ///
  /// Default 1.
  public var trials = 1
  /// k-means‖: each round draws ⌊`oversampling` · k⌋ rows.
  ///
  /// Default 0.5.
  public var oversampling = 0.5
  /// k-means‖: the number of rounds.
  ///
  /// Default 5.
  public var rounds = 5
  /// Starting centroids, k × p as rows, instead of the rule.
  public var centroids: [[Double]]?
  /// The largest number of iterations, at least 0; with 0, rows are only assigned.
  ///
  /// Default 100.
  public var maxIterations = 100
  /// Stops when no centroid set moves further: when Σⱼ ‖cⱼ new − cⱼ old‖² ≤ `tolerance`, in squared units of the
  /// data.
  ///
  /// With the default 0, iterates until the assignments repeat.
  public var tolerance = 0.0

  /// All defaults.
  public init() {}

  /// k-means with `clusterCount` clusters.
  public init(
    clusterCount: Int, initialization: KMeansInitialization.Method = .plusPlus, maxIterations: Int = 100,
    tolerance: Double = 0
  ) {
    self.clusterCount = clusterCount
    self.initialization = initialization
    self.maxIterations = maxIterations
    self.tolerance = tolerance
  }

  var start: KMeansInitialization {
    KMeansInitialization(
      clusterCount: clusterCount, method: initialization, seed: seed, trials: trials, oversampling: oversampling,
      rounds: rounds)
  }
  private var lloyd: Lloyd {
    Lloyd(clusterCount: clusterCount, maxIterations: maxIterations, tolerance: tolerance)
  }

  /// Throws ``LockstepError`` with code `.usage` if a parameter makes no sense.
  public func validate() throws {
    try start.validate()
    try lloyd.validate()
    guard let centroids else { return }
    if let i = centroids.firstIndex(where: { $0.count != centroids[0].count }) {
      throw LockstepError(
        .usage, "starting centroid \(i) has \(centroids[i].count) coordinates, centroid 0 has \(centroids[0].count)")
    }
  }

  /// Clusters the rows of all ranks.
  ///
  /// Collective; the model has the same bits on every rank.
  ///
  /// - Throws: What ``KMeans/fit(_:startingAt:in:)-(_,Matrix,_)`` throws.
  public func fit(_ rows: some RowSource, in context: ExecutionContext = .local) throws -> Model {
    try fitAssigning(rows, in: context).model
  }

  /// Clusters the rows of all ranks, starting at centroids that ``KMeansInitialization`` found.
  public func fit(
    _ rows: some RowSource, startingAt start: KMeansInitialization.Model, in context: ExecutionContext = .local
  ) throws -> Model { try fit(rows, startingAt: start.centroids, in: context) }

  /// Clusters the rows of all ranks, starting at given centroids.
  ///
  /// Collective; the model has the same bits on every rank.
  ///
  /// - Parameters:
  ///   - rows: This rank's rows, n × p over all ranks. Not modified.
  ///   - start: The starting centroids, k × p; rank 0's are used.
  ///   - context: The ranks and threads.
  /// - Returns: The clusters.
  /// - Throws: ``LockstepError`` with code `.notFinite` for a NaN or an infinity, `.tooFewRows` if there are fewer rows than
  ///   clusters, `.shapeMismatch` if the start does not fit, `.usage` for senseless hyperparameters.
  /// - Complexity: at most 2nkp flops and one reading of the rows per iteration.
  public func fit(
    _ rows: some RowSource, startingAt start: Matrix, in context: ExecutionContext = .local
  ) throws -> Model { try fitAssigning(rows, startingAt: start, in: context).model }

  /// Clusters the rows of all ranks and returns the cluster of each of this rank's rows too, in their order.
  public func fitAssigning(
    _ rows: some RowSource, in context: ExecutionContext = .local
  ) throws -> (model: Model, assignments: [Int32]) {
    try context.agree { try validate(for: rows) }
    let start =
      try centroids.map(Matrix.init(rows:)) ?? context.part("start") { try self.start.fit(rows, in: context).centroids }
    return try lloyd.fit(rows, startingAt: start, in: context)
  }

  /// Clusters the rows of all ranks, starting at given centroids, and returns the cluster of each of this rank's rows too, in
  /// their order.
  public func fitAssigning(
    _ rows: some RowSource, startingAt start: Matrix, in context: ExecutionContext = .local
  ) throws -> (model: Model, assignments: [Int32]) { try lloyd.fit(rows, startingAt: start, in: context) }
}
