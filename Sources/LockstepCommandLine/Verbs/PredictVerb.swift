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
        lockstep predict model.json --probabilities data.csv > shares.csv
        mpirun -n 4 lockstep predict model.json --rows clusters.npy data.csv
        lockstep predict prices.json --interval prediction --confidence 0.9 houses.csv
      """)

  @OptionGroup var asked: RowValuesOptions

  @Flag(help: "Of classifiers: the probability of each class, a column for each class in order, instead of the class.")
  var probabilities = false

  @Flag(help: "The same as logarithms, which do not underflow.")
  var logProbabilities = false

  @Option(
    help: ArgumentHelp(
      "Of linear regressions: after each predicted response the limits of an interval around it, which holds the mean of rows with these columns "
        + "(confidence) or a single new row (prediction). (default: predictions alone)", valueName: "kind"))
  var interval: PredictionInterval?

  @Option(help: ArgumentHelp("How sure such intervals are, between 0 and 1.", valueName: "share"))
  var confidence = 0.95

  @OptionGroup(title: "Common") var common: CommonOptions

  func validate() throws {
    if probabilities, logProbabilities {
      throw ValidationError("--probabilities and --log-probabilities exclude each other.")
    }
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence \(confidence); give a number between 0 and 1, as 0.95.")
    }
    if probabilities || logProbabilities, interval != nil {
      throw ValidationError("--probabilities is for classifiers, --interval for regressions; leave one of them out.")
    }
  }

  func run() throws {
    try RowValuesRun(
      verb: .predict, model: asked.model, data: asked.data, rows: asked.rows,
      probabilities: logProbabilities ? .logarithms : probabilities ? .shares : nil, interval: interval,
      confidence: confidence
    ).run(common)
  }
}

extension PredictionInterval: ExpressibleByArgument {}
