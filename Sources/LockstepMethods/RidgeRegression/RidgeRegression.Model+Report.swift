// SPDX-License-Identifier: Apache-2.0

extension RidgeRegression.Model: ReportedModel {
  /// Coefficients, then the figures of each response.
  package func report(_ names: ReportNames) -> ModelReport {
    ModelReport(
      title: "ridge regression", tables: tables(names), figures: [("condition", NumberText.short(conditionEstimate))],
      notes: names.note)
  }

  func tables(_ names: ReportNames) -> [TextTable] {
    let responses = names.responses(responseCount)
    return [
      TextTable(
        keys: [.init("coefficient", ["(Intercept)"] + names.shownColumns)],
        columns: responses.enumerated().map { k, name in
          .init(name, [NumberText.short(intercepts[k])] + names.shown.map { NumberText.short(coefficients[k, $0]) })
        }),
      TextTable(
        keys: [.init("response", responses)],
        columns: [
          .init("regularization", regularization.map(NumberText.short)),
          .init("R-squared", rSquared.map(NumberText.short)),
          .init("residual deviation", residualStandardDeviations.map(NumberText.short)),
          .init("effective df", effectiveDegreesOfFreedom.map(NumberText.short)),
          .init("cross-validation", crossValidation.map(NumberText.short)),
        ]),
    ]
  }
}
