// SPDX-License-Identifier: Apache-2.0

extension SVD.Model: ReportedModel {
  /// Singular values and right vectors.
  package func report(_ names: ReportNames) -> ModelReport {
    let components = 0..<min(componentCount, ReportNames.shownCount)
    let values = TextTable(
      keys: [.init("component", components.map { "\($0)" })],
      columns: [.init("singular value", components.map { NumberText.short(singularValues[$0]) })])
    let vectors = TextTable(
      keys: [.init("right vectors", names.shownColumns)],
      columns: components.map { i in
        .init("\(i)", names.shown.map { NumberText.fixed(rightSingularVectors[i, $0], decimals: 6) })
      })
    return ModelReport(
      title: "singular value decomposition", tables: [values, vectors],
      figures: [("condition", NumberText.short(conditionNumber))], notes: names.note)
  }
}
