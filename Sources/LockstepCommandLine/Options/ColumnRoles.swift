// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// The columns that are no features, by what they are for.
struct ColumnRoles {
  /// What is to be explained.
  var targets: ColumnSelection?
  /// The class.
  var label: ColumnSelection?
  /// How often each row counts.
  var weights: ColumnSelection?
  /// Whether categories have a base level unless the options say otherwise: what an intercept stands for.
  var hasBaseLevels = false
}

/// The option of verbs whose rows may have weights.
struct WeightOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The column that tells how often each row counts: numbers that are not negative. (default: each row once)",
      valueName: "column"),
    transform: ColumnSelection.init(parsing:))
  var weights: ColumnSelection?
}

/// The options of regressions.
struct RegressionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The columns to explain, by header name, number from 0, or range. (default: the last column)", valueName: "list"),
    transform: ColumnSelection.init(parsing:))
  var targets: ColumnSelection?

  @Flag(help: "No intercept: the plane goes through the origin.")
  var noIntercept = false

  @OptionGroup var weighting: WeightOptions

  var roles: ColumnRoles { ColumnRoles(targets: targets ?? .last, weights: weighting.weights) }

  /// Those of regressions without a penalty, in which the columns of all values of a category and the intercept depend on each other.
  var rolesWithBaseLevels: ColumnRoles {
    var roles = roles
    roles.hasBaseLevels = !noIntercept
    return roles
  }
}

/// The option of regressions whose figures depend on what weights are.
struct WeightKindOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What the weights are: how precise a row is, as R's; how often it was seen; or how many it stands for in a sample, with robust errors.",
      valueName: "kind"))
  var weightKind = WeightKind.analytic
}

extension WeightKind: ExpressibleByArgument {}

/// The option of verbs of one sweep.
struct PartialOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Save the summary of these rows too, for \"lockstep merge\" with those of other files, days or machines. "
        + "(default: not saved)", valueName: "file"))
  var partial: String?
}
