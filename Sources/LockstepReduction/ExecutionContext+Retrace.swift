// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Synchronization

extension ExecutionContext {
  /// Runs one sweep up, and one way back down to every block; returns the sweep's output, the same bits on every rank.
  ///
  /// Collective. Up: as ``reduce(_:over:rows:)``, but each rank keeps the traces of the merges that it makes. Rank 0 finalizes,
  /// and all ranks have the output. Down: seeds go back along the same messages; each rank splits them along its traces and
  /// lets the pass emit its own blocks, on its threads. The tree is that of the block numbers, so what a block emits has the
  /// same bits for any number of ranks and threads.
  ///
  /// A failure on the way up, or in finalizing, ends on every rank before anything goes down; one in emitting is agreed on at
  /// the end.
  ///
  /// - Complexity: memory of one trace for each of this rank's blocks, and of one seed for each level of the tree and thread.
  public func retrace<P: RetraceablePass>(_ pass: P, over aligned: AlignedRows) throws -> P.Output {
    var mine = TracedForest<P>(rank: rank, forest: BlockForest())
    let contribution = Contribution<TracedForest<P>>(rank: rank, of: size) {
      mine.forest = try ledger.measure(\.compute) { try sweep(TracingPass(base: pass), aligned, 0..<Int.max) }
      return mine
    }
    var pending: [(tree: TraceTree<P>, seed: P.Partial.Seed)] = []
    let output = try reduce(
      contribution, isLogged: false,
      merging: { earlier, later in
        mine = earlier
        mine.forest.append(contentsOf: later.seenFromElsewhere)
        return mine
      },
      finalize: { all in
        let total = all.forest.total ?? TracingPass(base: pass).makePartial(columnCount: aligned.columnCount)
        let (output, seed) = try pass.finalizeTracing(total.partial)
        pending = [(total.tree, seed)]
        return output
      })
    if let log, size == 1, let seed = pending.first?.seed {
      try log.recordSweep(mine.forest, output: output, blockRowCount: aligned.blockRowCount, seed: [seed])
    }
    if rank != 0 {
      // Where the way up ended: the rank without the lowest bit.
      let bytes = try ledger.measure(\.communicate) { try communicator.receive(from: rank & (rank - 1)) }
      let seeds: [P.Partial.Seed] = try PackedDecoder().decode(from: bytes)
      guard seeds.count == mine.forest.nodes.count else {
        throw LockstepError(
          .internalInconsistency, "\(seeds.count) seeds for \(mine.forest.nodes.count) summaries", rank: rank)
      }
      pending = zip(mine.forest.nodes, seeds).map { ($0.partial.tree, $1) }
    }
    let local = try sendSeeds(pending)
    try agree { try ledger.measure(\.compute) { try emit(pass, local) } }
    return output
  }

  /// Splits seeds as far as they concern other ranks, sends those, and returns what is left for this rank.
  private func sendSeeds<P: RetraceablePass>(
    _ roots: [(tree: TraceTree<P>, seed: P.Partial.Seed)]
  ) throws -> [(tree: TraceTree<P>, seed: P.Partial.Seed)] {
    var pending = roots
    var local: [(tree: TraceTree<P>, seed: P.Partial.Seed)] = []
    var remote: [Int: [Int: P.Partial.Seed]] = [:]
    while let (tree, seed) = pending.popLast() {
      switch tree.content {
      case .elsewhere(let rank, let node): remote[rank, default: [:]][node] = seed
      case .merge(let trace, let earlier, let later) where tree.reachesOtherRanks:
        let seeds = P.Partial.split(seed, along: trace)
        pending.append((earlier, seeds.earlier))
        pending.append((later, seeds.later))
      default: local.append((tree, seed))
      }
    }
    var bit = 1
    while bit < size && rank & bit == 0 {
      let child = rank + bit
      if child < size {
        let seeds = (remote[child] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
        try ledger.measure(\.communicate) { try communicator.send(try PackedEncoder().encode(seeds), to: child) }
      }
      bit <<= 1
    }
    return local
  }

  /// Lets the pass emit every block below the given trees: enough subtrees to share among threads, each walked depth first.
  private func emit<P: RetraceablePass>(
    _ pass: P, _ roots: [(tree: TraceTree<P>, seed: P.Partial.Seed)]
  ) throws {
    typealias Item = (tree: TraceTree<P>, seed: P.Partial.Seed)
    var tasks = roots
    while threadCount > 1 && tasks.count < 8 * threadCount {
      var next: [Item] = []
      for task in tasks {
        guard case .merge(let trace, let earlier, let later) = task.tree.content else {
          next.append(task)
          continue
        }
        let seeds = P.Partial.split(task.seed, along: trace)
        next.append((earlier, seeds.earlier))
        next.append((later, seeds.later))
      }
      guard next.count > tasks.count else { break }
      tasks = next
    }
    let shared = tasks
    try concurrently(taskCount: shared.count) { number in
      var pending: [Item] = [shared[number]]
      while let (tree, seed) = pending.popLast() {
        try Cancellation.check()
        switch tree.content {
        case .nothing: continue
        case .leaf(let leaf): try pass.emit(seed, from: leaf)
        case .merge(let trace, let earlier, let later):
          let seeds = P.Partial.split(seed, along: trace)
          pending.append((later, seeds.later))
          pending.append((earlier, seeds.earlier))
        case .elsewhere(let rank, _):
          throw LockstepError(.internalInconsistency, "a seed of rank \(rank) was not sent")
        }
      }
    }
  }

  /// Runs `body` for blocks of a range of rows, on this context's threads, without communication.
  ///
  /// - Throws: The failure of the first block that fails.
  public func forEachBlock(
    of rows: Range<Int>, blockRowCount: Int, _ body: @Sendable (_ rows: Range<Int>) throws -> Void
  ) throws {
    try ledger.measure(\.compute) {
      try concurrently(taskCount: (rows.count + blockRowCount - 1) / blockRowCount) { block in
        let start = rows.lowerBound + block * blockRowCount
        try body(start..<min(start + blockRowCount, rows.upperBound))
      }
    }
  }

  /// Room for `valuesPerRow` numbers of each row that this rank sweeps or whose source it is, for a sweep to write.
  ///
  /// Collective under a limit of memory: then it is in a scratch file if it is large, and any rank's disk may be full.
  ///
  /// - Throws: ``LockstepError`` with code `.outputFailed` if there is no room.
  package func makeRowOutput(for aligned: AlignedRows, valuesPerRow: Int) throws -> RowMemory<Double> {
    let (source, swept) = (aligned.sourceRange, aligned.sweptRange)
    let lower = min(source.lowerBound, swept.lowerBound)
    let rows = lower..<max(lower, source.upperBound, swept.upperBound)
    guard memoryLimit != nil else { return RowMemory(uninitialized: rows, valuesPerRow: valuesPerRow) }
    return try agree { try makeRowMemory(rows, valuesPerRow: valuesPerRow) }
  }

  /// Room for `valuesPerRow` numbers of each row of `rows`: in memory, or in a scratch file where a limit of memory asks for it.
  ///
  /// - Throws: ``LockstepError`` with code `.outputFailed` if there is no room.
  package func makeRowMemory(_ rows: Range<Int>, valuesPerRow: Int) throws -> RowMemory<Double> {
    let byteCount = rows.count * valuesPerRow * MemoryLayout<Double>.stride
    guard let memoryLimit, byteCount > memoryLimit.heldByteCount / 4 else {
      return RowMemory(uninitialized: rows, valuesPerRow: valuesPerRow)
    }
    return try RowMemory(
      uninitialized: rows, valuesPerRow: valuesPerRow, in: ScratchFile(in: memoryLimit.scratchDirectory),
      residentByteCount: memoryLimit.windowByteCount)
  }

  /// Sends what was written for each row back to the rank that gave the row, and returns this rank's rows in their order.
  ///
  /// Collective; the inverse of what ``align(_:blockRowCount:)`` sent. At most one block of rows travels in each direction.
  ///
  /// - Parameters:
  ///   - output: What ``makeRowOutput(for:valuesPerRow:)`` made and sweeps have filled.
  ///   - aligned: The rows.
  /// - Returns: The rows of the output, without a copy: one run, or more if they are in a scratch file.
  /// - Throws: ``LockstepError`` with code `.communication`.
  package func returnRows(_ output: RowMemory<Double>, for aligned: AlignedRows) throws -> [RowRun] {
    log?.recordFragments(
      byteCountPerRow: Double(MemoryLayout<Double>.stride * output.valuesPerRow), blockRowCount: aligned.blockRowCount)
    for origin in aligned.tailOrigins {
      let values = output.withValues(firstRow: origin.range.lowerBound, count: origin.range.count) { Array($0) }
      try ledger.measure(\.communicate) { try communicator.send(try PackedEncoder().encode(values), to: origin.rank) }
    }
    if let lead = aligned.lead {
      let bytes = try ledger.measure(\.communicate) { try communicator.receive(from: lead.rank) }
      let values: [Double] = try PackedDecoder().decode(from: bytes)
      try output.withValues(firstRow: lead.range.lowerBound, count: lead.range.count) {
        guard values.count == $0.count else {
          throw LockstepError(.internalInconsistency, "\(values.count) numbers came back for \(lead.range.count) rows")
        }
        _ = $0.update(fromContentsOf: values)
      }
    }
    return output.runs(aligned.sourceRange)
  }
}
