// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepStatistics
import LockstepTables

extension LogisticRegression {
  /// A fitted classifier.
  public struct Model: FittedModel, Hashable {
    /// The classes, c, in order: all whole numbers or all texts; the first is the reference.
    public var classes: [ClassLabel]
    /// The coefficients b, (c − 1) × p: a row for each class but the first.
    public var coefficients: Matrix
    /// The intercepts a, c − 1; zeros without intercepts.
    public var intercepts: [Double]
    /// The standard errors of the coefficients, (c − 1) × p; NaN with a penalty, and for those that dependent columns leave undetermined.
    public var standardErrors: Matrix
    /// The standard errors of the intercepts, c − 1; zeros without intercepts.
    public var interceptStandardErrors: [Double]
    /// −2 ln L.
    public var deviance: Double
    /// −2 ln L of the model without columns.
    public var nullDeviance: Double
    /// n − (c − 1) (rank + 1), without intercepts n − (c − 1) rank; n is the sum of the weights.
    public var degreesOfFreedom: Double
    /// The number of columns that do not depend on those before them.
    public var rank: Int
    /// The columns that depend on columns before them, from 0.
    public var droppedColumns: [Int]
    /// The condition of the equations of the last step, scaled.
    public var conditionEstimate: Double
    /// The number of sweeps of the iteration.
    public var iterations: Int
    /// Whether no step is left that would lower the deviance.
    public var isConverged: Bool
    /// The number of rows of each class, c.
    public var classCounts: [Int]
    /// The weight of the rows of each class, c.
    public var classWeights: [Double]
    /// Whether there are intercepts.
    public var fitsIntercept: Bool
    /// How sure the confidence limits are.
    public var confidence: Double
    /// The covariances of the intercept (if there is one) and the coefficients of the second class, then of the third, and so on; `nil`
    /// with a penalty, and of more than 100 coefficients.
    public var coefficientCovariance: Matrix?

    /// `logistic-regression`.
    public static var methodName: String { "logistic-regression" }
    /// The number of columns, p.
    public var columnCount: Int { coefficients.columnCount }
    /// The number of classes, c.
    public var classCount: Int { classes.count }

    init(
      _ regression: LogisticRegression, _ counts: ClassCounts, total: DoubleDouble, _ result: NewtonIteration.Result,
      nullDeviance: Double
    ) {
      let (spread, isPenalized) = (result.spread, regression.regularization > 0)
      classes = counts.classes
      (classCounts, classWeights) = (counts.rowCounts, counts.weights.map(\.high))
      (coefficients, intercepts) = (result.predictor.coefficients, result.predictor.intercepts)
      (fitsIntercept, confidence) = (regression.fitsIntercept, regression.confidence)
      standardErrors = spread.variances
      for i in standardErrors.elements.indices {
        standardErrors.elements[i] = isPenalized ? .nan : standardErrors.elements[i].squareRoot()
      }
      interceptStandardErrors = spread.interceptVariances.map {
        !regression.fitsIntercept ? 0 : isPenalized ? .nan : $0.squareRoot()
      }
      (deviance, self.nullDeviance) = (result.deviance, nullDeviance)
      let estimated = (counts.classes.count - 1) * (spread.rank + (regression.fitsIntercept ? 1 : 0))
      degreesOfFreedom = TotalWeight.degreesOfFreedom(total, estimating: Double(estimated))?.high ?? 0
      (rank, droppedColumns, conditionEstimate) = (spread.rank, spread.droppedColumns, spread.conditionEstimate)
      (iterations, isConverged) = (result.iterations, result.isConverged)
      coefficientCovariance = isPenalized ? nil : spread.covariance
    }

    /// The classes, the coefficients and all that comes with them.
    public var fields: [ModelField] {
      [
        ModelField("classes", classes.texts.map(ModelValue.strings) ?? .vector(classes.integers ?? [])),
        ModelField("coefficients", .matrix(coefficients)), ModelField("intercepts", .vector(intercepts)),
        ModelField("standardErrors", .matrix(standardErrors)),
        ModelField("interceptStandardErrors", .vector(interceptStandardErrors)),
        ModelField("deviance", .scalar(deviance)), ModelField("nullDeviance", .scalar(nullDeviance)),
        ModelField("degreesOfFreedom", .scalar(degreesOfFreedom)), ModelField("rank", .scalar(rank)),
        ModelField("droppedColumns", .vector(droppedColumns)),
        ModelField("conditionEstimate", .scalar(conditionEstimate)), ModelField("iterations", .scalar(iterations)),
        ModelField("isConverged", .bool(isConverged)), ModelField("classCounts", .vector(classCounts)),
        ModelField("classWeights", .vector(classWeights)), ModelField("fitsIntercept", .bool(fitsIntercept)),
        ModelField("confidence", .scalar(confidence)),
      ] + (coefficientCovariance.map { [ModelField("coefficientCovariance", .matrix($0))] } ?? [])
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      if let names = try? fields.strings("classes") {
        classes = names.map { .string($0) }
      } else {
        classes = try fields.integers("classes").map { .integer($0) }
      }
      coefficients = try fields.matrix("coefficients")
      intercepts = try fields.vector("intercepts")
      standardErrors = try fields.matrix("standardErrors")
      interceptStandardErrors = try fields.vector("interceptStandardErrors")
      deviance = try fields.double("deviance")
      nullDeviance = try fields.double("nullDeviance")
      degreesOfFreedom = try fields.double("degreesOfFreedom")
      rank = try fields.integer("rank")
      droppedColumns = try fields.integers("droppedColumns")
      conditionEstimate = try fields.double("conditionEstimate")
      iterations = try fields.integer("iterations")
      isConverged = try fields.bool("isConverged")
      classCounts = try fields.integers("classCounts")
      classWeights = try fields.vector("classWeights")
      fitsIntercept = try fields.bool("fitsIntercept")
      confidence = try fields.double("confidence")
      if fields.contains("coefficientCovariance") { coefficientCovariance = try fields.matrix("coefficientCovariance") }
      let (c, d, p) = (classes.count, coefficients.rowCount, coefficients.columnCount)
      let size = d * (p + (fitsIntercept ? 1 : 0))
      guard c > 1, d == c - 1, intercepts.count == d, interceptStandardErrors.count == d,
        standardErrors.rowCount == d, standardErrors.columnCount == p, classCounts.count == c, classWeights.count == c,
        zip(classes, classes.dropFirst()).allSatisfy({ $0 < $1 }),
        coefficientCovariance.map({ $0.rowCount == size && $0.columnCount == size }) ?? true
      else {
        throw LockstepError(
          .malformedInput, "a logistic regression of \(c) classes whose arrays do not fit",
          remedy: "save the model again")
      }
    }
  }
}

extension LogisticRegression.Model {
  private var tests: WaldTests { WaldTests(degreesOfFreedom: nil, confidence: confidence) }

  private var parameterCount: Double { Double((classCount - 1) * (rank + (fitsIntercept ? 1 : 0))) }

  /// The logarithm of the likelihood.
  public var logLikelihood: Double { -deviance / 2 }
  /// Akaike's criterion: −2 ln L + 2 k.
  public var aic: Double { deviance + 2 * parameterCount }
  /// Schwarz's criterion: −2 ln L + k ln n.
  public var bic: Double { deviance + parameterCount * log(degreesOfFreedom + parameterCount) }

  /// What follows from the fields: z, p values, confidence limits and criteria.
  public var derivedFields: [ModelField] {
    tests.fields(
      "zStatistics", coefficients: coefficients, errors: standardErrors, intercepts: intercepts,
      interceptErrors: fitsIntercept ? interceptStandardErrors : interceptStandardErrors.map { _ in .nan })
      + [
        ModelField("logLikelihood", .scalar(logLikelihood)), ModelField("aic", .scalar(aic)),
        ModelField("bic", .scalar(bic)),
      ]
  }

  /// The linear predictors of the classes but the first, n × (c − 1): a + xb; local, no communication.
  ///
  /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns.
  public func predictors(_ rows: any RowBlock) throws -> Matrix {
    try rows.requireColumns(columnCount)
    return rows.mapped(
      by: AffineMap(
        matrix: coefficients.elements, shift: Array(repeating: 0, count: columnCount), constants: intercepts))
  }

  /// The logarithm of the probability of each class for each row, n × c; local, no communication.
  ///
  /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns.
  public func predictedLogProbabilities(_ rows: any RowBlock) throws -> Matrix {
    let (predictors, c) = (try predictors(rows), classCount)
    var result = Matrix(zeros: rows.rowCount, c)
    for i in 0..<rows.rowCount {
      let row = predictors.row(i)
      let greatest = max(0, row.max() ?? 0)
      let others = row.reduce(exp(-greatest)) { $0 + exp($1 - greatest) }
      let normalizer = greatest + log(others)
      result[i, 0] = -normalizer
      for (k, value) in row.enumerated() { result[i, k + 1] = value - normalizer }
    }
    return result
  }

  /// The probability of each class for each row, n × c; local, no communication.
  ///
  /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns.
  public func probabilities(_ rows: any RowBlock) throws -> Matrix {
    var result = try predictedLogProbabilities(rows)
    for i in result.elements.indices { result.elements[i] = exp(result.elements[i]) }
    return result
  }

  /// The likeliest class of each row, ties to the lowest; local, no communication.
  ///
  /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns.
  public func predict(_ rows: any RowBlock) throws -> RowLabels {
    let predictors = try predictors(rows)
    let codes = (0..<rows.rowCount).map { i -> Int in
      var (best, greatest) = (0, 0.0)
      for (k, value) in predictors.row(i).enumerated() where value > greatest { (best, greatest) = (k + 1, value) }
      return best
    }
    if let texts = classes.texts { return RowLabels(indices: codes.map(Int64.init), names: texts) }
    let integers = classes.integers ?? []
    return RowLabels(codes.map { integers[$0] })
  }
}

extension LogisticRegression.Model: ScoredClassifier {}

extension LogisticRegression.Model: ProbabilisticModel {
  /// The class of each row.
  public static var rowValuesDescription: RowValuesDescription { .init(.predict, "the class of each row") }
  /// The class of each row; local.
  public func rowValues(of rows: any RowBlock) throws -> RowValues { .labels(try predict(rows)) }
}

extension LogisticRegression.Model: ReportedModel {
  /// A table of coefficients with their tests for each class but the first, then the figures of the fit.
  package func report(_ names: ReportNames) -> ModelReport {
    let shown = 0..<min(classCount - 1, 12)
    var text: [String] = []
    for k in shown {
      let table = tests.table(
        names, statistic: "z", coefficients: coefficients.row(k), errors: standardErrors.row(k),
        intercept: fitsIntercept ? (intercepts[k], interceptStandardErrors[k]) : nil)
      text += ["Logarithm of the odds of \(classes[k + 1]) against \(classes[0])", ""] + table.lines(width: 100) + [""]
    }
    let more =
      shown.count < classCount - 1
      ? ["tables show \(shown.count) of \(classCount - 1) classes; the saved model has all"] : []
    let explained = 1 - deviance / nullDeviance
    return ModelReport(
      title: "logistic regression", text: text,
      figures: [
        ("classes", NumberText.count(classCount, "class", "classes")),
        ("deviance", "\(NumberText.short(deviance)), \(NumberText.short(nullDeviance)) without columns"),
        ("explained", NumberText.short(explained)), ("AIC", NumberText.short(aic)), ("BIC", NumberText.short(bic)),
        ("degrees of freedom", NumberText.significant(degreesOfFreedom, 9)),
        ("condition", NumberText.short(conditionEstimate)), ("sweeps", "\(iterations)"),
      ],
      notes: names.note + more + LogisticRegression.notes(isConverged: isConverged, droppedColumns: droppedColumns))
  }
}
