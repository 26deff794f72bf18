// SPDX-License-Identifier: Apache-2.0

import LockstepGraphics

extension SVD.Model: ChartedModel {
  /// The singular values, on a logarithmic scale where they are positive.
  package func charts(_ names: ReportNames) -> [Chart] {
    let values = Array(singularValues.prefix(100).prefix { $0 > 0 })
    guard values.count > 1, let largest = values.first, let smallest = values.last else { return [] }
    let points = values.enumerated().map { Mark.Point(Double($0 + 1), $1) }
    return [
      Chart(
        title: "Singular values",
        alternative: "The largest is \(NumberLabel.short(largest)), \(NumberLabel.short(largest / smallest)) times the "
          + "smallest shown.", x: .init("number", .linear(1...Double(values.count))),
        y: .init("singular value", .logarithmic(smallest...largest)),
        marks: [.line(points, series: 0), .points(points, series: 0)])
    ]
  }
}
