// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// A regression whose mean is the exponential of a linear predictor.
public protocol LogLinearRegression: GeneralizedLinearEstimator where Model == LogLinearModel<Self> {
  /// The name of the method.
  static var methodName: String { get }
  /// Whether the spread of the targets about their mean is estimated too.
  static var estimatesDispersion: Bool { get }
}

extension LogLinearRegression {
  private var family: LinkFamily { Self.estimatesDispersion ? .gamma : .poisson }

  /// Fits to the rows of all ranks.
  ///
  /// Collective; the model has the same bits on every rank.
  ///
  /// - Throws: ``LockstepError`` with code `.usage` if the rows have no responses, `.malformedInput` for a target that the method is not
  ///   for, `.notFinite` for a NaN or an infinity, `.tooFewRows` if there is no row, `.rankDeficient` if a combination of columns separates
  ///   rows of zeros from the others, so that coefficients have no estimate.
  public func fit(_ rows: some RowSource, in context: ExecutionContext = .local) throws -> Model {
    try context.agree {
      guard let method = self as? any CatalogEstimator else { return try validate() }
      try method.validate(for: rows)
    }
    let aligned = try context.align(rows) { max(2048, BlockSize.standard(columnCount: $0)) }
    let first = try fit(response: 0, aligned, in: context)
    let others = try (1..<max(first.targets.responseCount, 1)).map { try fit(response: $0, aligned, in: context) }
    return Model(self, [first] + others, columnCount: aligned.columnCount)
  }

  /// The fit of one response.
  fileprivate func fit(
    response k: Int, _ aligned: AlignedRows, in context: ExecutionContext
  ) throws -> (targets: TargetSums, result: NewtonIteration.Result) {
    let family = family
    let targets = try context.reduce(TargetSumsPass(family: family, response: k), over: aligned)
    let (p, lambda) = (aligned.columnCount, regularization)
    var plain = Predictor(zeros: 1, columnCount: p)
    let iteration = NewtonIteration(
      phase: Self.methodName, tolerance: tolerance, maxIterations: maxIterations,
      penalty: { at in lambda * at.coefficients.elements.reduce(0) { $0 + $1 * $1 } },
      checksSeparation: family == .poisson && lambda == 0)
    let zeros = plain
    if fitsIntercept { plain.intercepts[0] = log(targets.mean) }
    let result = try iteration.run(from: nil, startingAt: zeros, or: plain, over: aligned, in: context) {
      LinkPass(
        family: family, targets: .response(k), fitsIntercept: fitsIntercept, regularization: lambda,
        keepsCovariance: p <= WaldTests.covarianceColumnCount, tolerance: tolerance, place: $0, direction: $1,
        isLast: $2
      )
    }
    return (targets, result)
  }

  /// The deviance of the model of no columns.
  fileprivate func nullDeviance(_ targets: TargetSums) -> Double {
    let mean = fitsIntercept ? targets.mean : 1
    let (weight, sum, logarithm) = (targets.weight, targets.sum, log(mean))
    let excess = fitsIntercept ? DoubleDouble.zero : sum - weight
    return Self.estimatesDispersion
      ? 2 * (weight * logarithm - targets.logs + excess).high
      : 2 * (targets.productLogs - sum * logarithm - excess).high
  }

  /// The logarithm of the likelihood.
  fileprivate func logLikelihood(_ targets: TargetSums, deviance: Double) -> Double {
    guard Self.estimatesDispersion else {
      return (targets.productLogs - targets.sum - targets.logFactorials).high - deviance / 2
    }
    // With the dispersion deviance / n, as R has it.
    let weight = targets.weight.high
    let dispersion = deviance / weight
    guard dispersion > 0 else { return .nan }
    var sign: Int32 = 0
    return (-deviance / 2 - weight - weight * log(dispersion)) / dispersion - targets.logs.high
      - weight * lgamma_r(1 / dispersion, &sign)
  }
}

/// A fitted regression on a log scale.
public struct LogLinearModel<Regression: LogLinearRegression>: FittedModel, Hashable {
  /// The coefficients b, q × p: a row for each response.
  public var coefficients: Matrix
  /// The intercepts a, q; zeros without an intercept.
  public var intercepts: [Double]
  /// The standard errors of the coefficients, q × p; NaN with a penalty, and for those that dependent columns leave undetermined.
  public var standardErrors: Matrix
  /// The standard errors of the intercepts, q; zeros without an intercept.
  public var interceptStandardErrors: [Double]
  /// The deviances, q: 2 (ln L of a perfect fit − ln L).
  public var deviances: [Double]
  /// The deviances of models without columns, q.
  public var nullDeviances: [Double]
  /// How much more targets vary about their means than the variance function says, q: 1 for counts, else Pearson's estimate.
  public var dispersions: [Double]
  /// The logarithms of the likelihoods, q; for gamma regressions with the dispersion deviance / n.
  public var logLikelihoods: [Double]
  /// n − rank, less 1 with an intercept; n is the sum of the weights.
  public var degreesOfFreedom: Double
  /// The number of columns that do not depend on those before them.
  public var rank: Int
  /// The columns that depend on columns before them, from 0.
  public var droppedColumns: [Int]
  /// The condition of the columns as the last step weighed them, centred (with an intercept) and scaled to length 1.
  public var conditionEstimate: Double
  /// The number of sweeps of the iteration, q.
  public var iterations: [Int]
  /// Whether no step is left that would lower the deviance.
  public var isConverged: Bool
  /// Whether there is an intercept.
  public var fitsIntercept: Bool
  /// How sure the confidence limits are.
  public var confidence: Double
  /// The covariances of intercept (first, if there is one) and coefficients, of response after response: a row of the matrix after the
  /// other; `nil` with a penalty, and of more than 100 columns.
  public var coefficientCovariance: [Double]?

  /// The name of the method.
  public static var methodName: String { Regression.methodName }
  /// The number of columns, p.
  public var columnCount: Int { coefficients.columnCount }
  /// The number of responses, q.
  public var responseCount: Int { coefficients.rowCount }

  fileprivate init(
    _ regression: Regression, _ fits: [(targets: TargetSums, result: NewtonIteration.Result)], columnCount p: Int
  ) {
    let q = fits.count
    fitsIntercept = regression.fitsIntercept
    confidence = regression.confidence
    coefficients = Matrix(zeros: q, p)
    standardErrors = Matrix(zeros: q, p)
    (intercepts, interceptStandardErrors, deviances, nullDeviances) = ([], [], [], [])
    (dispersions, logLikelihoods, iterations, isConverged) = ([], [], [], true)
    let spread = fits[0].result.spread
    (rank, droppedColumns, conditionEstimate) = (spread.rank, spread.droppedColumns, spread.conditionEstimate)
    let freedom = TotalWeight.degreesOfFreedom(
      fits[0].targets.weight, estimating: Double(spread.rank + (regression.fitsIntercept ? 1 : 0)))
    degreesOfFreedom = freedom?.high ?? 0
    let isPenalized = regression.regularization > 0
    var covariances: [Double]? = []
    for (k, fit) in fits.enumerated() {
      let (predictor, spread) = (fit.result.predictor, fit.result.spread)
      let dispersion =
        !Regression.estimatesDispersion
        ? 1 : degreesOfFreedom > 0 ? spread.pearson / degreesOfFreedom : .nan
      for j in 0..<p {
        coefficients[k, j] = predictor.coefficients[0, j]
        standardErrors[k, j] = isPenalized ? .nan : (dispersion * spread.variances[0, j]).squareRoot()
      }
      intercepts.append(predictor.intercepts[0])
      interceptStandardErrors.append(
        !regression.fitsIntercept
          ? 0 : isPenalized ? .nan : (dispersion * spread.interceptVariances[0]).squareRoot())
      deviances.append(fit.result.deviance)
      nullDeviances.append(regression.nullDeviance(fit.targets))
      dispersions.append(dispersion)
      logLikelihoods.append(regression.logLikelihood(fit.targets, deviance: fit.result.deviance))
      iterations.append(fit.result.iterations)
      isConverged = isConverged && fit.result.isConverged
      conditionEstimate = max(conditionEstimate, spread.conditionEstimate)
      covariances = spread.covariance.flatMap { matrix in
        isPenalized ? nil : covariances.map { $0 + matrix.elements.map { $0 * dispersion } }
      }
    }
    coefficientCovariance = covariances
  }

  /// The coefficients and all that comes with them.
  public var fields: [ModelField] {
    let m = columnCount + (fitsIntercept ? 1 : 0)
    return [
      ModelField("coefficients", .matrix(coefficients)), ModelField("intercepts", .vector(intercepts)),
      ModelField("standardErrors", .matrix(standardErrors)),
      ModelField("interceptStandardErrors", .vector(interceptStandardErrors)),
      ModelField("deviance", .vector(deviances)), ModelField("nullDeviance", .vector(nullDeviances)),
      ModelField("dispersion", .vector(dispersions)), ModelField("logLikelihood", .vector(logLikelihoods)),
      ModelField("degreesOfFreedom", .scalar(degreesOfFreedom)), ModelField("rank", .scalar(rank)),
      ModelField("droppedColumns", .vector(droppedColumns)),
      ModelField("conditionEstimate", .scalar(conditionEstimate)), ModelField("iterations", .vector(iterations)),
      ModelField("isConverged", .bool(isConverged)), ModelField("fitsIntercept", .bool(fitsIntercept)),
      ModelField("confidence", .scalar(confidence)),
    ]
      + (coefficientCovariance.map {
        [ModelField("coefficientCovariance", .doubles($0, shape: [responseCount, m, m]))]
      } ?? [])
  }

  /// The model of these fields.
  public init(fields: ModelFields) throws {
    coefficients = try fields.matrix("coefficients")
    intercepts = try fields.vector("intercepts")
    standardErrors = try fields.matrix("standardErrors")
    interceptStandardErrors = try fields.vector("interceptStandardErrors")
    deviances = try fields.vector("deviance")
    nullDeviances = try fields.vector("nullDeviance")
    dispersions = try fields.vector("dispersion")
    logLikelihoods = try fields.vector("logLikelihood")
    degreesOfFreedom = try fields.double("degreesOfFreedom")
    rank = try fields.integer("rank")
    droppedColumns = try fields.integers("droppedColumns")
    conditionEstimate = try fields.double("conditionEstimate")
    iterations = try fields.integers("iterations")
    isConverged = try fields.bool("isConverged")
    fitsIntercept = try fields.bool("fitsIntercept")
    confidence = try fields.double("confidence")
    let (q, p, m) = (
      coefficients.rowCount, coefficients.columnCount, coefficients.columnCount + (fitsIntercept ? 1 : 0)
    )
    var isFitting =
      Set(
        [intercepts, interceptStandardErrors, deviances, nullDeviances, dispersions, logLikelihoods].map(\.count)
          + [iterations.count]) == [q]
      && standardErrors.rowCount == q && standardErrors.columnCount == p && q > 0
    if fields.contains("coefficientCovariance") {
      let (elements, shape) = try fields.array("coefficientCovariance", dimensions: 3)
      coefficientCovariance = elements
      isFitting = isFitting && shape == [q, m, m]
    }
    guard isFitting else {
      throw LockstepError(
        .malformedInput, "a regression of \(q) responses whose arrays do not fit", remedy: "save the model again")
    }
  }

  private var tests: WaldTests {
    WaldTests(degreesOfFreedom: Regression.estimatesDispersion ? degreesOfFreedom : nil, confidence: confidence)
  }

  /// The number of numbers that are estimated, as R counts them.
  private var parameterCount: Double {
    Double(rank + (fitsIntercept ? 1 : 0) + (Regression.estimatesDispersion ? 1 : 0))
  }

  /// Akaike's criterion, q: −2 ln L + 2 k.
  public var aic: [Double] { logLikelihoods.map { -2 * $0 + 2 * parameterCount } }

  /// Schwarz's criterion, q: −2 ln L + k ln n.
  public var bic: [Double] {
    let n = degreesOfFreedom + Double(rank + (fitsIntercept ? 1 : 0))
    return logLikelihoods.map { -2 * $0 + parameterCount * log(n) }
  }

  /// What follows from the fields: statistics, p values, confidence limits and criteria.
  public var derivedFields: [ModelField] {
    tests.fields(
      Regression.estimatesDispersion ? "tStatistics" : "zStatistics", coefficients: coefficients,
      errors: standardErrors, intercepts: intercepts,
      interceptErrors: fitsIntercept ? interceptStandardErrors : interceptStandardErrors.map { _ in .nan })
      + [ModelField("aic", .vector(aic)), ModelField("bic", .vector(bic))]
  }

  /// The mean of each row's responses, n × q: exp(a + xb); local, no communication.
  ///
  /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns.
  public func predict(_ rows: any RowBlock) throws -> Matrix {
    try rows.requireColumns(columnCount)
    var result = rows.mapped(
      by: AffineMap(
        matrix: coefficients.elements, shift: Array(repeating: 0, count: columnCount), constants: intercepts))
    for i in result.elements.indices { result.elements[i] = exp(result.elements[i]) }
    return result
  }
}

extension LogLinearModel: ScoredRegression {}

extension LogLinearModel: RowValuedModel {
  /// The mean of each row's responses.
  public static var rowValuesDescription: RowValuesDescription { .init(.predict, "the predicted mean of each row") }
  /// The mean of each row's responses; local.
  public func rowValues(of rows: any RowBlock) throws -> RowValues { .numbers(try predict(rows)) }
}

extension LogLinearModel: ReportedModel {
  /// Coefficients with their tests, then the figures of each response.
  package func report(_ names: ReportNames) -> ModelReport {
    let responses = names.responses(responseCount)
    let statistic = Regression.estimatesDispersion ? "t" : "z"
    let tables = (0..<responseCount).map { k in
      tests.table(
        names, statistic: statistic, coefficients: coefficients.row(k), errors: standardErrors.row(k),
        intercept: fitsIntercept ? (intercepts[k], interceptStandardErrors[k]) : nil)
    }
    let figures = TextTable(
      keys: [.init("response", responses)],
      columns: [
        .init("deviance", deviances.map(NumberText.short)), .init("null deviance", nullDeviances.map(NumberText.short)),
        .init("dispersion", dispersions.map(NumberText.short)),
        .init("log-likelihood", logLikelihoods.map(NumberText.short)), .init("AIC", aic.map(NumberText.short)),
        .init("BIC", bic.map(NumberText.short)), .init("sweeps", iterations.map { "\($0)" }),
      ])
    return ModelReport(
      title: Self.methodName.replacing("-", with: " "), tables: tables + [figures],
      figures: [
        ("degrees of freedom", NumberText.significant(degreesOfFreedom, 9)),
        ("condition", NumberText.short(conditionEstimate)),
      ],
      notes: names.note + Regression.notes(isConverged: isConverged, droppedColumns: droppedColumns))
  }
}
