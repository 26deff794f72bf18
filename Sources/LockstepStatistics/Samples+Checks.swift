// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

extension Samples {
  /// Calls `body` with the weights, one a row, or `nil` where there are none.
  ///
  /// - Throws: ``LockstepError`` with code `.notFinite` or `.malformedInput` for a weight that is not finite or is negative.
  package func withCheckedWeights<R>(_ body: (UnsafePointer<Double>?) throws -> R) throws -> R {
    guard let weights else { return try body(nil) }
    return try weights.withUnsafeElements { elements in
      if let bad = elements.firstIndex(where: { !($0 >= 0 && $0 < .infinity) }) {
        throw LockstepError(
          elements[bad].isFinite ? .malformedInput : .notFinite, "the weight of a row is \(elements[bad])",
          remedy: "give finite weights that are not negative", place: .init(row: firstRow + bad))
      }
      return try body(elements.baseAddress)
    }
  }

  /// Throws ``LockstepError`` with code `.notFinite` at the first feature that is infinite, or else NaN unless those are excepted.
  package func requireFinite(responses includesResponses: Bool, exceptMissing: Bool) throws {
    guard exceptMissing else { return try requireFinite(responses: includesResponses) }
    for i in 0..<rowCount {
      if let column = rows.row(i).firstIndex(where: \.isInfinite) {
        throw LockstepError(
          .notFinite, "\(rows.row(i)[column]) where a finite number is needed",
          remedy: "leave the row out, or correct it",
          place: .init(row: firstRow + i, column: column + 1))
      }
    }
  }

  /// Throws ``LockstepError`` with code `.notFinite` at the first feature, or else response, that is NaN or infinite.
  package func requireFinite(responses includesResponses: Bool) throws {
    if let place = rows.firstNonFinite() {
      throw LockstepError(
        .notFinite, "\(rows.row(place.row)[place.column]) where a finite number is needed",
        remedy: "leave the row out, or correct it", place: .init(row: firstRow + place.row, column: place.column + 1))
    }
    if includesResponses, let responses, let place = responses.firstNonFinite() {
      throw LockstepError(
        .notFinite,
        "response \(place.column + 1) of a row is \(responses.row(place.row)[place.column]), where a finite number is needed",
        remedy: "leave the row out, or correct it", place: .init(row: firstRow + place.row))
    }
  }
}

extension RowBlock {
  /// Requires numbers that can be counts.
  ///
  /// - Parameter firstRow: The number of the first row, for the error's place.
  /// - Throws: ``LockstepError`` with code `.notFinite` or `.malformedInput` at the first number that cannot be a count.
  public func requireCounts(firstRow: Int) throws {
    guard let place = firstUncountable() else { return }
    let value = row(place.row)[place.column]
    throw LockstepError(
      value.isFinite ? .malformedInput : .notFinite,
      "\(value) where a count is needed, which is finite and not negative",
      remedy: "leave the row out, or correct it", place: .init(row: firstRow + place.row, column: place.column + 1))
  }
}
