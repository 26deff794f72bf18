// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

extension ExecutionContext {
  /// Numbers the rows of all ranks and gathers the rows of each block on one rank.
  ///
  /// Collective. Ranks may hold any number of rows, none included; they must hold the same columns in the same layout. At
  /// most one message of fewer than `blockRowCount` rows leaves each rank, and at most as many rows are held in copy.
  ///
  /// - Parameters:
  ///   - source: This rank's rows.
  ///   - blockRowCount: The number of rows in a block, given the number of columns.
  /// - Returns: This rank's view of the numbered rows.
  /// - Throws: ``LockstepError`` with code `.shapeMismatch` if the ranks' columns differ, and whatever the source throws.
  public func align(_ source: some RowSource, blockRowCount: (_ columnCount: Int) -> Int) throws -> AlignedRows {
    let shares = try reduce(
      Contribution(rank: rank, of: size) { [try RowShare(source)] }, isLogged: false, merging: { $0 + $1 },
      finalize: { $0 })
    let columnCount = try RowShare.commonColumnCount(shares)
    let hasWeights = shares.contains(where: \.hasWeights)
    let blockRowCount = blockRowCount(columnCount)
    precondition(blockRowCount > 0, "a block of \(blockRowCount) rows")
    var starts = [0]
    for share in shares { starts.append(starts[starts.count - 1] + share.rowCount) }
    let sourceRange = starts[rank]..<starts[rank + 1]
    let total = starts[size]

    if let log, size == 1 {
      try log.recordGathering(shares[0])
      try log.recordFragments(of: source, blockRowCount: blockRowCount)
      log.record(.init(fixedByteCount: 2, outputByteCount: 2))
    }
    guard isReproducible, size > 1 else {
      return AlignedRows(
        totalRowCount: total, columnCount: columnCount, columnNames: source.columnNames,
        blockRowCount: blockRowCount, hasWeights: hasWeights, rankStarts: starts, sourceRange: sourceRange,
        sweptRange: sourceRange, tail: nil, tailOrigins: [], lead: nil, source: source)
    }

    // All ranks know all cuts, so each knows alone what it sends and what it receives.
    let leads = (0..<size).map { leadingFragment(of: $0, starts: starts, blockRowCount: blockRowCount) }
    let lead = leads[rank]
    if let lead {
      let range = lead.range.lowerBound - sourceRange.lowerBound..<lead.range.upperBound - sourceRange.lowerBound
      let fragment = Contribution<TransferableRows>(rank: rank, of: size) {
        guard let rows = try source.rows(range), rows.rowCount == range.count else {
          throw LockstepError(.malformedInput, "the source does not give the \(source.rowCount) rows that it announced")
        }
        return rows.transferable()
      }
      try ledger.measure(\.communicate) { try communicator.send(try fragment.packed(), to: lead.rank) }
    }
    var arrived: [Contribution<TransferableRows>] = []
    var origins: [(rank: Int, range: Range<Int>)] = []
    for (sender, theirs) in leads.enumerated() {
      guard let theirs, theirs.rank == rank else { continue }
      let bytes = try ledger.measure(\.communicate) { try communicator.receive(from: sender) }
      arrived.append(try Contribution(unpacking: bytes))
      origins.append((sender, theirs.range))
    }
    let tail = try agree { try arrived.map { try $0.get().rows }.concatenated }
    let first = lead?.range.upperBound ?? sourceRange.lowerBound
    return AlignedRows(
      totalRowCount: total, columnCount: columnCount, columnNames: source.columnNames, blockRowCount: blockRowCount,
      hasWeights: hasWeights, rankStarts: starts, sourceRange: sourceRange,
      sweptRange: first..<max(first, origins.last?.range.upperBound ?? sourceRange.upperBound),
      tail: tail, tailOrigins: origins, lead: lead, source: source)
  }

  /// The rows at the beginning of `rank` whose block begins on an earlier rank, and that rank.
  private func leadingFragment(
    of rank: Int, starts: [Int], blockRowCount: Int
  ) -> (rank: Int, range: Range<Int>)? {
    let (start, end) = (starts[rank], starts[rank + 1])
    let blockStart = start / blockRowCount * blockRowCount
    guard start < end, blockStart < start else { return nil }
    // The rank that holds row `blockStart`: the last one that does not begin after it and is not empty there.
    var owner = rank - 1
    while starts[owner] > blockStart { owner -= 1 }
    return (owner, start..<min(end, blockStart + blockRowCount))
  }

  /// Sends one number for each swept row back to the rank that gave the row: labels in each rank's own row order.
  ///
  /// Collective; the inverse of what ``align(_:blockRowCount:)`` sent.
  package func rowValues<Value: Codable & Sendable & BitwiseCopyable>(
    of memory: RowMemory<Value>, for aligned: AlignedRows
  ) throws -> [Value] {
    log?.recordFragments(
      byteCountPerRow: Double(MemoryLayout<Value>.stride * memory.valuesPerRow), blockRowCount: aligned.blockRowCount)
    for origin in aligned.tailOrigins {
      let values = memory.withValues(firstRow: origin.range.lowerBound, count: origin.range.count) { Array($0) }
      try ledger.measure(\.communicate) { try communicator.send(try PackedEncoder().encode(values), to: origin.rank) }
    }
    var values: [Value] = []
    values.reserveCapacity(aligned.sourceRange.count)
    if let lead = aligned.lead {
      let bytes = try ledger.measure(\.communicate) { try communicator.receive(from: lead.rank) }
      values = try PackedDecoder().decode(from: bytes)
    }
    let own = aligned.sweptRange.clamped(to: aligned.sourceRange)
    memory.withValues(firstRow: own.lowerBound, count: own.count) { values += $0 }
    return values
  }
}

/// What a rank tells the others about its rows.
struct RowShare: Codable, Sendable {
  var rowCount: Int
  var columnCount: Int
  var layout: String?
  /// Whether there are rows, and each has a weight.
  var hasWeights: Bool

  init(_ source: some RowSource) throws {
    rowCount = source.rowCount
    hasWeights = rowCount > 0 && source.roles.hasWeights
    columnCount = source.columnCount
    layout = rowCount > 0 ? source.layout : nil
  }

  /// The number of columns that all ranks share; a rank without rows may know none.
  static func commonColumnCount(_ shares: [RowShare]) throws -> Int {
    guard let first = shares.firstIndex(where: { $0.columnCount > 0 }) else { return 0 }
    for (rank, share) in shares.enumerated() where share.columnCount > 0 || share.rowCount > 0 {
      if share.columnCount != shares[first].columnCount {
        throw LockstepError(
          .shapeMismatch,
          "rank \(rank) has \(share.columnCount) columns, rank \(first) has \(shares[first].columnCount)",
          remedy: "give every process the same columns", rank: rank)
      }
    }
    let layouts = shares.enumerated().compactMap { rank, share in share.layout.map { (rank: rank, layout: $0) } }
    if let odd = layouts.first(where: { $0.layout != layouts[0].layout }) {
      throw LockstepError(
        .shapeMismatch,
        "rank \(odd.rank) has \(odd.layout) rows, rank \(layouts[0].rank) has \(layouts[0].layout) rows",
        remedy: "give every process the same kind of rows", rank: odd.rank)
    }
    return shares[first].columnCount
  }
}
