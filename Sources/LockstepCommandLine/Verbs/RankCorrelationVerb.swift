// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep rank-correlation`.
struct RankCorrelationVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "rank-correlation",
    abstract: RankCorrelation.summary + ".",
    discussion: """
      The correlation of ranks: 1 if one column grows whenever the other does, on whatever curve. Equal numbers have the mean of their \
      ranks, and outliers count by their place alone.

      Examples:
        lockstep rank-correlation data.csv
        lockstep rank-correlation --columns 0-7 -o model.json data.csv
        mpirun -n 4 lockstep rank-correlation --json 'file{rank}.csv'
      """)

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var estimator: RankCorrelation { RankCorrelation() }
}
