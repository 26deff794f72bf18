// SPDX-License-Identifier: Apache-2.0

import LockstepGraphics

extension DBSCAN.Model: ReportedModel {
  /// Sizes of the clusters, the first ones if there are many.
  package func report(_ names: ReportNames) -> ModelReport {
    let shownCount = ReportNames.shownCount
    let shown = 0..<min(clusterCount, shownCount)
    let table = TextTable(
      keys: [.init("cluster", shown.map { "\($0)" })],
      columns: [
        .init("rows", shown.map { "\(clusterSizes[$0])" }),
        .init("core rows", shown.map { "\(clusterCoreCounts[$0])" }),
        .init("first core row", shown.map { "\(firstCores[$0])" }),
      ])
    var notes: [String] = []
    if clusterCount > shownCount {
      notes.append("the table shows the first \(shownCount) of \(clusterCount) clusters; the saved model has all")
    }
    if clusterCount == 0 { notes.append("no row has enough others near it; allow a larger distance, or fewer points") }
    return ModelReport(
      title: "DBSCAN", tables: clusterCount > 0 ? [table] : [],
      figures: [
        ("clusters", "\(clusterCount)"), ("core rows", "\(coreCount)"), ("border rows", "\(borderCount)"),
        ("noise", "\(noiseCount)"),
      ], notes: notes)
  }
}

extension DBSCAN.Model: ChartedModel {
  /// The sizes of the clusters, and of the noise.
  package func charts(_ names: ReportNames) -> [Chart] {
    guard clusterCount > 0, clusterCount <= 100 else { return [] }
    let sizes = (clusterSizes + [noiseCount]).map(Double.init)
    let largest = clusterSizes.indices.max { clusterSizes[$0] < clusterSizes[$1] } ?? 0
    return [
      Chart(
        title: "Cluster sizes",
        alternative:
          "The largest cluster, \(largest), has \(clusterSizes[largest]) rows; \(noiseCount) rows are noise.",
        x: .init("rows", .linear(of: sizes, includingZero: true)),
        y: .init("cluster", .bands((0..<clusterCount).map { "\($0)" } + ["noise"])), marks: [.bars(sizes, series: 0)])
    ]
  }
}
