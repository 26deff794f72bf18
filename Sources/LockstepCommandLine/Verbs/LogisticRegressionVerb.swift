// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep logistic-regression`.
struct LogisticRegressionVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "logistic-regression",
    abstract: LogisticRegression.summary + ".",
    discussion: """
      Labels are whole numbers or any text. The first class in order is the reference, and coefficients are about the logarithm \
      of the odds of each other class against it. Columns that separate classes perfectly are named, and are an error unless \
      there is a penalty. --regularization is 1/C of scikit-learn.

      Examples:
        lockstep logistic-regression --label bought visits.csv
        lockstep logistic-regression --label kind --regularization 1 -o model.json flowers.csv
        lockstep predict model.json new.csv > kinds.csv
        lockstep predict model.json --probabilities new.csv
      """)

  @Option(
    help: ArgumentHelp(
      "The column of the class of each row, by header name or number from 0. (default: the last column)",
      valueName: "column"),
    transform: ColumnSelection.init(parsing:))
  var label: ColumnSelection?

  @Flag(help: "No intercepts.")
  var noIntercept = false

  @OptionGroup var weighting: WeightOptions
  @OptionGroup(title: "Regression") var options: GeneralizedOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { ColumnRoles(label: label ?? .last, weights: weighting.weights, hasBaseLevels: !noIntercept) }
  var estimator: LogisticRegression { options.estimator(fitsIntercept: !noIntercept) }

  func validate() throws { try checkUsage { try estimator.validate() } }
}
