// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep qr`.
struct QRVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "qr",
    abstract: QRDecomposition.summary + ".",
    discussion: """
      X = Q R, with a diagonal of R that is not negative.

      Examples:
        lockstep qr data.csv
        mpirun -n 4 lockstep qr --q 'q{rank}.npy' 'file{rank}.npy'
      """)

  @Option(
    help: ArgumentHelp(
      "Write the rows of Q, one line for each row: .csv, .npy or .parquet. With {rank} in its name, each process writes its own. "
        + "(default: not written)", valueName: "file"),
    transform: RowFile.init(_:))
  var q: RowFile?

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var rowFiles: [RowFile] { [q].compactMap { $0 } }
  var estimator: QRDecomposition { QRDecomposition() }
}
