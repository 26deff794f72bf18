// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

/// The exact objective Σᵢ wᵢ ‖xᵢ − c(aᵢ)‖², from differences, the part of each cluster, and the number of rows of each.
struct ObjectivePass: Pass {
  let centroids: Matrix
  let labels: RowMemory<Int32>
  let weights: RowWeights?

  struct Partial: Mergeable {
    var objective = 0.0
    var ofClusters: [Double]
    /// Of rows that count.
    var clusterSizes: [Int]
    /// The sums of the rows' weights, if they have any.
    var clusterWeights: [Double]?

    mutating func merge(_ later: Self) {
      objective += later.objective
      for j in clusterSizes.indices {
        ofClusters[j] += later.ofClusters[j]
        clusterSizes[j] += later.clusterSizes[j]
      }
      guard let laterWeights = later.clusterWeights else { return }
      for j in laterWeights.indices { clusterWeights?[j] += laterWeights[j] }
    }
  }

  func makePartial(columnCount: Int) -> Partial {
    Partial(
      ofClusters: Array(repeating: 0, count: centroids.rowCount),
      clusterSizes: Array(repeating: 0, count: centroids.rowCount),
      clusterWeights: weights.map { _ in Array(repeating: 0, count: centroids.rowCount) })
  }

  func blockRowCount(columnCount: Int) -> Int {
    LloydPass.blockRowCount(clusterCount: centroids.rowCount)
  }

  func accumulate(_ samples: Samples, into partial: inout Partial) {
    labels.withValues(firstRow: samples.firstRow, count: samples.rowCount) { labels in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: samples.rowCount) { distances in
        let sum = samples.rows.squaredDistances(
          to: centroids.elements, labels: UnsafeBufferPointer(labels), into: distances)
        guard let weights else {
          partial.objective += sum
          for (i, label) in labels.enumerated() {
            partial.ofClusters[Int(label)] += distances[i]
            partial.clusterSizes[Int(label)] += 1
          }
          return
        }
        weights.withWeights(of: samples) { add(distances, $0, labels, to: &partial) }
      }
    }
  }

  /// Adds rows that have weights.
  private func add(
    _ distances: UnsafeMutableBufferPointer<Double>, _ weights: UnsafeBufferPointer<Double>,
    _ labels: UnsafeMutableBufferPointer<Int32>, to partial: inout Partial
  ) {
    for (i, label) in labels.enumerated() where weights[i] > 0 {
      let square = weights[i] * distances[i]
      partial.objective += square
      partial.ofClusters[Int(label)] += square
      partial.clusterSizes[Int(label)] += 1
      partial.clusterWeights?[Int(label)] += weights[i]
    }
  }

  func finalize(_ partial: Partial) -> Partial {
    guard let weights, weights.factor != 1 else { return partial }
    var found = partial
    found.objective /= weights.factor
    found.ofClusters = found.ofClusters.map { $0 / weights.factor }
    found.clusterWeights = found.clusterWeights?.map { $0 / weights.factor }
    return found
  }
}
