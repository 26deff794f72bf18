// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// The options of the verbs that ask a saved model about rows.
struct RowValuesOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("A model that -o has saved: .json or .npz.", valueName: "model"))
  var model: String

  @OptionGroup(title: "Data") var data: DataOptions

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp(
      "Write the result to this file, .csv, .npy or .parquet. With {rank} in its name, each process writes its own. (default: CSV on "
        + "standard output)", valueName: "file"),
    transform: RowFile.init(_:))
  var rows: RowFile?

  /// What the help of these verbs says of columns and lines.
  static let discussion = """
    Columns are taken by the names that the model was fitted to, if model and data have names, and otherwise in the order \
    of the file. The result has one line for each row, in input order, whatever the number of processes; rows that \
    --missing skip-row leaves out have none.
    """
}
