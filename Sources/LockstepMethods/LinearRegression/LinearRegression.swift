// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// Linear regression by least squares: y ≈ b₀ + Xb, for q responses at once, with all that a statistician asks of it.
///
/// X is n × p, Y is n × q; b₀ and b minimize Σ w ‖y − b₀ − xb‖². What weights are, ``weightKind`` says.
///
/// ```swift
/// let rows = TrainingRows(table, responses: responses)
/// let model = try LinearRegression().fit(rows, in: world)
/// let careful = try LinearRegression(robust: .hc3).fit(rows, in: world)
/// print(model.summary(columnNames: table.columnNames))
/// let predicted = try model.predict(newRows)
/// ```
/// - Method: centred cross-products in one sweep, columns scaled to length 1, Cholesky; sums and solution in double-double up to
///   16 columns, and up to 48 of few rows, n m² ≤ 10⁸. With more, sums are in double, and where the fit finds that this costs digits it reads the rows
///   a second time: summing in double-double (condition above 10³, dependent columns), or, for a residual below 10⁻³ of the response, taking
///   residuals in double-double, by which the coefficients are refined. A stream cannot; there the condition estimate tells.
/// - Accuracy: with sums in double-double, the digits that the data's own rounding leaves, up to a condition of about 10¹³.
/// - Dependent columns: a column that is, up to the rounding of its numbers, a combination of the columns before it (and
///   of the intercept) is named. Of all coefficients that fit as well, the model has those of least Euclidean length; those that
///   differ among all that fit as well have no standard error. More columns than rows depend on each other.
/// - Edge cases: no residual degrees of freedom: standard errors and deviations are NaN. A constant response: R² is NaN.
/// - Robust errors: the scores of the rows, or of the clusters that the rows' labels are, in one more sweep.
/// - Sweeps: 1, at times 2; with robust errors one more. Streams: yes, without robust errors. Row weights: yes.
/// - Memory and communication per rank: m(m + 1)/2 numbers, m = p + q, twice that in double-double.
public struct LinearRegression: CrossProductEstimator, Hashable {
  /// Whether the model has an intercept.
  ///
  /// Default `true`.
  public var fitsIntercept: Bool
  /// How sums are kept.
  ///
  /// Default ``CrossProduct/Precision/automatic``.
  public var precision: CrossProduct.Precision
  /// How sure the model's confidence limits are.
  ///
  /// Default 0.95.
  public var confidence: Double
  /// Whether the model has the matrix that the covariances of its coefficients are made of, of p² numbers; `nil`, the default, for
  /// up to ``covarianceColumnCount`` columns.
  public var keepsCovariance: Bool?
  /// What the weights of rows are.
  ///
  /// Default ``WeightKind/analytic``.
  public var weightKind: WeightKind
  /// How standard errors take in that residuals vary with the rows, or depend on each other in clusters: the labels of the rows.
  ///
  /// `nil`, the default, is ``RobustErrors/cr1`` for rows with labels, ``RobustErrors/hc1`` with probability weights, and otherwise errors
  /// that assume one variance of all residuals.
  public var robust: RobustErrors?

  /// The number of columns up to which a model has the covariances of its coefficients unless it is asked for more, or less.
  public static let covarianceColumnCount = 100

  /// A regression.
  public init(
    fitsIntercept: Bool = true, precision: CrossProduct.Precision = .automatic, confidence: Double = 0.95,
    keepsCovariance: Bool? = nil, weightKind: WeightKind = .analytic, robust: RobustErrors? = nil
  ) {
    self.fitsIntercept = fitsIntercept
    self.precision = precision
    self.confidence = confidence
    self.keepsCovariance = keepsCovariance
    self.weightKind = weightKind
    self.robust = robust
  }

  /// A regression with an intercept.
  public init() { self.init(fitsIntercept: true) }

  /// The responses join the features.
  public static var includesResponses: Bool { true }

  /// Throws ``LockstepError`` with code `.usage` if a hyperparameter makes no sense.
  public func validate() throws {
    guard confidence > 0, confidence <= 1 else {
      throw LockstepError(.usage, "a confidence of \(confidence)", remedy: "give a number above 0, up to 1, as 0.95")
    }
  }

  /// Fits to the rows of all ranks.
  ///
  /// Collective; the model has the same bits on every rank.
  ///
  /// - Throws: ``LockstepError`` with code `.usage` if the rows have no responses, `.notFinite` for a NaN or an infinity, `.tooFewRows`
  ///   if there is no row.
  public func fit(_ rows: some RowSource, in context: ExecutionContext = .local) throws -> Model {
    try fit(rows, in: context, keepsRoot: false).model
  }

  /// The fit, with what tells of its residuals if that is wanted.
  ///
  /// Collective.
  func fit(_ rows: some RowSource, in context: ExecutionContext, keepsRoot: Bool) throws -> FirstFit {
    // A rank without rows may not know whether there are labels.
    let hasClusters = try context.merged(try validated(for: rows).hasLabels) { $0 || $1 }
    let errors = robust ?? (hasClusters ? .cr1 : weightKind == .probability ? .hc1 : nil)
    if hasClusters != (errors?.isClustered ?? false) {
      return try context.decide {
        throw hasClusters
          ? LockstepError(
            .usage, "\(errors?.title ?? "") errors of rows in clusters",
            remedy: "ask for cr0 or cr1, or give no clusters")
          : LockstepError(.usage, "clustered errors of rows without clusters", remedy: "give the cluster of each row")
      }
    }
    var plain = self
    plain.robust = nil
    let keepsRoot = keepsRoot || errors != nil
    let aligned = try context.align(rows, blockRowCount: blockRowCount(columnCount:))
    let (n, m) = (Double(aligned.totalRowCount), Double(aligned.columnCount + 1))
    let isSmall = aligned.columnCount <= NormalEquations.narrow && n * m * m <= Self.smallWork
    let isDirect = precision != .automatic || isSmall
    guard keepsRoot || !isDirect else {
      return FirstFit(model: try context.reduce(SingleSweep(regression: plain.forSingleReading), over: aligned))
    }
    var first = try context.reduce(
      FirstSweep(regression: isDirect ? plain.forSingleReading : plain, keepsRoot: keepsRoot), over: aligned)
    if !isDirect, first.model.wantsDoubleDouble {
      if first.isRefinable {
        first.model = try context.reduce(ResidualPass(first: first), over: aligned)
      } else if keepsRoot {
        first = try context.reduce(FirstSweep(regression: plain.forSingleReading, keepsRoot: true), over: aligned)
      } else {
        first.model = try context.reduce(SingleSweep(regression: plain.forSingleReading), over: aligned)
      }
    }
    guard let errors else { return first }
    first.model =
      errors.isClustered
      ? try context.reduce(ClusterPass(errors, first), over: aligned)
      : try context.reduce(RobustPass(errors, first), over: aligned)
    return first
  }

  private func validated(for rows: some RowSource) throws -> RowRoles {
    try validate(for: rows)
    return rows.roles
  }

  /// Throws ``LockstepError`` with code `.usage` if robust errors are asked for, which need the rows a second time.
  package func requireSingleReading() throws {
    guard robust == nil, weightKind != .probability else { throw Self.secondReading }
  }

  private static var secondReading: LockstepError {
    LockstepError(
      .usage, "robust errors need the residuals, and so every row a second time: a stream has each once",
      remedy: "fit to all rows at once, or ask for errors that are not robust")
  }

  /// Adds a block of rows.
  ///
  /// - Throws: ``LockstepError`` with code `.usage` if robust errors are asked for, which need the rows a second time.
  public func accumulate(_ samples: Samples, into partial: inout CrossProduct) throws {
    try requireSingleReading()
    guard samples.labels == nil else { throw Self.secondReading }
    try add(samples, to: &partial)
  }

  /// The same whatever errors are asked for.
  func add(_ samples: Samples, to partial: inout CrossProduct) throws {
    guard samples.responses != nil else {
      throw LockstepError(
        .usage, "the rows have no responses", remedy: "give the columns that are to be explained as responses")
    }
    try SquareMemory.require(columnCount: samples.columnCount)
    try partial.observe(
      samples, includingResponses: true, precision: precision, multipliesWeights: weightKind == .analytic)
  }

  /// So many products that nobody notices what double-double costs.
  private static var smallWork: Double { 1e8 }

  /// With sums in double-double from the start, where a fit would decide after its first sweep.
  public var forSingleReading: Self {
    guard precision == .automatic else { return self }
    var exact = self
    exact.precision = .doubleDouble
    return exact
  }

  /// The regression of what was summed.
  ///
  /// - Throws: ``LockstepError`` with code `.tooFewRows` if there is no row, or none of a weight above 0.
  public func finalize(_ products: CrossProduct) throws -> Model { try fitted(products).model }

  /// The number of rows n, as the kind of their weights has it.
  func observationCount(_ products: CrossProduct) -> DoubleDouble {
    weightKind == .frequency ? products.weight : DoubleDouble(Double(products.weighedRowCount))
  }

  /// The regression, and B of (XᵀX)⁻¹ = B Bᵀ.
  func fitted(_ products: CrossProduct) throws -> (model: Model, root: Matrix) {
    try products.requireRows(for: "a regression", dividesBySquares: true)
    let (p, q, n) = (products.featureCount, products.responseCount, observationCount(products))
    let equations = NormalEquations(products, isCentred: fitsIntercept, responses: 0..<q)
    let coefficients = equations.coefficients
    let freedom = Double(
      TotalWeight.degreesOfFreedom(n, estimating: Double(equations.rank + (fitsIntercept ? 1 : 0))) ?? .zero)
    let root = equations.inverseRoot
    let spread = CoefficientSpread(products, root)
    let dependence = Dependence(equations.nullDirections, products)
    let isDetermined = (0..<p).map { !dependence.movesCoefficient[$0] }
    let hasDeterminedIntercept = fitsIntercept && !dependence.movesIntercept

    var model = Model(
      coefficients: Matrix(zeros: q, p), intercepts: Array(repeating: 0, count: q), standardErrors: Matrix(zeros: q, p),
      interceptStandardErrors: Array(repeating: fitsIntercept ? .nan : 0, count: q), rSquared: [], adjustedRSquared: [],
      residualStandardDeviations: [], fStatistics: [], rank: equations.rank, degreesOfFreedom: freedom,
      conditionEstimate: equations.conditionEstimate, droppedColumns: equations.droppedColumns,
      nullDirections: equations.nullDirections,
      nullConstants: fitsIntercept ? dependence.constants : dependence.constants.map { _ in 0 },
      fitsIntercept: fitsIntercept, isDoubleDouble: products.isDoubleDouble, confidence: confidence)
    model.weightKind = weightKind
    model.logWeight = products.weightProduct.logarithm
    model.varianceInflation = (0..<p).map { j in
      let square =
        fitsIntercept ? products[j, j] : products[j, j] + products.mean(j) * products.weight * products.mean(j)
      return isDetermined[j] ? max(1, square.high * spread.variances[j]) : .infinity
    }
    if keepsCovariance ?? (p <= Self.covarianceColumnCount) {
      let known = (fitsIntercept ? [hasDeterminedIntercept] : []) + isDetermined
      model.unscaledCovariance = spread.covariance(withIntercept: fitsIntercept, known: known)
    }
    for k in 0..<q {
      let fit = ResponseFit(products, response: k, coefficients: coefficients, column: k, isCentred: fitsIntercept)
      let deviation = freedom > 0 ? (fit.residual.high / freedom).squareRoot() : .nan
      for j in 0..<p {
        model.coefficients[k, j] = coefficients[j, k].high
        model.standardErrors[k, j] = isDetermined[j] ? deviation * spread.variances[j].squareRoot() : .nan
      }
      model.intercepts[k] = fit.intercept.high
      if hasDeterminedIntercept { model.interceptStandardErrors[k] = deviation * spread.interceptVariance.squareRoot() }
      let unexplained = fit.residual / fit.total
      model.rSquared.append(fit.total.high > 0 ? Double(DoubleDouble(1) - unexplained) : .nan)
      let all = Double(n - (fitsIntercept ? 1 : 0))
      model.adjustedRSquared.append(
        fit.total.high > 0 && freedom > 0 ? 1 - unexplained.high * all / freedom : .nan)
      model.residualStandardDeviations.append(deviation)
      let explained = Double(fit.total - fit.residual) / Double(equations.rank)
      model.fStatistics.append(freedom > 0 && equations.rank > 0 ? explained / (fit.residual.high / freedom) : .nan)
    }
    return (model, root)
  }
}

/// The variances and covariances of intercept and coefficients, but for σ².
struct CoefficientSpread {
  /// Of each coefficient.
  let variances: [Double]
  /// Of the intercept: 1/n + ‖x̄ᵀB‖².
  let interceptVariance: Double
  private let root: Matrix
  private let meanRoot: [Double]  // x̄ᵀB

  /// The spread of coefficients with (XᵀX)⁻¹ = B Bᵀ, X centred if there is an intercept.
  init(_ products: CrossProduct, _ root: Matrix) {
    self.root = root
    variances = (0..<root.rowCount).map { i in root.row(i).reduce(0) { $0 + $1 * $1 } }
    meanRoot = (0..<root.columnCount).map { c in
      var sum = DoubleDouble.zero
      for i in 0..<root.rowCount { sum += products.mean(i) * root[i, c] }
      return sum.high
    }
    interceptVariance = meanRoot.reduce(1 / Double(products.weight)) { $0 + $1 * $1 }
  }

  /// The matrix of them, the intercept first if there is one; NaN for what is not `known`.
  func covariance(withIntercept hasIntercept: Bool, known: [Bool]) -> Matrix {
    let (p, first) = (root.rowCount, hasIntercept ? 1 : 0)
    let transposed = root.transposed
    var result = Matrix(zeros: p + first, p + first)
    let inner = root * transposed
    for i in 0..<p { for j in 0..<p { result[first + i, first + j] = i == j ? variances[i] : inner[i, j] } }
    if hasIntercept {
      let across = Matrix(rowCount: 1, columnCount: root.columnCount, elements: meanRoot) * transposed
      result[0, 0] = interceptVariance
      for j in 0..<p {
        result[0, 1 + j] = -across[0, j]
        result[1 + j, 0] = -across[0, j]
      }
    }
    for i in known.indices { for j in known.indices where !(known[i] && known[j]) { result[i, j] = .nan } }
    return result
  }
}

/// What dependent columns leave undetermined.
struct Dependence {
  /// For each direction v in which X v is constant, that constant.
  let constants: [Double]
  /// Whether a coefficient differs among all that fit as well.
  let movesCoefficient: [Bool]
  /// Whether the intercept does.
  let movesIntercept: Bool

  init(_ directions: Matrix, _ products: CrossProduct) {
    let p = products.featureCount
    var constants = Array(repeating: 0.0, count: directions.rowCount)
    var moves = Array(repeating: false, count: p)
    // A share of the largest term, so that units do not matter, far above rounding and far below what a relation is.
    let share = 1e-9
    let lengths = (0..<p).map { j in
      (products[j, j] + products.mean(j) * products.mean(j) * products.weight).high.squareRoot()
    }
    for a in constants.indices {
      let sizes = (0..<p).map { abs(directions[a, $0]) * lengths[$0] }
      let largest = sizes.max() ?? 0
      // All columns of zeros: each is free.
      for j in 0..<p where sizes[j] > share * largest || largest == 0 && directions[a, j] != 0 { moves[j] = true }
      var sum = DoubleDouble.zero
      for j in 0..<p { sum += products.mean(j) * directions[a, j] }
      constants[a] = abs(sum.high) > share * largest / products.weight.high.squareRoot() ? sum.high : 0
    }
    self.constants = constants
    movesCoefficient = moves
    movesIntercept = constants.contains { $0 != 0 }
  }
}

/// How well some coefficients explain one response.
struct ResponseFit {
  /// b₀; 0 without an intercept.
  let intercept: DoubleDouble
  /// Σ w (y − b₀ − xb)².
  let residual: DoubleDouble
  /// Σ w (y − ȳ)², or Σ w y² without an intercept.
  let total: DoubleDouble

  init(
    _ products: CrossProduct, response: Int, coefficients: DoubleDoubleMatrix, column: Int, isCentred: Bool
  ) {
    let p = products.featureCount
    let y = p + response
    func product(_ i: Int, _ j: Int) -> DoubleDouble {
      isCentred ? products[i, j] : products[i, j] + products.mean(i) * products.weight * products.mean(j)
    }
    var intercept = isCentred ? products.mean(y) : DoubleDouble.zero
    total = product(y, y)
    // Σ (y − xb)² = y·y − Σ bⱼ (2 xⱼ·y − Σ bᵢ xᵢ·xⱼ): for any b, not only for the solution.
    var residual = total
    var magnitude = total.high
    for j in 0..<p {
      let b = coefficients[j, column]
      if isCentred { intercept -= products.mean(j) * b }
      var inner = product(j, y) * 2
      var size = abs(inner.high)
      for i in 0..<p {
        let term = coefficients[i, column] * product(i, j)
        inner -= term
        size += abs(term.high)
      }
      residual -= b * inner
      magnitude += abs(b.high) * size
    }
    // What is left of a perfect fit is rounding of the terms, and may be below nothing.
    let noise = products.isDoubleDouble ? magnitude * 0x1p-97 : total.high * Double(p + 1) * 0x1p-52
    self.residual = residual.high > noise ? residual : .zero
    self.intercept = intercept
  }
}
