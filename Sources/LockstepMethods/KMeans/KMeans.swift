// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// k-means clustering by Lloyd's algorithm.
///
/// Given k starting centroids, repeats two steps: each row xᵢ (n × p in all) goes to its nearest centroid,
/// aᵢ = argminⱼ ‖xᵢ − cⱼ‖², ties to the lowest j; each centroid becomes the mean of its rows. The objective
/// Σᵢ ‖xᵢ − c(aᵢ)‖² never grows, and the assignments repeat after finitely many steps, at a local minimum.
///
/// ```swift
/// let start = try KMeansInitialization(clusterCount: 10).fit(rows, in: world)
/// let model = try KMeans(clusterCount: 10).fit(rows, startingAt: start, in: world)
/// ```
/// - Method: Lloyd (1982). Rows whose nearest centroid provably has not changed are skipped by distance bounds (Hamerly
///   2010; Ding et al. 2015) with a margin for rounding: labels and sums are those of the plain algorithm, to the bit.
/// - Empty clusters: the e-th empty cluster, in the order of clusters, takes the row that is e-th farthest from its own
///   centroid (ties to the lowest global row), which leaves its old cluster. If the farthest row lies on its centroid, there are
///   fewer distinct rows than clusters, and an empty cluster stays where it is.
/// - Accuracy: distances and sums are taken about a point amid the data, so data far from the origin (mean 10⁶, spread 1)
///   keep their clusters. The objective is computed from differences, for the final centroids and their assignments.
/// - Sweeps: one for each iteration, one before to look for NaN and infinities, and one or two after.
/// - Memory per rank: the rows, 4 bytes a row for the label, and bounds and sums of blocks: about a tenth of the
///   rows' own size, or up to 100 MB where that is more.
/// - Communication per iteration: k(p + 1) numbers up and down, 2⌈log₂ P⌉ messages.
/// - Not for: clusters that are not round, or of very different spread; distances other than Euclidean; columns of different
///   units, unless you scale them first.
public struct KMeans: Codable, Hashable, Sendable {
  /// The number of clusters, k ≥ 1.
  public var clusterCount: Int
  /// The largest number of iterations, at least 0; with 0, rows are only assigned.
  ///
  /// Default 100.
  public var maxIterations: Int
  /// Stops when no centroid set moves further: when Σⱼ ‖cⱼ new − cⱼ old‖² ≤ `tolerance`, in squared units of the
  /// data.
  ///
  /// With the default 0, iterates until the assignments repeat.
  public var tolerance: Double

  /// k-means with `clusterCount` clusters.
  public init(clusterCount: Int, maxIterations: Int = 100, tolerance: Double = 0) {
    self.clusterCount = clusterCount
    self.maxIterations = maxIterations
    self.tolerance = tolerance
  }

  /// Throws ``LockstepError`` with code `.usage` if a hyperparameter makes no sense.
  public func validate() throws {
    if clusterCount < 1 { throw LockstepError(.usage, "\(clusterCount) clusters", remedy: "ask for 1 or more") }
    if maxIterations < 0 { throw LockstepError(.usage, "\(maxIterations) iterations", remedy: "ask for 0 or more") }
    guard tolerance >= 0, tolerance.isFinite else {
      throw LockstepError(.usage, "a tolerance of \(tolerance)", remedy: "give a finite number that is not negative")
    }
  }

  /// Clusters the rows of all ranks, starting at centroids that ``KMeansInitialization`` found.
  public func fit(
    _ rows: some RowSource, startingAt start: KMeansInitialization.Model, in context: ExecutionContext = .local
  ) throws -> Model { try fit(rows, startingAt: start.centroids, in: context) }

  /// Clusters the rows of all ranks.
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
    _ rows: some RowSource, startingAt start: Matrix, in context: ExecutionContext = .local
  ) throws -> (model: Model, assignments: [Int32]) {
    try context.agree { try validate() }
    let aligned = try context.align(rows) { _ in LloydPass.blockRowCount(clusterCount: clusterCount) }
    let start = try context.decide { try checkedStart(start, for: aligned) }
    _ = try context.reduce(FiniteCheck(columnNames: aligned.columnNames), over: aligned)

    var run = LloydRun(
      start: start, shift: try middle(of: aligned, in: context), aligned: aligned,
      keepsBlockSums: context.isReproducible)
    var iterations = 0
    var isConverged = false
    while iterations < maxIterations && !isConverged {
      let step = try run.step(in: context)
      iterations += 1
      isConverged = step.changedCount == 0 || (tolerance > 0 && step.squaredShift <= tolerance)
      context.progress?(
        ProgressStep(
          phase: "Lloyd", step: iterations, stepLimit: maxIterations,
          figures: [("rows moved", Double(step.changedCount)), ("centroid shift", step.squaredShift.squareRoot())]))
    }
    let final = try run.measure(in: context)
    let model = Model(
      centroids: run.centroids, objective: final.objective, iterations: iterations, isConverged: isConverged,
      clusterSizes: final.clusterSizes)
    return (model, try context.rowValues(of: run.memory.labels, for: aligned))
  }

  /// The median, column by column, of a few rows spread over the table: a point amid the data even if some rows, or the
  /// start, lie far away from the rest.
  private func middle(of aligned: AlignedRows, in context: ExecutionContext) throws -> [Double] {
    let count = min(31, aligned.totalRowCount)
    let numbers = (0..<count).map { $0 * aligned.totalRowCount / count }
    return try RowFetch.fetch(numbers, from: aligned, in: context).centroids.columnMedians
  }

  private func checkedStart(_ start: Matrix, for aligned: AlignedRows) throws -> Matrix {
    try aligned.requireRows(forClusters: clusterCount)
    if start.rowCount != clusterCount || start.columnCount != aligned.columnCount {
      throw LockstepError(
        .shapeMismatch,
        "the starting centroids are \(start.rowCount) × \(start.columnCount), and \(clusterCount) clusters of "
          + "\(aligned.columnCount) columns need \(clusterCount) × \(aligned.columnCount)")
    }
    if let bad = start.elements.firstIndex(where: { !$0.isFinite }) {
      throw LockstepError(
        .notFinite, "starting centroid \(bad / start.columnCount) is \(start.elements[bad])",
        place: .init(column: bad % start.columnCount + 1))
    }
    return start
  }
}
