// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

extension DBSCAN: RowEmittingEstimator {
  package static let summary = "Find clusters of any shape, and noise between them (DBSCAN)"
  package static let rowOutput = "the cluster of each row, from 0, and -1 for noise"
  package static let roles = MethodRoles(weights: .optional)

  package static let hyperparameters: [Hyperparameter<DBSCAN>] = [
    .init("epsilon", \.epsilon, bounds: .above(0), "The largest distance of rows that are near each other."),
    .init(
      "minPoints", \.minPoints, bounds: .atLeast(1),
      "The number of rows near a core, itself included; with weights, what they weigh together."),
    .init(
      "marksBorders", \.marksBorders,
      "Whether border rows are told from cores: a border row of cluster c then has -2 - c."),
  ]

  /// The rows of the box twice, as they came and in the tree, what is known of each, and its cluster.
  ///
  /// What lies around the box comes on top.
  package func byteCountPerRow(rowCount: Int, columnCount: Int) -> Double { Double(16 * columnCount + 64) * 1.2 }

  /// Clusters the rows of all ranks, and gives the cluster of each of this rank's rows.
  ///
  /// Collective.
  package func fitWithRowValues(
    _ rows: some RowSource, in context: ExecutionContext
  ) throws -> (model: Model, rowValues: RowValues) {
    let (model, assignments) = try fitAssigning(rows, in: context)
    return (model, .integers(assignments))
  }
}
