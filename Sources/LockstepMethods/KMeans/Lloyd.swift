// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// Lloyd's algorithm from given centroids: the inner part of ``KMeans``.
struct Lloyd {
  var clusterCount: Int
  var maxIterations: Int
  var tolerance: Double

  /// What a checkpoint keeps: all else follows from the centroids.
  private struct Progress: Codable, Sendable {
    /// Before the last step, which did not end the loop.
    var centroids: Matrix
    var iterations: Int
  }

  func validate() throws {
    if clusterCount < 1 { throw LockstepError(.usage, "\(clusterCount) clusters", remedy: "ask for 1 or more") }
    if maxIterations < 0 { throw LockstepError(.usage, "\(maxIterations) iterations", remedy: "ask for 0 or more") }
    guard tolerance >= 0, tolerance.isFinite else {
      throw LockstepError(.usage, "a tolerance of \(tolerance)", remedy: "give a finite number that is not negative")
    }
  }

  /// Clusters the rows of all ranks and returns the cluster of each of this rank's rows too, in their order.
  func fit(
    _ rows: some RowSource, startingAt start: Matrix, in context: ExecutionContext
  ) throws -> (model: KMeans.Model, assignments: [Int32]) {
    let result = try iterate(rows, startingAt: start, in: context)
    return (result.model, try context.rowValues(of: result.labels, for: result.aligned))
  }

  /// Clusters the rows of all ranks, and says what speaks for the clusters.
  func fitJudging(
    _ rows: some RowSource, startingAt start: Matrix, in context: ExecutionContext
  ) throws -> (model: KMeans.Model, choice: KMeans.Choice) {
    let result = try iterate(rows, startingAt: start, in: context)
    let choice = try result.sums.choice(
      of: result.model, labels: result.labels, rowWeights: result.weights, over: result.aligned, in: context)
    return (result.model, choice)
  }

  /// The clusters, and what else is known of the rows at the end.
  private struct Result {
    var model: KMeans.Model
    var labels: RowMemory<Int32>
    var sums: ClusterSums
    var weights: RowWeights?
    var aligned: AlignedRows
  }

  private func iterate(
    _ rows: some RowSource, startingAt start: Matrix, in context: ExecutionContext
  ) throws -> Result {
    try context.agree { try validate() }
    let aligned = try context.align(rows) { _ in LloydPass.blockRowCount(clusterCount: clusterCount) }
    let start = try context.decide { try checkedStart(start, for: aligned) }
    let weights = try RowWeights.of(aligned, clusterCount: clusterCount, in: context)
    _ = try context.reduce(FiniteCheck(columnNames: aligned.columnNames), over: aligned)

    let shift = try middle(of: aligned, in: context)
    let codeScale = try LloydRun.codeScale(for: aligned, clusterCount: clusterCount, in: context)
    let milestone = try context.milestone("Lloyd", of: Progress.self)
    var run = LloydRun(
      start: milestone.kept?.centroids ?? start, shift: shift, aligned: aligned, weights: weights,
      keepsBlockSums: context.isReproducible, codeScale: codeScale)
    var iterations = 0
    var isConverged = false
    if let kept = milestone.kept {
      // The last step once more: what is remembered of the rows is not kept.
      _ = try run.step(in: context)
      iterations = kept.iterations
    }
    while iterations < maxIterations && !isConverged {
      let before = run.centroids
      let step = try run.step(in: context)
      iterations += 1
      isConverged = step.changedCount == 0 || (tolerance > 0 && step.squaredShift <= tolerance)
      context.progress?(
        ProgressStep(
          phase: "Lloyd", step: iterations, stepLimit: maxIterations,
          figures: [("rows moved", Double(step.changedCount)), ("centroid shift", step.squaredShift.squareRoot())]))
      if !isConverged { milestone.keep(Progress(centroids: before, iterations: iterations)) }
    }
    let (final, sums) = try run.measure(in: context)
    let model = KMeans.Model(
      centroids: run.centroids, objective: final.objective, iterations: iterations, isConverged: isConverged,
      clusterSizes: final.clusterSizes, clusterWeights: final.clusterWeights, withinSumOfSquares: final.ofClusters,
      totalSumOfSquares: sums.totalSumOfSquares(
        within: final.ofClusters, about: run.centroids, weights: final.clusterWeights))
    return Result(model: model, labels: run.memory.labels, sums: sums, weights: weights, aligned: aligned)
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
