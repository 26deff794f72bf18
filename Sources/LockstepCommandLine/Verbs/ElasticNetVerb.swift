// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep elastic-net`.
struct ElasticNetVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "elastic-net",
    abstract: ElasticNet.summary + ".",
    discussion: """
      Σ (y − b₀ − xb)² / 2n + λ (α |b| + (1 − α)/2 b²) is made least for a path of penalties λ, from one reading. Columns are \
      scaled to unit variance for it, as in glmnet; with --no-standardize they are not, as in scikit-learn.

      Examples:
        lockstep elastic-net --targets price houses.csv
        lockstep elastic-net --alpha 0.5 --select one-standard-error -o model.json houses.csv
        lockstep elastic-net --regularization 0.1 --folds 0 houses.csv
      """)

  @Option(help: "The mix of the penalty: 1 is the lasso, 0 ridge.")
  var alpha = 1.0

  @Option(
    help: ArgumentHelp(
      "One penalty or several, the greatest first. (default: a path from where the first coefficient joins)",
      valueName: "l1,l2,…"),
    transform: Numbers.init(parsing:))
  var regularization: Numbers?

  @Option(help: "The number of penalties of a path that is not given.")
  var pathLength = 100

  @Option(help: "The number of folds of cross-validation; 0 for none.")
  var folds = 10

  @Option(
    name: .customLong("select"),
    help: "What to predict with: the penalty of the least error, or the greatest within one standard error of it.")
  var selection = SelectionArgument.least

  @Flag(help: "Take columns as they are, instead of scaling them to unit variance for the penalty.")
  var noStandardize = false

  @OptionGroup(title: "Regression") var regression: RegressionOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { regression.roles }
  var estimator: ElasticNet {
    ElasticNet(
      alpha: alpha, regularizations: regularization?.values ?? [], pathLength: pathLength,
      standardizes: !noStandardize, fitsIntercept: !regression.noIntercept, folds: folds,
      selection: selection == .least ? .least : .oneStandardError, seed: common.seed)
  }

  func validate() throws { try checkUsage { try estimator.validate() } }
}

/// Which penalty of a path is chosen.
enum SelectionArgument: String, ExpressibleByArgument, CaseIterable {
  case least
  case oneStandardError = "one-standard-error"
}
