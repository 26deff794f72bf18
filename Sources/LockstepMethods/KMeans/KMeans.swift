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
///   units, unless you standardize them.
public struct KMeans: Estimator, Hashable {
  /// The number of clusters, k ≥ 1.
  ///
  /// Default 8.
  public var clusterCount = 8
  /// Fits every number of clusters from ``clusterCount`` to this one, and takes what ``criterion`` prefers.
  public var maxClusterCount: Int?
  /// What decides among several numbers of clusters.
  ///
  /// Default the silhouette.
  public var criterion = Criterion.silhouette
  /// Whether distances are those of z-scores: each column is divided by its standard deviation, which the model keeps.
  ///
  /// The centroids are given in the units of the data, the objective in those of z-scores. Default false.
  public var isStandardized = false
  /// How many starts are tried, of the seeds from ``seed`` on; the model of the least objective counts, the first of equals.
  ///
  /// Default 1.
  public var starts = 1
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

  var start: KMeansInitialization { start(clusterCount, number: 0) }
  private var lloyd: Lloyd { lloyd(clusterCount) }

  private func start(_ clusterCount: Int, number: Int) -> KMeansInitialization {
    KMeansInitialization(
      clusterCount: clusterCount, method: initialization, seed: seed &+ UInt64(number), trials: trials,
      oversampling: oversampling,
      rounds: rounds)
  }
  private func lloyd(_ clusterCount: Int) -> Lloyd {
    Lloyd(clusterCount: clusterCount, maxIterations: maxIterations, tolerance: tolerance)
  }

  /// Throws ``LockstepError`` with code `.usage` if a parameter makes no sense.
  public func validate() throws {
    try start.validate()
    try lloyd.validate()
    if starts < 1 { throw LockstepError(.usage, "\(starts) starts", remedy: "ask for 1 or more") }
    if let last = maxClusterCount, last < clusterCount {
      throw LockstepError(.usage, "\(clusterCount) to \(last) clusters", remedy: "give the smaller number first")
    }
    guard let centroids else { return }
    if starts > 1 || maxClusterCount != nil {
      throw LockstepError(
        .usage, "starting centroids for more than one fit",
        remedy: "leave the centroids out, or ask for one start of one number of clusters")
    }
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
    try fit(rows, in: context, needsAssignments: false).model
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
    try fit(rows, in: context, needsAssignments: true)
  }

  private func fit(
    _ rows: some RowSource, in context: ExecutionContext, needsAssignments: Bool
  ) throws -> (model: Model, assignments: [Int32]) {
    try context.agree { try validate(for: rows) }
    if isStandardized { return try fitStandardized(rows, in: context) }
    if let centroids { return try lloyd.fit(rows, startingAt: Matrix(rows: centroids), in: context) }
    guard starts > 1 || maxClusterCount != nil else {
      let start = try context.part("start") { try self.start.fit(rows, in: context).centroids }
      return try lloyd.fit(rows, startingAt: start, in: context)
    }
    let model = try best(rows, in: context)
    guard needsAssignments else { return (model, []) }
    // The rows once more: labels are not kept of all fits.
    var assigning = lloyd(model.clusterCount)
    assigning.maxIterations = 0
    return (model, try assigning.fit(rows, startingAt: model.centroids, in: context).assignments)
  }

  /// What a start came to.
  private struct Candidate: Codable, Sendable {
    var model: Model
    var choice: Choice?
  }

  /// The best of all starts, of the number of clusters that is preferred.
  private func best(_ rows: some RowSource, in context: ExecutionContext) throws -> Model {
    var best: Model?
    var choices: [Choice] = []
    for clusterCount in clusterCount...max(maxClusterCount ?? clusterCount, clusterCount) {
      var ofCount: Candidate?
      // The first rows are the same rows every time.
      for number in 0..<(initialization == .firstRows ? 1 : starts) {
        let candidate = try context.part("start \(number + 1) of \(clusterCount) clusters") {
          let start = try self.start(clusterCount, number: number).fit(rows, in: context).centroids
          guard maxClusterCount != nil else {
            return Candidate(model: try lloyd(clusterCount).fit(rows, startingAt: start, in: context).model)
          }
          let (model, choice) = try lloyd(clusterCount).fitJudging(rows, startingAt: start, in: context)
          return Candidate(model: model, choice: choice)
        }
        if ofCount.map({ candidate.model.objective < $0.model.objective }) ?? true { ofCount = candidate }
      }
      guard let ofCount else { continue }
      if let choice = ofCount.choice { choices.append(choice) }
      if best == nil || criterion.preferred(among: choices) == choices.count - 1 { best = ofCount.model }
    }
    guard var best else { preconditionFailure("no number of clusters") }
    best.choices = choices.isEmpty ? nil : choices
    return best
  }

  /// Clusters the rows of all ranks, starting at given centroids, and returns the cluster of each of this rank's rows too, in
  /// their order.
  public func fitAssigning(
    _ rows: some RowSource, startingAt start: Matrix, in context: ExecutionContext = .local
  ) throws -> (model: Model, assignments: [Int32]) { try lloyd.fit(rows, startingAt: start, in: context) }
}
