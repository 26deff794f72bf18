// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

extension NaiveBayes: CatalogEstimator {
  package static let summary = "Classes of rows of counts, by naive Bayes"
  package static let roles = MethodRoles(label: .required, weights: .optional)

  package static let hyperparameters: [Hyperparameter<NaiveBayes>] = [
    .init("distribution", \.distribution, "What is taken for the distribution of rows of a class."),
    .init(
      "normalizesWeights", \.normalizesWeights,
      "Of the complement distribution: divide the weights of a class by their sum."),
    .init("threshold", \.threshold, "Of the Bernoulli distribution: a row has the columns that are above this."),
    .init(
      "smoothing", \.smoothing, bounds: .above(0),
      "What is added to every count of a class: one number above 0, or one for each column."),
    .init("priors", \.priors, "The priors of the classes: empirical, as often as they occur, or uniform."),
    .init(
      "classPriors", \.classPriors, bounds: .above(0), "A prior for each class, in their order, instead of the rule."),
    .init("classes", \.classes?.integers, "The only classes that may occur, if they are whole numbers.") {
      try $0.setClasses($1?.map { .integer($0) })
    },
    .init("classNames", \.classes?.texts, "The only classes that may occur, if they are texts.") {
      try $0.setClasses($1?.map { .string($0) })
    },
  ]

  private mutating func setClasses(_ labels: [ClassLabel]?) throws {
    guard let labels else { return }
    guard classes == nil else {
      throw LockstepError(
        .usage, "both classes and classNames", remedy: "classes are whole numbers or names, not both")
    }
    classes = labels
  }
}

extension NaiveBayes.Priors: HyperparameterChoice {}
extension NaiveBayes.Distribution: HyperparameterChoice {}
