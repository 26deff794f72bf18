// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Answers that give rows in order, each of some columns: who asks for rows behind those that were read last is not told of all before again.
final class DuckDBAnswers: Sendable {
  /// The end of the rows that will be asked for.
  private let end: Int
  /// By their columns, each with the row that it has come to.
  private let begun = Mutex<[[Int]: (answer: DuckDBAnswer, next: Int)]>([:])

  init(end: Int) { self.end = end }

  /// Calls `body` with some columns of rows, chunk by chunk, in order.
  ///
  /// - Parameters:
  ///   - columns: The columns.
  ///   - rows: The rows.
  ///   - body: What is done with them.
  ///   - ask: Asks for rows to the end.
  /// - Returns: The number of rows that there were.
  /// - Throws: What `body` or `ask` throws; `LockstepError` with code `.noInput` if DuckDB fails.
  func read(
    _ columns: [Int], of rows: Range<Int>, _ body: DuckDBAnswer.Body,
    ask: (_ rest: Range<Int>) throws -> DuckDBAnswer
  ) throws -> Int {
    try begun.withLock { begun in
      let known = begun.removeValue(forKey: columns).flatMap { $0.next == rows.lowerBound ? $0.answer : nil }
      let answer = try known ?? ask(rows.lowerBound..<end)
      let count = try answer.read(rows.count, body)
      if rows.upperBound < end { begun[columns] = (answer, rows.upperBound) }
      return count
    }
  }
}
