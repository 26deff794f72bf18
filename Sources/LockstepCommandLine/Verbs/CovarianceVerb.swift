// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep covariance`.
struct CovarianceVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "covariance",
    abstract: Covariance.summary + ".",
    discussion: """
      One reading, for both. The means may be as large as they like: numbers are centred before they are multiplied.

      Examples:
        lockstep covariance data.csv
        lockstep covariance --correlation --columns 0-7 data.csv
        lockstep covariance --partial-correlation --confidence 0.99 --json data.csv
        mpirun -n 4 lockstep covariance --json 'file{rank}.csv'
      """)

  @Flag(help: ArgumentHelp(Covariance.help("includesCorrelation")))
  var correlation = false

  @Flag(help: ArgumentHelp(Covariance.help("includesPartialCorrelation")))
  var partialCorrelation = false

  @Option(help: ArgumentHelp(Covariance.help("confidence"), valueName: "share"))
  var confidence = 0.95

  @Flag(help: ArgumentHelp(Covariance.help("isBiased")))
  var biased = false

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup var weighting: WeightOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var summary: PartialOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { ColumnRoles(weights: weighting.weights) }
  var partialFile: String? { summary.partial }
  var estimator: Covariance {
    var estimator = Covariance(isBiased: biased, includesCorrelation: correlation)
    estimator.includesPartialCorrelation = partialCorrelation
    estimator.confidence = confidence
    return estimator
  }

  func validate() throws { try checkUsage { try estimator.validate() } }
}
