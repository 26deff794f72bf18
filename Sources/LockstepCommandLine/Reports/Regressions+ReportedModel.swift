// SPDX-License-Identifier: Apache-2.0

import Lockstep

extension LinearRegression.Model: ReportedModel {
  var title: String { "linear regression" }

  func body(_ names: ReportNames, width: Int, isBold: Bool) -> [String] {
    summary(columnNames: names.columns, responseNames: names.responses(responseCount))
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  var notes: [String] {
    guard !droppedColumns.isEmpty else { return [] }
    return [
      "\(count(droppedColumns.count, "column depends", "columns depend")) on others; of all coefficients that fit as well, "
        + "these are the shortest"
    ]
  }
}

extension RidgeRegression.Model: ReportedModel {
  var title: String { "ridge regression" }

  func tables(_ names: ReportNames) -> [TextTable] { Self.tables(of: self, names) }

  /// Coefficients, then the figures of each response.
  fileprivate static func tables(of model: RidgeRegression.Model, _ names: ReportNames) -> [TextTable] {
    let shown = 0..<min(model.columnCount, ReportNames.shownCount)
    let responses = names.responses(model.responseCount)
    return [
      TextTable(
        keys: [.init("coefficient", ["(Intercept)"] + shown.map { names.columns[$0] })],
        columns: responses.enumerated().map { k, name in
          .init(
            name, [NumberText.short(model.intercepts[k])] + shown.map { NumberText.short(model.coefficients[k, $0]) })
        }),
      TextTable(
        keys: [.init("response", responses)],
        columns: [
          .init("regularization", model.regularization.map(NumberText.short)),
          .init("R-squared", model.rSquared.map(NumberText.short)),
          .init("residual deviation", model.residualStandardDeviations.map(NumberText.short)),
          .init("effective df", model.effectiveDegreesOfFreedom.map(NumberText.short)),
          .init("cross-validation", model.crossValidation.map(NumberText.short)),
        ]),
    ]
  }

  var figures: [(name: String, text: String)] { [("condition", NumberText.short(conditionEstimate))] }
  var notes: [String] { ReportNames.note(of: columnCount) }
}

extension RidgePath.Model: ReportedModel {
  var title: String { "ridge regressions" }

  func tables(_ names: ReportNames) -> [TextTable] {
    let responses = names.responses(responseCount)
    let path = responses.enumerated().map { k, name in
      TextTable(
        keys: [.init(name, regularizations.map(NumberText.short))],
        columns: [
          .init("R-squared", models.map { NumberText.short($0.rSquared[k]) }),
          .init("residual deviation", models.map { NumberText.short($0.residualStandardDeviations[k]) }),
          .init("effective df", models.map { NumberText.short($0.effectiveDegreesOfFreedom[k]) }),
          .init("cross-validation", models.map { NumberText.short($0.crossValidation[k]) }),
          .init("", regularizations.map { $0 == best.regularization[k] ? "least" : "" }),
        ])
    }
    return path + RidgeRegression.Model.tables(of: best, names)
  }

  var notes: [String] { ReportNames.note(of: columnCount) }
}
