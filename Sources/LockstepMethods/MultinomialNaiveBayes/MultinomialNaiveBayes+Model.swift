// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepKernels
import LockstepReduction
import LockstepStatistics
import LockstepTables

extension MultinomialNaiveBayes {
  /// A fitted classifier.
  public struct Model: FittedModel, Hashable {
    /// The classes, c, in order: all whole numbers or all texts.
    public var classes: [ClassLabel]
    /// The logarithms of the priors, log π, c; −∞ for a class without rows whose prior is empirical.
    public var logPriors: [Double]
    /// The logarithms of the probabilities of the columns, log θ, c × p.
    public var logProbabilities: Matrix
    /// The number of rows of each class, c.
    public var classCounts: [Int]
    /// The weight of the rows of each class, c.
    public var classWeights: [Double]
    /// The weighted sums of the columns over the rows of each class, N, c × p; without rows if the model is of an older file.
    public var featureCounts: Matrix

    /// A model of its parts.
    ///
    /// - Precondition: the classes are in order, and of one kind.
    public init(
      classes: [ClassLabel], logPriors: [Double], logProbabilities: Matrix, classCounts: [Int], classWeights: [Double],
      featureCounts: Matrix? = nil
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
    }

    /// `naive-bayes`.
    public static var methodName: String { "naive-bayes" }
    /// The number of columns, p.
    public var columnCount: Int { logProbabilities.columnCount }
    /// The number of classes, c.
    public var classCount: Int { classes.count }

    /// `classes`, `logPriors`, `logProbabilities`, `classCounts`, `classWeights`, `featureCounts`.
    public var fields: [ModelField] {
      let fields = [
        ModelField("classes", classes.texts.map(ModelValue.strings) ?? .vector(classes.integers ?? [])),
        ModelField("logPriors", .vector(logPriors)), ModelField("logProbabilities", .matrix(logProbabilities)),
        ModelField("classCounts", .vector(classCounts)), ModelField("classWeights", .vector(classWeights)),
      ]
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
        classWeights: weights, featureCounts: sums)
    }
  }
}

extension MultinomialNaiveBayes.Model {
  /// The rows that are done at a time.
  private static var sliceRowCount: Int { 4096 }

  /// Calls `body` for a slice of the rows at a time, with log πc + Σⱼ xⱼ log θ_cj for each of its rows and each class.
  private func forEachSlice(_ rows: any RowBlock, _ body: (Range<Int>, Matrix) -> Void) throws {
    try rows.requireColumns(columnCount)
    try rows.requireCounts(firstRow: 0)
    let map = AffineMap(
      matrix: logProbabilities.elements, shift: Array(repeating: 0, count: columnCount), constants: logPriors)
    for start in stride(from: 0, to: rows.rowCount, by: Self.sliceRowCount) {
      let range = start..<min(start + Self.sliceRowCount, rows.rowCount)
      body(range, rows.rows(range).mapped(by: map))
    }
  }

  /// log πc + Σⱼ xⱼ log θ_cj for each row and each class, n × c; local, no communication.
  ///
  /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns, `.notFinite` or `.malformedInput` for a
  ///   number that cannot be a count.
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
    for i in 0..<result.rowCount {
      let range = i * classCount..<(i + 1) * classCount
      let greatest = result.elements[range].max() ?? 0
      let sum = result.elements[range].reduce(0) { $0 + exp($1 - greatest) }
      let normalizer = greatest + log(sum)
      for k in range { result.elements[k] -= normalizer }
    }
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
    if let texts = classes.texts { return RowLabels(indices: codes.map(Int64.init), names: texts) }
    let integers = classes.integers ?? []
    return RowLabels(codes.map { integers[$0] })
  }
}

extension MultinomialNaiveBayes.Model: ScoredClassifier {}

extension MultinomialNaiveBayes.Model: ProbabilisticModel {
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
