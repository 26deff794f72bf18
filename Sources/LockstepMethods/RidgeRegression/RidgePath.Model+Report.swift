// SPDX-License-Identifier: Apache-2.0

extension RidgePath.Model: ReportedModel {
  /// The figures of each penalty, then the best model.
  package func report(_ names: ReportNames) -> ModelReport {
    let path = names.responses(responseCount).enumerated().map { k, name in
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
    return ModelReport(title: "ridge regressions", tables: path + best.tables(names), notes: names.note)
  }
}
