// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// A sweep in progress over rows that arrive in pieces and are seen once.
///
/// A value: it can be copied, saved to bytes, merged, and read at any time. On one process its output has the same bits as
/// one sweep over all rows at once, however the pieces were cut. Streams of several ranks, and merged streams, agree with
/// that up to rounding, since where a stream began in the whole is not known while it runs.
///
/// Only passes qualify, so what needs several sweeps (k-means) does not compile as `Online`.
public struct Online<P: Pass & Codable>: Mergeable {
  /// What is computed.
  public let pass: P
  /// The number of columns.
  public private(set) var columnCount: Int
  /// The number of rows seen.
  public private(set) var rowCount = 0
  private var forest = BlockForest<P.Partial>()
  private var carry: TransferableRows?  // fewer rows than a block
  private var streamRowCount = 0  // rows in forest and carry
  private var earlier: P.Partial?  // streams that were merged
  /// Why the streams that were merged have no output, if they have none.
  package private(set) var failure: LockstepError?

  /// How the rows are stored that wait for the next ones, if any do.
  ///
  /// - Precondition: the stream is well formed.
  public var pendingLayout: String? { carry?.rows.layout }

  /// A stream without rows yet.
  public init(_ pass: P, columnCount: Int) {
    self.pass = pass.forSingleReading
    self.columnCount = columnCount
  }

  /// A stream that has seen the rows of a summary.
  package init(_ pass: P, columnCount: Int, summary: P.Partial, rowCount: Int) {
    self.init(pass, columnCount: columnCount)
    earlier = summary
    self.rowCount = rowCount
  }

  /// Goes on with more columns, to which `widened` takes the summary of the rows seen.
  ///
  /// - Throws: What summarizing the last rows throws, or `widened`; the stream is then as it was.
  package mutating func widen(to columnCount: Int, _ widened: (P.Partial) throws -> P.Partial) throws {
    earlier = try partial().map(widened)
    forest = BlockForest()
    carry = nil
    streamRowCount = 0
    self.columnCount = columnCount
  }

  /// Takes in the rows that arrive next.
  ///
  /// - Precondition: `rows` has `columnCount` columns.
  public mutating func observe(_ rows: any RowBlock) throws {
    precondition(rows.columnCount == columnCount, "\(rows.columnCount) columns in a stream of \(columnCount)")
    let blockRowCount = pass.blockRowCount(columnCount: columnCount)
    let pending: any RowBlock = carry.map { $0.rows.appending([rows]) } ?? rows
    var (forest, start) = (forest, 0)
    var block = (streamRowCount - (pending.rowCount - rows.rowCount)) / blockRowCount
    while pending.rowCount - start >= blockRowCount {
      try Cancellation.check()
      try forest.append(block: block, summary(of: pending.rows(start..<start + blockRowCount), block * blockRowCount))
      start += blockRowCount
      block += 1
    }
    // Only now that nothing can throw: a block that fails leaves the stream as it was.
    self.forest = forest
    carry = start < pending.rowCount ? pending.rows(start..<pending.rowCount).transferable() : nil
    streamRowCount += rows.rowCount
    rowCount += rows.rowCount
  }

  private func summary(of rows: any RowBlock, _ firstRow: Int) throws -> P.Partial {
    var partial = pass.makePartial(columnCount: columnCount)
    try pass.accumulate(Samples(rows, firstRow: firstRow), into: &partial)
    for other in summaries { try Self.requireSameShape(other, partial) }
    return partial
  }

  /// The summaries that are held.
  private var summaries: [P.Partial] { (earlier.map { [$0] } ?? []) + forest.nodes.map(\.partial) }

  // A stream that was read from bytes may tell of other columns than its own.
  private static func requireSameShape(_ earlier: P.Partial, _ later: P.Partial) throws {
    guard earlier.canMerge(later) else {
      throw LockstepError(
        .shapeMismatch, "summaries of different columns in one stream", remedy: "give every piece the same columns")
    }
  }

  /// The summary of everything seen.
  private func partial() throws -> P.Partial? {
    if let failure { throw failure }
    var forest = forest
    if let rest = carry?.rows {
      let first = streamRowCount - rest.rowCount
      try forest.append(
        block: first / pass.blockRowCount(columnCount: columnCount), summary(of: rest, first))
    }
    guard var total = earlier else { return forest.total }
    if let later = forest.total { total.merge(later) }
    return total
  }

  /// Takes in a stream whose rows come after this one's.
  ///
  /// A failure to summarize the last rows of either is kept, and thrown by ``output(in:)``.
  public mutating func merge(_ later: Self) {
    do {
      guard let theirs = try later.partial() else { return }
      if let mine = try partial() {
        try Self.requireSameShape(mine, theirs)
        earlier = mine
        earlier?.merge(theirs)
      } else {
        earlier = theirs
      }
    } catch { failure = failure ?? LockstepError(wrapping: error) }
    forest = BlockForest()
    carry = nil
    streamRowCount = 0
    rowCount += later.rowCount
  }

  /// The output for everything seen so far on every rank.
  ///
  /// Collective. Leaves this rank's stream as it is: asking twice counts nothing twice.
  public func output(in context: ExecutionContext = .local) throws -> P.Output {
    try context.reduce(
      Contribution(rank: context.rank, of: context.size) {
        try partial() ?? pass.makePartial(columnCount: columnCount)
      },
      merging: { earlier, later in
        try Self.requireSameShape(earlier, later)
        var joined = earlier
        joined.merge(later)
        return joined
      },
      finalize: { try pass.finalize($0) })
  }
}

extension Online {
  /// Whether the numbers of rows are those of the blocks and of the rows that fill none, and all summaries are of the same columns.
  public var isWellFormed: Bool {
    guard SummaryLimit.columnCounts.contains(columnCount), SummaryLimit.rowCounts.contains(rowCount),
      (0...rowCount).contains(streamRowCount), carry?.isWellFormed ?? true
    else { return false }
    let size = pass.blockRowCount(columnCount: columnCount)
    let (blockCount, rest) = streamRowCount.quotientAndRemainder(dividingBy: size)
    guard carry?.rows.rowCount ?? 0 == rest, carry?.rows.columnCount ?? columnCount == columnCount,
      forest.isComplete(blockCount: blockCount)
    else { return false }
    let all = [pass.makePartial(columnCount: columnCount)] + summaries
    return all.allSatisfy { partial in partial.isWellFormed && all.allSatisfy(partial.canMerge) }
  }

  /// Whether the numbers of columns are the same.
  public func canMerge(_ later: Self) -> Bool { later.columnCount == columnCount }
}
