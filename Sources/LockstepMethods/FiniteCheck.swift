// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// Looks at every number once: throws for a NaN or an infinity, on all ranks, with the lowest row's place.
struct FiniteCheck: Pass, Codable {
  let columnNames: [String]?

  struct Partial: Mergeable {
    struct Place: Codable, Sendable {
      var row: Int
      var column: Int
      var value: Double
    }
    var first: Place?
    mutating func merge(_ later: Self) { first = first ?? later.first }
  }

  func makePartial(columnCount: Int) -> Partial { Partial() }

  func accumulate(_ samples: Samples, into partial: inout Partial) {
    guard partial.first == nil, let place = samples.rows.firstNonFinite() else { return }
    partial.first = .init(
      row: samples.firstRow + place.row, column: place.column, value: samples.rows.row(place.row)[place.column])
  }

  func finalize(_ partial: Partial) throws -> Bool {
    guard let first = partial.first else { return true }
    throw LockstepError(
      .notFinite, "\(first.value) where a finite number is needed", remedy: "leave the row out, or correct it",
      place: .init(row: first.row, column: first.column + 1, columnName: columnNames?[first.column]))
  }
}
