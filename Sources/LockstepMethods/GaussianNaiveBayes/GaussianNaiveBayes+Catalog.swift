// SPDX-License-Identifier: Apache-2.0

import Glibc

extension GaussianNaiveBayes: CatalogEstimator {
  package static let summary = "Classes of rows of numbers, by Gaussian naive Bayes"
  package static let roles = MethodRoles(label: .required, weights: .optional)

  package static let verb = NaiveBayes.verb
  package static let guide = NaiveBayes.guide

  package static let hyperparameters: [Hyperparameter<GaussianNaiveBayes>] = [
    .init(
      "varianceSmoothing", \.varianceSmoothing, bounds: .atLeast(0),
      "The share of the largest variance of a column that is added to all variances."),
    .init("priors", \.priors, "The priors of the classes: empirical, as often as they occur, or uniform."),
    .init(
      "classPriors", \.classPriors, bounds: .above(0), "A prior for each class, in their order, instead of the rule."),
    .init("classes", \.classes?.integers, "The only classes that may occur, if they are whole numbers.") {
      if let values = $1 { $0.classes = values.map { .integer($0) } }
    },
    .init("classNames", \.classes?.texts, "The only classes that may occur, if they are texts.") {
      if let values = $1 { $0.classes = values.map { .string($0) } }
    },
  ]
}

extension GaussianNaiveBayes.Model: ReportedModel {
  /// Size, prior, and the mean and the deviation of each column in each class.
  package func report(_ names: ReportNames) -> ModelReport {
    let shown = 0..<min(classCount, ReportNames.shownCount)
    let keys = [TextTable.Column("class", shown.map { classes[$0].text })]
    func table(_ heading: String, _ value: @escaping (Int, Int) -> Double) -> TextTable {
      TextTable(
        keys: [.init(heading, shown.map { classes[$0].text })],
        columns: names.shownColumns.enumerated().map { j, name in
          .init(name, shown.map { NumberText.short(value($0, j)) })
        })
    }
    let sizes = TextTable(
      keys: keys,
      columns: [
        .init("rows", shown.map { "\(classCounts[$0])" }),
        .init("prior", shown.map { NumberText.short(exp(logPriors[$0])) }),
      ])
    let more =
      classCount > ReportNames.shownCount
      ? ["tables show the first \(ReportNames.shownCount) of \(classCount) classes"] : []
    return ModelReport(
      title: "Gaussian naive Bayes",
      tables: [
        sizes, table("mean") { means[$0, $1] }, table("deviation") { variances[$0, $1].squareRoot() },
      ], notes: names.note + more)
  }
}
