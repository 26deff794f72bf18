// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

extension QRDecomposition: RowEmittingEstimator {
  package static let summary = "Orthonormal columns and an upper triangular factor of tall data"
  package static let rowOutput = "the row of Q for each row"
  package static let hyperparameters: [Hyperparameter<QRDecomposition>] = []

  /// Factors the rows of all ranks, and gives this rank's rows of Q.
  ///
  /// Collective.
  package func fitWithRowValues(
    _ rows: some RowSource, in context: ExecutionContext
  ) throws -> (model: Model, rowValues: RowValues) {
    let (model, q) = try decomposeInRuns(rows, in: context)
    return (model, .numbers(ComputedRows(q, columnCount: model.r.rowCount)))
  }
}
