// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep gamma-regression`.
struct GammaRegressionVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "gamma-regression",
    abstract: GammaRegression.summary + ".",
    discussion: """
      The mean of a target is the exponential of the intercept and the columns times their coefficients. Targets are numbers \
      above 0, which vary in proportion to their mean: costs, durations.

      Examples:
        lockstep gamma-regression --targets cost claims.csv
        lockstep gamma-regression --targets cost -o model.json claims.csv
        lockstep predict model.json new.csv
      """)

  @OptionGroup(title: "Regression") var regression: RegressionOptions
  @OptionGroup(title: "Regression") var options: GeneralizedOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { regression.rolesWithBaseLevels }
  var estimator: GammaRegression { options.estimator(fitsIntercept: !regression.noIntercept) }

  func validate() throws { try checkUsage { try estimator.validate() } }
}
