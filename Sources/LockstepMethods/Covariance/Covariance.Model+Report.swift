// SPDX-License-Identifier: Apache-2.0

extension Covariance.Model: ReportedModel {
  /// The means and the matrices.
  package func report(_ names: ReportNames) -> ModelReport {
    let meanTable = TextTable(
      keys: [.init("column", names.shownColumns)],
      columns: [.init("mean", names.shown.map { NumberText.short(means[$0]) })])
    var tables = [meanTable, TextTable("covariance", square: covariance, names)]
    if let correlation { tables.append(TextTable("correlation", square: correlation, names)) }
    if let values = correlationPValues { tables.append(TextTable("p value", square: values, names)) }
    if let partialCorrelation { tables.append(TextTable("partial", square: partialCorrelation, names)) }
    return ModelReport(title: "covariance", tables: tables, notes: names.note)
  }
}
