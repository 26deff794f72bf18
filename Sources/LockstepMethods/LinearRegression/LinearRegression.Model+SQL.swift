// SPDX-License-Identifier: Apache-2.0

import LockstepTables

extension LinearRegression.Model: SQLModel {
  /// The response of each row.
  package func sql(_ columns: [String], responses: [String]) throws -> SQLScores {
    SQLScores(scores: try SQLScores.predictions(coefficients, intercepts, columns, responses))
  }
}

extension SQLScores {
  /// a + xb for each response, named `predicted` or, of several, `predicted_NAME`.
  static func predictions(
    _ coefficients: Matrix, _ intercepts: [Double], _ columns: [String], _ responses: [String],
    _ link: (String) -> String = { $0 }
  ) throws -> [Column] {
    try intercepts.indices.map { k in
      let name = responses.count == intercepts.count ? responses[k] : "\(k)"
      return Column(
        intercepts.count == 1 ? "predicted" : "predicted_\(name)",
        link(try SQLText.sum(intercepts[k], coefficients.row(k), columns)))
    }
  }
}
