// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// Clusters of any shape: rows that are densely connected, and noise between them (DBSCAN).
///
/// Rows are near each other if their Euclidean distance is at most ε. A row is a core if at least `minPoints` rows are near it, itself
/// included; with weights, if the weights of those rows are at least `minPoints` together. Clusters are the connected components of cores
/// that are near each other, numbered from 0 by their lowest core row. A row that is no core is a border row if a core is near it: it belongs
/// to the cluster of the lowest core row near it. All other rows are noise, −1.
///
/// ```swift
/// let (model, assignments) = try DBSCAN(epsilon: 0.3, minPoints: 10).fitAssigning(rows, in: world)
/// print(model.clusterCount, assignments[0])
/// ```
/// - Method: Ester, Kriegel, Sander & Xu (1996), exactly, not by samples or cells. Space is cut into one box for each rank, by planes that
///   halve rows drawn from all; each rank gets the rows of its box, and those within ε of it. It finds the cores of its box and connects
///   them by a k-d tree and union–find; components that meet at a row of two ranks are joined, and each rank gets its rows' clusters back.
/// - Accuracy: rows are near if the sum of the squares of their differences, column by column, each operation rounded once in double
///   precision, is at most ε². Cores, clusters and borders follow from that alone: the same for any number of ranks and threads, to the row.
/// - Sweeps: 2, one for NaN and infinities, one that sends rows to their boxes.
/// - Memory per rank: the rows of its box and of what lies within ε of it, twice as doubles, and some 40 bytes for each; and an entry of the
///   model for each cluster. A limit of memory does not hold for these.
/// - Communication: each row once to its box, and to those within ε of which it lies; a cluster for each row back. Components that meet at a
///   boundary come together on rank 0.
/// - Not for: clusters of different density; more than some ten columns, where distances are all alike; columns of different units, unless
///   you scale them first. There is no prediction: a new row may connect clusters.
public struct DBSCAN: Estimator, Hashable {
  /// The largest distance of rows that are near each other, ε > 0, in units of the data.
  ///
  /// Default 0.5.
  public var epsilon = 0.5
  /// The number of rows near a core, itself included, or their weight, at least 1.
  ///
  /// Default 5.
  public var minPoints = 5
  /// Whether border rows are told from cores: a border row of cluster c then has −2 − c.
  ///
  /// Default `false`.
  public var marksBorders = false

  /// All defaults.
  public init() {}

  /// DBSCAN with these parameters.
  public init(epsilon: Double, minPoints: Int = 5) {
    self.epsilon = epsilon
    self.minPoints = minPoints
  }

  /// Throws ``LockstepError`` with code `.usage` if a parameter makes no sense.
  public func validate() throws {
    guard epsilon > 0, (epsilon * epsilon).isNormal else {
      throw LockstepError(
        .usage, "a distance of \(epsilon)", remedy: "give a number above 0 whose square is neither 0 nor infinite")
    }
    if minPoints < 1 {
      throw LockstepError(.usage, "cores of at least \(minPoints) points", remedy: "ask for 1 or more")
    }
  }

  /// Clusters the rows of all ranks.
  ///
  /// Collective; the model has the same bits on every rank.
  ///
  /// - Throws: What ``fitAssigning(_:in:)`` throws.
  public func fit(_ rows: some RowSource, in context: ExecutionContext = .local) throws -> Model {
    try fitAssigning(rows, in: context).model
  }

  /// Clusters the rows of all ranks, and returns the cluster of each of this rank's rows too, in their order: −1 for noise.
  ///
  /// Collective.
  ///
  /// - Parameters:
  ///   - rows: This rank's rows, with weights if they have some.
  ///   - context: The ranks and threads.
  /// - Returns: The model, and the clusters.
  /// - Throws: ``LockstepError`` with code `.notFinite` for a NaN or an infinity, `.malformedInput` for a negative weight, `.usage` for
  ///   senseless parameters, `.outOfMemory` if a rank's box has too many rows.
  public func fitAssigning(
    _ rows: some RowSource, in context: ExecutionContext = .local
  ) throws -> (model: Model, assignments: [Int32]) {
    try context.agree { try validate(for: rows) }
    let aligned = try context.align(rows) { BlockSize.standard(columnCount: $0) }
    let scale = try context.reduce(WeightScalePass(check: FiniteCheck(columnNames: aligned.columnNames)), over: aligned)
    var clustering = DensityClustering(self, of: aligned, weightExponent: scale, in: context)
    let roots = try clustering.clusterRoots()
    return try DensityNumbering(roots: roots, aligned: aligned, in: context).result(marksBorders: marksBorders)
  }
}

/// Looks at every number, and finds the power of two that makes whole numbers of weights; `nil` for rows without weights.
///
/// Sums of whole numbers do not depend on the order of addition.
struct WeightScalePass: Pass {
  let check: FiniteCheck

  struct Partial: Mergeable {
    var finite = FiniteCheck.Partial()
    var rowCount = 0
    var largest: Double?
    mutating func merge(_ later: Self) {
      finite.merge(later.finite)
      rowCount += later.rowCount
      largest = largest.map { max($0, later.largest ?? 0) } ?? later.largest
    }
  }

  func makePartial(columnCount: Int) -> Partial { Partial() }

  func accumulate(_ samples: Samples, into partial: inout Partial) throws {
    check.accumulate(samples, into: &partial.finite)
    partial.rowCount += samples.rowCount
    guard samples.weights != nil else { return }
    try samples.withCheckedWeights { weights in
      guard let weights else { return }
      for i in 0..<samples.rowCount { partial.largest = max(partial.largest ?? 0, weights[i]) }
    }
  }

  func finalize(_ partial: Partial) throws -> Int? {
    _ = try check.finalize(partial.finite)
    guard let largest = partial.largest else { return nil }
    // The sum of all weights stays below 2⁶²; what is a multiple of 2⁻⁵² of the largest stays as it is where rows are few.
    let bits = Int.bitWidth - partial.rowCount.leadingZeroBitCount
    return largest > 0 ? min(61 - bits - Int(largest.exponent), 1000) : 0
  }
}
