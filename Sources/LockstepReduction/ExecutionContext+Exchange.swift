// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

extension ExecutionContext {
  /// Gives each rank a value from every rank.
  ///
  /// Collective. A failure travels in the messages that the values would have used: if `make` throws on any rank, every rank throws
  /// that error, and of several failures that of the lowest rank.
  ///
  /// - Parameters:
  ///   - isSweep: Whether `make` reads all rows.
  ///   - forecast: What the messages would be among more processes, for a run that is logged.
  ///   - make: This rank's values, one for each rank.
  /// - Returns: What each rank made for this one, in the order of ranks.
  /// - Throws: What `make` throws on any rank, or a message.
  /// - Complexity: P − 1 messages to other ranks, and as many from them; each is packed when it is its turn.
  package func exchange<Value: Codable & Sendable>(
    isSweep: Bool = false, forecast: @autoclosure () throws -> ExchangeForecast? = nil, _ make: () throws -> [Value]
  ) throws -> [Value] {
    if isSweep { ledger.countSweep() }
    var outgoing: [Value?] = []
    let mine = Contribution<Bool>(rank: rank, of: size) {
      let values = try make()
      precondition(values.count == size, "\(values.count) values for \(size) ranks")
      outgoing = values
      return true
    }
    guard size > 1 else {
      _ = try mine.get()
      if let log, let forecast = try forecast() { log.record(.init(isSweep: isSweep, exchange: forecast)) }
      return outgoing.compactMap(\.self)
    }
    var incoming: [Contribution<Value>?] = Array(repeating: nil, count: size)
    // In the same step, no two ranks send to the same one.
    for step in 1..<size {
      let (destination, source) = ((rank + step) % size, (rank - step + size) % size)
      let message = Contribution<Value>(rank: rank, of: size) {
        _ = try mine.get()
        defer { outgoing[destination] = nil }
        return try Self.expected(outgoing[destination], from: rank)
      }
      try ledger.measure(\.communicate) { try communicator.send(try message.packed(), to: destination) }
      let bytes = try ledger.measure(\.communicate) { try communicator.receive(from: source) }
      incoming[source] = try Contribution(unpacking: bytes)
    }
    // All ranks have heard of all failures, so all throw the same.
    return try (0..<size).map { source in
      guard source != rank else {
        _ = try mine.get()
        return try Self.expected(outgoing[rank], from: rank)
      }
      return try Self.expected(incoming[source], from: source).get()
    }
  }

  private static func expected<Value>(_ value: Value?, from rank: Int) throws -> Value {
    guard let value else { throw LockstepError(.internalInconsistency, "nothing of rank \(rank) has arrived") }
    return value
  }

  /// Every rank's elements in rank order, finalized on rank 0; the output's bits on every rank.
  ///
  /// Collective. Plans take it that ranks have the more elements the more rows they have.
  ///
  /// - Parameters:
  ///   - make: This rank's elements.
  ///   - finalize: What becomes of all, given the number of ranks.
  /// - Returns: What `finalize` returned on rank 0.
  /// - Throws: What `make` throws on any rank, or `finalize`.
  package func concatenated<Element: Codable & Sendable, Output: Codable & Sendable>(
    _ make: () throws -> [Element], finalize: (_ all: [Element], _ size: Int) throws -> Output
  ) throws -> Output {
    guard size == 1, let log else {
      return try reduce(
        Contribution(rank: rank, of: size) { try make() }, merging: { $0 + $1 }, finalize: { try finalize($0, size) })
    }
    let all = try make()
    let output = try finalize(all, 1)
    func byteCount(_ value: some Codable & Sendable) throws -> Double {
      Double(try Contribution.value(value).packed().count)
    }
    let (empty, one, two) = (
      try byteCount([Element]()), try byteCount(output), try byteCount(try finalize(all, 2))
    )
    log.record(
      .init(
        fixedByteCount: empty, outputByteCount: 2 * one - two, outputByteCountPerRank: two - one,
        byteCountOfAllRows: try byteCount(all) - empty))
    return output
  }

  /// What ranks make, merged in rank order, on every rank.
  ///
  /// Collective.
  ///
  /// - Throws: What `make` throws on any rank, or `merge`.
  package func merged<Value: Codable & Sendable>(
    making make: () throws -> Value, _ merge: (_ earlier: Value, _ later: Value) throws -> Value
  ) throws -> Value {
    try reduce(Contribution(rank: rank, of: size) { try make() }, merging: merge, finalize: { $0 })
  }

  /// Sends rows to the ranks that want them: rows of equal keys to one rank, say, or those of a part of space with what lies around it.
  ///
  /// Collective. What arrives is in the order of the rows' global numbers, whatever rank each came from: what is computed from it in that
  /// order does not depend on the cut. Rows travel in rounds, so that no more than some 64 MiB of a rank are packed at a time.
  ///
  /// ```swift
  /// let mine = try context.redistribute(aligned) { samples in
  ///   var places = [[Int]](repeating: [], count: context.size)
  ///   for i in 0..<samples.rowCount { places[owner(of: samples.rows.row(i))].append(i) }
  ///   return places
  /// }
  /// ```
  /// - Parameters:
  ///   - aligned: The rows, numbered.
  ///   - shares: Of all rows, the share that goes to each of so many ranks: for plans alone.
  ///   - destinations: The rows of a run that go to each rank, by their places in the run, ascending. A row may go to any number of
  ///     ranks, this one included.
  /// - Returns: The rows that have come here.
  /// - Throws: What the source or `destinations` throws on any rank, on every rank.
  /// - Complexity: one reading of the source; memory for the rows that arrive, and for a round.
  package func redistribute(
    _ aligned: AlignedRows, shares: @escaping @Sendable (_ size: Int) -> [Double],
    to destinations: (Samples) throws -> [[Int]]
  ) throws -> RedistributedRows {
    try redistribute(
      aligned, rowsInRound: max(1, (1 << 23) / max(aligned.columnCount, 1)), shares: shares, to: destinations)
  }

  /// The same with rounds of so many of each rank's rows.
  func redistribute(
    _ aligned: AlignedRows, rowsInRound: Int, shares: @escaping @Sendable (_ size: Int) -> [Double],
    to destinations: (Samples) throws -> [[Int]]
  ) throws -> RedistributedRows {
    let starts = aligned.rankStarts
    let most = (0..<size).reduce(0) { max($0, starts[$1 + 1] - starts[$1]) }
    var blocks: [[any RowBlock]] = Array(repeating: [], count: size)
    var numbers: [[Int]] = Array(repeating: [], count: size)
    for round in 0..<(most + rowsInRound - 1) / rowsInRound {
      let first = aligned.sourceRange.lowerBound + round * rowsInRound
      let wanted = (first..<first + rowsInRound).clamped(to: aligned.sourceRange)
      var kept = RowParcel()
      let arrived = try exchange(isSweep: round == 0, forecast: try forecast(aligned, kept, shares)) {
        () -> [RowParcel.Transferable] in
        var parcels = [RowParcel](repeating: RowParcel(), count: size)
        if !wanted.isEmpty {
          try ledger.measure(\.compute) {
            try aligned.forEachRun(of: wanted) { run in
              try Cancellation.check()
              for (destination, places) in try destinations(run).enumerated() where !places.isEmpty {
                parcels[destination].append(places, of: run)
              }
            }
          }
        }
        kept = parcels[rank]
        parcels[rank] = RowParcel()
        return parcels.map { $0.transferable() }
      }
      for (source, parcel) in arrived.enumerated() {
        numbers[source] += source == rank ? kept.numbers : parcel.numbers
        if source == rank {
          blocks[source] += kept.blocks
        } else if let rows = parcel.rows {
          blocks[source].append(rows.rows)
        }
      }
    }
    return RedistributedRows(
      numbers: Array(numbers.joined()), rows: blocks.flatMap { $0 }.concatenated, rowCounts: numbers.map(\.count))
  }

  /// What the messages of rows would be, if this run is logged.
  private func forecast(
    _ aligned: AlignedRows, _ parcel: RowParcel, _ shares: @escaping @Sendable (Int) -> [Double]
  ) throws -> ExchangeForecast? {
    guard log != nil, let block = parcel.blocks.first else { return nil }
    let some = Samples(block.rows(0..<min(block.rowCount, 64)), firstRow: 0)
    var one = RowParcel()
    one.append(Array(0..<some.rowCount), of: some)
    let message = Contribution.value(one.transferable())
    let fixed = Double(try Contribution.value(RowParcel().transferable()).packed().count)
    let perRow = (Double(try message.packed().count) - fixed) / Double(some.rowCount)
    return ExchangeForecast(byteCountPerRow: perRow, fixedByteCount: fixed, shares: shares)
  }
}

/// Rows that have come to a rank, from all ranks.
package struct RedistributedRows: Sendable {
  /// Their global numbers, ascending.
  package let numbers: [Int]
  /// The rows, in that order; `nil` of none.
  package let rows: (any RowBlock)?
  /// How many have come from each rank: first those of rank 0, and so on.
  package let rowCounts: [Int]
}

/// Rows on their way to one rank.
struct RowParcel {
  var numbers: [Int] = []
  var blocks: [any RowBlock] = []

  /// Rows as they travel.
  struct Transferable: Codable, Sendable {
    var numbers: [Int]
    var rows: TransferableRows?
  }

  mutating func append(_ places: [Int], of run: Samples) {
    for place in places { numbers.append(run.firstRow + place) }
    // All rows of a run need no copy.
    blocks.append(places.count == run.rowCount ? run.rows : run.rows.rows(at: places))
  }

  func transferable() -> Transferable { Transferable(numbers: numbers, rows: blocks.concatenated?.transferable()) }
}
