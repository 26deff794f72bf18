// SPDX-License-Identifier: Apache-2.0

import Lockstep

extension KMeans.Model: ReportedModel {
  /// The most clusters, and columns, that the table shows.
  private static var shownCount: Int { 100 }

  var title: String { "k-means" }

  func tables(_ names: ReportNames) -> [TextTable] {
    let clusters = 0..<min(clusterCount, Self.shownCount)
    return [
      TextTable(
        keys: [.init("cluster", clusters.map { "\($0)" })],
        columns: [.init("rows", clusters.map { "\(clusterSizes[$0])" })]
          + names.columns.prefix(Self.shownCount).enumerated().map { column, name in
            .init(name, numbers: clusters.map { centroids[$0, column] })
          })
    ]
  }

  var figures: [(name: String, text: String)] {
    [
      ("objective", NumberText.exact(objective)),
      ("iterations", "\(iterations), \(isConverged ? "converged" : "not converged")"),
    ]
  }

  var notes: [String] {
    var notes: [String] = []
    if clusterCount > Self.shownCount || columnCount > Self.shownCount {
      notes.append(
        "the table shows the first \(Self.shownCount) of \(clusterCount) clusters, \(columnCount) columns; "
          + "--json and --output have all")
    }
    if !isConverged {
      notes.append("the assignments still changed in the last iteration; allow more with --max-iterations")
    }
    let emptyCount = clusterSizes.count { $0 == 0 }
    if emptyCount > 0 {
      notes.append(
        "\(count(emptyCount, "cluster is", "clusters are")) empty: there are fewer distinct rows than clusters")
    }
    return notes
  }
}
