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
      Robust errors (--robust, --cluster) and diagnostics need the rows a second time, and make no summary for "lockstep merge".

      Examples:
        lockstep linear-regression data.csv
        lockstep linear-regression --targets price --columns size,rooms -o model.json houses.csv
        lockstep linear-regression --robust hc3 --diagnostics rows.csv houses.csv
        lockstep linear-regression --targets wage --cluster state people.csv
        lockstep predict model.json --interval prediction new.csv
      """)

  @Option(help: "How sure the confidence limits are, between 0 and 1.")
  var confidence = 0.95

  @Flag(help: "Keep the covariances of the coefficients also of more than 100 columns.")
  var covariance = false

  @Option(
    help: ArgumentHelp(
      "Standard errors of residuals that vary with the rows: hc0 to hc3; of rows that depend on each other in clusters: cr0 or cr1. "
        + "(default: one variance; cr1 with --cluster)", valueName: "kind"))
  var robust: RobustErrors?

  @Option(
    help: ArgumentHelp(
      "The column of the cluster of each row, a number or any text. (default: no clusters)", valueName: "column"),
    transform: ColumnSelection.init(parsing:))
  var cluster: ColumnSelection?

  @Option(
    help: ArgumentHelp(
      "Write six numbers for each row and target: fitted value, residual, standardized and studentized residual, leverage and Cook's distance: "
        + ".csv, .npy or .parquet. With {rank} in its name, each process writes its own. (default: not written)",
      valueName: "file"),
    transform: RowFile.init(_:))
  var diagnostics: RowFile?

  @OptionGroup var weights: WeightKindOptions
  @OptionGroup(title: "Regression") var regression: RegressionOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var summary: PartialOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles {
    var roles = regression.rolesWithBaseLevels
    roles.label = cluster
    return roles
  }
  var rowFiles: [RowFile] { [diagnostics].compactMap { $0 } }
  var partialFile: String? { summary.partial }
  var estimator: LinearRegression {
    LinearRegression(
      fitsIntercept: !regression.noIntercept, confidence: confidence, keepsCovariance: covariance ? true : nil,
      weightKind: weights.weightKind, robust: robust)
  }

  func validate() throws {
    try checkUsage { try estimator.validate() }
    let isClustered = cluster != nil
    if let robust, robust.isClustered != isClustered {
      throw ValidationError(
        isClustered
          ? "--robust \(robust.rawValue) with --cluster; give cr0 or cr1, or leave one of them out."
          : "--robust \(robust.rawValue) without clusters; name their column with --cluster.")
    }
    if summary.partial != nil, robust != nil || isClustered || weights.weightKind == .probability || diagnostics != nil
    {
      throw ValidationError(
        "--partial saves a summary of rows that are read once; robust errors and diagnostics need them twice. Leave one of them out."
      )
    }
  }
}

extension RobustErrors: ExpressibleByArgument {}
