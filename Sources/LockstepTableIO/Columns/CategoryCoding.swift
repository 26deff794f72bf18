// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// How the values of a categorical column become columns of ones and zeros.
public enum CategoryCoding: Hashable, Sendable {
  /// A column for each value, named `city=Oslo`.
  case ones
  /// A column for each value but one, the base level, named `city[Paris]`: what regressions with an intercept can estimate.
  ///
  /// The base level is the first value in the order of their bytes, or what is given for the name of the column; columns without names have their
  /// number, from 0.
  case reference([String: String])

  /// The base level of a column.
  ///
  /// - Parameters:
  ///   - name: The column's name, or its number.
  ///   - values: Its values, in order.
  /// - Returns: One of them; `nil` if each has a column.
  /// - Throws: `LockstepError` with code `.usage` for a level that is none of them.
  package func base(of name: String, among values: [String]) throws -> String? {
    guard case .reference(let levels) = self else { return nil }
    guard let wanted = levels.first(where: { ClassLabel.string($0.key) == .string(name) })?.value else {
      return values.first
    }
    guard let found = values.first(where: { ClassLabel.string($0) == .string(wanted) }) else {
      let listed =
        values.prefix(10).map { "\"\($0)\"" }.joined(separator: ", ") + (values.count > 10 ? " and others" : "")
      throw LockstepError(
        .usage, "the base level \"\(wanted)\" is no value of the column \"\(name)\"", remedy: "it has \(listed)")
    }
    return found
  }

  /// Throws `LockstepError` with code `.usage` if a base level is given for a column that is not among these.
  package func requireColumns(_ names: [String]) throws {
    guard case .reference(let levels) = self else { return }
    for name in levels.keys.sorted() where !names.contains(where: { ClassLabel.string($0) == .string(name) }) {
      throw LockstepError(
        .usage, "a base level of \"\(name)\", which is no categorical column",
        remedy: "name it with \(option: .categorical), too")
    }
  }
}
