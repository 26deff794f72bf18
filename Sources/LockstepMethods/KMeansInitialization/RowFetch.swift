// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

/// Gives rows, named by their global numbers, to all ranks.
struct RowFetch: Pass {
  /// Ascending and distinct.
  let numbers: [Int]

  struct Partial: Mergeable {
    var numbers: [Int] = []
    var values: [Double] = []
    mutating func merge(_ later: Self) {
      numbers += later.numbers
      values += later.values
    }
  }

  func makePartial(columnCount: Int) -> Partial { Partial() }

  func accumulate(_ samples: Samples, into partial: inout Partial) {
    let end = samples.firstRow + samples.rowCount
    var i = numbers.firstIndex { $0 >= samples.firstRow } ?? numbers.count
    while i < numbers.count, numbers[i] < end {
      partial.numbers.append(numbers[i])
      partial.values += samples.rows.row(numbers[i] - samples.firstRow)
      i += 1
    }
  }

  func finalize(_ partial: Partial) -> Partial { partial }

  /// The rows of these numbers, in the order given, repeats included.
  static func fetch(
    _ numbers: [Int], from aligned: AlignedRows, in context: ExecutionContext
  ) throws -> KMeansInitialization.Model {
    let sorted = Set(numbers).sorted()
    guard let first = sorted.first, let last = sorted.last else {
      return KMeansInitialization.Model(centroids: Matrix(zeros: 0, aligned.columnCount), rows: [])
    }
    let found = try context.reduce(RowFetch(numbers: sorted), over: aligned, rows: first..<last + 1)
    let places = Dictionary(uniqueKeysWithValues: found.numbers.enumerated().map { ($1, $0) })
    let p = aligned.columnCount
    let elements = numbers.flatMap { number -> ArraySlice<Double> in
      guard let place = places[number] else { preconditionFailure("row \(number) of \(aligned.totalRowCount) is gone") }
      return found.values[place * p..<(place + 1) * p]
    }
    return KMeansInitialization.Model(
      centroids: Matrix(rowCount: numbers.count, columnCount: p, elements: elements), rows: numbers)
  }
}
