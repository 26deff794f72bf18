// SPDX-License-Identifier: Apache-2.0

extension LowOrderMoments.Model: ReportedModel {
  /// A line for each column.
  package func report(_ names: ReportNames) -> ModelReport {
    let hasMissing = missingCount?.contains { $0 != 0 } ?? false
    // Each column of the data has its own scale, so each number stands for itself.
    let estimates = estimates.compactMap { name, values -> TextTable.Column? in
      // Where nothing is missing, all have as many numbers as there are rows.
      if !hasMissing, ["count", "missingCount"].contains(name) { return nil }
      return .init(name, names.shown.map { NumberText.short(values[$0]) })
    }
    var tables = [TextTable(keys: [.init("column", names.shownColumns)], columns: estimates)]
    if let quantiles, let quantileLevels {
      tables.append(
        TextTable(
          keys: [.init("quantile", names.shownColumns)],
          columns: quantileLevels.enumerated().map { q, level in
            .init(NumberText.short(level), names.shown.map { NumberText.short(quantiles[$0, q]) })
          }))
    }
    return ModelReport(title: "low-order moments", tables: tables, notes: names.note)
  }
}
