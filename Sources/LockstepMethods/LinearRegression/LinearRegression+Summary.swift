// SPDX-License-Identifier: Apache-2.0

extension LinearRegression.Model: CustomStringConvertible {
  /// The summary of all responses, with numbered columns.
  public var description: String { summary() }

  /// A table as statisticians know it: coefficients with standard errors, t and p, then the figures of the whole fit.
  ///
  /// - Parameters:
  ///   - columnNames: The names of the columns; `x1`, `x2`, … without.
  ///   - responseNames: The names of the responses; `y1`, `y2`, … without, or `y` if there is one.
  /// - Returns: Several lines for each response.
  public func summary(columnNames: [String]? = nil, responseNames: [String]? = nil) -> String {
    let (p, q) = (columnCount, responseCount)
    let names = columnNames ?? (0..<p).map { "x\($0 + 1)" }
    let responses = responseNames ?? (q == 1 ? ["y"] : (0..<q).map { "y\($0 + 1)" })
    precondition(
      names.count == p && responses.count == q, "\(names.count) names of \(p) columns, \(responses.count) of \(q)")
    return (0..<q).map { table(response: $0, named: responses[$0], names) }.joined(separator: "\n")
  }

  private func table(response k: Int, named response: String, _ names: [String]) -> String {
    let tail = 50 * (1 - confidence)
    let limits = [tail, 100 - tail].map { NumberText.significant($0, 4) + " %" }
    var rows: [[String]] = [["", "Estimate", "Std. Error"] + limits + ["t value", "Pr(>|t|)", ""]]
    let width = limitWidth
    func add(_ name: String, _ estimate: Double, _ error: Double, _ p: Double) {
      rows.append([
        name, NumberText.significant(estimate, 7), NumberText.significant(error, 5),
        NumberText.significant(estimate - width * error, 5), NumberText.significant(estimate + width * error, 5),
        NumberText.significant(estimate / error, 4),
        NumberText.significant(p, 3), Self.stars(p),
      ])
    }
    if fitsIntercept { add("(Intercept)", intercepts[k], interceptStandardErrors[k], interceptPValues[k]) }
    let p = pValues
    for j in 0..<columnCount { add(names[j], coefficients[k, j], standardErrors[k, j], p[k, j]) }

    let widths = (0..<8).map { c in rows.map { $0[c].count }.max() ?? 0 }
    var lines = ["Linear regression of \(response)", ""]
    for row in rows {
      var line = row[0] + String(repeating: " ", count: widths[0] - row[0].count)
      for c in 1..<7 { line += String(repeating: " ", count: widths[c] - row[c].count + 2) + row[c] }
      lines.append(line + (row[7].isEmpty ? "" : " " + row[7]))
    }
    let freedom = NumberText.significant(degreesOfFreedom, 9)
    lines += [
      "", "Signif. codes: *** 0.001, ** 0.01, * 0.05, . 0.1", "",
      "Residual standard deviation \(NumberText.significant(residualStandardDeviations[k], 6)) on \(freedom) degrees of freedom",
      "R-squared \(NumberText.significant(rSquared[k], 6)), adjusted \(NumberText.significant(adjustedRSquared[k], 6))",
      "F \(NumberText.significant(fStatistics[k], 6)) on \(rank) and \(NumberText.significant(testDegreesOfFreedom, 9)), p \(NumberText.significant(fPValues[k], 4))",
      "Log-likelihood \(NumberText.significant(logLikelihoods[k], 7)), AIC \(NumberText.significant(aic[k], 7)), BIC \(NumberText.significant(bic[k], 7))",
      "Rank \(rank) of \(columnCount), condition \(NumberText.significant(conditionEstimate, 3))",
    ]
    if let robust {
      lines.append(
        clusterCount.map { "Clustered standard errors \(robust.title), \(NumberText.count($0, "cluster", "clusters"))" }
          ?? "Robust standard errors \(robust.title)")
    }
    if let j = varianceInflation.indices.filter({ varianceInflation[$0].isFinite }).max(by: {
      varianceInflation[$0] < varianceInflation[$1]
    }), varianceInflation[j] > 1 {
      lines.append("Largest variance inflation \(NumberText.significant(varianceInflation[j], 3)), of \(names[j])")
    }
    for (a, j) in droppedColumns.enumerated() {
      let others = (0..<columnCount).filter { $0 != j && abs(nullDirections[a, $0]) > 1e-9 }.map {
        "\(NumberText.significant(-nullDirections[a, $0], 4)) \(names[$0])"
      }
      let constant = nullConstants[a]
      let terms = others + (constant != 0 || others.isEmpty ? [NumberText.significant(constant, 4)] : [])
      let combination = terms.joined(separator: " + ").replacing("+ -", with: "- ")
      lines.append("\(names[j]) depends on others: \(names[j]) = \(combination)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func stars(_ p: Double) -> String {
    p < 0.001 ? "***" : p < 0.01 ? "**" : p < 0.05 ? "*" : p < 0.1 ? "." : ""
  }
}
