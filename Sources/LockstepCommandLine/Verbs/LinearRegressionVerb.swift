// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep linear-regression`.
struct LinearRegressionVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "linear-regression",
    abstract: LinearRegression.summary + ".",
    discussion: """
      A column that depends on columns before it is named, with the relation. None is left out: of all coefficients that
      fit as well, those of least length are given. Those that the rows do not determine have no standard error.

      Examples:
        lockstep linear-regression data.csv
        lockstep linear-regression --targets price --columns size,rooms -o model.json houses.csv
        lockstep predict model.json new.csv
      """)

  @Option(help: "How sure the confidence limits are, between 0 and 1.")
  var confidence = 0.95

  @Flag(help: "Keep the covariances of the coefficients also of more than 100 columns.")
  var covariance = false

  @OptionGroup(title: "Regression") var regression: RegressionOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var summary: PartialOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { regression.roles }
  var partialFile: String? { summary.partial }
  var estimator: LinearRegression {
    LinearRegression(
      fitsIntercept: !regression.noIntercept, confidence: confidence, keepsCovariance: covariance ? true : nil)
  }

  func validate() throws { try checkUsage { try estimator.validate() } }
}
