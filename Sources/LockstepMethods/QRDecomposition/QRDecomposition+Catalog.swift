// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

extension QRDecomposition: RowEmittingEstimator {
  /// One line for lists of methods.
  public static var summary: String { "Orthonormal columns and an upper triangular factor of tall data" }
  /// Rows of Q.
  public static var rowOutput: String { "the row of Q for each row" }

  /// Factors the rows of all ranks, and gives this rank's rows of Q.
  ///
  /// Collective.
  public func fitWithRowValues(
    _ rows: some RowSource, in context: ExecutionContext
  ) throws -> (model: Model, rowValues: RowValues) {
    let (model, q) = try decomposeInRuns(rows, in: context)
    return (model, RowValues(q, columnCount: model.r.rowCount))
  }
}
