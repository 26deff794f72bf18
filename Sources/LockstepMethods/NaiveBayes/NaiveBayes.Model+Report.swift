// SPDX-License-Identifier: Apache-2.0

import Glibc

extension NaiveBayes.Model: ReportedModel {
  /// Size, prior and column probabilities of each class.
  package func report(_ names: ReportNames) -> ModelReport {
    let shown = 0..<min(classCount, ReportNames.shownCount)
    let table = TextTable(
      keys: [.init("class", shown.map { classes[$0].text })],
      columns: [
        .init("rows", shown.map { "\(classCounts[$0])" }),
        .init("prior", shown.map { NumberText.short(exp(logPriors[$0])) }),
      ]
        + names.shownColumns.enumerated().map { j, name in
          // Of the complement distribution, what a count is worth.
          .init(
            name,
            shown.map {
              NumberText.short(distribution == .complement ? logProbabilities[$0, j] : exp(logProbabilities[$0, j]))
            }
          )
        })
    let more =
      classCount > ReportNames.shownCount
      ? ["the table shows the first \(ReportNames.shownCount) of \(classCount) classes"] : []
    return ModelReport(
      title: (distribution == .multinomial ? "" : distribution.rawValue + " ") + "naive Bayes", tables: [table],
      notes: names.note + more)
  }
}
