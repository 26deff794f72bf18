// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// k-means++ over points in memory, each counted a number of times.
///
/// It is the last step of k-means‖, over the candidates of all rounds, and the reference that the distributed k-means++ is
/// tested against: with all multiplicities 1 it chooses the same rows.
package struct PlusPlusInMemory {
  /// The coordinates, point after point.
  private let points: [Double]
  private let columnCount: Int
  /// How often each point counts; `nil` if each counts once.
  private let multiplicities: [Double]?
  private let pointCount: Int

  /// Points of `columnCount` coordinates each.
  ///
  /// - Parameters:
  ///   - points: The coordinates, point after point.
  ///   - columnCount: How many coordinates a point has.
  ///   - multiplicities: How often each point counts, 0 or more; `nil` for once each.
  /// - Precondition: there is a point, and a multiplicity for each if there are any.
  package init(points: [Double], columnCount: Int, multiplicities: [Double]? = nil) {
    precondition(
      columnCount > 0 && !points.isEmpty && points.count % columnCount == 0,
      "\(points.count) numbers do not make points of \(columnCount)")
    self.points = points
    self.columnCount = columnCount
    pointCount = points.count / columnCount
    self.multiplicities = multiplicities
    if let multiplicities {
      precondition(multiplicities.count == pointCount, "\(multiplicities.count) multiplicities of \(pointCount) points")
      precondition(multiplicities.allSatisfy { $0 >= 0 }, "a negative multiplicity")
    }
  }

  /// Chooses the points that become centers.
  ///
  /// The first is drawn with equal chances for each point, whatever its multiplicity; the others in proportion to the
  /// multiplicity times the squared distance to the nearest center. The order of the draws is that of ``PlusPlusDraws``.
  ///
  /// - Parameters:
  ///   - clusterCount: How many centers to draw. They are different points as long as enough points differ.
  ///   - trialCount: How many points to try for each center after the first.
  ///   - stream: The stream to draw from; it is left after the last output used.
  /// - Returns: The indices of the chosen points, in the order of the centers.
  /// - Throws: `LockstepError` with the code `notFinite` if a squared distance is not finite.
  /// - Complexity: O(pointCount · columnCount · clusterCount · trialCount).
  package func choose(
    clusterCount: Int, trialCount: Int = 1, stream: inout MersenneTwister
  ) throws -> [Int] {
    var draws = PlusPlusDraws(clusterCount: clusterCount, trialCount: trialCount, stream: stream)
    defer { stream = draws.stream }
    var chosen = [draws.firstRow(rowCount: pointCount)]
    var current = try State(distances(to: chosen[0], atMost: nil))
    var winner = 0
    for cluster in 1..<clusterCount {
      try Cancellation.check()
      let rows = try (0..<trialCount).map { trial in
        try draws.row(cluster: cluster, trial: trial, total: current.total.sum, rowCount: pointCount) { target in
          try current.locate(target)
        }
      }
      let trials = try rows.map { try State(distances(to: $0, atMost: current.distances)) }
      winner = PlusPlusDraws.bestTrial(trials.map(\.total), previous: winner)
      chosen.append(rows[winner])
      current = trials[winner]
    }
    return chosen
  }

  /// Each point's multiplicity times its squared distance to `center`, or what it was if that is less.
  private func distances(to center: Int, atMost bound: [Double]?) -> [Double] {
    points.withUnsafeBufferPointer { points in
      let center = points[center * columnCount..<(center + 1) * columnCount]
      return (0..<pointCount).map { point in
        var sum = 0.0
        for column in 0..<columnCount {
          let difference = points[point * columnCount + column] - center[center.startIndex + column]
          sum += difference * difference
        }
        if let multiplicities { sum *= multiplicities[point] }
        return bound.map { min($0[point], sum) } ?? sum
      }
    }
  }

  /// The distances of one choice of centers, with their sum.
  private struct State {
    let distances: [Double]
    let total: ScaledWeightSum

    init(_ distances: [Double]) throws {
      self.distances = distances
      // `max()` may step over NaN; a NaN in the sum does not go away.
      let sum = distances.reduce(0, +)
      let scale = try WeightScale(largest: sum.isNaN ? .nan : distances.max() ?? 0)
      total = ScaledWeightSum(distances.withUnsafeBufferPointer { scale.sum(of: $0) }, scale: scale)
    }

    func locate(_ target: WeightTarget) throws -> (row: Int, weight: UInt64) {
      var target = target
      guard let row = distances.withUnsafeBufferPointer({ target.row(in: $0, scale: total.scale) }) else {
        throw LockstepError(
          .internalInconsistency, "a target of \(target.remaining) units lies past a sum of \(total.sum.value)")
      }
      return (row, total.scale.weight(of: distances[row]))
    }
  }
}
