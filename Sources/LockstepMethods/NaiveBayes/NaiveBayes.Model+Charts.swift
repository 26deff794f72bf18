// SPDX-License-Identifier: Apache-2.0

import LockstepGraphics

extension NaiveBayes.Model: ChartedModel {
  /// The rows of each class, and the columns that tell the classes apart.
  package func charts(_ names: ReportNames) -> [Chart] {
    guard classCount > 1, classCount <= 40 else { return [] }
    let labels = classes.map(\.description)
    let sizes = classCounts.map(Double.init)
    let largest = sizes.indices.max { sizes[$0] < sizes[$1] } ?? 0
    let means = (0..<columnCount).map { j in
      (0..<classCount).reduce(0) { $0 + logProbabilities[$1, j] } / Double(classCount)
    }
    func lift(_ c: Int, _ j: Int) -> Double { logProbabilities[c, j] - means[j] }
    let shown = ReportNames.largest((0..<columnCount).map { j in (0..<classCount).map { abs(lift($0, j)) }.max() ?? 0 })
    let values = shown.flatMap { j in (0..<classCount).map { lift($0, j) } }
    let limit = values.filter(\.isFinite).map(abs).max() ?? 1
    return [
      Chart(
        title: "Rows of each class",
        alternative: "The largest class is \(labels[largest]), with \(classCounts[largest]) rows.",
        x: .init("rows", .linear(of: sizes, includingZero: true)), y: .init("class", .bands(labels)),
        marks: [.bars(sizes, series: 0)]),
      Chart(
        title: "What distinguishes the classes",
        alternative: "The logarithm of each column's probability in a class, less its mean over the classes."
          + ReportNames.note(shown: shown.count, of: columnCount), x: .init("class", .bands(labels)),
        y: .init("", .bands(shown.map { names.columns[$0] })),
        marks: [.tiles(values, columnCount: classCount, limit: limit > 0 ? limit : 1)]),
    ]
  }
}
