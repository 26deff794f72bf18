// SPDX-License-Identifier: Apache-2.0

/// How often rows would be swept, and how many bytes each of many processes would send and receive, for a run that was logged on one.
///
/// The forests of summaries are made as the sweeps make them, with nothing in them; the messages follow the trees of the collectives.
/// Exact but for what depends on the rows themselves: summaries whose size does, and the number of iterations.
package struct MessagePlan: Sendable {
  /// The number of sweeps over the rows.
  package let sweepCount: Int
  /// The bytes that each rank sends and receives.
  package let byteCounts: [Int]

  /// A plan for ranks of so many rows each.
  package init(_ steps: [CollectiveLog.Step], rowCounts: [Int]) {
    sweepCount = steps.count { $0.isSweep }
    var starts = [0]
    for count in rowCounts { starts.append(starts[starts.count - 1] + count) }
    var totals = [Double](repeating: 0, count: rowCounts.count)
    var forests: [Sweep: [Forest]] = [:]
    if rowCounts.count > 1 {
      for step in steps {
        let sweep = Sweep(blockRowCount: step.blockRowCount, rows: step.rows)
        if step.isSweep, forests[sweep] == nil { forests[sweep] = Self.forests(starts, of: sweep) }
        Self.add(step, starts, forests[sweep] ?? [], to: &totals)
      }
    }
    byteCounts = totals.map { Int($0.rounded()) }
  }

  /// A summary of nothing.
  private struct Nothing: Mergeable { mutating func merge(_ later: Self) {} }
  private typealias Forest = BlockForest<Nothing>
  /// What decides which blocks are summarized.
  private struct Sweep: Hashable {
    var blockRowCount: Int
    var rows: Range<Double>?
  }

  /// The forest of each rank's blocks.
  private static func forests(_ starts: [Int], of sweep: Sweep) -> [Forest] {
    let blockRowCount = sweep.blockRowCount
    let rowCount = Double(starts[starts.count - 1])
    let swept = sweep.rows.map { $0.lowerBound * rowCount..<$0.upperBound * rowCount }
    func isSwept(_ block: Int) -> Bool {
      guard let swept else { return true }
      return Double(block * blockRowCount) < swept.upperBound && Double((block + 1) * blockRowCount) > swept.lowerBound
    }
    return (0..<starts.count - 1).map { rank in
      var forest = Forest()
      // A block is its first row's.
      let blocks = (starts[rank] + blockRowCount - 1) / blockRowCount
      let end = (starts[rank + 1] + blockRowCount - 1) / blockRowCount
      for block in blocks..<max(blocks, end) where isSwept(block) { forest.append(block: block, Nothing()) }
      return forest
    }
  }

  private static func add(_ step: CollectiveLog.Step, _ starts: [Int], _ forests: [Forest], to totals: inout [Double]) {
    let size = totals.count
    func transfer(_ byteCount: Double, _ a: Int, _ b: Int) {
      totals[a] += byteCount
      totals[b] += byteCount
    }
    if step.fragmentByteCountPerRow > 0 {
      for rank in 1..<size {
        let start = starts[rank]
        let blockStart = start / step.blockRowCount * step.blockRowCount
        guard blockStart < start, start < starts[rank + 1] else { continue }
        let count = min(starts[rank + 1], blockStart + step.blockRowCount) - start
        let owner = starts[..<rank].lastIndex { $0 <= blockStart } ?? 0
        transfer(step.fragmentByteCountPerRow * Double(count), rank, owner)
      }
      return
    }
    if let exchange = step.exchange {
      let byteCounts = exchange.byteCounts((0..<size).map { starts[$0 + 1] - starts[$0] })
      for source in 0..<size {
        for destination in 0..<size where destination != source {
          transfer(byteCounts[source][destination], source, destination)
        }
      }
      return
    }
    // Up: a rank sends what it and those that it has heard of hold to the rank without its lowest bit.
    var held = forests
    var heardOf = [Int](repeating: 1, count: size)
    var bit = 1
    while bit < size {
      for rank in stride(from: bit, to: size, by: 2 * bit) {
        let parent = rank - bit
        let nodeCount = step.isSweep ? held[rank].nodes.count : 0
        let share = Double(starts[rank + heardOf[rank]] - starts[rank]) / Double(max(starts[size], 1))
        let byNodes = (step.byteCountPerNode + step.seedByteCount) * Double(nodeCount)
        let byRanks = step.byteCountPerRank * Double(heardOf[rank])
        transfer(step.fixedByteCount + byRanks + byNodes + step.byteCountOfAllRows * share, rank, parent)
        heardOf[parent] += heardOf[rank]
        if step.isSweep { held[parent].append(contentsOf: held[rank]) }
      }
      bit <<= 1
    }
    // Down: each rank but the first receives from the one without its highest bit.
    let output = step.outputByteCount + step.outputByteCountPerRank * Double(size)
    for rank in 1..<size {
      var bit = 1
      while bit << 1 <= rank { bit <<= 1 }
      transfer(output, rank, rank - bit)
    }
  }
}
