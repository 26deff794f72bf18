// SPDX-License-Identifier: Apache-2.0

extension RankCorrelation: CatalogEstimator {
  package static let summary = "Rank correlation of the columns (Spearman), with p values"
  package static let hyperparameters: [Hyperparameter<RankCorrelation>] = []

  /// The ranks, and the columns that are sorted at a time.
  package func byteCountPerRow(rowCount: Int, columnCount: Int) -> Double {
    let width = max(1, min(columnCount, (1 << 25) / max(rowCount, 1)))
    return Double(8 * columnCount + 48 * width)
  }
}

extension RankCorrelation.Model: ReportedModel {
  /// The matrices.
  package func report(_ names: ReportNames) -> ModelReport {
    ModelReport(
      title: "rank correlation",
      tables: [TextTable("correlation", square: correlation, names), TextTable("p value", square: pValues, names)],
      notes: names.note)
  }
}
