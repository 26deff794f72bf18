// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

/// How well clusters are told apart, from the distances of each row to all means.
///
/// The mean squared distance of a row x to the rows of cluster j is ‖x − mⱼ‖² + vⱼ, where vⱼ is the mean squared distance of these rows
/// to their mean mⱼ. One sweep thus has the silhouette of all rows, for which pairs of rows would have to be compared otherwise.
struct SilhouettePass: Pass {
  /// The means of the clusters, k × p.
  let means: Matrix
  /// The mean squared distances of their rows, k numbers; `nil` for clusters without rows.
  let variances: [Double?]
  /// How much the rows of each count together.
  let clusterWeights: [Double]
  let labels: RowMemory<Int32>
  let weights: RowWeights?

  struct Partial: Mergeable {
    var silhouette = 0.0
    var simplified = 0.0
    /// The sums of the rows' distances to the means of their clusters.
    var distances: [Double]

    mutating func merge(_ later: Self) {
      silhouette += later.silhouette
      simplified += later.simplified
      for j in distances.indices { distances[j] += later.distances[j] }
    }
  }

  func makePartial(columnCount: Int) -> Partial { Partial(distances: Array(repeating: 0, count: means.rowCount)) }

  func accumulate(_ samples: Samples, into partial: inout Partial) {
    let n = samples.rowCount
    let zeros = [Int32](repeating: 0, count: n)
    var squares = [Double](repeating: 0, count: n)
    var own = squares
    // Of the nearest other cluster: of its rows, and of its mean.
    var others = [Double](repeating: .infinity, count: n)
    var otherMeans = others
    labels.withValues(firstRow: samples.firstRow, count: n) { labels in
      for j in 0..<means.rowCount {
        guard let variance = variances[j] else { continue }
        squares.withUnsafeMutableBufferPointer { squares in
          zeros.withUnsafeBufferPointer {
            _ = samples.rows.squaredDistances(to: Array(means.row(j)), labels: $0, into: squares)
          }
        }
        for i in 0..<n {
          if labels[i] == Int32(j) {
            own[i] = squares[i]
          } else {
            others[i] = min(others[i], squares[i] + variance)
            otherMeans[i] = min(otherMeans[i], squares[i])
          }
        }
      }
      weights.withWeights(of: samples) { weights in
        for i in 0..<n {
          let weight = weights?[i] ?? 1
          let cluster = Int(labels[i])
          guard weight > 0, let variance = variances[cluster] else { continue }
          let distance = own[i].squareRoot()
          partial.distances[cluster] += weight * distance
          // The row itself is not among those that it is compared with; alone in its cluster it counts as 0.
          let rest = clusterWeights[cluster] - weight
          guard rest > 0 else { continue }
          let within = (own[i] + variance) * (clusterWeights[cluster] / rest)
          partial.silhouette += weight * Self.ratio(within, others[i])
          partial.simplified += weight * Self.ratio(distance, otherMeans[i].squareRoot())
        }
      }
    }
  }

  private static func ratio(_ within: Double, _ other: Double) -> Double {
    let largest = max(within, other)
    return largest > 0 ? (other - within) / largest : 0
  }

  func finalize(_ partial: Partial) -> Partial { partial }
}
