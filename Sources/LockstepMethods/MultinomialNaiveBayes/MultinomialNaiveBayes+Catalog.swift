// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

extension MultinomialNaiveBayes: CatalogEstimator {
  package static let summary = "Classes of rows of counts, by multinomial naive Bayes"
  package static let roles = MethodRoles(label: .required, weights: .optional)

  package static let hyperparameters: [Hyperparameter<MultinomialNaiveBayes>] = [
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

extension MultinomialNaiveBayes.Priors: HyperparameterChoice {}
