// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// What a fit tells of each row besides the model: how well it fits, and how much it matters.
///
/// With h the leverage, σ the residual standard deviation and k coefficients, intercept included, the numbers of a row are, for each
/// response:
///
/// | column | |
/// |---|---|
/// | fitted | ŷ |
/// | residual | r = y − ŷ |
/// | standardized residual | √w r / (σ √(1 − h)) |
/// | studentized residual | the same with the σ of the other rows |
/// | leverage | h = w x (XᵀWX)⁻¹ xᵀ |
/// | Cook's distance | (√w r / (σ (1 − h)))² h / k |
///
/// They are R's `fitted`, `residuals`, `rstandard`, `rstudent`, `hatvalues` and `cooks.distance`. Of a row that was seen several times they
/// are those of one of them. NaN where a leverage of 1 leaves nothing to divide by.
extension LinearRegression: RowEmittingEstimator {
  package static let rowOutput =
    "fitted value, residual, standardized and studentized residual, leverage and Cook's distance of each row"

  /// The numbers of a row for each response.
  static let diagnosticCount = 6

  /// Fits to the rows of all ranks, and gives the diagnostics of this rank's rows, six numbers for each response.
  ///
  /// Collective.
  package func fitWithRowValues(
    _ rows: some RowSource, in context: ExecutionContext
  ) throws -> (model: Model, rowValues: RowValues) {
    let fit = try fit(rows, in: context, keepsRoot: true)
    let map = ResidualMap(fit)
    let values = try context.agree {
      try fit.model.rowValues(of: rows, in: context) { .numbers(try fit.diagnostics(of: $0, map)) }
    }
    return (fit.model, values)
  }

  /// Fits to the rows of all ranks, and gives the diagnostics of this rank's rows.
  ///
  /// Collective. For each row and response six numbers: fitted value, residual, standardized and studentized residual, leverage, and Cook's
  /// distance. Under a limit of memory, what it does not hold is in a scratch file.
  ///
  /// - Parameters:
  ///   - rows: This rank's rows, with their responses.
  ///   - context: The ranks and threads.
  /// - Returns: The model, the same on all ranks, and n_r × 6q numbers for the n_r rows of this rank.
  /// - Throws: What ``fit(_:in:)`` throws.
  public func fitWithDiagnostics(
    _ rows: some RowSource, in context: ExecutionContext = .local
  ) throws -> (model: Model, diagnostics: ComputedRows) {
    let (model, values) = try fitWithRowValues(rows, in: context)
    guard case .numbers(let diagnostics) = values else { preconditionFailure("diagnostics that are no numbers") }
    return (model, diagnostics)
  }
}

extension LinearRegression.FirstFit {
  /// The diagnostics of a block of rows.
  func diagnostics(of rows: any RowBlock, _ map: ResidualMap) throws -> Matrix {
    let (q, count) = (model.responseCount, LinearRegression.diagnosticCount)
    var result = Matrix(zeros: rows.rowCount, q * count)
    let (parameters, freedom) = (parameterCount, model.degreesOfFreedom)
    let deviations = model.residualStandardDeviations
    let isFrequency = map.weightKind == .frequency
    try result.elements.withUnsafeMutableBufferPointer { out in
      try map.forEachRow(of: Samples(rows, firstRow: 0)) { row in
        let rest = row.leverage > Self.fullLeverage ? .nan : 1 - row.leverage
        let root = isFrequency ? 1 : row.weight.squareRoot()
        for k in 0..<q {
          let residual = row.responses[k] - row.fitted[k]
          let weighted = root * residual
          let deviation = deviations[k]
          let others = (deviation * deviation * freedom - weighted * weighted / rest) / (freedom - 1)
          let start = (row.index * q + k) * count
          out[start] = row.fitted[k]
          out[start + 1] = residual
          out[start + 2] = weighted / (deviation * rest.squareRoot())
          out[start + 3] = freedom > 1 ? weighted / (max(others, 0) * rest).squareRoot() : .nan
          out[start + 4] = row.leverage
          let share = weighted / (deviation * rest)
          out[start + 5] = share * share * row.leverage / parameters
        }
      }
    }
    return result
  }
}
