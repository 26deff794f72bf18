// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

extension PCA: RowEmittingEstimator {
  package static let summary = "Principal components: the directions of largest variance"
  package static let rowOutput = "the scores of each row on the principal components"
  package static let roles = MethodRoles(weights: .optional)
  package static let hyperparameters: [Hyperparameter<PCA>] = [
    .init("method", \.method, "What is decomposed, and how."),
    .init("componentCount", \.componentCount, bounds: .atLeast(1), "The number of components."),
    .init(
      "varianceShare", \.varianceShare, bounds: .above(0, upTo: 1),
      "Keep as many components as explain this share of the variance."),
    .init("isWhitened", \.isWhitened, "Divide the scores by their deviations."),
    .init("isScaled", \.isScaled, "By the method svd: scale the columns to a deviation of 1."),
  ]

  /// Fits to the rows of all ranks, and gives the scores of this rank's rows.
  ///
  /// Collective.
  package func fitWithRowValues(
    _ rows: some RowSource, in context: ExecutionContext
  ) throws -> (model: Model, rowValues: RowValues) {
    let model = try fit(rows, in: context)
    return (model, try model.agreedValues(of: rows, in: context))
  }
}

extension PCA.Method: HyperparameterChoice {}
