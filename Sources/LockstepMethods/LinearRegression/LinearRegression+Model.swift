// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepReduction
import LockstepTables

extension LinearRegression {
  /// A fitted regression.
  public struct Model: FittedModel, Hashable {
    /// The coefficients b, q × p: a row for each response.
    public var coefficients: Matrix
    /// The intercepts b₀, q; zeros without an intercept.
    public var intercepts: [Double]
    /// The standard errors of the coefficients, q × p; NaN for those that dependent columns leave undetermined.
    public var standardErrors: Matrix
    /// The standard errors of the intercepts, q; zeros without an intercept.
    public var interceptStandardErrors: [Double]
    /// R² = 1 − Σ w (y − ŷ)² / Σ w (y − ȳ)², q; without an intercept, ȳ is 0 here.
    public var rSquared: [Double]
    /// R² with both sums divided by their degrees of freedom, q.
    public var adjustedRSquared: [Double]
    /// √(Σ w (y − ŷ)² / degrees of freedom), q, in units of the responses.
    public var residualStandardDeviations: [Double]
    /// F = (explained sum of squares / rank) / (residual sum of squares / degrees of freedom), q.
    public var fStatistics: [Double]
    /// The number of columns that do not depend on those before them.
    public var rank: Int
    /// n − rank, less 1 with an intercept; n is the number of rows of a weight above 0, or the sum of the weights if they are frequencies.
    public var degreesOfFreedom: Double
    /// An estimate of the condition of the columns that were not dropped, centred (with an intercept) and scaled to length 1.
    public var conditionEstimate: Double
    /// The columns that depend on columns before them, from 0.
    public var droppedColumns: [Int]
    /// For each of them, the combination of columns that vanishes (or is constant, with an intercept): 1 at that column.
    public var nullDirections: Matrix
    /// What each of these combinations is in every row: 0 without an intercept.
    public var nullConstants: [Double]
    /// Whether there is an intercept.
    public var fitsIntercept: Bool
    /// Whether sums were in double-double, of products or, in a nearly exact fit, of residuals.
    public var isDoubleDouble: Bool
    /// How sure the confidence limits are.
    public var confidence: Double
    /// By how much the other columns inflate the variance of each coefficient, p: 1 / (1 − R²) of the column's regression on the others;
    /// infinite for those that dependent columns leave undetermined.
    ///
    /// Without an intercept, R² is about 0, too. None in models of earlier releases.
    public var varianceInflation: [Double] = []
    /// (XᵀX)⁻¹ with the column of ones first if there is an intercept, NaN for what dependent columns leave undetermined: the covariances
    /// of intercept and coefficients but for σ².
    ///
    /// `nil` where the fit was not to keep it.
    public var unscaledCovariance: Matrix?
    /// What the weights of the rows were taken for.
    public var weightKind = WeightKind.analytic
    /// Σ ln w of the rows of an analytic weight above 0, which the likelihood has.
    public var logWeight = 0.0
    /// How standard errors, t, p and limits take in that residuals differ; `nil` for errors that assume one variance.
    public var robust: RobustErrors?
    /// The number of clusters, with clustered errors.
    public var clusterCount: Int?
    /// With robust errors, the covariances of intercept (first, if there is one) and coefficients, of response after response.
    ///
    /// A row of a matrix after the other; `nil` where the fit was not to keep them.
    public var robustCovariance: [Double]?

    /// `linear-regression`.
    public static var methodName: String { "linear-regression" }
    /// The number of columns, p.
    public var columnCount: Int { coefficients.columnCount }
    /// The number of responses, q.
    public var responseCount: Int { coefficients.rowCount }

    /// Whether sums in double may have cost digits.
    var wantsDoubleDouble: Bool {
      !isDoubleDouble && (conditionEstimate > 1e3 || !droppedColumns.isEmpty || rSquared.contains { 1 - $0 < 1e-6 })
    }

    /// The coefficients and all that comes with them.
    public var fields: [ModelField] {
      [
        ModelField("coefficients", .matrix(coefficients)), ModelField("intercepts", .vector(intercepts)),
        ModelField("standardErrors", .matrix(standardErrors)),
        ModelField("interceptStandardErrors", .vector(interceptStandardErrors)),
        ModelField("rSquared", .vector(rSquared)), ModelField("adjustedRSquared", .vector(adjustedRSquared)),
        ModelField("residualStandardDeviations", .vector(residualStandardDeviations)),
        ModelField("fStatistics", .vector(fStatistics)), ModelField("rank", .scalar(rank)),
        ModelField("degreesOfFreedom", .scalar(degreesOfFreedom)),
        ModelField("conditionEstimate", .scalar(conditionEstimate)),
        ModelField("droppedColumns", .vector(droppedColumns)), ModelField("nullDirections", .matrix(nullDirections)),
      ]
        // Only where there are any, so that other models have the fields, and the digests, that they always had.
        + (droppedColumns.isEmpty ? [] : [ModelField("nullConstants", .vector(nullConstants))]) + [
          ModelField("fitsIntercept", .bool(fitsIntercept)), ModelField("isDoubleDouble", .bool(isDoubleDouble)),
        ] + (varianceInflation.isEmpty ? [] : [ModelField("varianceInflation", .vector(varianceInflation))])
        + (unscaledCovariance.map { [ModelField("unscaledCovariance", .matrix($0))] } ?? [])
        + (confidence == 0.95 ? [] : [ModelField("confidence", .scalar(confidence))]) + errorFields
    }

    /// What only models of weights and robust errors have.
    private var errorFields: [ModelField] {
      let m = columnCount + (fitsIntercept ? 1 : 0)
      return (weightKind == .analytic ? [] : [ModelField("weightKind", .strings([weightKind.rawValue]))])
        + (logWeight == 0 ? [] : [ModelField("logWeight", .scalar(logWeight))])
        + (robust.map { [ModelField("robust", .strings([$0.rawValue]))] } ?? [])
        + (clusterCount.map { [ModelField("clusterCount", .scalar($0))] } ?? [])
        + (robustCovariance.map {
          [ModelField("robustCovariance", .doubles($0, shape: [responseCount, m, m]))]
        } ?? [])
    }
  }
}

extension LinearRegression.Model {
  /// The model of these fields.
  public init(fields: ModelFields) throws {
    coefficients = try fields.matrix("coefficients")
    intercepts = try fields.vector("intercepts")
    standardErrors = try fields.matrix("standardErrors")
    interceptStandardErrors = try fields.vector("interceptStandardErrors")
    rSquared = try fields.vector("rSquared")
    adjustedRSquared = try fields.vector("adjustedRSquared")
    residualStandardDeviations = try fields.vector("residualStandardDeviations")
    fStatistics = try fields.vector("fStatistics")
    rank = try fields.integer("rank")
    degreesOfFreedom = try fields.double("degreesOfFreedom")
    conditionEstimate = try fields.double("conditionEstimate")
    let dropped = try fields.integers("droppedColumns")
    droppedColumns = dropped
    // An array of no rows does not say how long its rows are.
    nullDirections =
      dropped.isEmpty ? Matrix(zeros: 0, coefficients.columnCount) : try fields.matrix("nullDirections")
    nullConstants =
      fields.contains("nullConstants") ? try fields.vector("nullConstants") : Array(repeating: 0, count: dropped.count)
    fitsIntercept = try fields.bool("fitsIntercept")
    isDoubleDouble = try fields.bool("isDoubleDouble")
    // What earlier releases did not save.
    confidence = fields.contains("confidence") ? try fields.double("confidence") : 0.95
    if fields.contains("varianceInflation") { varianceInflation = try fields.vector("varianceInflation") }
    if fields.contains("unscaledCovariance") { unscaledCovariance = try fields.matrix("unscaledCovariance") }
    try readErrors(fields)
    let lengths = Set(
      [
        intercepts, interceptStandardErrors, rSquared, adjustedRSquared, residualStandardDeviations, fStatistics,
      ].map(\.count))
    guard
      lengths == [responseCount], standardErrors.rowCount == responseCount, standardErrors.columnCount == columnCount,
      varianceInflation.isEmpty || varianceInflation.count == columnCount,
      unscaledCovariance.map({ $0.rowCount == columnCount + (fitsIntercept ? 1 : 0) && $0.rowCount == $0.columnCount })
        ?? true
    else {
      throw LockstepError(
        .malformedInput, "a regression of \(responseCount) responses with arrays of \(lengths.sorted())",
        remedy: "save the model again")
    }
  }

  private mutating func readErrors(_ fields: ModelFields) throws {
    func word<Word: RawRepresentable>(_ name: String) throws -> Word? where Word.RawValue == String {
      guard fields.contains(name) else { return nil }
      let words = try fields.strings(name)
      guard words.count == 1, let word = Word(rawValue: words[0]) else {
        throw LockstepError(
          .malformedInput, "\(words) as \(name) of a regression", remedy: "read it with the release that wrote it")
      }
      return word
    }
    weightKind = try word("weightKind") ?? .analytic
    robust = try word("robust")
    if fields.contains("logWeight") { logWeight = try fields.double("logWeight") }
    if fields.contains("clusterCount") { clusterCount = try fields.integer("clusterCount") }
    guard fields.contains("robustCovariance") else { return }
    let (elements, shape) = try fields.array("robustCovariance", dimensions: 3)
    let m = columnCount + (fitsIntercept ? 1 : 0)
    guard shape == [responseCount, m, m] else {
      throw LockstepError(
        .malformedInput, "robust covariances of \(shape) for \(responseCount) responses and \(m) coefficients",
        remedy: "save the model again")
    }
    robustCovariance = elements
  }

  /// The response of each row, n × q: b₀ + xb; local, no communication.
  ///
  /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns.
  /// - Complexity: 2npq flops.
  public func predict(_ rows: any RowBlock) throws -> Matrix {
    try rows.requireColumns(columnCount)
    return rows.mapped(
      by: AffineMap(
        matrix: coefficients.elements, shift: Array(repeating: 0, count: columnCount), constants: intercepts))
  }
}

extension LinearRegression.Model: ScoredRegression {}

extension LinearRegression.Model: RowValuedModel {
  /// The response of each row.
  public static var rowValuesDescription: RowValuesDescription {
    .init(.predict, "the predicted responses of each row")
  }
  /// The predicted responses of each of this rank's rows, which are looked at block by block, by the context's threads.
  ///
  /// Collective: if one rank fails, all do. Under a limit of memory, what it does not hold is in a scratch file.
  ///
  /// - Throws: What the same of a block throws, with the row counted from this rank's first.
  public func predict(_ rows: some RowSource, in context: ExecutionContext) throws -> ComputedRows {
    try agreedNumbers(of: rows, in: context)
  }

  /// The response of each row; local.
  public func rowValues(of rows: any RowBlock) throws -> RowValues { .numbers(try predict(rows)) }
}
