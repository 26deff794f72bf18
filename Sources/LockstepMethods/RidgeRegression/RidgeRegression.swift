// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// Ridge regression: least squares with a penalty on the length of the coefficients.
///
/// For each response, b₀ and b minimize Σ w (y − b₀ − xb)² + λ ‖b‖². The intercept is not penalized. λ is absolute, not
/// divided by n, and counts in the units of the columns; scale them first if they differ.
///
/// ```swift
/// let model = try RidgeRegression(regularization: [1]).fit(rows, in: world)
/// ```
/// - Method: (XᵀX + λI) b = XᵀY on centred cross-products, by Cholesky of the scaled matrix; one sweep for all responses and λ.
/// - Accuracy: that of ``LinearRegression`` of one sweep; the penalty improves the condition.
/// - Edge cases: λ = 0 with dependent columns is refused: the penalty is what would choose among the solutions.
/// - Sweeps: 1. Streams: yes. Row weights: yes.
/// - Memory and communication per rank: m(m + 1)/2 numbers, m = p + q.
public struct RidgeRegression: CrossProductEstimator, Hashable {
  /// λ ≥ 0: one for all responses, or one for each.
  ///
  /// Default 1.
  public var regularization: [Double]
  /// Whether the model has an intercept.
  ///
  /// Default `true`.
  public var fitsIntercept: Bool
  /// How sums are kept.
  ///
  /// Default ``CrossProduct/Precision/automatic``.
  public var precision: CrossProduct.Precision

  /// A regression with a penalty for all responses, or one for each.
  public init(
    regularization: [Double], fitsIntercept: Bool = true, precision: CrossProduct.Precision = .automatic
  ) {
    self.regularization = regularization
    self.fitsIntercept = fitsIntercept
    self.precision = precision
  }

  /// A regression with λ = 1.
  public init() { self.init(regularization: [1]) }

  /// The responses join the features.
  public static var includesResponses: Bool { true }

  /// Throws ``LockstepError`` with code `.usage` if a hyperparameter makes no sense.
  public func validate() throws {
    if regularization.isEmpty { throw LockstepError(.usage, "no regularization", remedy: "give one number or more") }
    for value in regularization { try Self.validate(value) }
  }

  static func validate(_ value: Double) throws {
    guard value >= 0, value.isFinite else {
      throw LockstepError(.usage, "a regularization of \(value)", remedy: "give a finite number that is not negative")
    }
  }

  /// The regression of what was summed.
  ///
  /// - Throws: ``LockstepError`` with code `.tooFewRows` if there is no row, `.usage` if the penalties are neither one nor one for
  ///   each response, `.rankDeficient` if λ = 0 and columns are dependent.
  public func finalize(_ products: CrossProduct) throws -> Model {
    try products.requireRows(for: "a regression", dividesBySquares: true)
    let q = products.responseCount
    guard regularization.count == 1 || regularization.count == q else {
      throw LockstepError(
        .usage, "\(regularization.count) regularizations for \(q) responses",
        remedy: "give one, or one for each response")
    }
    return try Self.model(
      products, regularization: (0..<q).map { regularization[regularization.count == 1 ? 0 : $0] },
      fitsIntercept: fitsIntercept)
  }

  /// The model for one λ per response.
  static func model(_ products: CrossProduct, regularization: [Double], fitsIntercept: Bool) throws -> Model {
    let (p, q, n) = (products.featureCount, products.responseCount, Double(products.weight))
    var model = Model(
      coefficients: Matrix(zeros: q, p), intercepts: Array(repeating: 0, count: q), regularization: regularization,
      rSquared: [], residualStandardDeviations: [], effectiveDegreesOfFreedom: [], crossValidation: [], rank: p,
      conditionEstimate: 1)
    var start = 0
    while start < q {  // responses of the same penalty in one go
      let lambda = regularization[start]
      let end = (start..<q).first { regularization[$0] != lambda } ?? q
      let equations = NormalEquations(
        products, isCentred: fitsIntercept, regularization: lambda, responses: start..<end)
      if let j = equations.droppedColumns.first {
        throw LockstepError(
          .rankDeficient,
          "column \(j + 1) depends on the columns before it, and a regularization of \(lambda) cannot choose",
          remedy: "give a larger regularization, or use linear regression", place: .init(column: j + 1))
      }
      // tr H = tr (XᵀX + λ)⁻¹ XᵀX = p − λ tr (XᵀX + λ)⁻¹, and 1 for the intercept.
      let trace = equations.inverseRoot.elements.reduce(0) { $0 + $1 * $1 }
      let effective = Double(p) - lambda * trace + (fitsIntercept ? 1 : 0)
      model.conditionEstimate = max(model.conditionEstimate, equations.conditionEstimate)
      for k in start..<end {
        let fit = ResponseFit(
          products, response: k, coefficients: equations.coefficients, column: k - start, isCentred: fitsIntercept)
        for j in 0..<p { model.coefficients[k, j] = equations.coefficients[j, k - start].high }
        model.intercepts[k] = fit.intercept.high
        model.rSquared.append(
          fit.total.high > 0 ? Double(DoubleDouble(1) - fit.residual / fit.total) : .nan)
        let freedom = n - effective > 0x1p-20 * effective ? n - effective : 0
        model.residualStandardDeviations.append(freedom > 0 ? (fit.residual.high / freedom).squareRoot() : .nan)
        model.effectiveDegreesOfFreedom.append(effective)
        model.crossValidation.append(freedom > 0 ? n * fit.residual.high / (freedom * freedom) : .nan)
      }
      start = end
    }
    return model
  }
}

extension RidgeRegression {
  /// A fitted ridge regression.
  public struct Model: FittedModel, Hashable {
    /// The coefficients b, q × p: a row for each response.
    public var coefficients: Matrix
    /// The intercepts b₀, q; zeros without an intercept.
    public var intercepts: [Double]
    /// λ of each response, q.
    public var regularization: [Double]
    /// R² of each response, q.
    public var rSquared: [Double]
    /// √(Σ w (y − ŷ)² / (n − effective degrees of freedom)), q.
    public var residualStandardDeviations: [Double]
    /// The trace of the map from y to ŷ, q; the intercept counts 1.
    public var effectiveDegreesOfFreedom: [Double]
    /// Generalized cross-validation, q: n Σ w (y − ŷ)² / (n − effective degrees of freedom)² (Golub, Heath & Wahba 1979).
    public var crossValidation: [Double]
    /// The number of columns, none of which is dropped.
    public var rank: Int
    /// An estimate of the condition of the penalized columns, scaled to length 1.
    public var conditionEstimate: Double

    /// `ridge-regression`.
    public static var methodName: String { "ridge-regression" }
    /// The number of columns, p.
    public var columnCount: Int { coefficients.columnCount }
    /// The number of responses, q.
    public var responseCount: Int { coefficients.rowCount }

    /// The coefficients and what comes with them.
    public var fields: [ModelField] {
      [
        ModelField("coefficients", .matrix(coefficients)), ModelField("intercepts", .vector(intercepts)),
        ModelField("regularization", .vector(regularization)), ModelField("rSquared", .vector(rSquared)),
        ModelField("residualStandardDeviations", .vector(residualStandardDeviations)),
        ModelField("effectiveDegreesOfFreedom", .vector(effectiveDegreesOfFreedom)),
        ModelField("crossValidation", .vector(crossValidation)), ModelField("rank", .scalar(rank)),
        ModelField("conditionEstimate", .scalar(conditionEstimate)),
      ]
    }
  }
}

extension RidgeRegression.Model: ScoredRegression {}

extension RidgeRegression.Model: RowValuedModel {
  /// The model of these fields.
  public init(fields: ModelFields) throws {
    coefficients = try fields.matrix("coefficients")
    intercepts = try fields.vector("intercepts")
    regularization = try fields.vector("regularization")
    rSquared = try fields.vector("rSquared")
    residualStandardDeviations = try fields.vector("residualStandardDeviations")
    effectiveDegreesOfFreedom = try fields.vector("effectiveDegreesOfFreedom")
    crossValidation = try fields.vector("crossValidation")
    rank = try fields.integer("rank")
    conditionEstimate = try fields.double("conditionEstimate")
    let lengths = Set(
      [
        intercepts, regularization, rSquared, residualStandardDeviations, effectiveDegreesOfFreedom, crossValidation,
      ].map(\.count))
    guard lengths == [responseCount] else {
      throw LockstepError(
        .malformedInput, "a regression of \(responseCount) responses with arrays of \(lengths.sorted())",
        remedy: "save the model again")
    }
  }

  /// The response of each row, n × q: b₀ + xb; local, no communication.
  ///
  /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns.
  public func predict(_ rows: any RowBlock) throws -> Matrix {
    try rows.requireColumns(columnCount)
    return rows.mapped(
      by: .init(matrix: coefficients.elements, shift: Array(repeating: 0, count: columnCount), constants: intercepts))
  }

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
