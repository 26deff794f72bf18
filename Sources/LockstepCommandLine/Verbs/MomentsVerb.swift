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
      Fisher's g1 and g2, 0 for normal data. Quantiles are exact, and take two or three readings more as a rule. With --missing pairwise each column is described by the numbers that it has.

      Examples:
        lockstep moments data.csv
        lockstep moments --weights times --columns temp,humid data.csv
        lockstep moments --shape --missing pairwise data.csv
        lockstep moments --quantiles 0.25,0.5,0.75 --histogram 40 --report columns.html data.csv
        lockstep moments --partial day1.part day1.csv; lockstep merge day*.part
      """)

  @Flag(help: ArgumentHelp(LowOrderMoments.help("includesShape")))
  var shape = false

  @Option(
    help: ArgumentHelp(
      "Exact quantiles of each column, between two numbers on the line through them, as in 0.25,0.5,0.75. (default: none)",
      valueName: "list"),
    transform: Numbers.init(parsing:))
  var quantiles: Numbers?

  @Option(
    help: ArgumentHelp(
      "A histogram of each column, of so many bins: in the model, and drawn by --report. (default: none)",
      valueName: "bins"))
  var histogram: Int?

  @OptionGroup(title: "Moments") var weighting: WeightOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var summary: PartialOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { ColumnRoles(weights: weighting.weights) }
  var partialFile: String? { summary.partial }
  var leavesOutMissing: Bool { true }
  var estimator: LowOrderMoments {
    LowOrderMoments(
      includesShape: shape, skipsMissing: data.missing == .pairwise, quantiles: quantiles?.values ?? [],
      histogramBinCount: histogram)
  }

  func validate() throws {
    try checkUsage { try estimator.validate() }
    if summary.partial != nil { try checkUsage { try estimator.requireSingleReading() } }
    if weighting.weights != nil, quantiles != nil || histogram != nil {
      throw ValidationError("--quantiles and --histogram do not go with --weights.")
    }
  }
}
