// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepReduction
import LockstepTables

/// DBSCAN under way: the rows of this rank's box of space and those near it, and what is known of them.
struct DensityClustering {
  private let epsilon: Double
  private let minPoints: Int
  private let aligned: AlignedRows
  private let weightExponent: Int?
  private let context: ExecutionContext
  private var squaredDistance: Double { epsilon * epsilon }

  /// Of each row of this rank's source the rank of its box.
  private var owners: [Int32] = []
  /// The global numbers of the rows here, ascending.
  private var numbers: [Int] = []
  /// Of each rank, the rows here that have come from it.
  private var origins: [Range<Int>] = []
  /// Of each rank, the rows of this box that it has too.
  private var sent: [[Int]] = []
  /// Of each rank, the rows here that are of its box.
  private var lent: [[Int]] = []
  private var tree = NeighbourTree(states: [], weights: nil, columnCount: 0)
  /// Of each row here that is a core of another box, the component that it has there.
  private var lentRoots: [Int: Int] = [:]

  init(_ parameters: DBSCAN, of aligned: AlignedRows, weightExponent: Int?, in context: ExecutionContext) {
    epsilon = parameters.epsilon
    minPoints = parameters.minPoints
    self.aligned = aligned
    self.weightExponent = weightExponent
    self.context = context
  }

  /// Of each row of this rank's source: of a core the lowest core row of its cluster, of a border row −2 less that, of noise −1.
  ///
  /// Collective.
  mutating func clusterRoots() throws -> [Int] {
    let forecast = HaloForecast(columnCount: aligned.columnCount, distance: epsilon)
    let partition = try partition(forecast)
    let local = try redistribute(partition, forecast)
    // Cores of a box are known to its rank alone: it tells those that have them too.
    let states = try context.exchange(
      forecast: try forecast.exchange(byteCountPerRow: 1, [UInt8](), halo: true)
    ) { () -> [[UInt8]] in
      try prepare(local, partition)
      let least = leastWeight
      try sweep { [tree, squaredDistance] in tree.findCores($0, squaredDistance: squaredDistance, leastWeight: least) }
      return sent.map { rows in rows.map { tree[$0].contains(.core) ? 1 : 0 } }
    }
    let coreShare = coreShare()
    let roots = try context.exchange(
      forecast: try forecast.exchange(byteCountPerRow: 8 * coreShare, [Int](), halo: true)
    ) { () -> [[Int]] in
      for (rows, flags) in zip(lent, states) {
        guard rows.count == flags.count else { throw Self.mismatch(rows.count, flags.count) }
        for (row, flag) in zip(rows, flags) where flag == 1 { tree[row] = tree[row].union(.core) }
      }
      tree.sumUp()
      try sweep { [tree, squaredDistance] in tree.linkCores($0, squaredDistance: squaredDistance) }
      return sent.map { rows in rows.filter { tree[$0].contains(.core) }.map { numbers[tree.root(of: $0)] } }
    }
    let joins = try context.merged(making: { try joined(with: roots) }) { ComponentJoins(pairs: $0.pairs + $1.pairs) }
    let back = try context.exchange(
      forecast: try forecast.exchange(byteCountPerRow: 8, [Int](), halo: false)
    ) { () -> [[Int]] in
      try sweep { [tree, squaredDistance] in tree.findLowestCores($0, squaredDistance: squaredDistance) }
      return origins.map { rows in rows.filter { tree[$0].contains(.own) }.map { root(of: $0, joins) } }
    }
    return try context.agree { try inOrder(back) }
  }

  // MARK: Rows and ranks

  /// Cuts space into boxes of about as many rows; not needed on one rank.
  private func partition(_ forecast: HaloForecast) throws -> SpacePartition {
    let (p, total) = (aligned.columnCount, aligned.totalRowCount)
    guard context.size > 1 || context.log != nil else {
      return SpacePartition(sample: [], columnCount: p, distance: epsilon, count: 1)
    }
    let count = min(total, max(64 * context.size, min(1 << 13, (1 << 22) / max(p, 1))))
    return try context.concatenated {
      var elements: [Double] = []
      try aligned.forEachSampledRow(of: count) { elements += $0 }
      return elements
    } finalize: { sample, size in
      if context.log != nil { forecast.learn(sample) }
      return SpacePartition(sample: sample, columnCount: p, distance: epsilon, count: size)
    }
  }

  /// Sends each row to the boxes that it lies in or near to.
  private mutating func redistribute(
    _ partition: SpacePartition, _ forecast: HaloForecast
  ) throws -> RedistributedRows {
    let (size, p, square) = (context.size, aligned.columnCount, squaredDistance)
    var owners: [Int32] = []
    defer { self.owners = owners }
    return try context.redistribute(aligned, shares: { forecast.shares(size: $0) }) { run in
      guard size > 1 else {
        owners += Array(repeating: 0, count: run.rowCount)
        return [Array(0..<run.rowCount)]
      }
      var places = [[Int]](repeating: [], count: size)
      var found: [Int] = []
      run.rows.inDoubles().withUnsafeElements { elements in
        for i in 0..<run.rowCount {
          guard let first = elements.baseAddress else { return places[0].append(contentsOf: 0..<run.rowCount) }
          found.removeAll(keepingCapacity: true)
          partition.boxes(near: first + i * p, squaredDistance: square, into: &found)
          owners.append(Int32(partition.owner(of: first + i * p)))
          for box in found { places[box].append(i) }
        }
      }
      if p == 0 { owners += Array(repeating: 0, count: run.rowCount) }
      return places
    }
  }

  /// Finds out which rows belong to this box and which ranks have which, and puts all into the tree.
  private mutating func prepare(_ local: RedistributedRows, _ partition: SpacePartition) throws {
    let (size, rank, p) = (context.size, context.rank, aligned.columnCount)
    numbers = local.numbers
    guard numbers.count <= NeighbourTree.mostRows else {
      throw LockstepError(
        .outOfMemory, "\(numbers.count) rows in and around a process's part of space",
        remedy: "use more processes, or a smaller distance")
    }
    var start = 0
    origins = local.rowCounts.map { count in
      defer { start += count }
      return start..<start + count
    }
    sent = Array(repeating: [], count: size)
    lent = Array(repeating: [], count: size)
    let rows = local.rows?.inDoubles() ?? DenseRows([], columnCount: p)
    var states = [NeighbourTree.State](repeating: .own, count: numbers.count)
    if size > 1, p > 0 {
      var found: [Int] = []
      rows.withUnsafeElements { elements in
        guard let first = elements.baseAddress else { return }
        for row in 0..<rows.rowCount {
          let owner = partition.owner(of: first + row * p)
          guard owner == rank else {
            states[row] = []
            lent[owner].append(row)
            continue
          }
          found.removeAll(keepingCapacity: true)
          partition.boxes(near: first + row * p, squaredDistance: squaredDistance, into: &found)
          for box in found where box != rank { sent[box].append(row) }
        }
      }
    }
    let weights = weightExponent.map { exponent in
      let given = (local.rows as? SupervisedRows)?.weights?.withUnsafeElements { Array($0) } ?? []
      return given.map { Int64(($0 * Double(sign: .plus, exponent: exponent, significand: 1)).rounded()) }
    }
    tree = NeighbourTree(states: states, weights: weights, columnCount: p)
    let leafCount = tree.leafCount
    var width = 1
    while width <= leafCount {
      let level = width - 1..<2 * width - 1
      try context.forEachBlock(of: level, blockRowCount: max(1, width / 64)) { [tree] nodes in
        try Cancellation.check()
        for node in nodes where !rows.withUnsafeElements({ tree.divide(node: node, $0) }) {
          throw LockstepError(.outOfMemory, "there is no memory to sort \(rows.rowCount) rows")
        }
      }
      width *= 2
    }
    tree.sumUp()
  }

  /// What the rows near a core weigh at the least, on the scale of the weights.
  private var leastWeight: Int64 {
    let least = (Double(minPoints) * Double(sign: .plus, exponent: weightExponent ?? 0, significand: 1)).rounded(.up)
    return least < 0x1p62 ? max(Int64(least), 1) : .max
  }

  private func sweep(_ body: @Sendable (_ leaves: Range<Int>) -> Void) throws {
    try context.forEachBlock(of: 0..<tree.leafCount, blockRowCount: 32) { leaves in
      try Cancellation.check()
      body(leaves)
    }
  }

  // MARK: Components

  /// Of the rows here the share of cores, for plans.
  private func coreShare() -> Double {
    guard context.log != nil, !numbers.isEmpty else { return 0 }
    return Double(numbers.indices.count { tree[$0].contains(.core) }) / Double(numbers.count)
  }

  /// Which components of this rank are components of others.
  ///
  /// - Parameter roots: From each rank, the components of its cores that are here too, in the order of rows.
  /// - Returns: The pairs of components that are one.
  /// - Throws: ``LockstepError`` with code `.internalInconsistency` if a rank told of other rows than are here.
  private mutating func joined(with roots: [[Int]]) throws -> ComponentJoins {
    guard context.size > 1 else { return ComponentJoins(pairs: []) }
    var hasOwn: Set<Int> = []
    for row in numbers.indices where tree[row].isSuperset(of: [.own, .core]) { hasOwn.insert(tree.root(of: row)) }
    var pairs: [Int] = []
    for (rows, theirs) in zip(lent, roots) {
      let cores = rows.filter { tree[$0].contains(.core) }
      guard cores.count == theirs.count else { throw Self.mismatch(cores.count, theirs.count) }
      for (core, root) in zip(cores, theirs) {
        lentRoots[core] = root
        let mine = tree.root(of: core)
        // A component without a core of this box is seen in full elsewhere.
        if hasOwn.contains(mine), numbers[mine] != root { pairs += [numbers[mine], root] }
      }
    }
    return ComponentJoins(pairs: pairs)
  }

  /// What is known of a row of this box.
  private func root(of row: Int, _ joins: ComponentJoins) -> Int {
    if tree[row].contains(.core) { return joins.root(of: numbers[tree.root(of: row)]) }
    guard let core = tree.lowestCore(near: row) else { return -1 }
    return -2 - joins.root(of: lentRoots[core] ?? numbers[tree.root(of: core)])
  }

  /// What has come back for this rank's rows, in their order.
  private func inOrder(_ back: [[Int]]) throws -> [Int] {
    var next = [Int](repeating: 0, count: back.count)
    return try owners.map { owner in
      let (owner, place) = (Int(owner), next[Int(owner)])
      guard place < back[owner].count else { throw Self.mismatch(place + 1, back[owner].count) }
      next[owner] += 1
      return back[owner][place]
    }
  }

  private static func mismatch(_ wanted: Int, _ found: Int) -> LockstepError {
    LockstepError(.internalInconsistency, "\(found) values have come for \(wanted) rows")
  }
}
