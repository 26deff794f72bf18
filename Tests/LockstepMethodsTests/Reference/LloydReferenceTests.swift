// SPDX-License-Identifier: Apache-2.0

import Testing

/// The golden files agree with themselves and with the generator of their rows: what a failing comparison needs to know.
@Suite("References for Lloyd's iterations")
struct LloydReferenceTests {
  @Test("Rows, labels, centroids and inertia fit each other", arguments: LloydReference.names)
  func consistent(name: String) throws {
    let reference = try LloydReference.named(name)
    let elements = reference.rows.elements()
    let columns = reference.rows.columns
    #expect(GeneratedRows.digest(elements) == reference.rowsDigest)
    #expect(reference.start(elements).count == reference.centroids.count * columns)
    let assignments = reference.assignments
    try #require(assignments.count == reference.rows.rows)
    let weights = (0..<reference.rows.rows).map { reference.weighted == true ? Double(7 * $0 % 9) / 4 : 1 }
    let counted = assignments.indices.filter { weights[$0] > 0 }.map { assignments[$0] }
    #expect(reference.centroids.indices.map { cluster in counted.count { $0 == cluster } } == reference.sizes)

    var inertia = 0.0
    for row in 0..<reference.rows.rows {
      let distances = reference.centroids.map { centroid in
        (0..<columns).reduce(0.0) { sum, column in
          let difference = elements[row * columns + column] - centroid[column]
          return sum + difference * difference
        }
      }
      inertia += weights[row] * distances[assignments[row]]
      #expect(distances.min() == distances[assignments[row]])
    }
    #expect(abs(inertia - reference.inertia) <= 1e-9 * reference.inertia)
  }
}
