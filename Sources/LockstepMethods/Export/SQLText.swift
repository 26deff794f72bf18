// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTableIO

/// Pieces of SQL that any database reads alike.
package enum SQLText {
  /// A name, quoted.
  package static func identifier(_ name: String) -> String { quoted(name, "\"") }

  /// A text, quoted.
  package static func string(_ text: String) -> String { quoted(text, "'") }

  private static func quoted(_ text: String, _ mark: Character) -> String {
    var result = String(mark)
    for character in text {
      result.append(character)
      if character == mark { result.append(mark) }
    }
    return result + String(mark)
  }

  /// A number with all its digits, as a double: without an exponent, databases take it for a decimal.
  ///
  /// - Throws: ``LockstepError`` with code `.notFinite` for a NaN or an infinity, which SQL has no word for.
  package static func number(_ value: Double) throws -> String {
    guard value.isFinite else {
      throw LockstepError(.notFinite, "the model has a \(value), which SQL cannot say")
    }
    let text = "\(value)"
    return text.contains("e") ? text : text + "e0"
  }

  /// constant + Σ factorⱼ · columnⱼ; terms of factor 0 are left out.
  package static func sum(_ constant: Double, _ factors: some Collection<Double>, _ columns: [String]) throws -> String
  {
    var terms = [try number(constant)]
    for (factor, column) in zip(factors, columns) where factor != 0 {
      terms.append("\(try number(factor)) * \(column)")
    }
    return terms.joined(separator: " + ")
  }

  /// The value that belongs to the greatest (or the least) of some columns; of equal ones the first.
  package static func choice(_ extreme: String, of columns: [String], _ values: [String]) -> String {
    guard columns.count > 1 else { return values.first ?? "NULL" }
    let cases = zip(columns, values).map { "WHEN \($0) THEN \($1)" }
    return "CASE \(extreme)(\(columns.joined(separator: ", "))) \(cases.joined(separator: " ")) END"
  }
}

/// What a query computes for each row: first some scores of the columns, then what follows from the scores.
package struct SQLScores: Hashable, Sendable {
  /// A column of the result.
  package struct Column: Hashable, Sendable {
    /// Its name.
    package var name: String
    /// What it is made of.
    package var expression: String

    /// A column of that name.
    package init(_ name: String, _ expression: String) {
      self.name = name
      self.expression = expression
    }
  }

  /// What is computed of the data's columns.
  package var scores: [Column]
  /// What is computed of the scores; if there is nothing, the scores are the result.
  package var results: [Column]

  /// Scores and what follows from them.
  package init(scores: [Column], results: [Column] = []) {
    self.scores = scores
    self.results = results
  }
}

/// A model that a database can evaluate.
package protocol SQLModel: FittedModel {
  /// What a query computes.
  ///
  /// - Parameters:
  ///   - columns: An expression for each column that the model was fitted to.
  ///   - responses: The names of the responses, if it has any.
  /// - Returns: The columns of the result.
  /// - Throws: ``LockstepError`` with code `.notFinite` for a number that SQL cannot say.
  func sql(_ columns: [String], responses: [String]) throws -> SQLScores
}

extension ModelFile {
  /// A query that gives what `predict` or `transform` gives, for each row of a table, beside its columns.
  ///
  /// - Parameter table: The name of the table or view.
  /// - Returns: One SELECT.
  /// - Throws: ``LockstepError`` with code `.usage` for a model that says nothing of single rows or whose columns have no names, and
  ///   `.notFinite` for one with a NaN.
  package func sql(table: String) throws -> String {
    guard let model = model as? any SQLModel else {
      throw LockstepError(
        .usage, "a model of \(type(of: self.model).methodName) cannot be written as a query",
        remedy: "export a model that predict or transform takes")
    }
    let query = try model.sql(try sqlColumns(), responses: responseNames ?? [])
    func list(_ columns: [SQLScores.Column]) -> String {
      columns.map { ",\n  \($0.expression) AS \(SQLText.identifier($0.name))" }.joined()
    }
    let source = "FROM \(SQLText.identifier(table)) AS data"
    guard !query.results.isEmpty else { return "SELECT data.*\(list(query.scores))\n\(source)\n" }
    return "SELECT scores.*\(list(query.results))\nFROM (SELECT data.*\(list(query.scores))\n\(source)) AS scores\n"
  }

  /// An expression for each column that the model was fitted to: categories as ones and zeros, means for missing values.
  private func sqlColumns() throws -> [String] {
    if let encoding, let names = encoding.sourceNames {
      return try zip(encoding.columns, names).flatMap { column, name -> [String] in
        let identifier = SQLText.identifier(name)
        if let values = column.codedValues {
          return values.map { "CASE WHEN \(identifier) = \(SQLText.string($0)) THEN 1 ELSE 0 END" }
        }
        guard let mean = column.mean else { return [identifier] }
        return ["COALESCE(\(identifier), \(try SQLText.number(mean)))"]
      }
    }
    guard let columnNames, columnNames.count == model.columnCount else {
      throw LockstepError(
        .usage, "the model's columns have no names, which a query needs", remedy: "fit it to data with a header")
    }
    return columnNames.map(SQLText.identifier)
  }
}
