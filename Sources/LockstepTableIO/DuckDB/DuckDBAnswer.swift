// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import Synchronization

/// The answer to a query, in the order in which DuckDB gives its rows.
///
/// Audited `@unchecked Sendable`: after `init`, who uses the memory of the answer holds the lock of `givenCount`.
final class DuckDBAnswer: @unchecked Sendable {
  /// Some rows of a chunk, counted from `first`, and the chunk's columns.
  typealias Body = (_ first: Int, _ rowCount: Int, _ columns: [LockstepColumn]) throws -> Void

  private let database: DuckDBDatabase
  private var library: DuckDBLibrary { database.library }
  private let connection: DuckDBLibrary.Slot = .allocate(capacity: 1)
  private let result: DuckDBLibrary.Result = .allocate(capacity: 1)
  /// The chunk that was begun, and how many of its rows were given.
  private let chunk: DuckDBLibrary.Slot = .allocate(capacity: 1)
  private let givenCount = Mutex(0)
  private(set) var kinds: [DuckDBKind] = []

  /// Asks.
  ///
  /// - Parameters:
  ///   - database: The database.
  ///   - query: The query.
  ///   - isStreamed: Whether rows are made while they are read, so that never all of them are held; otherwise all are made before
  ///     this returns.
  /// - Throws: `LockstepError` with code `.noInput` and DuckDB's words if it refuses.
  init(_ database: DuckDBDatabase, _ query: String, isStreamed: Bool = false) throws {
    self.database = database
    connection.initialize(to: nil)
    result.initialize(to: LockstepDuckDBResult())
    chunk.initialize(to: nil)
    try database.connect(connection)
    try run(query, isStreamed: isStreamed)
    kinds = (0..<library.columnCount(result)).map { library.kind(of: library.logicalType(result, $0)) }
  }

  deinit {
    library.destroyChunk(chunk)
    library.destroyResult(result)
    library.disconnect(connection)
    chunk.deallocate()
    result.deallocate()
    connection.deallocate()
  }

  /// A statement is prepared, so that it is one: of several DuckDB would run each.
  private func run(_ query: String, isStreamed: Bool) throws {
    guard let connection = connection.pointee else { return }
    var prepared: DuckDBLibrary.Handle?
    defer { library.destroyPrepared(&prepared) }
    let isPrepared = library.prepare(connection, query, &prepared) == 0
    if isPrepared, let prepared,
      (isStreamed ? library.executeStreaming : library.execute)(prepared, result) == 0
    {
      return
    }
    throw refusal(isPrepared ? library.error(result) : prepared.flatMap { library.prepareError($0) })
  }

  private func refusal(_ words: UnsafePointer<CChar>?) -> LockstepError { database.refusal(words) }

  /// Calls `body` with the next rows, chunk by chunk, up to `count` of them in all.
  ///
  /// - Returns: The number of rows that there were.
  /// - Throws: What `body` throws; `LockstepError` with code `.noInput` if DuckDB fails.
  @discardableResult func read(_ count: Int = .max, _ body: Body) throws -> Int {
    try givenCount.withLock { givenCount in
      var readCount = 0
      while readCount < count {
        if chunk.pointee == nil { (chunk.pointee, givenCount) = (library.fetchChunk(result.pointee), 0) }
        guard let begun = chunk.pointee else {
          try checkEnd()
          break
        }
        let chunkRowCount = Int(library.chunkRowCount(begun))
        let taken = min(chunkRowCount - givenCount, count - readCount)
        try body(givenCount, taken, kinds.enumerated().map { library.column($0, of: begun, as: $1) })
        givenCount += taken
        readCount += taken
        if givenCount == chunkRowCount { library.destroyChunk(chunk) }
      }
      return readCount
    }
  }

  /// Throws if the answer has ended because of an error.
  private func checkEnd() throws {
    if let words = library.error(result), words.pointee != 0 {
      throw LockstepError(
        .noInput, "DuckDB fails to read it", place: .init(file: database.name), cause: String(cString: words))
    }
  }
}
