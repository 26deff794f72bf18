// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// Naive Bayes for counts: the class of a row, from how often each class has each column.
///
/// Of the rows x of class c, N_cj = Σ w xⱼ, and W_c = Σ w. Labels are whole numbers of any size, or texts. A row belongs to the class of the largest
///
/// - multinomial: log πc + Σⱼ xⱼ log θ_cj, θ_cj = (N_cj + αⱼ) / (N_c + Σα), N_c = Σⱼ N_cj: the class draws columns;
/// - complement: −Σⱼ xⱼ log θ_cj, where θ_cj is that of the rows of all other classes: for classes of very different sizes;
/// - Bernoulli: log πc + Σⱼ log (θ_cj where xⱼ is above the threshold, 1 − θ_cj where it is not), θ_cj = (N_cj + αⱼ) / (W_c + 2αⱼ) of the rows as ones
///   and zeros: columns that a row has or has not.
///
/// ```swift
/// let rows = TrainingRows(table, labels: RowLabels(["spam", "ham", …]))
/// let model = try NaiveBayes().fit(rows, in: world)
/// let labels = try model.predict(newRows)
/// let logProbabilities = try model.predictedLogProbabilities(newRows)          // n × c
/// ```
/// - Method: sums of each column by class, in one sweep, for all three (McCallum & Nigam 1998; Rennie et al. 2003). A rank need not have rows of every class, nor any.
/// - Accuracy: sums of whole counts are exact up to 2⁵³, so the model is as exact as logarithms are. Of fractions (tf-idf), sums have
///   relative errors of a few units of rounding.
/// - Edge cases: a count that is negative or not finite is refused, with its place. A class whose rows all have the weight 0 does not
///   exist, unless ``classes`` has it. Ties go to the lowest class.
/// - Sweeps: 1. Streams: yes. Row weights: yes.
/// - Memory and communication per rank: c · p numbers, each log₂ of the number of blocks times at most.
public struct NaiveBayes: OnePassEstimator, Hashable {
  /// What is taken for the distribution of rows of a class.
  public enum Distribution: String, Codable, Hashable, Sendable, CaseIterable {
    /// Counts of draws of columns.
    case multinomial
    /// The same, of what the rows of the other classes have.
    case complement
    /// Columns that a row has, or has not.
    case bernoulli
  }

  /// How the priors π of the classes are chosen.
  public enum Priors: String, Codable, Hashable, Sendable, CaseIterable {
    /// The share of the class in the weights of the rows.
    case empirical
    /// The same for all classes.
    case uniform
  }

  /// The distribution of rows of a class.
  ///
  /// Default ``Distribution/multinomial``.
  public var distribution: Distribution
  /// Whether the weights of each class are divided by their sum, by ``Distribution/complement``.
  ///
  /// Default `false`.
  public var normalizesWeights = false
  /// The number above which a row has a column, by ``Distribution/bernoulli``.
  ///
  /// Default 0.
  public var threshold = 0.0
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
    smoothing: [Double], priors: Priors = .empirical, classPriors: [Double]? = nil, classes: [ClassLabel]? = nil,
    distribution: Distribution = .multinomial
  ) {
    self.distribution = distribution
    self.smoothing = smoothing
    self.priors = priors
    self.classPriors = classPriors
    self.classes = classes
  }

  /// A classifier with one pseudo-count for all columns.
  public init(
    smoothing: Double, priors: Priors = .empirical, classPriors: [Double]? = nil, classes: [ClassLabel]? = nil,
    distribution: Distribution = .multinomial
  ) {
    self.init(
      smoothing: [smoothing], priors: priors, classPriors: classPriors, classes: classes, distribution: distribution)
  }

  /// A classifier with α = 1 and empirical priors.
  public init(distribution: Distribution) { self.init(smoothing: [1], distribution: distribution) }

  /// A multinomial classifier with α = 1 and empirical priors.
  public init() { self.init(smoothing: [1]) }

  /// Throws ``LockstepError`` with code `.usage` if a hyperparameter makes no sense.
  public func validate() throws {
    if smoothing.isEmpty {
      throw LockstepError(.usage, "no smoothing", remedy: "give one number, or one for each column")
    }
    if let value = smoothing.first(where: { !($0 > 0 && $0.isFinite) }) {
      throw LockstepError(.usage, "a smoothing of \(value)", remedy: "give a finite number above 0, for example 1e-10")
    }
    if threshold.isNaN { throw LockstepError(.usage, "a threshold of NaN", remedy: "give a number, for example 0") }
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

  fileprivate static func require(_ priors: [Double], for classCount: Int) throws {
    guard priors.count == classCount else {
      throw LockstepError(
        .usage, "\(priors.count) priors for \(classCount) classes", remedy: "give one for each class, in their order")
    }
  }
}

extension NaiveBayes {
  /// The summary of no rows.
  public func makePartial(columnCount: Int) -> ClassFeatureSums { ClassFeatureSums(columnCount: columnCount) }

  /// Adds a block of rows.
  public func accumulate(_ samples: Samples, into partial: inout ClassFeatureSums) throws {
    guard distribution == .bernoulli else { return try partial.observe(samples, among: classes) }
    try samples.requireFinite(responses: false)
    try partial.observe(
      Samples(samples.rows.binarized(above: threshold), firstRow: samples.firstRow), among: classes)
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
    var featureCounts = Matrix(zeros: classes.count, p)
    for (c, place) in found.enumerated() {
      guard let place else { continue }
      for j in 0..<p { featureCounts[c, j] = partial.sums[place * p + j] }
    }
    return Model(
      classes: classes, logPriors: try priors.logPriors(weights, given: classPriors),
      logProbabilities: try logProbabilities(featureCounts, weights, classes),
      classCounts: found.map { $0.map { partial.rowCounts[$0] } ?? 0 }, classWeights: weights,
      featureCounts: featureCounts, distribution: distribution, threshold: threshold)
  }

  /// What the numbers of a row are multiplied by, c × p; of the Bernoulli distribution log θ.
  private func logProbabilities(_ counts: Matrix, _ weights: [Double], _ classes: [ClassLabel]) throws -> Matrix {
    let p = counts.columnCount
    func alpha(_ j: Int) -> Double { smoothing[smoothing.count == 1 ? 0 : j] }
    var result = Matrix(zeros: counts.rowCount, p)
    let smoothingSum =
      smoothing.count == 1 ? DoubleDouble(smoothing[0]) * Double(p) : smoothing.reduce(.zero, +)
    // Σ over all classes, each column for itself.
    let all = (0..<p).map { j in (0..<counts.rowCount).reduce(DoubleDouble.zero) { $0 + counts[$1, j] } }
    for c in 0..<counts.rowCount {
      let sums = (0..<p).map { distribution == .complement ? Double(all[$0] - counts[c, $0]) : counts[c, $0] }
      let total = Double(sums.reduce(smoothingSum, +))
      guard total.isFinite else {
        throw LockstepError(
          .notFinite, "the counts of class \(classes[c]) add up to more than a number can hold",
          remedy: "scale the counts down")
      }
      for j in 0..<p {
        let whole = distribution == .bernoulli ? Double(DoubleDouble(weights[c]) + 2 * alpha(j)) : total
        result[c, j] = Self.log(of: sums[j] + alpha(j), in: whole)
      }
      guard distribution == .complement else { continue }
      let sum = normalizesWeights ? Double((0..<p).reduce(DoubleDouble.zero) { $0 + result[c, $1] }) : -1
      for j in 0..<p { result[c, j] /= sum }
    }
    return result
  }

  /// log (part / whole), where the quotient may be too small for a number.
  fileprivate static func log(of part: Double, in whole: Double) -> Double {
    let share = part / whole
    return share >= .leastNormalMagnitude || part == 0 ? Glibc.log(share) : Glibc.log(part) - Glibc.log(whole)
  }
}

extension NaiveBayes.Priors {
  /// The logarithms of the priors of classes of these weights; of the given ones, if there are any.
  ///
  /// Throws if there is not one given for each class, or they add up to more than a number can hold.
  func logPriors(_ weights: [Double], given: [Double]?) throws -> [Double] {
    if let given { try NaiveBayes.require(given, for: weights.count) }
    let shares = given ?? (self == .uniform ? Array(repeating: 1, count: weights.count) : weights)
    let total = Double(shares.reduce(DoubleDouble.zero, +))
    guard total.isFinite else {
      throw LockstepError(.notFinite, "the weights or priors add up to more than a number can hold")
    }
    return shares.map { NaiveBayes.log(of: $0, in: total) }
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

  /// The labels of rows whose classes have these numbers among the labels here.
  func labels(ofCodes codes: [Int]) -> RowLabels {
    if let texts { return RowLabels(indices: codes.map(Int64.init), names: texts) }
    let integers = integers ?? []
    return RowLabels(codes.map { integers[$0] })
  }
}
