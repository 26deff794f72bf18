// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep svd`.
struct SVDVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "svd",
    abstract: SVD.summary + ".",
    discussion: """
      X = U diag(s) V'. Nothing is centred or scaled; for that, see pca. The largest number of each right vector is positive.

      Examples:
        lockstep svd data.csv
        lockstep svd --components 5 --left u.npy data.npy
      """)

  @Option(help: ArgumentHelp("The number of singular values, the largest. (default: all)", valueName: "k"))
  var components: Int?

  @Option(
    help: ArgumentHelp(
      "Write the rows of U, one line for each row: .csv, .npy or .parquet. With {rank} in its name, each process writes its own. "
        + "(default: not written)", valueName: "file"),
    transform: RowFile.init(_:))
  var left: RowFile?

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var rowFiles: [RowFile] { [left].compactMap { $0 } }
  var estimator: SVD { SVD(componentCount: components) }

  func validate() throws { try checkUsage { try estimator.validate() } }
}
