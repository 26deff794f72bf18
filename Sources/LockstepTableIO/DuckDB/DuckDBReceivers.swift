// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import Synchronization

/// Rows that DuckDB hands over as it decodes them, on its own threads.
///
/// What an answer gives has been copied chunk by chunk, and goes through one thread. A function that DuckDB calls in the middle of a query
/// sees each chunk where it was decoded, in the cache of the thread that did it: `lockstep_receive(number, row, value, …)` gives the row
/// and its values to the receiver of that number.
enum DuckDBReceivers {
  /// What is done with rows: the number of the first one, how many follow each other, and their columns.
  ///
  /// Called by several threads at the same time, in any order.
  typealias Receiver = @Sendable (_ firstRow: Int, _ rowCount: Int, _ columns: [LockstepColumn]) throws -> Void

  private struct Waiting {
    let receiver: Receiver
    var failure: (row: Int, error: any Error)?
  }

  private static let function = "lockstep_receive"
  private static let waiting = Mutex<(lastNumber: Int, all: [Int: Waiting])>((0, [:]))

  /// Calls `receiver` with all rows that `table` has, as they are decoded.
  ///
  /// - Parameters:
  ///   - columns: The columns, as SQL, the number of the row first.
  ///   - table: What SQL selects them from.
  ///   - database: The database.
  ///   - receiver: What is done with them.
  /// - Returns: The number of rows.
  /// - Throws: What the receiver threw of the first row for which it did; `LockstepError` with code `.noInput` if DuckDB refuses.
  static func receive(
    _ columns: [String], from table: String, in database: DuckDBDatabase, _ receiver: @escaping Receiver
  ) throws -> Int {
    let number = waiting.withLock { waiting -> Int in
      waiting.lastNumber += 1
      waiting.all[waiting.lastNumber] = Waiting(receiver: receiver)
      return waiting.lastNumber
    }
    var rowCount = 0
    let answered = Result {
      let arguments = (["CAST(\(number) AS BIGINT)"] + columns).joined(separator: ", ")
      let answer = try DuckDBAnswer(
        database, "SELECT CAST(coalesce(sum(\(function)(\(arguments))), 0) AS BIGINT) FROM \(table)")
      try answer.read { first, _, columns in rowCount = columns[0].wholeNumber(first) ?? 0 }
    }
    if let failure = waiting.withLock({ $0.all.removeValue(forKey: number)?.failure }) { throw failure.error }
    try answered.get()
    return rowCount
  }

  /// Makes the function known to a database; `false` if that fails.
  static func register(_ library: DuckDBLibrary, _ connection: DuckDBLibrary.Handle) -> Bool {
    var slot = library.createFunction()
    var anything = library.createType(DuckDBKind.any)
    var whole = library.createType(DuckDBKind.wholeNumber)
    defer {
      library.destroyFunction(&slot)
      library.destroyType(&anything)
      library.destroyType(&whole)
    }
    guard let slot, let anything, let whole else { return false }
    library.setFunctionName(slot, function)
    library.setFunctionVarargs(slot, anything)
    library.setFunctionReturnType(slot, whole)
    library.setFunctionTakesNull(slot)
    library.setFunctionVolatile(slot)
    library.setFunction(slot) { info, chunk, output in DuckDBReceivers.receive(info, chunk, output) }
    return library.registerFunction(connection, slot) == 0
  }

  // What DuckDB calls with a chunk of arguments, and the room for its answers: 1 for each row.
  private static func receive(
    _ info: DuckDBLibrary.Handle?, _ chunk: DuckDBLibrary.Handle?, _ output: DuckDBLibrary.Handle?
  ) {
    guard let library = DuckDBLibrary.loaded, let info, let chunk, let output else { return }
    let rowCount = Int(library.chunkRowCount(chunk))
    guard rowCount > 0 else { return }
    let columns = (0..<library.chunkColumnCount(chunk)).map { number in
      library.column(
        Int(number), of: chunk,
        as: library.kind(of: library.vector(chunk, number).flatMap { library.vectorType($0) }))
    }
    guard columns.count > 1, let number = columns[0].wholeNumber(0), let first = columns[1].wholeNumber(0),
      first >= 0, columns[1].wholeNumber(rowCount - 1) == first &+ (rowCount - 1),
      let own = waiting.withLock({ $0.all[number] })
    else { return library.setFunctionError(info, "\(function) belongs to Lockstep") }
    // The failure before which a row has to be looked at: the first one is told whichever thread was faster.
    let known = own.failure?.row ?? .max
    do {
      try Cancellation.check()
      if first < known { try own.receiver(first, rowCount, Array(columns.dropFirst(2))) }
    } catch {
      waiting.withLock { waiting in
        if first < waiting.all[number]?.failure?.row ?? .max { waiting.all[number]?.failure = (first, error) }
      }
      if Cancellation.isRequested { return library.setFunctionError(info, "cancelled") }
    }
    library.values(output)?.assumingMemoryBound(to: Int64.self).update(repeating: 1, count: rowCount)
  }
}
