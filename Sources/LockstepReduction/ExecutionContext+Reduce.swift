// SPDX-License-Identifier: Apache-2.0

import Dispatch
import LockstepErrors
import LockstepTables
import Synchronization

extension ExecutionContext {
  /// Runs one sweep over `source` and returns its output, the same bits on every rank.
  ///
  /// Collective. For several sweeps over the same rows, ``align(_:blockRowCount:)`` them once.
  public func reduce<P: Pass>(_ pass: P, over source: some RowSource) throws -> P.Output {
    try reduce(pass, over: try align(source, blockRowCount: pass.blockRowCount(columnCount:)))
  }

  /// Runs one sweep over rows that are numbered already, and returns its output, the same bits on every rank.
  ///
  /// Collective. Each block is summarized whole; summaries merge in the binary tree over block numbers, on threads, then
  /// between ranks; rank 0 finalizes and broadcasts.
  ///
  /// - Parameters:
  ///   - pass: The sweep.
  ///   - aligned: The rows.
  ///   - rows: If given, only blocks that hold one of these rows are summarized.
  /// - Returns: What the pass makes of the merged summary.
  /// - Throws: What the source, the pass or a message throws on any rank, on every rank.
  /// - Complexity: one sweep of this rank's rows; up to 2 log₂(blocks) summaries up and one output down, along
  ///   ⌈log₂ P⌉ messages each.
  public func reduce<P: Pass>(_ pass: P, over aligned: AlignedRows, rows: Range<Int>? = nil) throws -> P.Output {
    do { return try keptOrSwept(pass, aligned, rows) { try sweepAndMerge(pass, aligned, rows, $0) } } catch let error
      as LockstepError
    { throw try located(error, in: aligned) }
  }

  private func sweepAndMerge<P: Pass>(
    _ pass: P, _ aligned: AlignedRows, _ rows: Range<Int>?, _ progress: SweepProgress<P.Partial>?
  ) throws -> P.Output {
    if size == 1, log == nil, progress == nil, rows == nil, aligned.totalRowCount <= aligned.blockRowCount {
      return try outputOfOneBlock(pass, aligned)
    }
    let mine = Contribution<BlockForest<P.Partial>>(rank: rank, of: size) {
      try ledger.measure(\.compute) { try sweep(pass, aligned, rows ?? 0..<Int.max, progress) }
    }
    if let log, size == 1 {
      let forest = try mine.get()
      let output = try pass.finalize(forest.total ?? pass.makePartial(columnCount: aligned.columnCount))
      let share = rows.map { rows in
        let total = Double(max(aligned.totalRowCount, 1))
        return Double(rows.lowerBound) / total..<Double(rows.upperBound) / total
      }
      try log.recordSweep(forest, output: output, blockRowCount: aligned.blockRowCount, rows: share)
      return output
    }
    return try reduce(
      mine,
      merging: { earlier, later in
        var joined = earlier
        joined.append(contentsOf: later)
        return joined
      },
      finalize: { try pass.finalize($0.total ?? pass.makePartial(columnCount: aligned.columnCount)) })
  }

  /// The output for rows that are one block, all of them here: nothing merges, and a small fit is little more than this.
  private func outputOfOneBlock<P: Pass>(_ pass: P, _ aligned: AlignedRows) throws -> P.Output {
    try Contribution<P.Output>(rank: rank, of: size) {
      try ledger.measure(\.compute) {
        ledger.countSweep()
        var partial = pass.makePartial(columnCount: aligned.columnCount)
        try aligned.forEachRun { run in
          try Cancellation.check()
          try pass.accumulate(run, into: &partial)
        }
        return try pass.finalize(partial)
      }
    }.get()
  }

  /// The summaries of this rank's blocks; `progress` has those that an earlier run has finished, and keeps all for a later one.
  func sweep<P: Pass>(
    _ pass: P, _ aligned: AlignedRows, _ rows: Range<Int>, _ progress: SweepProgress<P.Partial>? = nil
  ) throws -> BlockForest<P.Partial> {
    ledger.countSweep()
    guard isReproducible else { return try sweepInOrder(pass, aligned, rows) }
    let collector = progress?.collector ?? BlockForestCollector<P.Partial>()
    let rows =
      progress?.unfinished(of: rows.clamped(to: aligned.sweptRange), blockRowCount: aligned.blockRowCount) ?? rows
    try aligned.forEachRun(rows) { run in
      let wanted = rows.clamped(to: run.firstRow..<run.firstRow + run.rowCount)
      guard !wanted.isEmpty else { return }
      let blocks = wanted.lowerBound / aligned.blockRowCount..<(wanted.upperBound - 1) / aligned.blockRowCount + 1
      // Tasks are aligned subtrees, so that most merges happen inside one; many for each thread, so that none waits long at the
      // end for another that has been slow.
      let blocksPerTask = BlockSize.powerOfTwo(atMost: blocks.count / (threadCount * 32))
      let firstTask = blocks.lowerBound / blocksPerTask
      let lastTask = (blocks.upperBound - 1) / blocksPerTask
      try concurrently(taskCount: lastTask - firstTask + 1) { task in
        var forest = BlockForest<P.Partial>()
        // What is finished when a signal comes is kept as well.
        defer { if let progress { progress.insert(forest) } else { collector.insert(forest) } }
        let range = (firstTask + task) * blocksPerTask..<(firstTask + task + 1) * blocksPerTask
        for block in range.clamped(to: blocks) where progress?.isFinished(block) != true {
          let start = block * aligned.blockRowCount - run.firstRow
          let end = min(start + aligned.blockRowCount, run.rowCount)
          try Cancellation.check()
          var partial = pass.makePartial(columnCount: aligned.columnCount)
          try pass.accumulate(
            Samples(run.rows.rows(start..<end), firstRow: run.firstRow + start), into: &partial)
          forest.append(block: block, partial)
        }
      }
    }
    return collector.forest
  }

  /// The sweep without reproducibility: one summary for each thread, merged in row order.
  ///
  /// Its one node is given the rank's number twice over, so that no two nodes are ever siblings and ranks fold from
  /// the right.
  private func sweepInOrder<P: Pass>(
    _ pass: P, _ aligned: AlignedRows, _ rows: Range<Int>
  ) throws -> BlockForest<P.Partial> {
    var total = pass.makePartial(columnCount: aligned.columnCount)
    try aligned.forEachRun(of: rows) { run in
      let parts = Mutex<[Int: P.Partial]>([:])
      try concurrently(taskCount: threadCount) { task in
        var partial = pass.makePartial(columnCount: aligned.columnCount)
        let range = run.rowCount * task / threadCount..<run.rowCount * (task + 1) / threadCount
        var start = range.lowerBound
        while start < range.upperBound {
          try Cancellation.check()
          let end = min(start + aligned.blockRowCount, range.upperBound)
          try pass.accumulate(Samples(run.rows.rows(start..<end), firstRow: run.firstRow + start), into: &partial)
          start = end
        }
        parts.withLock { $0[task] = partial }
      }
      for task in 0..<threadCount {
        if let part = parts.withLock({ $0.removeValue(forKey: task) }) { total.merge(part) }
      }
    }
    var forest = BlockForest<P.Partial>()
    forest.append(block: 2 * rank + 1, total)
    return forest
  }

  /// Runs `body` for each task number on this context's threads.
  ///
  /// If tasks fail, throws the failure of the lowest number.
  func concurrently(taskCount: Int, _ body: @Sendable (Int) throws -> Void) throws {
    guard threadCount > 1, taskCount > 1 else {
      for task in 0..<taskCount { try body(task) }
      return
    }
    let next = Atomic(0)
    let failure = Mutex<(task: Int, error: any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: min(threadCount, taskCount)) { _ in
      while true {
        let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard task < taskCount, failure.withLock({ $0 == nil }) else { return }
        do { try body(task) } catch {
          failure.withLock { if $0.map({ task < $0.task }) ?? true { $0 = (task, error) } }
        }
      }
    }
    if let error = failure.withLock({ $0?.error }) { throw error }
  }
}
