// SPDX-License-Identifier: Apache-2.0

extension MultinomialNaiveBayes.Model: SQLModel {
  /// The most probable class of each row.
  package func sql(_ columns: [String], responses: [String]) throws -> SQLScores {
    let names = classes.indices.map { SQLText.identifier("score_\($0)") }
    return SQLScores(
      scores: try classes.indices.map { c in
        .init("score_\(c)", try SQLText.sum(logPriors[c], logProbabilities.row(c), columns))
      },
      results: [.init("predicted", SQLText.choice("GREATEST", of: names, classes.map(SQLText.label)))])
  }
}
