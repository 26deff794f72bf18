// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// Tests of single coefficients against 0, and the limits of their confidence.
struct WaldTests {
  /// Of Student's distribution; `nil` for the normal one.
  let degreesOfFreedom: Double?
  let confidence: Double

  /// The number of columns up to which models have the covariances of their coefficients.
  static let covarianceColumnCount = 100

  /// What fits check of a confidence.
  static func isConfidence(_ value: Double) -> Bool { value > 0 && value <= 1 }

  /// Estimates divided by their standard errors.
  func statistics(_ estimates: [Double], _ errors: [Double]) -> [Double] { zip(estimates, errors).map { $0 / $1 } }

  /// The two-sided p values of these.
  func pValues(_ estimates: [Double], _ errors: [Double]) -> [Double] {
    statistics(estimates, errors).map { statistic in
      guard !statistic.isNaN else { return .nan }
      guard let degreesOfFreedom else { return Distributions.normalTwoSided(statistic) }
      return Distributions.studentTwoSided(statistic, degreesOfFreedom: degreesOfFreedom)
    }
  }

  /// How many standard errors the limits are away.
  var width: Double {
    degreesOfFreedom.map { Distributions.studentLimit(confidence, degreesOfFreedom: $0) }
      ?? Distributions.normalLimit(confidence)
  }

  /// Statistics, p values and limits of coefficients and intercepts as fields, of which the first have this name.
  func fields(
    _ name: String, coefficients: Matrix, errors: Matrix, intercepts: [Double], interceptErrors: [Double]
  ) -> [ModelField] {
    let (width, shape) = (width, [coefficients.rowCount, coefficients.columnCount])
    func both(_ suffix: String, _ make: ([Double], [Double]) -> [Double]) -> [ModelField] {
      let ofIntercepts = "intercept" + suffix.prefix(1).uppercased() + suffix.dropFirst()
      return [
        ModelField(suffix, .doubles(make(coefficients.elements, errors.elements), shape: shape)),
        ModelField(ofIntercepts, .vector(make(intercepts, interceptErrors))),
      ]
    }
    return both(name, statistics) + both("pValues", pValues)
      + both("confidenceLow") { zip($0, $1).map { $0 - width * $1 } }
      + both("confidenceHigh") { zip($0, $1).map { $0 + width * $1 } }
  }

  /// A table of one predictor: the intercept first, if there is one.
  ///
  /// - Parameters:
  ///   - names: The names of the columns, of which the first are shown.
  ///   - statistic: `z` or `t`.
  ///   - coefficients: As many as names.
  ///   - errors: Their standard errors.
  ///   - intercept: The intercept and its standard error.
  /// - Returns: A row for each.
  func table(
    _ names: ReportNames, statistic: String, coefficients: ArraySlice<Double>, errors: ArraySlice<Double>,
    intercept: (estimate: Double, error: Double)?
  ) -> TextTable {
    let shown = names.shown.count
    let first = intercept.map { [$0] } ?? []
    let estimates = first.map(\.estimate) + coefficients.prefix(shown)
    let all = first.map(\.error) + errors.prefix(shown)
    let (width, tail) = (width, 50 * (1 - confidence))
    let p = pValues(estimates, all)
    return TextTable(
      keys: [.init("", first.map { _ in "(Intercept)" } + names.shownColumns)],
      columns: [
        .init("Estimate", estimates.map { NumberText.significant($0, 7) }),
        .init("Std. Error", all.map { NumberText.significant($0, 5) }),
        .init(
          NumberText.significant(tail, 4) + " %",
          zip(estimates, all).map { NumberText.significant($0 - width * $1, 5) }),
        .init(
          NumberText.significant(100 - tail, 4) + " %",
          zip(estimates, all).map { NumberText.significant($0 + width * $1, 5) }),
        .init("\(statistic) value", statistics(estimates, all).map { NumberText.significant($0, 4) }),
        .init("Pr(>|\(statistic)|)", p.map { NumberText.significant($0, 3) }),
        .init("", p.map { $0 < 0.001 ? "***" : $0 < 0.01 ? "**" : $0 < 0.05 ? "*" : $0 < 0.1 ? "." : "" }),
      ])
  }
}
