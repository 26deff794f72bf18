// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

extension ExecutionContext {
  /// Runs a computation over rows, going on from where an earlier run of it came to if this context has a checkpoint that knows.
  ///
  /// Collective. Within `body` the outputs of sweeps by passes that are `Codable` are kept, and what loops keep themselves. If a signal
  /// or a request stops the computation, its progress is written. After all that follows from the outcome is safe, call
  /// ``endCheckpoint()``.
  ///
  /// - Parameters:
  ///   - subject: What is computed: the method and all its parameters. A checkpoint of anything else is refused.
  ///   - rows: This rank's rows. Other rows are refused, as far as a sample of them tells.
  ///   - body: The computation.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws, and `LockstepError` with code `.usage` if the checkpoint is that of another computation.
  public func resuming<T>(
    _ subject: String, _ rows: some RowSource, _ body: (ExecutionContext) throws -> T
  ) throws -> T {
    guard let checkpoint else { return try body(self) }
    _ = try decide {
      guard isReproducible else {
        throw LockstepError(
          .usage, "a checkpoint needs results that do not depend on the number of processes",
          remedy: "leave out the checkpoint, or \(option: .irreproducible)")
      }
      return true
    }
    let shares = try reduce(
      Contribution(rank: rank, of: size) { [try RowShare(rows)] }, isLogged: false, merging: { $0 + $1 },
      finalize: { $0 })
    let totalRowCount = shares.reduce(0) { $0 + $1.rowCount }
    let firstRow = shares[..<rank].reduce(0) { $0 + $1.rowCount }
    let digest = try reduce(
      Contribution(rank: rank, of: size) {
        try RowDigest.digest(of: rows, firstRow: firstRow, totalRowCount: totalRowCount)
      }, isLogged: false, merging: { $0 &+ $1 }, finalize: { $0 })
    let expected = CheckpointContent(
      subject: subject, layout: shares.lazy.compactMap(\.layout).first ?? "", rowCount: totalRowCount,
      columnCount: try RowShare.commonColumnCount(shares), rowDigest: digest)
    checkpoint.open(try decide { try checkpoint.begin(expected) })
    do { return try body(self) } catch var error as LockstepError where error.isStop {
      // Another rank may wait in vain for one that was interrupted in a wait, so this is agreed on after signals only.
      if error.code.stoppingSignal != nil {
        try saveCheckpoint()
        error.code = .stoppedWithCheckpoint
        error.remedy = "start the same command again to go on from \(checkpoint.path)"
      } else if rank == 0 {
        try checkpoint.write()
      }
      throw error
    } catch var error as LockstepError where error.code == .lostRank {
      // Nothing can be agreed on any more, but what the first rank knows is not lost.
      if rank == 0 { checkpoint.writeOrTell() }
      error.code = .stoppedWithCheckpoint
      error.remedy = "start the same command again to go on from \(checkpoint.path)"
      throw error
    }
  }

  /// Has what is kept written, if a checkpoint is open.
  ///
  /// Collective.
  ///
  /// - Returns: Whether there is a checkpoint.
  /// - Throws: `LockstepError` with code `.outputFailed`.
  @discardableResult package func saveCheckpoint() throws -> Bool {
    guard let checkpoint, checkpoint.isOpen else { return false }
    try agree {
      try checkpoint.requireBlocksWritten()
      if rank == 0 { try checkpoint.write() }
    }
    return true
  }

  /// Ends what ``resuming(_:_:_:)`` has begun, after its outcome is safe: the file is removed, unless it is to stay.
  ///
  /// Collective.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed`.
  public func endCheckpoint() throws {
    guard let checkpoint, checkpoint.isOpen else { return }
    try agree { if rank == 0 { try checkpoint.end() } }
    checkpoint.close()
  }

  /// The progress of a loop, as a checkpoint keeps it; see ``Milestone``.
  ///
  /// All ranks ask for the same in the same order.
  package func milestone<Value: Codable & Sendable>(
    _ key: String, of type: Value.Type = Value.self
  ) throws -> Milestone<Value> {
    guard let checkpoint, checkpoint.isOpen else {
      return Milestone(key: key, start: 0, kept: nil, checkpoint: nil, rank: rank)
    }
    let (start, bytes) = checkpoint.beginMilestone(key)
    // All ranks have the same bytes.
    let kept: Value? = try bytes.map { try PackedDecoder().decode(from: $0) }
    return Milestone(key: key, start: start, kept: kept, checkpoint: checkpoint, rank: rank)
  }

  /// Runs a part of a computation whose outcome is small, or returns what it came to before.
  ///
  /// What `body` returns must have the same bits on every rank.
  package func part<Value: Codable & Sendable>(_ key: String, _ body: () throws -> Value) throws -> Value {
    let milestone = try milestone("\(key), finished", of: Value.self)
    if let kept = milestone.kept { return kept }
    let value = try body()
    milestone.keep(value)
    return value
  }

  /// A sweep by way of the checkpoint, if there is one and the pass is a value that can be told from others.
  func keptOrSwept<P: Pass>(
    _ pass: P, _ aligned: AlignedRows, _ rows: Range<Int>?,
    _ sweep: (SweepProgress<P.Partial>?) throws -> P.Output
  ) throws -> P.Output {
    guard let checkpoint, checkpoint.isOpen, let digest = try Self.digest(of: pass, aligned, rows) else {
      return try sweep(nil)
    }
    if let bytes = checkpoint.keptOutput(digest: digest) { return try PackedDecoder().decode(from: bytes) }
    let identity = checkpoint.identity(ofSweep: digest)
    var nodes: [BlockForest<P.Partial>.Node] = []
    if checkpoint.knowsBlocks(of: identity) {
      nodes = try decide {
        try SweepProgress.joined(
          checkpoint.blocks(of: identity).map {
            try PackedDecoder().decode(BlockForest<P.Partial>.self, from: $0)
          })
      }
    }
    let progress = SweepProgress(
      identity, checkpoint: checkpoint, rank: rank, finished: nodes, ownBlocks: aligned.sweptBlocks)
    let output: P.Output
    do { output = try sweep(progress) } catch let error as LockstepError where error.isStop {
      progress.writeLast()
      throw error
    }
    try checkpoint.keep(digest: digest, rank: rank) { try PackedEncoder().encode(output) }
    return output
  }

  /// A digest of the pass, or `nil` for one that may hold memory of rows: that is not `Codable`, and its sweeps change it.
  private static func digest(of pass: some Pass, _ aligned: AlignedRows, _ rows: Range<Int>?) throws -> UInt64? {
    guard let codable = pass as? any Encodable else { return nil }
    let name = Array(String(describing: type(of: pass)).utf8)
    let numbers = [rows?.lowerBound ?? 0, rows?.upperBound ?? .max, aligned.blockRowCount]
    return RowDigest.hash(try name + PackedEncoder().encode(numbers) + PackedEncoder().encode(codable))
  }
}

extension LockstepError {
  /// Whether a signal or a request has stopped the computation.
  fileprivate var isStop: Bool { code == .cancelled || code.stoppingSignal != nil }
}

extension AlignedRows {
  /// The blocks that this rank sweeps.
  var sweptBlocks: Range<Int> {
    guard !sweptRange.isEmpty else { return 0..<0 }
    return sweptRange.lowerBound / blockRowCount..<(sweptRange.upperBound - 1) / blockRowCount + 1
  }
}

/// The progress of a loop: what its next step begins with.
///
/// ```swift
/// let milestone = try context.milestone("descent", of: State.self)
/// var state = milestone.kept ?? State()
/// while !state.isDone {
///   state = try next(state)
///   milestone.keep(state)
/// }
/// ```
package struct Milestone<Value: Codable & Sendable>: Sendable {
  private let key: String
  private let start: Int
  /// What was kept by an earlier run; the same bits on every rank.
  package let kept: Value?
  private let checkpoint: Checkpoint?
  private let rank: Int

  fileprivate init(key: String, start: Int, kept: Value?, checkpoint: Checkpoint?, rank: Int) {
    self.key = key
    self.start = start
    self.kept = kept
    self.checkpoint = checkpoint
    self.rank = rank
  }

  /// Keeps `value` in place of all that was kept since the loop began; it is written when it is time to.
  package func keep(_ value: Value) {
    checkpoint?.keep(key, since: start, rank: rank) { try PackedEncoder().encode(value) }
  }
}
