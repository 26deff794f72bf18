// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// k-means from parameters alone: a start by ``KMeansInitialization``, or given, and then ``KMeans``.
///
/// This is what the command line and the ``Catalog`` run.
///
/// ```swift
/// let model = try KMeansRecipe(clusterCount: 10).fit(rows, in: world)
/// ```
public struct KMeansRecipe: RowEmittingEstimator, Hashable {
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
  /// The largest number of iterations.
  ///
  /// Default 100.
  public var maxIterations = 100
  /// The shift of the centroids at which to stop, as in ``KMeans/tolerance``.
  ///
  /// Default 0.
  public var tolerance = 0.0

  /// Lloyd's algorithm.
  public typealias Model = KMeans.Model
  /// One line for lists of methods.
  public static var summary: String { "Group rows into k clusters around their means (Lloyd's algorithm)" }

  /// The clusters.
  public static var rowOutput: String { "the cluster of each row, from 0" }

  /// All defaults.
  public init() {}

  /// k-means with `clusterCount` clusters, otherwise with all defaults.
  public init(clusterCount: Int) { self.clusterCount = clusterCount }

  private var start: KMeansInitialization {
    KMeansInitialization(
      clusterCount: clusterCount, method: initialization, seed: seed, trials: trials, oversampling: oversampling,
      rounds: rounds)
  }
  private var clustering: KMeans {
    KMeans(clusterCount: clusterCount, maxIterations: maxIterations, tolerance: tolerance)
  }

  /// Throws ``LockstepError`` with code `.usage` if a parameter makes no sense.
  public func validate() throws {
    try start.validate()
    try clustering.validate()
    guard let centroids else { return }
    if let i = centroids.firstIndex(where: { $0.count != centroids[0].count }) {
      throw LockstepError(
        .usage, "starting centroid \(i) has \(centroids[i].count) coordinates, centroid 0 has \(centroids[0].count)")
    }
  }

  /// Clusters the rows of all ranks.
  ///
  /// Collective; the model has the same bits on every rank.
  public func fit(_ rows: some RowSource, in context: ExecutionContext = .local) throws -> KMeans.Model {
    try fitAssigning(rows, in: context).model
  }

  /// Clusters the rows of all ranks and returns the cluster of each of this rank's rows too, in their order.
  public func fitAssigning(
    _ rows: some RowSource, in context: ExecutionContext = .local
  ) throws -> (model: KMeans.Model, assignments: [Int32]) {
    try context.agree { try validate() }
    let start = try centroids.map(Matrix.init(rows:)) ?? start.fit(rows, in: context).centroids
    return try clustering.fitAssigning(rows, startingAt: start, in: context)
  }
}

extension KMeansRecipe {
  /// The distance that draws need, and then the label and the bounds of distances.
  public func byteCountPerRow(rowCount: Int, columnCount: Int) -> Double {
    let bounds = LloydRun.bounds(rowCount: rowCount, columnCount: columnCount, clusterCount: clusterCount)
    let drawn = centroids == nil && [.plusPlus, .parallel].contains(initialization) ? 8 : 0
    return Double(max(drawn, 4 + 4 * (bounds?.floatsPerRow ?? 0)))
  }

  /// Clusters the rows of all ranks, and gives the cluster of each of this rank's rows.
  ///
  /// Collective.
  public func fitWithRowValues(
    _ rows: some RowSource, in context: ExecutionContext
  ) throws -> (model: KMeans.Model, rowValues: RowValues) {
    let (model, assignments) = try fitAssigning(rows, in: context)
    return (model, .integers(assignments))
  }
}

extension KMeansRecipe: Codable {
  /// The parameters' names in JSON.
  public enum CodingKeys: String, CodingKey {
    case clusterCount, initialization, seed, trials, oversampling, rounds, centroids, maxIterations, tolerance
  }

  /// Writes all parameters, `centroids` too where they are not given, so that every name can be seen.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(clusterCount, forKey: .clusterCount)
    try container.encode(initialization, forKey: .initialization)
    try container.encode(seed, forKey: .seed)
    try container.encode(trials, forKey: .trials)
    try container.encode(oversampling, forKey: .oversampling)
    try container.encode(rounds, forKey: .rounds)
    try container.encode(centroids, forKey: .centroids)
    try container.encode(maxIterations, forKey: .maxIterations)
    try container.encode(tolerance, forKey: .tolerance)
  }
}

extension KMeans.Model: RowValuedModel {
  /// The cluster of each row.
  public static var rowValuesDescription: RowValuesDescription { .init(.predict, "the cluster of each row, from 0") }
  /// The cluster of each row; local.
  public func rowValues(of rows: any RowBlock) throws -> RowValues { .integers(try predict(rows)) }
}
