// SPDX-License-Identifier: Apache-2.0

import LockstepGraphics

extension KMeans.Model: ChartedModel {
  /// The sizes of the clusters, and where their means lie from the overall mean.
  package func charts(_ names: ReportNames) -> [Chart] {
    guard clusterCount > 1, clusterCount <= 100 else { return [] }
    let clusters = (0..<clusterCount).map { "\($0)" }
    let sizes = clusterSizes.map(Double.init)
    let largest = sizes.indices.max { sizes[$0] < sizes[$1] } ?? 0
    let smallest = sizes.indices.min { sizes[$0] < sizes[$1] } ?? 0
    return [
      Chart(
        title: "Cluster sizes",
        alternative:
          "The largest cluster, \(largest), has \(clusterSizes[largest]) rows, the smallest, \(smallest), has "
          + "\(clusterSizes[smallest]).", x: .init("rows", .linear(of: sizes, includingZero: true)),
        y: .init("cluster", .bands(clusters)), marks: [.bars(sizes, series: 0)]),
      profile(names, clusters),
    ]
  }

  /// The distance of each cluster's mean from the overall mean, in standard deviations of the clusters' means, column by column.
  private func profile(_ names: ReportNames, _ clusters: [String]) -> Chart {
    let weights = clusterWeights ?? clusterSizes.map(Double.init)
    let total = weights.reduce(0, +)
    var scores = [[Double]](repeating: [], count: columnCount)
    for j in 0..<columnCount {
      let values = (0..<clusterCount).map { centroids[$0, j] }
      let mean = zip(values, weights).reduce(0) { $0 + $1.0 * ($1.1 / total) }
      let variance = zip(values, weights).reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) * ($1.1 / total) }
      let deviation = variance.squareRoot()
      scores[j] = values.map { deviation > 0 ? ($0 - mean) / deviation : 0 }
    }
    let shown = ReportNames.largest(scores.map { $0.map(abs).max() ?? 0 })
    let extreme = shown.flatMap { j in scores[j].enumerated().map { (column: j, cluster: $0, score: $1) } }
      .max { abs($0.score) < abs($1.score) }
    let words = extreme.map {
      "Cluster \($0.cluster) stands out most: its mean of \(names.columns[$0.column]) lies \(NumberLabel.short(abs($0.score))) "
        + "deviations \($0.score < 0 ? "below" : "above") the overall mean."
    }
    return Chart(
      title: "Profile of the clusters",
      alternative:
        "How far each cluster's mean lies from the overall mean, in standard deviations of the cluster means. "
        + (words ?? "") + ReportNames.note(shown: shown.count, of: columnCount),
      x: .init("cluster", .bands(clusters)), y: .init("", .bands(shown.map { names.columns[$0] })),
      marks: [.tiles(shown.flatMap { scores[$0] }, columnCount: clusterCount, limit: 2.5)])
  }
}
