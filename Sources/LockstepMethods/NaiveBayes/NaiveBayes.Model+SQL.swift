// SPDX-License-Identifier: Apache-2.0

extension NaiveBayes.Model: SQLModel {
  /// The most probable class of each row.
  package func sql(_ columns: [String], responses: [String]) throws -> SQLScores {
    let (constants, weights) = scores
    let columns =
      distribution == .bernoulli
      ? try columns.map { "(CASE WHEN \($0) > \(try SQLText.number(threshold)) THEN 1 ELSE 0 END)" } : columns
    let names = classes.indices.map { SQLText.identifier("score_\($0)") }
    return SQLScores(
      scores: try classes.indices.map { c in
        .init("score_\(c)", try SQLText.sum(constants[c], weights.row(c), columns))
      },
      results: [.init("predicted", SQLText.choice("GREATEST", of: names, classes.map(SQLText.label)))])
  }
}
