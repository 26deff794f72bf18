// SPDX-License-Identifier: Apache-2.0

extension LowOrderMoments.Model: ReportedModel {
  /// A line for each column.
  package func report(_ names: ReportNames) -> ModelReport {
    let hasMissing = missingCount?.contains { $0 != 0 } ?? false
    // Each column of the data has its own scale, so each number stands for itself.
    let estimates = fields.compactMap { field -> TextTable.Column? in
      guard case .doubles(let values, _) = field.value else { return nil }
      // Where nothing is missing, all have as many numbers as there are rows.
      if !hasMissing, ["count", "missingCount"].contains(field.name) { return nil }
      return .init(field.name, names.shown.map { NumberText.short(values[$0]) })
    }
    return ModelReport(
      title: "low-order moments", tables: [TextTable(keys: [.init("column", names.shownColumns)], columns: estimates)],
      notes: names.note)
  }
}
