// SPDX-License-Identifier: Apache-2.0

extension PCA.Model: ReportedModel {
  /// Variances along the components, and loadings.
  package func report(_ names: ReportNames) -> ModelReport {
    let shown = 0..<min(componentCount, ReportNames.shownCount)
    var sum = 0.0
    let cumulative = shown.map { i -> Double in
      sum += explainedVarianceRatio[i]
      return sum
    }
    let variances = TextTable(
      keys: [.init("component", shown.map { "\($0)" })],
      columns: [
        .init("eigenvalue", shown.map { NumberText.short(eigenvalues[$0]) }),
        .init("share of variance", shown.map { NumberText.fixed(explainedVarianceRatio[$0], decimals: 6) }),
        .init("cumulative", cumulative.map { NumberText.fixed($0, decimals: 6) }),
      ])
    let loadings = TextTable(
      keys: [.init("loadings", names.shownColumns)],
      columns: shown.map { i in
        .init("\(i)", names.shown.map { NumberText.fixed(components[i, $0], decimals: 6) })
      })
    return ModelReport(title: "principal components", tables: [variances, loadings], notes: names.note)
  }
}
