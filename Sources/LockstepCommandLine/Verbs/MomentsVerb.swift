// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep moments`.
struct MomentsVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "moments",
    abstract: LowOrderMoments.summary + ".",
    discussion: """
      One reading. Variance divides by n - 1; variation is the standard deviation over the mean.

      Examples:
        lockstep moments data.csv
        lockstep moments --weights times --columns temp,humid data.csv
        lockstep moments --partial day1.part day1.csv; lockstep merge day*.part
      """)

  @OptionGroup(title: "Moments") var weighting: WeightOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var summary: PartialOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { ColumnRoles(weights: weighting.weights) }
  var partialFile: String? { summary.partial }
  var estimator: LowOrderMoments { LowOrderMoments() }
}
