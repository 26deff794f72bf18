// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

extension SVD: RowEmittingEstimator {
  /// All components.
  public init() { self.init(componentCount: nil) }

  package static let summary = "Singular values and vectors of tall data, never centred"
  package static let rowOutput = "the left singular vectors' row for each row"
  package static let hyperparameters: [Hyperparameter<SVD>] = [
    .init("componentCount", \.componentCount, bounds: .atLeast(1), "The number of singular values, the largest.")
  ]

  /// Decomposes the rows of all ranks, and gives this rank's rows of U.
  ///
  /// Collective.
  package func fitWithRowValues(
    _ rows: some RowSource, in context: ExecutionContext
  ) throws -> (model: Model, rowValues: RowValues) {
    let (model, left) = try decomposeInRuns(rows, in: context)
    return (model, .numbers(ComputedRows(left, columnCount: model.singularValues.count)))
  }
}
