// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep ledoit-wolf`.
struct LedoitWolfVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "ledoit-wolf",
    abstract: LedoitWolf.summary + ".",
    discussion: """
      One reading. The covariance divides by n, and is positive definite even with fewer rows than columns; the shrinkage, from \
      0 to 1, is how much of it is a multiple of the identity.

      Examples:
        lockstep ledoit-wolf data.csv
        lockstep ledoit-wolf --method oas data.csv
        mpirun -n 4 lockstep ledoit-wolf --json 'file{rank}.csv'
      """)

  @Option(help: ArgumentHelp(LedoitWolf.help("formula")))
  var method = LedoitWolf.Formula.ledoitWolf

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup var weighting: WeightOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var summary: PartialOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { ColumnRoles(weights: weighting.weights) }
  var partialFile: String? { summary.partial }
  var estimator: LedoitWolf { LedoitWolf(formula: method) }
}

extension LedoitWolf.Formula: ExpressibleByArgument {}
