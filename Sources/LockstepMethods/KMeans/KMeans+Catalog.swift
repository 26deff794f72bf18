// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

extension KMeans: RowEmittingEstimator {
  package static let summary = "Group rows into k clusters around their means (Lloyd's algorithm)"
  package static let rowOutput = "the cluster of each row, from 0"
  package static let guide = "k-means"
  package static let iterates = true
  package static let roles = MethodRoles(weights: .optional)

  package static let hyperparameters: [Hyperparameter<KMeans>] = [
    .init("clusterCount", \.clusterCount, bounds: .atLeast(1), "The number of clusters."),
    .init(
      "maxClusterCount", \.maxClusterCount, bounds: .atLeast(1),
      "Fit every number of clusters up to this one, and take what the criterion prefers."),
    .init("criterion", \.criterion, "What decides among several numbers of clusters."),
    .init("isStandardized", \.isStandardized, "Divide each column by its standard deviation for distances."),
    .init(
      "starts", \.starts, bounds: .atLeast(1),
      "How many starts are tried, with seeds in turn; the one of the least objective counts."),
    .init("initialization", \.initialization, "The rule for the starting centroids."),
    .init("seed", \.seed, "The seed of all random draws."),
    .init(
      "trials", \.trials, bounds: .atLeast(1), "plus-plus: rows drawn for each centroid, of which the best is taken."),
    .init(
      "oversampling", \.oversampling, bounds: .above(0), "parallel: each round draws this many times k rows."),
    .init("rounds", \.rounds, bounds: .atLeast(1), "parallel: the number of rounds."),
    .init("centroids", \.centroids, "Start from these centroids, a list for each, instead of a rule."),
    .init("maxIterations", \.maxIterations, bounds: .atLeast(0), "The largest number of iterations."),
    .init(
      "tolerance", \.tolerance, bounds: .atLeast(0),
      "Stop when the sum of squared shifts of the centroids is at most this; 0: when the assignments repeat."),
  ]

  /// What draws need, and then the label, the bounds of distances and the codes.
  package func byteCountPerRow(rowCount: Int, columnCount: Int) -> Double {
    var start = start
    start.clusterCount = max(maxClusterCount ?? clusterCount, clusterCount)
    let clusterCount = start.clusterCount
    let bounds = LloydRun.bounds(rowCount: rowCount, columnCount: columnCount, clusterCount: clusterCount)
    let drawn = centroids == nil ? start.byteCountOfDraws(columnCount: columnCount) : 0
    let codes = LloydRun.codeByteCount(columnCount: columnCount, clusterCount: clusterCount)
    let scaled = isStandardized ? 8 * columnCount : 0
    return Double(scaled + max(drawn, 4 + 4 * (bounds?.floatsPerRow ?? 0) + codes))
  }

  /// Clusters the rows of all ranks, and gives the cluster of each of this rank's rows.
  ///
  /// Collective.
  package func fitWithRowValues(
    _ rows: some RowSource, in context: ExecutionContext
  ) throws -> (model: Model, rowValues: RowValues) {
    let (model, assignments) = try fitAssigning(rows, in: context)
    return (model, .integers(assignments))
  }
}

extension KMeans.Model: RowValuedModel {
  /// The cluster of each row.
  public static var rowValuesDescription: RowValuesDescription { .init(.predict, "the cluster of each row, from 0") }
  /// The nearest centroid of each of this rank's rows, which are looked at block by block, by the context's threads.
  ///
  /// Collective: if one rank fails, all do.
  ///
  /// - Throws: What the same of a block throws, with the row counted from this rank's first.
  public func predict(_ rows: some RowSource, in context: ExecutionContext) throws -> [Int32] {
    guard case .integers(let clusters) = try agreedValues(of: rows, in: context) else {
      preconditionFailure("the clusters of rows are no integers")
    }
    return clusters
  }

  /// The cluster of each row; local.
  public func rowValues(of rows: any RowBlock) throws -> RowValues { .integers(try predict(rows)) }
}
