// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// The rows of all ranks, numbered, and cut into blocks that no rank's boundary divides.
///
/// Made by ``ExecutionContext/align(_:blockRowCount:)``. Row numbers run over the ranks in order. A block belongs to the rank
/// on which its first row lies; rows at the beginning of a rank that belong to an earlier rank's last block have been sent
/// there, once, so that every block is swept whole and its summary has the same bits however the rows were divided.
public struct AlignedRows: Sendable {
  /// The number of rows on all ranks together.
  public let totalRowCount: Int
  /// The number of columns, the same on all ranks.
  public let columnCount: Int
  /// The columns' names, if this rank's source has them.
  public let columnNames: [String]?
  /// The number of rows in a block, except for the very last.
  public let blockRowCount: Int
  /// Whether each row has a weight, the same on all ranks.
  package let hasWeights: Bool
  /// The global number of the first row of each rank's source, and the number of all rows.
  package let rankStarts: [Int]
  /// The global numbers of the rows that this rank's source holds.
  public let sourceRange: Range<Int>
  /// The global numbers of the rows that this rank sweeps.
  public let sweptRange: Range<Int>
  /// Rows of later ranks that complete this rank's last block.
  let tail: (any RowBlock)?
  /// The later ranks those rows came from, in order, with the rows' global numbers.
  let tailOrigins: [(rank: Int, range: Range<Int>)]
  /// The earlier rank that sweeps the first rows of this rank's source, with the rows' global numbers.
  let lead: (rank: Int, range: Range<Int>)?
  let source: any RowSource

  /// Calls `body` with this rank's rows in order, in runs that begin at a block boundary and hold whole blocks, but for
  /// the last run of the whole table.
  ///
  /// Blocks that hold none of the rows of `wanted` may be left out; a source whose rows are not in memory is not asked for them.
  func forEachRun(_ wanted: Range<Int> = 0..<Int.max, _ body: (Samples) throws -> Void) throws {
    let swept = blocks(holding: wanted)
    // A sweep over all rows reads all of the source, so that one that has changed is noticed.
    let isForAll = swept == sweptRange
    guard !swept.isEmpty || isForAll else { return }
    let own = isForAll ? sourceRange : swept.clamped(to: sourceRange)
    var next = swept.lowerBound  // the global number of the next row to hand out
    var position = own.lowerBound  // the global number of the next row of the source
    var carry: [any RowBlock] = []  // rows read, but together fewer than a block
    var carriedRowCount = 0
    func emit(_ rows: any RowBlock) throws {
      try body(Samples(rows, firstRow: next))
      next += rows.rowCount
    }
    func carryOn(_ rows: any RowBlock) {
      guard rows.rowCount > 0 else { return }
      carry.append(rows)
      carriedRowCount += rows.rowCount
    }
    let local = own.lowerBound - sourceRange.lowerBound..<own.upperBound - sourceRange.lowerBound
    try source.forEachChunk(of: local) { chunk in
      var first = min(max(swept.lowerBound - position, 0), chunk.rowCount)  // rows swept elsewhere
      position += chunk.rowCount
      if carriedRowCount > 0 {
        let wanted = min(blockRowCount - carriedRowCount, chunk.rowCount - first)
        carryOn(chunk.rows(first..<first + wanted))
        first += wanted
        guard carriedRowCount == blockRowCount, let block = carry.concatenated else { return }
        (carry, carriedRowCount) = ([], 0)
        try emit(block)
      }
      let whole = (chunk.rowCount - first) / blockRowCount * blockRowCount
      if whole > 0 { try emit(chunk.rows(first..<first + whole)) }
      carryOn(chunk.rows(first + whole..<chunk.rowCount))
    }
    guard position == own.upperBound else {
      throw LockstepError(
        .malformedInput,
        "the source has \(position - own.lowerBound) rows now, and had \(own.count) before",
        remedy: "do not change the data while it is read")
    }
    if let tail, swept.upperBound > sourceRange.upperBound { carryOn(tail) }
    if let last = carry.concatenated { try emit(last) }
  }

  /// The rows of this rank's blocks that hold some of `wanted`.
  private func blocks(holding wanted: Range<Int>) -> Range<Int> {
    let wanted = wanted.clamped(to: sweptRange)
    guard !wanted.isEmpty else { return wanted }
    let lower = wanted.lowerBound / blockRowCount * blockRowCount
    let blocks = (wanted.upperBound - lower - 1) / blockRowCount + 1
    return (lower..<lower + blocks * blockRowCount).clamped(to: sweptRange)
  }

  /// Calls `body` with the rows of a sample that this rank's source holds: of `count` rows the k-th is row k n / count of all n, so that
  /// the sample is the same whatever the cut.
  package func forEachSampledRow(of count: Int, _ body: ([Double]) throws -> Void) throws {
    guard count > 0, totalRowCount > 0 else { return }
    var k = (sourceRange.lowerBound * count + totalRowCount - 1) / totalRowCount
    try forEachRun(of: sourceRange) { run in
      while k < count, k * totalRowCount / count < run.firstRow + run.rowCount {
        try body(run.rows.row(k * totalRowCount / count - run.firstRow))
        k += 1
      }
    }
  }

  /// Calls `body` with the rows of `rows` that this rank's source holds, in the source's own runs.
  package func forEachRun(of rows: Range<Int>, _ body: (Samples) throws -> Void) throws {
    let wanted = rows.clamped(to: sourceRange)
    var position = wanted.lowerBound
    let local = wanted.lowerBound - sourceRange.lowerBound..<wanted.upperBound - sourceRange.lowerBound
    try source.forEachChunk(of: local) { chunk in
      try body(Samples(chunk, firstRow: position))
      position += chunk.rowCount
    }
  }
}
