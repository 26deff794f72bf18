// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// Checks that a fit gives the same bits by every driver.
///
/// A new method joins with one line.
///
/// The reference is the whole table on one rank and one thread. Against it stand: chunks of 7 rows, 2 and 3 threads, and
/// thread-ranks 1, 2, 3, 4, 5, 7, 8 and 16 with even cuts, with cuts that leave ranks without rows, with one row on a rank,
/// with chunks on every rank at once, and with rows that are loaded into memory a few at a time.
///
/// - Parameters:
///   - table: The rows.
///   - fit: The fit to check, collective over the context.
/// - Throws: ``Violation`` naming the first driver that differs, or what the fit throws.
public func checkDriversAgree<Model: Codable & Sendable>(
  _ table: Table<some Scalar>, fit: @escaping @Sendable (any RowSource, ExecutionContext) throws -> Model
) throws {
  try checkDriversAgree(table, rows: table.rows, share: { Table($0) }, fit: fit)
}

/// Checks that a fit of sparse rows gives the same bits by every driver, as that of dense rows.
///
/// - Parameters:
///   - table: The rows.
///   - fit: The fit to check, collective over the context.
/// - Throws: ``Violation`` naming the first driver that differs, or what the fit throws.
public func checkDriversAgree<Model: Codable & Sendable>(
  _ table: SparseTable<some Scalar>, fit: @escaping @Sendable (any RowSource, ExecutionContext) throws -> Model
) throws {
  try checkDriversAgree(table, rows: table.rows, share: { SparseTable($0) }, fit: fit)
}

private func checkDriversAgree<Rows: RowBlock, Model: Codable & Sendable>(
  _ table: any RowSource, rows: Rows, share: @escaping @Sendable (Rows) -> any RowSource,
  fit: @escaping @Sendable (any RowSource, ExecutionContext) throws -> Model
) throws {
  let expected = try PackedEncoder().encode(try fit(table, .local))
  func check(_ driver: String, _ bits: [UInt8]) throws {
    guard bits == expected else {
      throw Violation(description: "\(driver): the model's bits differ from one process's")
    }
  }
  try check("chunks of 7 rows", PackedEncoder().encode(try fit(Chunked(rows, rowCount: 7), .local)))
  for threads in [2, 3] {
    try check("\(threads) threads", PackedEncoder().encode(try fit(table, ExecutionContext(threadCount: threads))))
  }
  let limit = MemoryLimit(windowByteCount: 512)
  try check(
    "rows elsewhere",
    PackedEncoder().encode(try fit(Elsewhere(rows, rowCount: 5), ExecutionContext(memoryLimit: limit))))
  let shares = ThreadRanks.run(3) { communicator in
    let own = rows.rows(rows.rowCount * communicator.rank / 3..<rows.rowCount * (communicator.rank + 1) / 3)
    let context = ExecutionContext(communicator: communicator, threadCount: 2, memoryLimit: limit)
    return try PackedEncoder().encode(try fit(Elsewhere(own, rowCount: 8), context))
  }
  for share in shares { try check("3 ranks, rows elsewhere", try share.get()) }
  for size in [1, 2, 3, 4, 5, 7, 8, 16] {
    for (name, cuts) in rankCuts(rowCount: rows.rowCount, size: size) {
      for chunkRowCount in [nil, 11] where chunkRowCount == nil || size == 3 {
        let results = ThreadRanks.run(size) { communicator in
          let own = rows.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1])
          let context = ExecutionContext(communicator: communicator, threadCount: size == 2 ? 2 : 1)
          let source: any RowSource = chunkRowCount.map { Chunked(own, rowCount: $0) } ?? share(own)
          return try PackedEncoder().encode(try fit(source, context))
        }
        for (rank, result) in results.enumerated() {
          try check("\(size) ranks, \(name), rank \(rank), chunks \(chunkRowCount ?? 0)", try result.get())
        }
      }
    }
  }
}

/// Ways of dividing rows among ranks: where each rank's rows begin, and the end.
public func rankCuts(rowCount n: Int, size: Int) -> [(name: String, cuts: [Int])] {
  let even = (0...size).map { n * $0 / size }
  var all = n > 0 ? [("even", even)] : [("no rows", even)]
  guard size > 1 else { return all }
  all.append(("all rows on the last rank", Array(repeating: 0, count: size) + [n]))
  all.append(("all rows on rank 0", [0] + Array(repeating: n, count: size)))
  if size > 2, n > 0 {
    all.append(("one row on rank 1", [0, n / 3, n / 3 + 1] + Array(repeating: n, count: size - 2)))
  }
  all.append(("every other rank empty", (0...size).map { even[$0 == size ? size : $0 / 2 * 2] }))
  return all
}

/// A table that is read in runs of a few rows, as a file larger than memory is.
public struct Chunked: RowSource {
  let rows: any RowBlock
  let chunkRowCount: Int
  /// The names of the columns, if there are any.
  public let columnNames: [String]?

  /// Reads `table` in runs of `rowCount` rows.
  public init(_ table: Table<some Scalar>, rowCount: Int) {
    self.init(table.rows, columnNames: table.columnNames, rowCount: rowCount)
  }

  /// Reads rows of any kind in runs of `rowCount` rows.
  public init(_ rows: any RowBlock, columnNames: [String]? = nil, rowCount: Int) {
    precondition(rowCount > 0, "chunks of \(rowCount) rows")
    self.rows = rows
    self.columnNames = columnNames
    chunkRowCount = rowCount
  }

  /// The number of columns.
  public var columnCount: Int { rows.columnCount }
  /// The number of rows.
  public var rowCount: Int { rows.rowCount }
  /// What each row has besides its columns.
  public var roles: RowRoles { (rows as? SupervisedRows)?.roles ?? RowRoles() }
  /// The layout of the rows.
  public var layout: String { rows.layout }

  /// Calls `body` with each run in turn.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws {
    for start in stride(from: 0, to: rows.rowCount, by: chunkRowCount) {
      try body(rows.rows(start..<min(start + chunkRowCount, rows.rowCount)))
    }
  }
}

/// Rows that are loaded into memory a few at a time, as those of a scratch file are.
public struct Elsewhere: RowSource {
  private let runs: [RowRun]
  /// The number of columns.
  public let columnCount: Int
  /// The number of rows.
  public let rowCount: Int
  /// What each row has besides its columns.
  public let roles: RowRoles
  /// The layout of the rows.
  public let layout: String

  /// The rows in runs of `rowCount` rows.
  public init(_ rows: any RowBlock, rowCount: Int) {
    runs = stride(from: 0, to: rows.rowCount, by: rowCount).map { start in
      let part = start..<min(start + rowCount, rows.rowCount)
      return RowRun(rowCount: part.count) { rows.rows(part) }
    }
    columnCount = rows.columnCount
    self.rowCount = rows.rowCount
    roles = (rows as? SupervisedRows)?.roles ?? RowRoles()
    layout = rows.layout
  }

  /// Calls `body` with each run in turn.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws {
    try runs.forEachBlock(of: 0..<rowCount, body)
  }

  /// Calls `body` with the rows of `range`.
  public func forEachChunk(of range: Range<Int>, _ body: (any RowBlock) throws -> Void) throws {
    try runs.forEachBlock(of: range, body)
  }
}
