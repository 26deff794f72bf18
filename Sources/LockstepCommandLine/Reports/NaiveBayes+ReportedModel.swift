// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

extension MultinomialNaiveBayes.Model: ReportedModel {
  var title: String { "naive Bayes" }

  func tables(_ names: ReportNames) -> [TextTable] {
    let shown = 0..<min(classCount, ReportNames.shownCount)
    return [
      TextTable(
        keys: [.init("class", shown.map { classes[$0].text })],
        columns: [
          .init("rows", shown.map { "\(classCounts[$0])" }),
          .init("prior", shown.map { NumberText.short(exp(logPriors[$0])) }),
        ]
          + names.columns.prefix(ReportNames.shownCount).enumerated().map { j, name in
            .init(name, shown.map { NumberText.short(exp(logProbabilities[$0, j])) })
          })
    ]
  }

  var notes: [String] {
    var notes = ReportNames.note(of: columnCount)
    if classCount > ReportNames.shownCount {
      notes.append("the table shows the first \(ReportNames.shownCount) of \(classCount) classes")
    }
    return notes
  }
}
