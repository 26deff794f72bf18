// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// Consecutive rows with their place in the whole table.
public struct Samples: Sendable {
  /// The rows.
  public let rows: any RowBlock
  /// The global number of the first row: ranks in order, and each rank's rows in order, from 0.
  public let firstRow: Int

  /// Rows that begin at `firstRow` of the whole table.
  public init(_ rows: any RowBlock, firstRow: Int) {
    self.rows = rows
    self.firstRow = firstRow
  }

  /// The responses that accompany the rows, if any.
  public var responses: DenseRows<Double>? { (rows as? SupervisedRows)?.responses }
  /// The weights that accompany the rows, one each, if any.
  public var weights: DenseRows<Double>? { (rows as? SupervisedRows)?.weights }
  /// The classes of the rows, if they are given.
  public var labels: RowLabels? { (rows as? SupervisedRows)?.labels }
  /// The number of rows.
  public var rowCount: Int { rows.rowCount }
  /// The number of columns.
  public var columnCount: Int { rows.columnCount }
}

/// One sweep over a table: summarize each block, merge the summaries, finalize.
///
/// A pass is a value. What the sweep must know beforehand (centroids, a shift) is stored in it; it never sees ranks, threads
/// or files. Batch, chunked files, streams, threads and ranks are drivers around these four functions.
///
/// ```swift
/// struct RowCount: Pass {
///   struct Partial: Mergeable { var n = 0; mutating func merge(_ later: Self) { n += later.n } }
///   func makePartial(columnCount: Int) -> Partial { Partial() }
///   func accumulate(_ samples: Samples, into partial: inout Partial) { partial.n += samples.rowCount }
///   func finalize(_ partial: Partial) -> Int { partial.n }
/// }
/// let n = try context.reduce(RowCount(), over: table)
/// ```
public protocol Pass: Sendable {
  /// The summary of some rows.
  associatedtype Partial: Mergeable
  /// What the summary of all rows becomes.
  associatedtype Output: Codable & Sendable

  /// The summary of no rows.
  func makePartial(columnCount: Int) -> Partial
  /// Adds a block of rows to the summary of the rows before it.
  func accumulate(_ samples: Samples, into partial: inout Partial) throws
  /// The result. Runs once, on rank 0, whose bits all ranks then receive.
  func finalize(_ partial: Partial) throws -> Output
  /// The number of rows in a block: a power of two that depends on the number of columns and on the pass's own
  /// parameters, never on ranks, threads or the number of rows.
  func blockRowCount(columnCount: Int) -> Int
  /// The same pass for rows that cannot be read twice, as those of streams and summaries: itself, unless a fit may want a second sweep.
  var forSingleReading: Self { get }
}

extension Pass {
  /// Itself.
  public var forSingleReading: Self { self }

  /// The ordinary block: about a megabyte of doubles, and at least four rows for each column.
  public func blockRowCount(columnCount: Int) -> Int { BlockSize.standard(columnCount: columnCount) }
}

/// How many rows make a block.
package enum BlockSize {
  /// The ordinary block for tables of `columnCount` columns, a power of two.
  ///
  /// 2¹⁷ numbers, so that a block stays in a core's second-level cache, between 1,024 and 8,192 rows; and at least four
  /// rows for each column, so that merging summaries of p² numbers stays small beside making them.
  package static func standard(columnCount: Int) -> Int {
    let columns = max(columnCount, 1)
    let fitting = min(max(powerOfTwo(atMost: (1 << 17) / columns), 1024), 8192)
    return max(fitting, powerOfTwo(atLeast: 4 * columns))
  }

  /// The smallest power of two that is not below `value`.
  package static func powerOfTwo(atLeast value: Int) -> Int {
    var power = 1
    while power < value { power <<= 1 }
    return power
  }

  /// The largest power of two that is not above `value`, or 1.
  package static func powerOfTwo(atMost value: Int) -> Int {
    var power = 1
    while power << 1 <= value { power <<= 1 }
    return power
  }
}
