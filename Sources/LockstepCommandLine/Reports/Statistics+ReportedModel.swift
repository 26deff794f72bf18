// SPDX-License-Identifier: Apache-2.0

import Lockstep

extension LowOrderMoments.Model: ReportedModel {
  var title: String { "low-order moments" }

  func tables(_ names: ReportNames) -> [TextTable] {
    let shown = 0..<min(columnCount, ReportNames.shownCount)
    // Each column of the data has its own scale, so each number stands for itself.
    let estimates = fields.compactMap { field -> TextTable.Column? in
      guard case .doubles(let values, _) = field.value else { return nil }
      return .init(field.name, shown.map { NumberText.short(values[$0]) })
    }
    return [TextTable(keys: [.init("column", shown.map { names.columns[$0] })], columns: estimates)]
  }

  var notes: [String] { ReportNames.note(of: columnCount) }
}

extension Covariance.Model: ReportedModel {
  var title: String { "covariance" }

  func tables(_ names: ReportNames) -> [TextTable] {
    let shown = 0..<min(columnCount, ReportNames.shownCount)
    func table(_ heading: String, _ matrix: Matrix) -> TextTable {
      TextTable(
        keys: [.init(heading, shown.map { names.columns[$0] })],
        columns: shown.map { j in
          .init(names.columns[j], shown.map { NumberText.short(matrix[$0, j]) })
        })
    }
    return [
      TextTable(
        keys: [.init("column", shown.map { names.columns[$0] })],
        columns: [.init("mean", shown.map { NumberText.short(means[$0]) })]),
      table("covariance", covariance),
    ] + (correlation.map { [table("correlation", $0)] } ?? [])
  }

  var notes: [String] { ReportNames.note(of: columnCount) }
}

extension PCA.Model: ReportedModel {
  var title: String { "principal components" }

  func tables(_ names: ReportNames) -> [TextTable] {
    let components = 0..<min(componentCount, ReportNames.shownCount)
    let shown = 0..<min(columnCount, ReportNames.shownCount)
    var sum = 0.0
    let cumulative = components.map { i -> Double in
      sum += explainedVarianceRatio[i]
      return sum
    }
    return [
      TextTable(
        keys: [.init("component", components.map { "\($0)" })],
        columns: [
          .init("eigenvalue", components.map { NumberText.short(eigenvalues[$0]) }),
          .init("share of variance", components.map { NumberText.fixed(explainedVarianceRatio[$0], decimals: 6) }),
          .init("cumulative", cumulative.map { NumberText.fixed($0, decimals: 6) }),
        ]),
      TextTable(
        keys: [.init("loadings", shown.map { names.columns[$0] })],
        columns: components.map { i in
          .init("\(i)", shown.map { NumberText.fixed(self.components[i, $0], decimals: 6) })
        }),
    ]
  }

  var notes: [String] { ReportNames.note(of: columnCount) }
}
