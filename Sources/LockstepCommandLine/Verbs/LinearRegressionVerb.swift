// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep linear-regression`.
struct LinearRegressionVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "linear-regression",
    abstract: LinearRegression.summary + ".",
    discussion: """
      Columns that depend on columns before them are dropped and named; the rank and the condition are told.

      Examples:
        lockstep linear-regression data.csv
        lockstep linear-regression --targets price --columns size,rooms -o model.json houses.csv
        lockstep predict model.json new.csv
      """)

  @OptionGroup(title: "Regression") var regression: RegressionOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var summary: PartialOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { regression.roles }
  var partialFile: String? { summary.partial }
  var estimator: LinearRegression { LinearRegression(fitsIntercept: !regression.noIntercept) }
}
