// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

/// The sums of the rows of each cluster about a shift, k × p, and their numbers.
struct ClusterSums: Mergeable {
  var sums: [Double]
  /// How many rows there are, of those that count.
  var counts: [Int]
  /// The sums of the rows' weights, k numbers, if they have any.
  var weights: [Double]?
  /// How many rows were not in this cluster before.
  var changedCount = 0
  let shift: [Double]

  /// Memory for the sums of some rows.
  struct Buffers {
    let sums: UnsafeMutableBufferPointer<Double>
    let counts: UnsafeMutableBufferPointer<Int>
    let weights: UnsafeMutableBufferPointer<Double>?
  }

  init(clusterCount: Int, columnCount: Int, shift: [Double], isWeighted: Bool) {
    sums = Array(repeating: 0, count: clusterCount * columnCount)
    counts = Array(repeating: 0, count: clusterCount)
    weights = isWeighted ? Array(repeating: 0, count: clusterCount) : nil
    self.shift = shift
  }

  mutating func merge(_ later: Self) {
    later.sums.withUnsafeBufferPointer { sums in
      later.counts.withUnsafeBufferPointer { counts in
        guard let laterWeights = later.weights else { return add(sums, counts, nil) }
        laterWeights.withUnsafeBufferPointer { add(sums, counts, $0) }
      }
    }
    changedCount += later.changedCount
  }

  mutating func add(_ later: Buffers) {
    add(
      UnsafeBufferPointer(later.sums), UnsafeBufferPointer(later.counts), later.weights.map { UnsafeBufferPointer($0) })
  }

  /// Runs for each block of each sweep: on memory, since arrays check their bounds.
  private mutating func add(
    _ laterSums: UnsafeBufferPointer<Double>, _ laterCounts: UnsafeBufferPointer<Int>,
    _ laterWeights: UnsafeBufferPointer<Double>?
  ) {
    withBuffers { mine in
      for i in mine.sums.indices { mine.sums[i] += laterSums[i] }
      for j in mine.counts.indices { mine.counts[j] += laterCounts[j] }
      guard let weights = mine.weights, let laterWeights else { return }
      for j in weights.indices { weights[j] += laterWeights[j] }
    }
  }

  mutating func withBuffers<R>(_ body: (Buffers) -> R) -> R {
    sums.withUnsafeMutableBufferPointer { sums in
      counts.withUnsafeMutableBufferPointer { counts in
        weights?.withUnsafeMutableBufferPointer { body(Buffers(sums: sums, counts: counts, weights: $0)) }
          ?? body(Buffers(sums: sums, counts: counts, weights: nil))
      }
    }
  }

  /// How much the rows of a cluster count together.
  func weight(of cluster: Int) -> Double { weights?[cluster] ?? Double(counts[cluster]) }

  /// The means of the clusters; an empty cluster keeps its centroid.
  ///
  /// - Parameters:
  ///   - centroids: The centroids before.
  ///   - empty: Empty clusters, ascending, of which the first take one row each.
  ///   - rows: The rows they take, farthest first; a row leaves its old cluster unless it is the last one there.
  /// - Returns: The centroids for the next sweep.
  func means(keeping centroids: Matrix, filling empty: [Int] = [], with rows: [FarthestRows.Row] = []) -> Matrix {
    var filled = self
    for (j, row) in zip(empty, rows) { filled.move(row, to: j) }
    let p = centroids.columnCount
    var means = centroids
    for j in filled.counts.indices where filled.counts[j] > 0 {
      let weight = filled.weight(of: j)
      for i in 0..<p { means[j, i] = shift[i] + filled.sums[j * p + i] / weight }
    }
    return means
  }

  /// Moves a row to an empty cluster.
  private mutating func move(_ row: FarthestRows.Row, to cluster: Int) {
    // A row on its centroid would make a second cluster of the same place.
    guard row.squaredDistance > 0, counts[row.label] > 1 else { return }
    let p = shift.count
    // What is left when nearly all of a sum is taken away is rounding: then the row counts in both, until the next sweep.
    let left = weight(of: row.label) - row.weight
    let leaves = left > 0x1p-20 * row.weight
    for i in 0..<p {
      let y = row.weight * (row.values[i] - shift[i])
      if leaves { sums[row.label * p + i] -= y }
      sums[cluster * p + i] = y
    }
    counts[cluster] = 1
    weights?[cluster] = row.weight
    guard leaves else { return }
    counts[row.label] -= 1
    weights?[row.label] = left
  }

  /// The sum of squared distances of all rows from their common mean.
  ///
  /// - Parameters:
  ///   - within: Those from the centroids, cluster by cluster.
  ///   - centroids: The centroids, which are the means of the clusters if the iterations have converged.
  ///   - clusterWeights: How much the rows of each cluster count, if that is not how many they are.
  /// - Returns: The sum, which is exact but for rounding whether or not the centroids are means.
  func totalSumOfSquares(within: [Double], about centroids: Matrix, weights clusterWeights: [Double]?) -> Double {
    let p = centroids.columnCount
    let weights = clusterWeights ?? counts.map(Double.init)
    // Weights may be large and the rows far apart: shares do not overflow.
    let all = weights.reduce(0, +)
    var mean = [Double](repeating: 0, count: p)
    for j in counts.indices where counts[j] > 0 {
      for i in 0..<p { mean[i] += sums[j * p + i] / weight(of: j) * (weights[j] / all) }
    }
    var total = 0.0
    for j in counts.indices where counts[j] > 0 {
      var (between, moved) = (0.0, 0.0)
      for i in 0..<p {
        let own = sums[j * p + i] / weight(of: j)
        between += (own - mean[i]) * (own - mean[i])
        let centroid = centroids[j, i] - shift[i]
        moved += (own - centroid) * (own - centroid)
      }
      total += max(within[j] - weights[j] * moved, 0) + weights[j] * between
    }
    return total
  }
}
