// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What scikit-learn's k-means makes of generated rows (`Scripts/golden/kmeans.py`).
struct LloydReference: Decodable, CustomTestStringConvertible {
  var name: String
  var rows: GeneratedRows
  var rowsDigest: String
  /// The rows that are the first centroids of the start.
  var startRows: [Int]
  /// The further centroids of the start.
  var startPoints: [[Double]]
  var maximumIterations: Int
  /// Whether row i has the weight (7 i mod 9) / 4.
  var weighted: Bool?
  var iterations: Int
  var inertia: Double
  var sizes: [Int]
  var centroids: [[Double]]
  /// `[iteration from 1, cluster, row]` of each row that became the centroid of an empty cluster.
  var relocations: [[Int]]
  /// A digit for each row.
  private var labels: String

  var testDescription: String { name }

  /// The cluster of each row at the end.
  var assignments: [Int] {
    labels.compactMap(\.wholeNumberValue)
  }

  /// The start, centroid after centroid, for the generated `elements`.
  func start(_ elements: [Double]) -> [Double] {
    startRows.flatMap { elements[$0 * rows.columns..<($0 + 1) * rows.columns] } + startPoints.joined()
  }

  /// The names of all references.
  static let names = [
    "separated", "overlapping", "cut-short", "one-iteration", "far-from-origin", "single-cluster", "one-empty",
    "two-empty", "same-start-twice", "copies-of-rows", "weighted", "weighted-one-empty",
  ]

  /// Reads a reference.
  static func named(_ name: String) throws -> LloydReference {
    try JSONDecoder().decode(LloydReference.self, from: goldenFile("kmeans-\(name)"))
  }
}

/// The contents of a file of the folder `Golden`.
func goldenFile(_ name: String) throws -> Data {
  let url = Bundle.module.bundleURL.appending(path: "Golden/\(name).json")
  return try Data(contentsOf: url)
}
