// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep moments`.
struct MomentsVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "moments",
    abstract: LowOrderMoments.summary + ".",
    discussion: """
      One reading. Variance divides by n - 1; variation is the standard deviation over the mean. Skewness and kurtosis are \
      Fisher's g1 and g2, 0 for normal data. With --missing pairwise each column is described by the numbers that it has.

      Examples:
        lockstep moments data.csv
        lockstep moments --weights times --columns temp,humid data.csv
        lockstep moments --shape --missing pairwise data.csv
        lockstep moments --partial day1.part day1.csv; lockstep merge day*.part
      """)

  @Flag(help: ArgumentHelp(LowOrderMoments.help("includesShape")))
  var shape = false

  @OptionGroup(title: "Moments") var weighting: WeightOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var summary: PartialOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { ColumnRoles(weights: weighting.weights) }
  var partialFile: String? { summary.partial }
  var leavesOutMissing: Bool { true }
  var estimator: LowOrderMoments { LowOrderMoments(includesShape: shape, skipsMissing: data.missing == .pairwise) }
}
