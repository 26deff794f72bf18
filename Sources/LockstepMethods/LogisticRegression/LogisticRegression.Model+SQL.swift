// SPDX-License-Identifier: Apache-2.0

import LockstepTables

extension LogisticRegression.Model: SQLModel {
  /// The most probable class of each row, and the probability of each class.
  package func sql(_ columns: [String], responses: [String]) throws -> SQLScores {
    let names = classes.indices.map { SQLText.identifier("score_\($0)") }
    let scores = try classes.indices.map { c in
      SQLScores.Column(
        "score_\(c)", c == 0 ? "0e0" : try SQLText.sum(intercepts[c - 1], coefficients.row(c - 1), columns))
    }
    // Differences from the greatest score, so that no exponential overflows.
    let greatest = "GREATEST(\(names.joined(separator: ", ")))"
    let total = names.map { "EXP(\($0) - \(greatest))" }.joined(separator: " + ")
    return SQLScores(
      scores: scores,
      results: [.init("predicted", SQLText.choice("GREATEST", of: names, classes.map(SQLText.label)))]
        + zip(classes, names).map { label, name in
          .init("probability_\(SQLText.plain(label))", "EXP(\(name) - \(greatest)) / (\(total))")
        })
  }
}

extension SQLText {
  /// A class as part of a name.
  static func plain(_ label: ClassLabel) -> String {
    switch label {
    case .integer(let value): "\(value)"
    case .string(let text): text
    }
  }

  /// A class: a number, or a text in quotes.
  static func label(_ label: ClassLabel) -> String {
    switch label {
    case .integer(let value): "\(value)"
    case .string(let text): string(text)
    }
  }
}
