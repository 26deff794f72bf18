// SPDX-License-Identifier: Apache-2.0

extension LinearRegression.Model: ReportedModel {
  /// The summary of each response.
  package func report(_ names: ReportNames) -> ModelReport {
    let text = summary(columnNames: names.columns, responseNames: names.responses(responseCount))
    var notes: [String] = []
    if !droppedColumns.isEmpty {
      let dropped = NumberText.count(droppedColumns.count, "column depends", "columns depend")
      notes.append("\(dropped) on others; of all coefficients that fit as well, these are the shortest")
    }
    return ModelReport(
      title: "linear regression",
      text: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init), notes: notes)
  }
}
