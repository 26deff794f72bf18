// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

/// What a sweep left: everything that must be the same to the last bit, however it came about.
struct SweepResult: Equatable {
  var labels: [Int32]
  var sums: [UInt64]
  var counts: [Int]
  var changedCount: Int
}

/// Runs Lloyd's iteration sweep by sweep, with bounds or without. Empty clusters stay where they are.
struct LloydRun<Element: KernelElement> {
  let rows: [Element]
  let columnCount: Int
  let bounds: LloydBounds?
  /// Rows are handed over in blocks of this many.
  var blockRows = 1_000_000
  private(set) var panels: CentroidPanels
  private(set) var scoredCount = 0
  private var labels: [Int32]
  private var memory: [Float]
  private var isFirst = true

  init(_ rows: [Element], start: [Double], columnCount p: Int, bounds: LloydBounds?) {
    self.rows = rows
    columnCount = p
    self.bounds = bounds
    panels = CentroidPanels(start, shift: columnMeans(start, columnCount: p), groupCount: bounds?.groupCount ?? 1)
    labels = [Int32](repeating: -7, count: rows.count / p)
    memory = [Float](repeating: .nan, count: rows.count / p * (bounds?.floatsPerRow ?? 0))
  }

  mutating func sweep() -> SweepResult {
    let p = columnCount
    let n = rows.count / p
    let k = panels.clusterCount
    var sums = [Double](repeating: 0, count: k * p)
    var counts = [Int](repeating: 0, count: k)
    var changed = 0
    for first in stride(from: 0, to: n, by: blockRows) {
      let count = min(blockRows, n - first)
      rows.withUnsafeBufferPointer { elements in
        labels.withUnsafeMutableBufferPointer { labels in
          memory.withUnsafeMutableBufferPointer { memory in
            guard let elements = elements.baseAddress, let labels = labels.baseAddress else { return }
            let outcome = panels.assign(
              KernelRows(elements + first * p, rowCount: count, columnCount: p), labels: labels + first,
              bounds: bounds.flatMap { b in memory.baseAddress.map { $0 + first * b.floatsPerRow } },
              isFirstSweep: isFirst, sums: &sums, counts: &counts)
            changed += outcome.changedCount
            scoredCount += outcome.scoredCount
          }
        }
      }
    }
    isFirst = false
    let result = SweepResult(
      labels: labels, sums: sums.map(\.bitPattern), counts: counts, changedCount: changed)
    var centroids = panels.centroids
    for c in 0..<k where counts[c] > 0 {
      for j in 0..<p { centroids[c * p + j] = panels.shift[j] + sums[c * p + j] / Double(counts[c]) }
    }
    panels = CentroidPanels(centroids, shift: columnMeans(centroids, columnCount: p), following: panels)
    return result
  }
}

/// The plain algorithm in Swift: the definition that the kernels must meet to the last bit.
func referenceSweep(_ rows: [Double], centroids: [Double], shift: [Double]) -> (labels: [Int32], sums: [UInt64]) {
  let p = shift.count
  let k = centroids.count / p
  var sums = [Double](repeating: 0, count: k * p)
  var labels: [Int32] = []
  for i in 0..<rows.count / p {
    let y = (0..<p).map { rows[i * p + $0] - shift[$0] }
    var best = Double.infinity
    var label = 0
    for c in 0..<k {
      let z = (0..<p).map { centroids[c * p + $0] - shift[$0] }
      var score = 0.5 * z.reduce(0) { $0.addingProduct($1, $1) }
      for j in 0..<p { score.addProduct(-z[j], y[j]) }
      if score < best { (best, label) = (score, c) }
    }
    labels.append(Int32(label))
    for j in 0..<p { sums[label * p + j] += y[j] }
  }
  return (labels, sums.map(\.bitPattern))
}

/// The levels that this CPU runs.
let levels: [KernelLevel] = {
  let current = KernelLevel.current
  defer { current.use() }
  return KernelLevel.allCases.filter { $0.use() }
}()
