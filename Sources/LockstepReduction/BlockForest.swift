// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The summaries of a run of consecutive blocks, merged as far as the one fixed tree over block numbers allows.
///
/// The tree has block *i* as leaf *i*; node *(level, index)* covers blocks *index · 2^level* to *(index + 1) · 2^level − 1*.
/// Whatever part of the blocks a rank or a thread holds, it makes the same nodes with the same bits; forests of adjacent
/// runs join into the forest of both. At most 2 log₂(blocks) nodes are held. Summing in a tree also keeps rounding errors
/// to O(log n) instead of O(n) (Higham 1993, "The accuracy of floating point summation").
struct BlockForest<Partial: Mergeable>: Codable, Sendable {
  struct Node: Codable, Sendable {
    let level: Int
    let index: Int
    var partial: Partial
    /// The first block that the node covers.
    var firstBlock: Int { index << level }
  }
  private(set) var nodes: [Node] = []

  init() {}
  /// The forest of complete nodes that are given in block order.
  init(nodes: [Node]) { for node in nodes { append(node) } }

  /// Appends the summary of the block after the last one.
  mutating func append(block: Int, _ partial: Partial) { append(Node(level: 0, index: block, partial: partial)) }

  mutating func append(contentsOf later: BlockForest) { for node in later.nodes { append(node) } }

  private mutating func append(_ node: Node) {
    var node = node
    while let last = nodes.last, last.level == node.level, last.index & 1 == 0, last.index + 1 == node.index {
      node = Self.join(nodes.removeLast(), node)
    }
    nodes.append(node)
  }

  static func join(_ left: Node, _ right: Node) -> Node {
    var partial = left.partial
    partial.merge(right.partial)
    return Node(level: left.level + 1, index: left.index >> 1, partial: partial)
  }

  /// Whether these are the nodes of the first `blockCount` blocks.
  func isComplete(blockCount: Int) -> Bool {
    var (first, nodes) = (0, nodes[...])
    for level in (0..<Int.bitWidth - 1).reversed() where blockCount >> level & 1 == 1 {
      guard let node = nodes.popFirst(), node.level == level, node.index == first >> level else { return false }
      first += 1 << level
    }
    return nodes.isEmpty
  }

  /// The summary of all blocks, or `nil` of none: what the incomplete right edge of the tree leaves is folded from the
  /// right, smallest first.
  var total: Partial? {
    guard var total = nodes.last?.partial else { return nil }
    for node in nodes.dropLast().reversed() {
      var left = node.partial
      left.merge(total)
      total = left
    }
    return total
  }
}

/// Takes complete nodes from several threads in any order and joins siblings as soon as both are there: the tree's shape
/// decides what is merged with what, the order of arrival nothing, and few nodes are ever held.
final class BlockForestCollector<Partial: Mergeable>: Sendable {
  typealias Node = BlockForest<Partial>.Node
  private struct Place: Hashable {
    var level: Int
    var index: Int
  }
  private let waiting = Mutex<[Place: Node]>([:])

  func insert(_ forest: BlockForest<Partial>) { for node in forest.nodes { insert(node) } }

  private func insert(_ arrival: Node) {
    var node = arrival
    while true {
      let sibling = waiting.withLock { nodes -> Node? in
        if let found = nodes.removeValue(forKey: Place(level: node.level, index: node.index ^ 1)) { return found }
        nodes[Place(level: node.level, index: node.index)] = node
        return nil
      }
      guard let sibling else { return }
      // Merged outside the lock: other threads need not wait for it.
      node = node.index & 1 == 0 ? BlockForest.join(node, sibling) : BlockForest.join(sibling, node)
    }
  }

  /// The forest of everything inserted.
  var forest: BlockForest<Partial> {
    BlockForest(nodes: waiting.withLock { $0.values.sorted { $0.firstBlock < $1.firstBlock } })
  }
}
