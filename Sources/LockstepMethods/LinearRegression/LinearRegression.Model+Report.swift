// SPDX-License-Identifier: Apache-2.0

import LockstepTables

extension LinearRegression.Model: ReportedModel {
  /// The summary of each response.
  package func report(_ names: ReportNames) -> ModelReport {
    let text = summary(columnNames: names.columns, responseNames: names.responses(responseCount))
    var notes: [String] = []
    if !droppedColumns.isEmpty {
      let dropped = NumberText.count(droppedColumns.count, "column depends", "columns depend")
      notes.append("\(dropped) on others; of all coefficients that fit as well, these are the shortest")
    }
    if weightKind == .frequency, degreesOfFreedom == 0 {
      notes.append(
        "the weights add up to no more than the coefficients: as frequencies they leave no degrees of freedom, and no errors; "
          + "weights of a sum that means nothing are analytic")
    }
    if degreesOfFreedom > 0, robust != nil, interceptStandardErrors.allSatisfy(\.isNaN) || !fitsIntercept,
      standardErrors.elements.allSatisfy(\.isNaN)
    {
      notes.append(
        clusterCount.map { _ in "clustered errors need two clusters or more" }
          ?? "rows of leverage 1 decide their fitted values alone, and have no residual: HC0 and HC1 can do without")
    }
    return ModelReport(
      title: "linear regression", tables: tables(names),
      text: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init), figures: figures(names),
      notes: notes)
  }

  /// The coefficients of each response, for what is no terminal.
  private func tables(_ names: ReportNames) -> [TextTable] {
    let responses = names.responses(responseCount)
    let (limits, interceptLimits) = (confidenceLimits, interceptConfidenceLimits)
    let terms = (fitsIntercept ? ["(Intercept)"] : []) + names.columns
    return (0..<responseCount).map { k in
      func column(_ heading: String, _ intercepts: [Double], _ matrix: Matrix) -> TextTable.Column {
        let values = (fitsIntercept ? [intercepts[k]] : []) + (0..<columnCount).map { matrix[k, $0] }
        return .init(heading, values.map { NumberText.significant($0, 7) })
      }
      return TextTable(
        keys: [.init(responseCount == 1 ? "term" : responses[k], terms)],
        columns: [
          column("estimate", intercepts, coefficients),
          column("standard error", interceptStandardErrors, standardErrors),
          column("confidence low", interceptLimits.low, limits.low),
          column("confidence high", interceptLimits.high, limits.high),
          column("t", interceptTStatistics, tStatistics), column("p", interceptPValues, pValues),
        ])
    }
  }

  private func figures(_ names: ReportNames) -> [(name: String, text: String)] {
    let responses = names.responses(responseCount)
    let each: [(String, [Double])] = [
      ("residual standard deviation", residualStandardDeviations), ("R-squared", rSquared),
      ("adjusted R-squared", adjustedRSquared), ("F", fStatistics), ("p of F", fPValues),
      ("log-likelihood", logLikelihoods), ("AIC", aic), ("BIC", bic),
    ]
    // What cannot be known, as the likelihood of a fit without degrees of freedom, is left out.
    let ofResponses = (0..<responseCount).flatMap { k in
      each.filter { !$0.1[k].isNaN }.map {
        (responseCount == 1 ? $0.0 : "\($0.0) of \(responses[k])", NumberText.significant($0.1[k], 7))
      }
    }
    return ofResponses + [
      ("degrees of freedom", NumberText.significant(degreesOfFreedom, 9)), ("rank", "\(rank)"),
      ("condition", NumberText.significant(conditionEstimate, 3)),
    ]
  }
}
