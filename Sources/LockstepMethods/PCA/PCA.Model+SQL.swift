// SPDX-License-Identifier: Apache-2.0

import LockstepTables

extension PCA.Model: SQLModel {
  /// The scores of each row.
  package func sql(_ columns: [String], responses: [String]) throws -> SQLScores {
    let centred = try zip(columns, means).map { column, mean in "(\(column) - (\(try SQLText.number(mean))))" }
    let weights = scoreWeights
    return SQLScores(
      scores: try (0..<componentCount).map { i in .init("score_\(i)", try SQLText.sum(0, weights.row(i), centred)) })
  }
}
