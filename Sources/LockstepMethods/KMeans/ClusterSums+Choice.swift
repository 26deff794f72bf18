// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepReduction
import LockstepTables

extension ClusterSums {
  /// What speaks for these clusters; one sweep, collective.
  ///
  /// - Parameters:
  ///   - model: The fit.
  ///   - labels: The cluster of each row.
  ///   - rowWeights: How often the rows count.
  ///   - aligned: The rows.
  ///   - context: The ranks and threads.
  /// - Returns: The figures.
  /// - Throws: What the sweep throws.
  func choice(
    of model: KMeans.Model, labels: RowMemory<Int32>, rowWeights: RowWeights?, over aligned: AlignedRows,
    in context: ExecutionContext
  ) throws -> KMeans.Choice {
    let (k, p) = (model.clusterCount, model.columnCount)
    let means = means(keeping: model.centroids)
    // As the sums have them: weights may be scaled by a power of two.
    let factor = rowWeights?.factor ?? 1
    let present = (0..<k).filter { counts[$0] > 0 }
    let within = (0..<k).map { j -> Double in
      var moved = 0.0
      for i in 0..<p {
        let difference = means[j, i] - model.centroids[j, i]
        moved += difference * difference
      }
      return max((model.withinSumOfSquares?[j] ?? 0) * factor - weight(of: j) * moved, 0)
    }
    let found = try context.reduce(
      SilhouettePass(
        means: means, variances: (0..<k).map { counts[$0] > 0 ? within[$0] / weight(of: $0) : nil },
        clusterWeights: (0..<k).map { weight(of: $0) }, labels: labels, weights: rowWeights), over: aligned)

    let scaledTotal = present.reduce(0.0) { $0 + weight(of: $1) }
    var choice = KMeans.Choice(
      clusterCount: k, objective: model.objective, silhouette: .nan, calinskiHarabasz: .nan, daviesBouldin: .nan,
      bic: .nan, simplifiedSilhouette: .nan)
    // Degrees of freedom are those of as many rows as the weights come to.
    let n = scaledTotal / factor
    let sum = within.reduce(0, +) / factor
    let free = n - Double(present.count)
    if free > 0 {
      let variance = sum / (Double(p) * free)
      var logLikelihood = -0.5 * Double(p) * (n * log(2 * Double.pi * variance) + free)
      for j in present { logLikelihood += weight(of: j) / factor * log(weight(of: j) / scaledTotal) }
      let parameterCount = Double(present.count - 1 + present.count * p + 1)
      choice.bic = parameterCount * log(n) - 2 * logLikelihood
    }
    guard present.count > 1 else { return choice }
    choice.silhouette = found.silhouette / scaledTotal
    choice.simplifiedSilhouette = found.simplified / scaledTotal
    if free > 0, let total = model.totalSumOfSquares {
      choice.calinskiHarabasz = (total - sum) / sum * (free / Double(present.count - 1))
    }
    choice.daviesBouldin = daviesBouldin(means, present, found.distances)
    return choice
  }

  /// The mean over the clusters of the largest (sᵢ + sⱼ) / ‖mᵢ − mⱼ‖, where s is the mean distance of a cluster's rows to their mean.
  private func daviesBouldin(_ means: Matrix, _ present: [Int], _ distances: [Double]) -> Double {
    var sum = 0.0
    for i in present {
      var largest = 0.0
      for j in present where j != i {
        let square = zip(means.row(i), means.row(j)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let spread = distances[i] / weight(of: i) + distances[j] / weight(of: j)
        // Clusters of the same mean are as like as can be.
        largest = max(largest, square > 0 ? spread / square.squareRoot() : .infinity)
      }
      sum += largest
    }
    return sum / Double(present.count)
  }
}
