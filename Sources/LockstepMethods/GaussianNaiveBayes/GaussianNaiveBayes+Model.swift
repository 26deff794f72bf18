// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepReduction
import LockstepTables

extension GaussianNaiveBayes {
  /// A fitted classifier.
  public struct Model: FittedModel, Hashable {
    /// The classes, c, in order: all whole numbers or all texts.
    public var classes: [ClassLabel]
    /// The logarithms of the priors, log π, c.
    public var logPriors: [Double]
    /// The means of the columns, c × p.
    public var means: Matrix
    /// The variances of the columns, with what was added to them, c × p.
    public var variances: Matrix
    /// What was added to all variances.
    public var addedVariance: Double
    /// The number of rows of each class, c.
    public var classCounts: [Int]
    /// The weight of the rows of each class, c.
    public var classWeights: [Double]

    /// `gaussian-naive-bayes`.
    public static var methodName: String { "gaussian-naive-bayes" }
    /// The number of columns, p.
    public var columnCount: Int { means.columnCount }
    /// The number of classes, c.
    public var classCount: Int { classes.count }

    init(
      classes: [ClassLabel], logPriors: [Double], means: Matrix, variances: Matrix, addedVariance: Double,
      classCounts: [Int], classWeights: [Double]
    ) {
      self.classes = classes
      self.logPriors = logPriors
      self.means = means
      self.variances = variances
      self.addedVariance = addedVariance
      self.classCounts = classCounts
      self.classWeights = classWeights
    }

    /// `classes`, `logPriors`, `means`, `variances`, `addedVariance`, `classCounts`, `classWeights`.
    public var fields: [ModelField] {
      [
        ModelField("classes", classes.texts.map(ModelValue.strings) ?? .vector(classes.integers ?? [])),
        ModelField("logPriors", .vector(logPriors)), ModelField("means", .matrix(means)),
        ModelField("variances", .matrix(variances)), ModelField("addedVariance", .scalar(addedVariance)),
        ModelField("classCounts", .vector(classCounts)), ModelField("classWeights", .vector(classWeights)),
      ]
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      let texts = try? fields.strings("classes").map { ClassLabel.string($0) }
      try self.init(
        classes: texts ?? fields.integers("classes").map { .integer($0) }, logPriors: fields.vector("logPriors"),
        means: fields.matrix("means"), variances: fields.matrix("variances"),
        addedVariance: fields.double("addedVariance"), classCounts: fields.integers("classCounts"),
        classWeights: fields.vector("classWeights"))
      guard
        Set([logPriors.count, means.rowCount, variances.rowCount, classCounts.count, classWeights.count])
          == [classCount], !classes.isEmpty, means.columnCount == variances.columnCount,
        zip(classes, classes.dropFirst()).allSatisfy({ $0 < $1 })
      else {
        throw LockstepError(
          .malformedInput, "a \(Self.methodName) model of \(classCount) classes whose arrays do not fit",
          remedy: "save the model again")
      }
    }
  }
}

extension GaussianNaiveBayes.Model {
  /// log πc + log of the density of each row in each class, n × c; local, no communication.
  ///
  /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns, `.notFinite` for a number that is not finite.
  /// - Complexity: 3npc flops.
  public func jointLogLikelihoods(_ rows: any RowBlock) throws -> Matrix {
    try rows.requireColumns(columnCount)
    try Samples(rows, firstRow: 0).requireFinite(responses: false)
    let scales = variances.elements.map { 1 / $0 }
    let constants = (0..<classCount).map { c in
      logPriors[c] - 0.5 * variances.row(c).reduce(0) { $0 + Glibc.log(2 * Double.pi * $1) }
    }
    var result = rows.scaledSquares(from: means.elements, scales: scales, classCount: classCount)
    for i in 0..<result.rowCount {
      for c in 0..<classCount {
        let value = constants[c] - 0.5 * result[i, c]
        // A class without rows has no density.
        result[i, c] = value.isNaN && !(classWeights[c] > 0) ? -.infinity : value
      }
    }
    return result
  }
}

extension GaussianNaiveBayes.Model: ScoredClassifier {}

extension GaussianNaiveBayes.Model: ProbabilisticModel {
  /// The class of each row.
  public static var rowValuesDescription: RowValuesDescription { .init(.predict, "the class of each row") }

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
    let scores = try jointLogLikelihoods(rows)
    return classes.labels(
      ofCodes: (0..<scores.rowCount).map { i in
        let row = scores.row(i)
        return row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 } - row.startIndex
      })
  }

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
