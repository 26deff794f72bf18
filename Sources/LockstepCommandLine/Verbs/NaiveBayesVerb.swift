// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep naive-bayes`.
struct NaiveBayesVerb: FitVerb {
  static let configuration = CommandConfiguration(
    commandName: "naive-bayes",
    abstract: NaiveBayes.summary + ".",
    discussion: """
      The features are counts: not negative, whole or not. --model complement suits classes of very different sizes; --model \
      bernoulli looks at which columns a row has, those above --threshold; --model gaussian is for numbers of any kind. Labels are whole numbers or any text; a process need not have rows \
      of every class.

      Examples:
        lockstep naive-bayes --label kind -o model.json words.csv
        lockstep predict model.json --columns 0-99 new.csv > kinds.csv
        lockstep naive-bayes --model bernoulli --threshold 0.5 --label kind -o model.json words.csv
        lockstep predict model.json --probabilities --rows shares.npy new.csv
      """)

  @Option(
    help: ArgumentHelp(
      "The column of the class of each row, by header name or number from 0. (default: the last column)",
      valueName: "column"),
    transform: ColumnSelection.init(parsing:))
  var label: ColumnSelection?

  @Option(
    help: """
      What rows of a class are taken for: counts of columns; the same, of the rows of the other classes; columns that a row has or has not; \
      or numbers of a normal distribution each.
      """)
  var model = NaiveBayesDistribution.multinomial

  @Option(
    help: ArgumentHelp(
      "With --model bernoulli: a row has the columns that are above this. (default: 0)", valueName: "x"))
  var threshold: Double?

  @Option(
    help: ArgumentHelp(
      "With --model gaussian: the share of the largest variance of a column that is added to all variances. (default: 1e-9)",
      valueName: "x"))
  var varianceSmoothing: Double?

  @Flag(help: "With --model complement: divide the weights of each class by their sum.")
  var normalize = false

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

  private var counts: NaiveBayes {
    var estimator = NaiveBayes(
      smoothing: smoothing?.values ?? [1], priors: priors?.rule ?? .empirical, classPriors: priors?.values,
      distribution: NaiveBayes.Distribution(rawValue: model.rawValue) ?? .multinomial)
    estimator.threshold = threshold ?? 0
    estimator.normalizesWeights = normalize
    return estimator
  }
  private var gaussian: GaussianNaiveBayes {
    GaussianNaiveBayes(
      varianceSmoothing: varianceSmoothing ?? 1e-9, priors: priors?.rule ?? .empirical, classPriors: priors?.values)
  }

  func validate() throws {
    if varianceSmoothing != nil, model != .gaussian {
      throw ValidationError("--variance-smoothing goes with --model gaussian.")
    }
    if smoothing != nil, model == .gaussian {
      throw ValidationError("--smoothing is for counts; give --variance-smoothing with --model gaussian.")
    }
    if threshold != nil, model != .bernoulli { throw ValidationError("--threshold goes with --model bernoulli.") }
    if normalize, model != .complement { throw ValidationError("--normalize goes with --model complement.") }
    try checkUsage { try model == .gaussian ? gaussian.validate() : counts.validate() }
  }

  func fit(_ rows: any RowSource, in context: ExecutionContext) throws -> FitOutcome {
    if model == .gaussian { return try fit(gaussian, to: rows, in: context) }
    return try fit(counts, to: rows, in: context)
  }
}

/// `empirical`, `uniform`, or numbers.
struct PriorsArgument: Equatable {
  let rule: NaiveBayes.Priors
  let values: [Double]?

  /// Reads a rule or a list.
  ///
  /// - Throws: `LockstepError` with code `.usage` if it is neither.
  init(parsing text: String) throws {
    if let rule = NaiveBayes.Priors(rawValue: text) {
      (self.rule, values) = (rule, nil)
      return
    }
    guard let numbers = try? Numbers(parsing: text) else {
      throw LockstepError(.usage, "priors \"\(text)\"", remedy: "give empirical, uniform, or a list as in 0.2,0.8")
    }
    (rule, values) = (.empirical, numbers.values)
  }
}

/// What rows of a class are taken for: the distributions for counts, and the normal one.
enum NaiveBayesDistribution: String, ExpressibleByArgument, CaseIterable {
  case multinomial, complement, bernoulli, gaussian
}
