// SPDX-License-Identifier: Apache-2.0

import LockstepGraphics
import LockstepTables

extension Covariance.Model: ChartedModel {
  /// The correlations, similar columns beside each other.
  package func charts(_ names: ReportNames) -> [Chart] {
    guard columnCount > 1 else { return [] }
    let deviations = (0..<columnCount).map { covariance[$0, $0].squareRoot() }
    func correlation(_ i: Int, _ j: Int) -> Double {
      i == j ? 1 : covariance[i, j] / deviations[i] / deviations[j]
    }
    let strengths = (0..<columnCount).map { i in
      (0..<columnCount).filter { $0 != i }.map { abs(correlation(i, $0)) }.filter(\.isFinite).max() ?? -1
    }
    let shown = ReportNames.largest(strengths)
    let order = Self.clustered(shown.count) { a, b in
      let value = correlation(shown[a], shown[b])
      return value.isFinite ? 1 - abs(value) : 1
    }.map { shown[$0] }
    var strongest = (i: 0, j: 0, value: 0.0)
    for (a, i) in order.enumerated() {
      for j in order[(a + 1)...] where abs(correlation(i, j)) > abs(strongest.value) {
        strongest = (i, j, correlation(i, j))
      }
    }
    let words =
      strongest.value == 0
      ? ""
      : "The strongest is \(NumberLabel.short(strongest.value)), of \(names.columns[strongest.i]) and \(names.columns[strongest.j])."
    return [
      Chart(
        title: "Correlations",
        alternative: "Columns in the order of their likeness. " + words
          + ReportNames.note(shown: shown.count, of: columnCount),
        x: .init("", .bands(order.map { names.columns[$0] })), y: .init("", .bands(order.map { names.columns[$0] })),
        marks: [
          .tiles(order.flatMap { i in order.map { correlation(i, $0) } }, columnCount: order.count, limit: 1)
        ])
    ]
  }

  /// The order of leaves of a hierarchical clustering by average linkage; equal distances join the earliest pair.
  static func clustered(_ count: Int, distance: (Int, Int) -> Double) -> [Int] {
    var clusters = (0..<count).map { [$0] }
    func average(_ a: [Int], _ b: [Int]) -> Double {
      a.reduce(0) { sum, i in b.reduce(sum) { $0 + distance(i, $1) } } / Double(a.count * b.count)
    }
    while clusters.count > 1 {
      var nearest = (a: 0, b: 1, distance: Double.infinity)
      for a in clusters.indices {
        for b in clusters.indices where b > a {
          let found = average(clusters[a], clusters[b])
          if found < nearest.distance { nearest = (a, b, found) }
        }
      }
      clusters[nearest.a] += clusters.remove(at: nearest.b)
    }
    return clusters.first ?? []
  }
}
