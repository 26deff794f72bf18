// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep predict`.
struct PredictVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Tell what a saved model says of each row.",
    discussion: """
      \(RowValuesDescription.meanings(of: .predict))
      Columns are taken by the names that the model was fitted to, if model and data have names, and otherwise in the order \
      of the file. The result has one line for each row, in input order, whatever the number of processes; rows that \
      --missing skip-row leaves out have none.

      Examples:
        lockstep predict model.json data.csv > clusters.csv
        mpirun -n 4 lockstep predict model.json --rows clusters.npy data.csv
      """)

  @Argument(help: ArgumentHelp("A model that -o has saved: .json or .npz.", valueName: "model"))
  var model: String

  @OptionGroup(title: "Data") var data: DataOptions

  @Option(
    help: ArgumentHelp(
      "Write the values to this file, .csv or .npy. With {rank} in its name, each process writes its own. (default: CSV on "
        + "standard output)", valueName: "file"),
    transform: RowFile.init(_:))
  var rows: RowFile?

  @Flag(
    help: """
      Of naive Bayes: the logarithm of the probability of each class, a column for each class in order, instead of the class.
      """)
  var probabilities = false

  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    try RowValuesRun(verb: .predict, model: model, data: data, rows: rows, wantsProbabilities: probabilities).run(
      common)
  }
}
