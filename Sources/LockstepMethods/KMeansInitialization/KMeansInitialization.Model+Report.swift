// SPDX-License-Identifier: Apache-2.0

extension KMeansInitialization.Model: ReportedModel {
  /// The chosen rows, with their numbers.
  package func report(_ names: ReportNames) -> ModelReport {
    let shown = 0..<min(rows.count, ReportNames.shownCount)
    let table = TextTable(
      keys: [.init("row", shown.map { "\(rows[$0])" })],
      columns: names.shownColumns.enumerated().map { column, name in
        .init(name, numbers: shown.map { centroids[$0, column] })
      })
    return ModelReport(title: "starting centroids", tables: [table], notes: names.note)
  }
}
