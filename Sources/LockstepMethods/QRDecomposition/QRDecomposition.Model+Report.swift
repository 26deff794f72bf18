// SPDX-License-Identifier: Apache-2.0

extension QRDecomposition.Model: ReportedModel {
  /// The triangle.
  package func report(_ names: ReportNames) -> ModelReport {
    let rows = 0..<min(r.rowCount, ReportNames.shownCount)
    let table = TextTable(
      keys: [.init("R", rows.map { "\($0)" })],
      columns: names.shownColumns.enumerated().map { j, name in
        .init(name, rows.map { j < $0 ? "" : NumberText.short(r[$0, j]) })
      })
    return ModelReport(title: "QR decomposition", tables: [table], notes: names.note)
  }
}
