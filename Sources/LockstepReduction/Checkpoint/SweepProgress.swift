// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// The finished blocks of one sweep on one rank: those of an earlier run, and those of this one, written now and then for a later one.
///
/// What a block or a subtree of blocks comes to has the same bits whichever rank sweeps it, so blocks of runs on any numbers of ranks go
/// together.
final class SweepProgress<Partial: Mergeable>: Sendable {
  typealias Node = BlockForest<Partial>.Node
  let collector = BlockForestCollector<Partial>()
  private let identity: UInt64
  private let checkpoint: Checkpoint
  private let rank: Int
  /// Blocks that no rank has to sweep, ascending.
  private let finished: [Range<Int>]

  /// - Parameters:
  ///   - identity: What tells the sweep from all others.
  ///   - checkpoint: Where the blocks go.
  ///   - rank: This rank.
  ///   - finished: The summaries of an earlier run, of which none covers the other; the same on all ranks.
  ///   - ownBlocks: The blocks of this rank, which also holds the summaries that begin among them.
  init(_ identity: UInt64, checkpoint: Checkpoint, rank: Int, finished: [Node], ownBlocks: Range<Int>) {
    self.identity = identity
    self.checkpoint = checkpoint
    self.rank = rank
    self.finished = finished.map(\.blocks)
    collector.insert(BlockForest(nodes: finished.filter { ownBlocks.contains($0.firstBlock) }))
    checkpoint.beginBlocks()
  }

  /// Whether an earlier run has finished the block.
  func isFinished(_ block: Int) -> Bool {
    var (low, high) = (0, finished.count)
    while low < high {
      let middle = (low + high) / 2
      if finished[middle].upperBound <= block { low = middle + 1 } else { high = middle }
    }
    return low < finished.count && finished[low].contains(block)
  }

  /// The part of `rows` that is left when finished blocks are cut off at both ends.
  func unfinished(of rows: Range<Int>, blockRowCount: Int) -> Range<Int> {
    guard !rows.isEmpty else { return rows }
    var (first, last) = (rows.lowerBound / blockRowCount, (rows.upperBound - 1) / blockRowCount)
    while first <= last, isFinished(first) { first += 1 }
    while last >= first, isFinished(last) { last -= 1 }
    guard first <= last else { return rows.lowerBound..<rows.lowerBound }
    return rows.clamped(to: first * blockRowCount..<(last + 1) * blockRowCount)
  }

  /// Adds the summaries of blocks that this rank has finished.
  func insert(_ forest: BlockForest<Partial>) {
    collector.insert(forest)
    checkpoint.writeBlocksIfDue(identity, rank: rank) { try PackedEncoder().encode(collector.forest) }
  }

  /// Writes what is finished, when the computation stops.
  func writeLast() {
    let forest = collector.forest
    guard !forest.nodes.isEmpty else { return }
    checkpoint.writeLastBlocks(identity, rank: rank) { try PackedEncoder().encode(forest) }
  }

  /// The nodes of several runs in block order, without those that another covers.
  static func joined(_ forests: [BlockForest<Partial>]) -> [Node] {
    var kept: [Node] = []
    for node in forests.flatMap(\.nodes).sorted(by: { ($0.firstBlock, -$0.level) < ($1.firstBlock, -$1.level) }) {
      // In this order, whatever covers the node comes before it.
      if let last = kept.last, last.blocks.upperBound > node.firstBlock { continue }
      kept.append(node)
    }
    return kept
  }
}

extension BlockForest.Node {
  /// The blocks that the node covers.
  var blocks: Range<Int> { firstBlock..<(index + 1) << level }
}
