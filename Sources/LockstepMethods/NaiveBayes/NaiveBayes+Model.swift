// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

extension NaiveBayes {
  /// A fitted classifier.
  public struct Model: FittedModel, Hashable {
    /// The classes, c, in order: all whole numbers or all texts.
    public var classes: [ClassLabel]
    /// The logarithms of the priors, log π, c; −∞ for a class without rows whose prior is empirical.
    public var logPriors: [Double]
    /// The logarithms of the probabilities of the columns, log θ, c × p; of the complement distribution what counts are multiplied by.
    public var logProbabilities: Matrix
    /// The number of rows of each class, c.
    public var classCounts: [Int]
    /// The weight of the rows of each class, c.
    public var classWeights: [Double]
    /// The weighted sums of the columns over the rows of each class, N, c × p; without rows if the model is of an older file.
    public var featureCounts: Matrix
    /// The distribution of rows of a class.
    public var distribution: NaiveBayes.Distribution
    /// The number above which a row has a column, of the Bernoulli distribution.
    public var threshold: Double

    /// A model of its parts.
    ///
    /// - Precondition: the classes are in order, and of one kind.
    public init(
      classes: [ClassLabel], logPriors: [Double], logProbabilities: Matrix, classCounts: [Int], classWeights: [Double],
      featureCounts: Matrix? = nil, distribution: NaiveBayes.Distribution = .multinomial, threshold: Double = 0
    ) {
      precondition(
        zip(classes, classes.dropFirst()).allSatisfy { $0 < $1 }
          && (classes.integers ?? []).isEmpty != (classes.texts == nil),
        "classes \(classes)")
      self.classes = classes
      self.logPriors = logPriors
      self.logProbabilities = logProbabilities
      self.classCounts = classCounts
      self.classWeights = classWeights
      self.featureCounts = featureCounts ?? Matrix(zeros: 0, logProbabilities.columnCount)
      self.distribution = distribution
      self.threshold = distribution == .bernoulli ? threshold : 0
    }

    /// `naive-bayes`.
    public static var methodName: String { "naive-bayes" }
    /// The number of columns, p.
    public var columnCount: Int { logProbabilities.columnCount }
    /// The number of classes, c.
    public var classCount: Int { classes.count }

    /// `classes`, `logPriors`, `logProbabilities`, `classCounts`, `classWeights`, `featureCounts`; `distribution` unless it is multinomial, and the
    /// `threshold` of Bernoulli's.
    public var fields: [ModelField] {
      var fields = [
        ModelField("classes", classes.texts.map(ModelValue.strings) ?? .vector(classes.integers ?? [])),
        ModelField("logPriors", .vector(logPriors)), ModelField("logProbabilities", .matrix(logProbabilities)),
        ModelField("classCounts", .vector(classCounts)), ModelField("classWeights", .vector(classWeights)),
      ]
      if distribution != .multinomial { fields.append(ModelField("distribution", .strings([distribution.rawValue]))) }
      if distribution == .bernoulli { fields.append(ModelField("threshold", .scalar(threshold))) }
      guard featureCounts.rowCount == classCount else { return fields }
      return fields + [ModelField("featureCounts", .matrix(featureCounts), isDigested: false)]
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      let classes: [ClassLabel]
      if let names = try? fields.strings("classes") {
        classes = names.map { .string($0) }
      } else {
        classes = try fields.integers("classes").map { .integer($0) }
      }
      let logPriors = try fields.vector("logPriors")
      let logProbabilities = try fields.matrix("logProbabilities")
      let counts = try fields.integers("classCounts")
      let weights = try fields.vector("classWeights")
      let kind = fields.contains("distribution") ? try fields.strings("distribution") : ["multinomial"]
      guard let distribution = kind.first.flatMap(NaiveBayes.Distribution.init) else {
        throw LockstepError(
          .malformedInput, "a naive-bayes model of an unknown distribution", remedy: "use a newer release")
      }
      let sums = fields.contains("featureCounts") ? try fields.matrix("featureCounts") : nil
      guard Set([logPriors.count, logProbabilities.rowCount, counts.count, weights.count]) == [classes.count],
        !classes.isEmpty, zip(classes, classes.dropFirst()).allSatisfy({ $0 < $1 }),
        sums.map({ $0.rowCount == classes.count && $0.columnCount == logProbabilities.columnCount }) ?? true
      else {
        throw LockstepError(
          .malformedInput, "a naive-bayes model of \(classes.count) classes whose arrays do not fit",
          remedy: "save the model again")
      }
      self.init(
        classes: classes, logPriors: logPriors, logProbabilities: logProbabilities, classCounts: counts,
        classWeights: weights, featureCounts: sums, distribution: distribution,
        threshold: fields.contains("threshold") ? try fields.double("threshold") : 0)
    }
  }
}

extension NaiveBayes.Model {
  /// The rows that are done at a time.
  private static var sliceRowCount: Int { 4096 }

  /// The score of each class: constants + Σⱼ xⱼ weights_cj, of rows as ones and zeros by the Bernoulli distribution.
  var scores: (constants: [Double], weights: Matrix) {
    switch distribution {
    case .multinomial: return (logPriors, logProbabilities)
    // The sizes of the classes say nothing, unless there is nothing else.
    case .complement: return (classCount == 1 ? logPriors : logPriors.map { _ in 0 }, logProbabilities)
    case .bernoulli:
      // log (1 − θ), of all columns in the constants, and taken back for those that a row has.
      let absent = logProbabilities.elements.map { Glibc.log(-expm1($0)) }
      var weights = logProbabilities
      for e in absent.indices { weights.elements[e] -= absent[e] }
      let constants = (0..<classCount).map { c in
        logPriors[c]
          + Double(absent[c * columnCount..<(c + 1) * columnCount].reduce(DoubleDouble.zero) { $0 + $1 })
      }
      return (constants, weights)
    }
  }

  /// Calls `body` for a slice of the rows at a time, with the score of each of its rows and each class.
  private func forEachSlice(_ rows: any RowBlock, _ body: (Range<Int>, Matrix) -> Void) throws {
    try rows.requireColumns(columnCount)
    if distribution == .bernoulli {
      try Samples(rows, firstRow: 0).requireFinite(responses: false)
    } else {
      try rows.requireCounts(firstRow: 0)
    }
    let (constants, weights) = scores
    let map = AffineMap(
      matrix: weights.elements, shift: Array(repeating: 0, count: columnCount), constants: constants)
    for start in stride(from: 0, to: rows.rowCount, by: Self.sliceRowCount) {
      let range = start..<min(start + Self.sliceRowCount, rows.rowCount)
      let slice = rows.rows(range)
      body(range, (distribution == .bernoulli ? slice.binarized(above: threshold) : slice).mapped(by: map))
    }
  }

  /// The score of each row and each class, log πc + Σⱼ xⱼ log θ_cj of the multinomial distribution, n × c; local, no communication.
  ///
  /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns, `.notFinite` or `.malformedInput` for a
  ///   number that cannot be a count, or of the Bernoulli distribution is not finite.
  /// - Complexity: 2npc flops.
  public func jointLogLikelihoods(_ rows: any RowBlock) throws -> Matrix {
    var result = Matrix(zeros: rows.rowCount, classCount)
    try forEachSlice(rows) { range, slice in
      result.elements.replaceSubrange(
        range.lowerBound * classCount..<range.upperBound * classCount, with: slice.elements)
    }
    return result
  }

  /// The logarithm of the probability of each class for each row, n × c; local, no communication.
  ///
  /// - Throws: as ``jointLogLikelihoods(_:)`` does.
  public func predictedLogProbabilities(_ rows: any RowBlock) throws -> Matrix {
    var result = try jointLogLikelihoods(rows)
    result.normalizeLogarithms()
    return result
  }

  /// The likeliest class of each row, ties to the lowest; local, no communication.
  ///
  /// - Throws: as ``jointLogLikelihoods(_:)`` does.
  public func predict(_ rows: any RowBlock) throws -> RowLabels {
    var codes: [Int] = []
    codes.reserveCapacity(rows.rowCount)
    try forEachSlice(rows) { _, slice in
      for i in 0..<slice.rowCount {
        let row = slice.row(i)
        var best = row.startIndex
        for c in row.indices where row[c] > row[best] { best = c }
        codes.append(best - row.startIndex)
      }
    }
    return classes.labels(ofCodes: codes)
  }
}

extension NaiveBayes.Model: ScoredClassifier {}

extension Matrix {
  /// Subtracts from each row of logarithms that of the sum of what they are the logarithms of.
  mutating func normalizeLogarithms() {
    for i in 0..<rowCount {
      let range = i * columnCount..<(i + 1) * columnCount
      let greatest = elements[range].max() ?? 0
      let sum = elements[range].reduce(0) { $0 + exp($1 - greatest) }
      let normalizer = greatest + log(sum)
      for k in range { elements[k] -= normalizer }
    }
  }
}

extension NaiveBayes.Model: ProbabilisticModel {
  /// The class of each row.
  public static var rowValuesDescription: RowValuesDescription { .init(.predict, "the class of each row") }
  /// The likeliest class of each of this rank's rows, which are looked at block by block, by the context's threads.
  ///
  /// Collective: if one rank fails, all do.
  ///
  /// - Throws: What the same of a block throws, with the row counted from this rank's first.
  public func predict(_ rows: some RowSource, in context: ExecutionContext) throws -> RowLabels {
    guard case .labels(let labels) = try agreedValues(of: rows, in: context) else {
      preconditionFailure("the classes of rows are no labels")
    }
    return labels
  }

  /// The class of each row; local.
  public func rowValues(of rows: any RowBlock) throws -> RowValues { .labels(try predict(rows)) }
}
