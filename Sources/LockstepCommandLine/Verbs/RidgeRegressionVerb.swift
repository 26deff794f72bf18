// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep ridge-regression`.
struct RidgeRegressionVerb: FitVerb {
  static let configuration = CommandConfiguration(
    commandName: "ridge-regression",
    abstract: RidgeRegression.summary + ".",
    discussion: """
      The penalty is the regularization times the squared length of the coefficients; it is not divided by the number of rows, \
      and leaves the intercept alone. --path fits a model for each of several penalties from one reading, and finds the one of \
      least generalized cross-validation.

      Examples:
        lockstep ridge-regression --regularization 0.5 data.csv
        lockstep ridge-regression --path 0.01,0.1,1,10,100 --targets price houses.csv
      """)

  @Option(
    help: ArgumentHelp("The penalty: one number, or one for each target. (default: 1)", valueName: "l"),
    transform: Numbers.init(parsing:))
  var regularization: Numbers?

  @Option(
    help: ArgumentHelp("Several penalties, a model for each. (default: none)", valueName: "l1,l2,…"),
    transform: Numbers.init(parsing:))
  var path: Numbers?

  @OptionGroup(title: "Regression") var regression: RegressionOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var summary: PartialOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { regression.roles }
  var partialFile: String? { summary.partial }

  private var ridge: RidgeRegression {
    RidgeRegression(regularization: regularization?.values ?? [1], fitsIntercept: !regression.noIntercept)
  }
  private var ridgePath: RidgePath? {
    path.map { RidgePath(regularizations: $0.values, fitsIntercept: !regression.noIntercept) }
  }

  func validate() throws {
    if path != nil, regularization != nil {
      throw ValidationError("--path and --regularization exclude each other.")
    }
    try checkUsage { try ridgePath?.validate() ?? ridge.validate() }
  }

  func fit(_ rows: any RowSource, in context: ExecutionContext) throws -> FitOutcome {
    if let ridgePath { return try fit(ridgePath, to: rows, in: context) }
    return try fit(ridge, to: rows, in: context)
  }
}

/// Numbers of the command line, as in `0.1,1,10`.
struct Numbers: Equatable {
  let values: [Double]

  /// Reads a list.
  ///
  /// - Throws: `LockstepError` with code `.usage` if an item is no number.
  init(parsing text: String) throws {
    values = try text.split(separator: ",", omittingEmptySubsequences: false).map { item in
      guard let value = Double(item.filter { $0 != " " }) else {
        throw LockstepError(.usage, "\"\(item)\" in \"\(text)\" is not a number", remedy: "write a list as in 0.1,1,10")
      }
      return value
    }
  }
}
