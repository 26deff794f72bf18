// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep naive-bayes`.
struct NaiveBayesVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "naive-bayes",
    abstract: MultinomialNaiveBayes.summary + ".",
    discussion: """
      The features are counts: not negative, whole or not. Labels are whole numbers or any text; a process need not have rows \
      of every class.

      Examples:
        lockstep naive-bayes --label kind -o model.json words.csv
        lockstep predict model.json --columns 0-99 new.csv > kinds.csv
        lockstep predict model.json --probabilities --rows logs.npy new.csv
      """)

  @Option(
    help: ArgumentHelp(
      "The column of the class of each row, by header name or number from 0. (default: the last column)",
      valueName: "column"),
    transform: ColumnSelection.init(parsing:))
  var label: ColumnSelection?

  @Option(
    help: ArgumentHelp(
      "What is added to every count of a class: one number above 0, or one for each column. (default: 1)",
      valueName: "a"),
    transform: Numbers.init(parsing:))
  var smoothing: Numbers?

  @Option(
    help: ArgumentHelp(
      "The priors of the classes: empirical, as often as they occur; uniform; or a number for each, in their order. "
        + "(default: empirical)", valueName: "priors"),
    transform: PriorsArgument.init(parsing:))
  var priors: PriorsArgument?

  @OptionGroup var weighting: WeightOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var summary: PartialOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { ColumnRoles(label: label ?? .last, weights: weighting.weights) }
  var partialFile: String? { summary.partial }
  var estimator: MultinomialNaiveBayes {
    MultinomialNaiveBayes(
      smoothing: smoothing?.values ?? [1], priors: priors?.rule ?? .empirical, classPriors: priors?.values)
  }

  func validate() throws { try checkUsage { try estimator.validate() } }
}

/// `empirical`, `uniform`, or numbers.
struct PriorsArgument: Equatable {
  let rule: MultinomialNaiveBayes.Priors
  let values: [Double]?

  /// Reads a rule or a list.
  ///
  /// - Throws: `LockstepError` with code `.usage` if it is neither.
  init(parsing text: String) throws {
    if let rule = MultinomialNaiveBayes.Priors(rawValue: text) {
      (self.rule, values) = (rule, nil)
      return
    }
    guard let numbers = try? Numbers(parsing: text) else {
      throw LockstepError(.usage, "priors \"\(text)\"", remedy: "give empirical, uniform, or a list as in 0.2,0.8")
    }
    (rule, values) = (.empirical, numbers.values)
  }
}
