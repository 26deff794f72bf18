// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
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
    /// n − rank, less 1 with an intercept; n is the sum of the weights.
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
    /// Whether sums were in double-double.
    public var isDoubleDouble: Bool

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
        ]
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
    let lengths = Set(
      [
        intercepts, interceptStandardErrors, rSquared, adjustedRSquared, residualStandardDeviations, fStatistics,
      ].map(\.count))
    guard
      lengths == [responseCount], standardErrors.rowCount == responseCount, standardErrors.columnCount == columnCount
    else {
      throw LockstepError(
        .malformedInput, "a regression of \(responseCount) responses with arrays of \(lengths.sorted())",
        remedy: "save the model again")
    }
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

  /// The t statistics of the coefficients, q × p: coefficient / standard error.
  public var tStatistics: Matrix {
    var result = coefficients
    for i in result.elements.indices { result.elements[i] /= standardErrors.elements[i] }
    return result
  }

  /// The two-sided p values of the coefficients, q × p, by Student's distribution.
  public var pValues: Matrix {
    var result = tStatistics
    for i in result.elements.indices {
      result.elements[i] = Distributions.studentTwoSided(result.elements[i], degreesOfFreedom: degreesOfFreedom)
    }
    return result
  }

  /// The two-sided p values of the intercepts, q; NaN without an intercept.
  public var interceptPValues: [Double] {
    zip(intercepts, interceptStandardErrors).map {
      fitsIntercept ? Distributions.studentTwoSided($0 / $1, degreesOfFreedom: degreesOfFreedom) : .nan
    }
  }

  /// The p values of the F statistics, q: of the hypothesis that all coefficients are 0.
  public var fPValues: [Double] {
    fStatistics.map { Distributions.fisherUpper($0, Double(rank), degreesOfFreedom) }
  }
}

extension LinearRegression.Model: RowValuedModel {
  /// The response of each row.
  public static var rowValuesDescription: RowValuesDescription {
    .init(.predict, "the predicted responses of each row")
  }
  /// The response of each row; local.
  public func rowValues(of rows: any RowBlock) throws -> RowValues { .doubles(try predict(rows)) }
}
