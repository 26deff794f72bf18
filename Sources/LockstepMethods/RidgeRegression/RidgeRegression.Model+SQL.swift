// SPDX-License-Identifier: Apache-2.0

extension RidgeRegression.Model: SQLModel {
  /// The response of each row.
  package func sql(_ columns: [String], responses: [String]) throws -> SQLScores {
    SQLScores(scores: try SQLScores.predictions(coefficients, intercepts, columns, responses))
  }
}
