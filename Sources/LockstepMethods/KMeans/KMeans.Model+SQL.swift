// SPDX-License-Identifier: Apache-2.0

extension KMeans.Model: SQLModel {
  /// The cluster of each row, and its squared distance from the centroids.
  package func sql(_ columns: [String], responses: [String]) throws -> SQLScores {
    let names = (0..<clusterCount).map { SQLText.identifier("distance_\($0)") }
    return SQLScores(
      scores: try (0..<clusterCount).map { k in
        let terms = try zip(columns, centroids.row(k)).enumerated().map { j, pair in
          let (column, center) = pair
          let scale = try deviations.map { " / (\(try SQLText.number($0[j])))" } ?? ""
          let difference = "((\(column) - (\(try SQLText.number(center))))\(scale))"
          return "\(difference) * \(difference)"
        }
        return .init("distance_\(k)", terms.joined(separator: " + "))
      },
      results: [.init("cluster", SQLText.choice("LEAST", of: names, (0..<clusterCount).map(String.init)))])
  }
}
