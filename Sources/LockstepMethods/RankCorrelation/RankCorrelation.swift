// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// Spearman's rank correlation of p columns, with p values.
///
/// rᵢⱼ is the correlation of column i with column j, p × p, when each number is replaced by its rank in its column: 1 for the least, and the
/// mean rank for numbers that are equal. It is 1 if one column grows whenever the other does, on whatever curve, and outliers count by their
/// place alone.
///
/// ```swift
/// let model = try RankCorrelation().fit(rows, in: world)
/// print(model.correlation[0, 1], model.pValues[0, 1])
/// ```
/// - Method: Spearman (1904). Each column is sorted over all ranks: a rank gets the numbers between two limits that rows drawn from all
///   suggest, sorts them, and sends their ranks back. The p values are those of t = r √((n − 2) / (1 − r²)) with n − 2 degrees of freedom, two-sided.
/// - Accuracy: ranks are exact, multiples of ½; of their correlation what ``Covariance`` says.
/// - Edge cases: a constant column has NaN beside the diagonal; fewer than 3 rows have no p values.
/// - Sweeps: 3: one for NaN and infinities, one for the ranks (one more for each 256 MiB that the columns of a rank have), one over the ranks.
/// - Memory per rank: the ranks, 8 bytes for each number, in a scratch file under a limit of memory; and for some columns at a time 40 bytes for each
///   number.
/// - Communication: each number to the rank that sorts it, and its rank back, 8 bytes each.
/// - Not for: relations that are not monotone.
public struct RankCorrelation: Estimator, Hashable {
  /// The estimator.
  public init() {}

  /// Nothing can be wrong.
  public func validate() throws {}

  /// Correlates the columns of all ranks' rows.
  ///
  /// Collective; the model has the same bits on every rank.
  ///
  /// - Parameters:
  ///   - rows: This rank's rows.
  ///   - context: The ranks and threads.
  /// - Returns: The correlations and their p values.
  /// - Throws: ``LockstepError`` with code `.notFinite` for a NaN or an infinity, `.tooFewRows` if there are no rows.
  public func fit(_ rows: some RowSource, in context: ExecutionContext = .local) throws -> Model {
    try context.agree { try validate(for: rows) }
    let aligned = try context.align(rows) { BlockSize.standard(columnCount: $0) }
    _ = try context.reduce(FiniteCheck(columnNames: aligned.columnNames), over: aligned)
    let ranks = try ColumnRanks(of: aligned, in: context).ranks()
    let linear = try Covariance(includesCorrelation: true).fit(ranks, in: context)
    return try context.decide {
      guard let correlation = linear.correlation else {
        throw LockstepError(.internalInconsistency, "a covariance without the correlation that was asked for")
      }
      return Model(correlation: correlation, rowCount: aligned.totalRowCount)
    }
  }
}

extension RankCorrelation {
  /// Correlations of ranks, and how likely such are where there is none.
  public struct Model: FittedModel, Hashable {
    /// The rank correlations, p × p.
    public var correlation: Matrix
    /// The probability of a correlation as strong between independent columns, p × p; 0 on the diagonal.
    public var pValues: Matrix

    /// A model of its parts.
    public init(correlation: Matrix, pValues: Matrix) {
      self.correlation = correlation
      self.pValues = pValues
    }

    /// The model of correlations in so many rows.
    init(correlation: Matrix, rowCount: Int) {
      var pValues = correlation
      let freedom = Double(rowCount - 2)
      for (i, r) in correlation.elements.enumerated() {
        let isDiagonal = i % (correlation.columnCount + 1) == 0
        let t = r * (freedom / ((1 - r) * (1 + r))).squareRoot()
        pValues.elements[i] =
          isDiagonal
          ? 0 : freedom < 1 ? .nan : abs(r) == 1 ? 0 : Distributions.studentTwoSided(t, degreesOfFreedom: freedom)
      }
      self.init(correlation: correlation, pValues: pValues)
    }

    /// `rank-correlation`.
    public static var methodName: String { "rank-correlation" }
    /// The number of columns, p.
    public var columnCount: Int { correlation.columnCount }

    /// `correlation`, `pValues`.
    public var fields: [ModelField] {
      [ModelField("correlation", .matrix(correlation)), ModelField("pValues", .matrix(pValues))]
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      try self.init(correlation: fields.matrix("correlation"), pValues: fields.matrix("pValues"))
      let p = columnCount
      guard [correlation.rowCount, pValues.rowCount, pValues.columnCount].allSatisfy({ $0 == p }) else {
        throw LockstepError(
          .malformedInput, "a rank-correlation model whose matrices are not of \(p) × \(p)",
          remedy: "save the model again")
      }
    }
  }
}
