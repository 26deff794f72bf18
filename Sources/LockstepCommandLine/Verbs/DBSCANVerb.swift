// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep dbscan`.
struct DBSCANVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "dbscan",
    abstract: DBSCAN.summary + ".",
    discussion: """
      A row is a core if enough rows are near it. Cores near each other are of one cluster, clusters are numbered by their first core row, \
      and other rows near a core belong to the cluster of the first core row near them; the rest is noise. Columns of different \
      units should be scaled first.

      Examples:
        lockstep dbscan --epsilon 0.3 --min-points 10 data.csv
        lockstep dbscan --epsilon 25 --columns x,y --assignments clusters.csv data.csv
        mpirun -n 4 lockstep dbscan --epsilon 0.3 'file{rank}.csv'
      """)

  @Option(help: ArgumentHelp(DBSCAN.help("epsilon") + " Needed.", valueName: "x"))
  var epsilon: Double

  @Option(help: ArgumentHelp(DBSCAN.help("minPoints"), valueName: "n"))
  var minPoints = 5

  @OptionGroup var weighting: WeightOptions

  @Option(
    help: ArgumentHelp(
      "Write the cluster of each row, from 0, and -1 for noise, one line for each row: .csv, .npy or .parquet. With {rank} in its name, "
        + "each process writes its own. (default: not written)", valueName: "file"),
    transform: RowFile.init(_:))
  var assignments: RowFile?

  @Flag(help: ArgumentHelp(DBSCAN.help("marksBorders")))
  var markBorders = false

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { ColumnRoles(weights: weighting.weights) }
  var rowFiles: [RowFile] { [assignments].compactMap { $0 } }

  func validate() throws { try checkUsage { try estimator.validate() } }

  var estimator: DBSCAN {
    var estimator = DBSCAN(epsilon: epsilon, minPoints: minPoints)
    estimator.marksBorders = markBorders
    return estimator
  }
}
