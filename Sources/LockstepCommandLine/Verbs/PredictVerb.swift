// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep predict`.
struct PredictVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Print a saved model's prediction for each row.",
    discussion: """
      \(RowValuesDescription.meanings(of: .predict))
      \(RowValuesOptions.discussion)

      Examples:
        lockstep predict model.json data.csv > clusters.csv
        mpirun -n 4 lockstep predict model.json --rows clusters.npy data.csv
      """)

  @OptionGroup var asked: RowValuesOptions

  @Flag(
    help: """
      Of classifiers: the logarithm of the probability of each class, a column for each class in order, instead of the class.
      """)
  var probabilities = false

  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    try RowValuesRun(
      verb: .predict, model: asked.model, data: asked.data, rows: asked.rows, wantsProbabilities: probabilities
    ).run(
      common)
  }
}
