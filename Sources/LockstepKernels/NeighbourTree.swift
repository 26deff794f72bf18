// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

/// Rows in a k-d tree, for the sweeps of DBSCAN: which rows have enough others near them, which of those are connected, and which lie at
/// their edge.
///
/// All sweeps go over leaves, and different threads may have different leaves at the same time. What they find does not depend on the tree:
/// the square of a distance is one fixed sequence of operations, and the bounds that leave pairs out hold for what is computed.
///
/// Audited `@unchecked Sendable`: a thread writes what belongs to its own leaves, and connections are atomic.
package final class NeighbourTree: @unchecked Sendable {
  /// What is known of a row.
  package struct State: OptionSet, Sendable {
    /// The bits.
    package let rawValue: UInt8
    /// A state of these bits.
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The row is asked for; others are there because they are near.
    package static let own = State(rawValue: UInt8(LOCKSTEP_ROW_OWN))
    /// Enough rows are near it.
    package static let core = State(rawValue: UInt8(LOCKSTEP_ROW_CORE))
  }

  /// The number of rows.
  package let rowCount: Int
  /// The number of columns.
  package let columnCount: Int
  /// The number of leaves, a power of two.
  package let leafCount: Int
  private let memory: UnsafeMutableRawPointer
  private let tree: UnsafeMutablePointer<lockstep_neighbours>

  /// A tree for so many rows, which are put in by ``divide(node:_:)``, level after level.
  ///
  /// - Parameters:
  ///   - states: Of each row.
  ///   - weights: Of each row; `nil` if each counts 1.
  ///   - columnCount: The number of columns.
  /// - Precondition: at most 2³¹ − 1 rows.
  package init(states: [State], weights: [Int64]?, columnCount: Int) {
    rowCount = states.count
    precondition(rowCount <= Self.mostRows, "\(rowCount) rows in a tree")
    precondition(weights.map { $0.count == states.count } ?? true, "a weight for each row")
    self.columnCount = columnCount
    var leaves = 1
    while leaves * Int(LOCKSTEP_LEAF_ROWS) < rowCount { leaves <<= 1 }
    leafCount = leaves
    let nodeCount = 2 * leaves - 1
    let width = ((rowCount + leaves - 1) / leaves + 7) / 8 * 8
    var byteCount = 0
    func reserve(_ bytes: Int) -> Int {
      defer { byteCount += (bytes + 63) / 64 * 64 }
      return byteCount
    }
    let tiles = reserve(leaves * columnCount * width * 8)
    let boxes = reserve(nodeCount * 2 * columnCount * 8)
    let masses = reserve(nodeCount * 8)
    let ownWeights = weights.map { reserve($0.count * 8) }
    let order = reserve(rowCount * 4)
    let parents = reserve(rowCount * 4)
    let masks = reserve(leaves * 4)
    let lowest = reserve(leaves * 4)
    let ownStates = reserve(rowCount)
    let hasOwn = reserve(nodeCount)
    let hasCores = reserve(nodeCount)
    let isJoined = reserve(leaves)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 64), alignment: 64)
    self.memory = memory
    func part<T>(_ offset: Int, _ count: Int, _ initial: T) -> UnsafeMutablePointer<T> {
      let pointer = (memory + offset).bindMemory(to: T.self, capacity: count)
      pointer.initialize(repeating: initial, count: count)
      return pointer
    }
    let orders = part(order, rowCount, Int32(0)), parentRows = part(parents, rowCount, Int32(0))
    for row in 0..<rowCount {
      orders[row] = Int32(row)
      parentRows[row] = Int32(row)
    }
    let stateBytes = part(ownStates, rowCount, UInt8(0))
    for (row, state) in states.enumerated() { stateBytes[row] = state.rawValue }
    var given: UnsafeMutablePointer<Int64>?
    if let ownWeights, let weights {
      let copy = part(ownWeights, rowCount, Int64(0))
      for (row, weight) in weights.enumerated() { copy[row] = weight }
      given = copy
    }
    tree = .allocate(capacity: 1)
    tree.initialize(
      to: lockstep_neighbours(
        row_count: rowCount, column_count: columnCount, leaf_count: leaves, leaf_width: width, order: orders,
        // Each leaf and each node is written when it is divided.
        tiles: (memory + tiles).bindMemory(to: Double.self, capacity: leaves * columnCount * width),
        boxes: (memory + boxes).bindMemory(to: Double.self, capacity: nodeCount * 2 * columnCount), weights: given,
        masses: part(masses, nodeCount, 0), states: stateBytes, has_own: part(hasOwn, nodeCount, 0),
        has_cores: part(hasCores, nodeCount, 0), core_masks: part(masks, leaves, 0),
        least_cores: part(lowest, leaves, 0), is_joined: part(isJoined, leaves, 0), parents: parentRows))
  }

  deinit {
    tree.deallocate()
    memory.deallocate()
  }

  /// The most rows of a tree.
  package static let mostRows = Int(Int32.max)

  /// Divides a node's rows among its two children, or fills a leaf.
  ///
  /// Nodes of a level are independent; those above come first.
  ///
  /// - Parameters:
  ///   - node: Node 0 is the root; level l has the nodes from 2^l − 1 on.
  ///   - rows: All rows, one after the other.
  /// - Returns: false if there is no memory.
  package func divide(node: Int, _ rows: UnsafeBufferPointer<Double>) -> Bool {
    precondition(rows.count == rowCount * columnCount, "\(rows.count) numbers in \(rowCount) × \(columnCount)")
    guard let first = rows.baseAddress else {
      var none = 0.0
      return lockstep_divide_node(tree, &none, node)
    }
    return lockstep_divide_node(tree, first, node)
  }

  /// Sums up what is known of rows: after all nodes are divided, and after cores were found.
  package func sumUp() { lockstep_sum_up_nodes(tree) }

  /// Marks the own rows of some leaves that rows of at least this weight are near to, themselves included.
  package func findCores(_ leaves: Range<Int>, squaredDistance: Double, leastWeight: Int64) {
    withScratch {
      lockstep_find_cores(tree, squaredDistance, leastWeight, leaves.lowerBound, leaves.upperBound, $0, $1)
    }
  }

  /// Connects the cores of some leaves with those near them.
  package func linkCores(_ leaves: Range<Int>, squaredDistance: Double) {
    withScratch { lockstep_link_cores(tree, squaredDistance, leaves.lowerBound, leaves.upperBound, $1) }
  }

  /// Finds the lowest core near each own row of some leaves that is no core.
  package func findLowestCores(_ leaves: Range<Int>, squaredDistance: Double) {
    withScratch { lockstep_find_lowest_cores(tree, squaredDistance, leaves.lowerBound, leaves.upperBound, $0, $1) }
  }

  /// What is known of a row.
  package subscript(row: Int) -> State {
    get { State(rawValue: tree.pointee.states[row]) }
    set { tree.pointee.states[row] = newValue.rawValue }
  }

  /// The lowest core that is connected with a core.
  package func root(of core: Int) -> Int { Int(lockstep_root(tree, Int32(core))) }

  /// The lowest core near an own row that is no core; `nil` if there is none.
  package func lowestCore(near row: Int) -> Int? {
    tree.pointee.parents[row] < 0 ? nil : Int(tree.pointee.parents[row])
  }

  private func withScratch(_ body: (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Double>) -> Void) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: leafCount + 1) { leaves in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: columnCount + 1) { point in
        guard let leaves = leaves.baseAddress, let point = point.baseAddress else { return }
        body(leaves, point)
      }
    }
  }
}
