// SPDX-License-Identifier: Apache-2.0

extension LogLinearModel: SQLModel {
  /// The mean of each row's responses.
  package func sql(_ columns: [String], responses: [String]) throws -> SQLScores {
    SQLScores(scores: try SQLScores.predictions(coefficients, intercepts, columns, responses) { "EXP(\($0))" })
  }
}
