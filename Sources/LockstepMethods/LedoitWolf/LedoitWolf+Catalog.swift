// SPDX-License-Identifier: Apache-2.0

extension LedoitWolf: CatalogEstimator {
  package static let summary = "Covariance shrunk towards the identity, by Ledoit and Wolf"
  package static let roles = MethodRoles(weights: .optional)
  package static let hyperparameters: [Hyperparameter<LedoitWolf>] = [
    .init(
      "formula", \.formula,
      "How the share is found: by Ledoit and Wolf, or the oracle approximating one for normal rows."),
    .init("precision", \.precision, "How sums are kept; automatic: in double-double where that pays."),
  ]
}

extension LedoitWolf.Formula: HyperparameterChoice {}

extension LedoitWolf.Model: ReportedModel {
  /// The means, the matrix, and how much it was shrunk.
  package func report(_ names: ReportNames) -> ModelReport {
    let meanTable = TextTable(
      keys: [.init("column", names.shownColumns)],
      columns: [.init("mean", names.shown.map { NumberText.short(means[$0]) })])
    return ModelReport(
      title: "shrunk covariance", tables: [meanTable, TextTable("covariance", square: covariance, names)],
      figures: [("shrinkage", NumberText.short(shrinkage))], notes: names.note)
  }
}
