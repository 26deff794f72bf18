// SPDX-License-Identifier: Apache-2.0

import Lockstep

extension SVD.Model: ReportedModel {
  var title: String { "singular value decomposition" }

  func tables(_ names: ReportNames) -> [TextTable] {
    let components = 0..<min(componentCount, ReportNames.shownCount)
    let shown = 0..<min(columnCount, ReportNames.shownCount)
    return [
      TextTable(
        keys: [.init("component", components.map { "\($0)" })],
        columns: [.init("singular value", components.map { NumberText.short(singularValues[$0]) })]),
      TextTable(
        keys: [.init("right vectors", shown.map { names.columns[$0] })],
        columns: components.map { i in
          .init("\(i)", shown.map { NumberText.fixed(rightSingularVectors[i, $0], decimals: 6) })
        }),
    ]
  }

  var figures: [(name: String, text: String)] { [("condition", NumberText.short(conditionNumber))] }
  var notes: [String] { ReportNames.note(of: columnCount) }
}

extension QRDecomposition.Model: ReportedModel {
  var title: String { "QR decomposition" }

  func tables(_ names: ReportNames) -> [TextTable] {
    let rows = 0..<min(r.rowCount, ReportNames.shownCount)
    let shown = 0..<min(columnCount, ReportNames.shownCount)
    return [
      TextTable(
        keys: [.init("R", rows.map { "\($0)" })],
        columns: shown.map { j in
          .init(names.columns[j], rows.map { j < $0 ? "" : NumberText.short(r[$0, j]) })
        })
    ]
  }

  var notes: [String] { ReportNames.note(of: columnCount) }
}
