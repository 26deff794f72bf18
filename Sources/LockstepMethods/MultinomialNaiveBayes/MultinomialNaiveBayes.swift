// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// Multinomial naive Bayes: the class of a row of counts, from how often each class has each column.
///
/// Of the rows x of class c, N_cj = Σ w xⱼ. The class draws column j with the probability θ_cj = (N_cj + αⱼ) / (N_c + Σα), N_c = Σⱼ N_cj,
/// and a row of counts x belongs to the class of the largest log πc + Σⱼ xⱼ log θ_cj. Labels are whole numbers of any size, or texts.
///
/// ```swift
/// let rows = TrainingRows(table, labels: RowLabels(["spam", "ham", …]))
/// let model = try MultinomialNaiveBayes().fit(rows, in: world)
/// let labels = try model.predict(newRows)
/// let logProbabilities = try model.predictedLogProbabilities(newRows)          // n × c
/// ```
/// - Method: sums of each column by class, in one sweep. A rank need not have rows of every class, nor any.
/// - Accuracy: sums of whole counts are exact up to 2⁵³, so the model is as exact as logarithms are. Of fractions (tf-idf), sums have
///   relative errors of a few units of rounding.
/// - Edge cases: a count that is negative or not finite is refused, with its place. A class whose rows all have the weight 0 does not
///   exist, unless ``classes`` has it. Ties go to the lowest class.
/// - Sweeps: 1. Streams: yes. Row weights: yes.
/// - Memory and communication per rank: c · p numbers, each log₂ of the number of blocks times at most.
public struct MultinomialNaiveBayes: OnePassEstimator, Hashable {
  /// How the priors π of the classes are chosen.
  public enum Priors: String, Codable, Hashable, Sendable, CaseIterable {
    /// The share of the class in the weights of the rows.
    case empirical
    /// The same for all classes.
    case uniform
  }

  /// The pseudo-counts α > 0 that are added to all sums: one for all columns, or one for each.
  ///
  /// Default 1.
  public var smoothing: [Double]
  /// The rule for the priors.
  ///
  /// Default ``Priors/empirical``.
  public var priors: Priors
  /// The priors of the classes, in their order, instead of the rule: positive numbers, which are divided by their sum.
  public var classPriors: [Double]?
  /// The only classes that may occur, all of which the model then has; `nil`, the default, for those that do occur.
  public var classes: [ClassLabel]?

  /// A classifier.
  public init(
    smoothing: [Double], priors: Priors = .empirical, classPriors: [Double]? = nil, classes: [ClassLabel]? = nil
  ) {
    self.smoothing = smoothing
    self.priors = priors
    self.classPriors = classPriors
    self.classes = classes
  }

  /// A classifier with one pseudo-count for all columns.
  public init(
    smoothing: Double, priors: Priors = .empirical, classPriors: [Double]? = nil, classes: [ClassLabel]? = nil
  ) { self.init(smoothing: [smoothing], priors: priors, classPriors: classPriors, classes: classes) }

  /// A classifier with α = 1 and empirical priors.
  public init() { self.init(smoothing: [1]) }

  /// Throws ``LockstepError`` with code `.usage` if a hyperparameter makes no sense.
  public func validate() throws {
    if smoothing.isEmpty {
      throw LockstepError(.usage, "no smoothing", remedy: "give one number, or one for each column")
    }
    if let value = smoothing.first(where: { !($0 > 0 && $0.isFinite) }) {
      throw LockstepError(.usage, "a smoothing of \(value)", remedy: "give a finite number above 0, for example 1e-10")
    }
    if let value = classPriors?.first(where: { !($0 > 0 && $0.isFinite) }) {
      throw LockstepError(.usage, "a prior of \(value)", remedy: "give finite numbers above 0")
    }
    guard let classes else { return }
    if classes.isEmpty { throw LockstepError(.usage, "an empty list of classes", remedy: "give one class or more") }
    if Set(classes).count < classes.count {
      throw LockstepError(.usage, "a class is given twice", remedy: "give each class once")
    }
    if let classPriors { try Self.require(classPriors, for: classes.count) }
  }

  private static func require(_ priors: [Double], for classCount: Int) throws {
    guard priors.count == classCount else {
      throw LockstepError(
        .usage, "\(priors.count) priors for \(classCount) classes", remedy: "give one for each class, in their order")
    }
  }
}

extension MultinomialNaiveBayes {
  /// The summary of no rows.
  public func makePartial(columnCount: Int) -> ClassFeatureSums { ClassFeatureSums(columnCount: columnCount) }

  /// Adds a block of rows.
  public func accumulate(_ samples: Samples, into partial: inout ClassFeatureSums) throws {
    try partial.observe(samples, among: classes)
  }

  /// The block of ``ClassFeatureSums``.
  public func blockRowCount(columnCount: Int) -> Int { ClassFeatureSums.blockRowCount(columnCount: columnCount) }

  /// The classifier of what was summed.
  ///
  /// - Throws: ``LockstepError`` with code `.tooFewRows` if there is no row, `.usage` if there is not one prior for each class, or
  ///   neither one pseudo-count nor one for each column, `.notFinite` if sums overflow.
  public func finalize(_ partial: ClassFeatureSums) throws -> Model {
    let p = partial.columnCount
    guard smoothing.count == 1 || smoothing.count == p else {
      throw LockstepError(
        .usage, "\(smoothing.count) numbers of smoothing for \(p) columns", remedy: "give one, or one for each column")
    }
    guard partial.weights.contains(where: { $0 > 0 }) else {
      throw LockstepError(
        .tooFewRows,
        partial.classes.isEmpty ? "naive Bayes of no rows" : "naive Bayes of rows that all have the weight 0")
    }
    let places = Dictionary(uniqueKeysWithValues: zip(partial.classes, partial.classes.indices))
    let classes =
      self.classes?.sorted()
      ?? partial.classes.indices.compactMap {
        partial.weights[$0] > 0 ? partial.classes[$0] : nil
      }
    let found = classes.map { places[$0] }
    let weights = found.map { $0.map { partial.weights[$0] } ?? 0 }
    let smoothingSum =
      smoothing.count == 1 ? DoubleDouble(smoothing[0]) * Double(p) : smoothing.reduce(.zero, +)
    var logProbabilities = Matrix(zeros: classes.count, p)
    var featureCounts = Matrix(zeros: classes.count, p)
    for (c, place) in found.enumerated() {
      let sums = place.map { partial.sums[$0 * p..<($0 + 1) * p] } ?? []
      let total = Double(sums.reduce(smoothingSum, +))
      guard total.isFinite else {
        throw LockstepError(
          .notFinite, "the counts of class \(classes[c]) add up to more than a number can hold",
          remedy: "scale the counts down")
      }
      for j in 0..<p {
        featureCounts[c, j] = sums.isEmpty ? 0 : sums[sums.startIndex + j]
        let sum = featureCounts[c, j] + smoothing[smoothing.count == 1 ? 0 : j]
        logProbabilities[c, j] = Self.log(of: sum, in: total)
      }
    }
    return Model(
      classes: classes, logPriors: try logPriors(weights), logProbabilities: logProbabilities,
      classCounts: found.map { $0.map { partial.rowCounts[$0] } ?? 0 }, classWeights: weights,
      featureCounts: featureCounts)
  }

  private func logPriors(_ weights: [Double]) throws -> [Double] {
    var shares = weights
    if let classPriors {
      try Self.require(classPriors, for: weights.count)
      shares = classPriors
    } else if priors == .uniform {
      shares = Array(repeating: 1, count: weights.count)
    }
    let total = Double(shares.reduce(DoubleDouble.zero, +))
    guard total.isFinite else {
      throw LockstepError(.notFinite, "the weights or priors add up to more than a number can hold")
    }
    return shares.map { Self.log(of: $0, in: total) }
  }

  /// log (part / whole), where the quotient may be too small for a number.
  private static func log(of part: Double, in whole: Double) -> Double {
    let share = part / whole
    return share >= .leastNormalMagnitude || part == 0 ? Glibc.log(share) : Glibc.log(part) - Glibc.log(whole)
  }
}

extension [ClassLabel] {
  /// The labels as whole numbers, if all are.
  var integers: [Int]? {
    let values = compactMap { if case .integer(let value) = $0 { value } else { nil } }
    return values.count == count ? values : nil
  }

  /// The labels as texts, if there are some and all are texts.
  var texts: [String]? {
    let values = compactMap { if case .string(let text) = $0 { text } else { nil } }
    return values.count == count && !isEmpty ? values : nil
  }
}
