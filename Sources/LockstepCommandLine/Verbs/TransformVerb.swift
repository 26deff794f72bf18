// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep transform`.
struct TransformVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transform",
    abstract: "Give each row the coordinates that a saved model has for it.",
    discussion: """
      \(RowValuesDescription.meanings(of: .transform))
      Columns are taken by the names that the model was fitted to, if model and data have names, and otherwise in the order \
      of the file. The result has one line for each row, in input order, whatever the number of processes; rows that \
      --missing skip-row leaves out have none.

      Examples:
        lockstep transform model.json data.csv > scores.csv
        mpirun -n 4 lockstep transform model.json --rows scores.npy data.csv
      """)

  @Argument(help: ArgumentHelp("A model that -o has saved: .json or .npz.", valueName: "model"))
  var model: String

  @OptionGroup(title: "Data") var data: DataOptions

  @Option(
    help: ArgumentHelp(
      "Write the coordinates to this file, .csv or .npy. With {rank} in its name, each process writes its own. (default: "
        + "CSV on standard output)", valueName: "file"),
    transform: RowFile.init(_:))
  var rows: RowFile?

  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws { try RowValuesRun(verb: .transform, model: model, data: data, rows: rows).run(common) }
}

extension RowValuesDescription {
  /// What each method's model says about rows, a line each.
  static func meanings(of verb: Verb) -> String {
    Catalog.methods.compactMap { method in
      method.rowValues.flatMap { $0.verb == verb ? "A \(method.name) model says \($0.meaning)." : nil }
    }.joined(separator: "\n")
  }
}
