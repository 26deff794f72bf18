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
        mpirun -n 4 lockstep covariance --json 'file{rank}.csv'
      """)

  @Flag(help: ArgumentHelp(Covariance.help("includesCorrelation")))
  var correlation = false

  @Flag(help: ArgumentHelp(Covariance.help("isBiased")))
  var biased = false

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup var weighting: WeightOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var summary: PartialOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { ColumnRoles(weights: weighting.weights) }
  var partialFile: String? { summary.partial }
  var estimator: Covariance { Covariance(isBiased: biased, includesCorrelation: correlation) }
}
