// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// A summary whose merges can be walked back down: what QR needs to form the rows of Q, and SVD those of U.
///
/// Going up, each merge leaves a trace on the rank where it is made. Going down, a seed at the root is split along the traces,
/// merge by merge, until every block of rows has its own.
public protocol Retraceable: Mergeable {
  /// What one merge must remember.
  associatedtype Trace: Sendable
  /// What flows back down.
  associatedtype Seed: Codable & Sendable

  /// Absorbs the summary of the rows that follow, and tells how.
  mutating func mergeTracing(_ later: Self) -> Trace
  /// The seeds of the two summaries that a merge made one of.
  static func split(_ seed: Seed, along trace: Trace) -> (earlier: Seed, later: Seed)
}

extension Retraceable {
  /// Absorbs the summary of the rows that follow.
  public mutating func merge(_ later: Self) { _ = mergeTracing(later) }
}

/// A sweep with a way back: once the summary of all rows is known, each block gets its seed and writes its rows of the answer.
public protocol RetraceablePass: Pass where Partial: Retraceable {
  /// What a block must remember until its seed arrives; it stays on its rank.
  associatedtype Leaf: Sendable

  /// Summarizes a block.
  func summarize(_ samples: Samples) throws -> (Partial, Leaf)
  /// The result, and the seed at the root of the tree. Runs once, on rank 0.
  func finalizeTracing(_ partial: Partial) throws -> (output: Output, seed: Partial.Seed)
  /// Writes the block's rows of the answer.
  func emit(_ seed: Partial.Seed, from leaf: Leaf) throws
}

extension RetraceablePass {
  /// Adds a block to the summary, as if there were no way back.
  public func accumulate(_ samples: Samples, into partial: inout Partial) throws {
    partial.merge(try summarize(samples).0)
  }

  /// The result without a way back.
  public func finalize(_ partial: Partial) throws -> Output { try finalizeTracing(partial).output }
}

/// How a summary came about, as far as this rank knows.
final class TraceTree<P: RetraceablePass>: Sendable {
  enum Content: Sendable {
    case nothing
    case leaf(P.Leaf)
    case merge(P.Partial.Trace, earlier: TraceTree, later: TraceTree)
    /// Made on another rank, where it is that rank's node of this number.
    case elsewhere(rank: Int, node: Int)
  }
  let content: Content
  /// Whether a part was made on another rank.
  let reachesOtherRanks: Bool

  init(_ content: Content) {
    self.content = content
    switch content {
    case .nothing, .leaf: reachesOtherRanks = false
    case .merge(_, let earlier, let later): reachesOtherRanks = earlier.reachesOtherRanks || later.reachesOtherRanks
    case .elsewhere: reachesOtherRanks = true
    }
  }
}

/// A summary with its tree; only the summary travels.
struct Traced<P: RetraceablePass>: Mergeable {
  var partial: P.Partial
  var tree: TraceTree<P>

  init(_ partial: P.Partial, _ tree: TraceTree<P>) {
    self.partial = partial
    self.tree = tree
  }

  mutating func merge(_ later: Self) {
    let trace = partial.mergeTracing(later.partial)
    tree = TraceTree(.merge(trace, earlier: tree, later: later.tree))
  }

  init(from decoder: any Decoder) throws { self.init(try P.Partial(from: decoder), TraceTree(.nothing)) }
  func encode(to encoder: any Encoder) throws { try partial.encode(to: encoder) }
}

/// The sweep up, which keeps the tree.
struct TracingPass<P: RetraceablePass>: Pass {
  let base: P

  func blockRowCount(columnCount: Int) -> Int { base.blockRowCount(columnCount: columnCount) }
  func makePartial(columnCount: Int) -> Traced<P> {
    Traced(base.makePartial(columnCount: columnCount), TraceTree(.nothing))
  }
  func accumulate(_ samples: Samples, into partial: inout Traced<P>) throws {
    let (summary, leaf) = try base.summarize(samples)
    let block = Traced<P>(summary, TraceTree(.leaf(leaf)))
    // A partial of no rows is the block itself.
    if case .nothing = partial.tree.content { partial = block } else { partial.merge(block) }
  }
  func finalize(_ partial: Traced<P>) throws -> P.Output { try base.finalize(partial.partial) }
}

/// A rank's summaries on their way up.
struct TracedForest<P: RetraceablePass>: Codable, Sendable {
  let rank: Int
  var forest: BlockForest<Traced<P>>

  /// The forest, its summaries marked as made on that rank.
  var seenFromElsewhere: BlockForest<Traced<P>> {
    BlockForest(
      nodes: forest.nodes.enumerated().map { number, node in
        var marked = node
        marked.partial.tree = TraceTree(.elsewhere(rank: rank, node: number))
        return marked
      })
  }
}
