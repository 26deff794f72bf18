// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep poisson-regression`.
struct PoissonRegressionVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "poisson-regression",
    abstract: PoissonRegression.summary + ".",
    discussion: """
      The mean of a target is the exponential of the intercept and the columns times their coefficients. Targets are numbers that \
      are not negative, whole or not. Columns that tell targets of 0 from all others are named, and are an error unless there is \
      a penalty.

      Examples:
        lockstep poisson-regression --targets calls hours.csv
        lockstep poisson-regression --targets calls -o model.json hours.csv
        lockstep predict model.json new.csv
      """)

  @OptionGroup(title: "Regression") var regression: RegressionOptions
  @OptionGroup(title: "Regression") var options: GeneralizedOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { regression.rolesWithBaseLevels }
  var estimator: PoissonRegression { options.estimator(fitsIntercept: !regression.noIntercept) }

  func validate() throws { try checkUsage { try estimator.validate() } }
}
