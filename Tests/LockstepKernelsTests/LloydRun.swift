// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

/// What a sweep left: everything that must be the same to the last bit, however it came about.
struct SweepResult: Equatable {
  var labels: [Int32]
  var sums: [UInt64]
  var counts: [Int]
  var changedCount: Int
}

/// Runs Lloyd's iteration sweep by sweep, with bounds or without.
///
/// Empty clusters stay where they are.
///
/// With bounds, the sums of each block are kept from sweep to sweep; without, they are added up afresh.
struct LloydRun<Element: KernelElement> {
  let rows: [Element]
  let columnCount: Int
  let bounds: LloydBounds?
  let blockRows: Int
  private(set) var panels: CentroidPanels
  private(set) var scoredCount = 0
  private var labels: [Int32]
  private var memory: [Float]
  private var sums: [Double]
  private var counts: [Int]
  private var isFirst = true
  /// Each block's, or none.
  private var codes: [AllKernelTests.RowCodesTests.Codes] = []

  init(
    _ rows: [Element], start: [Double], columnCount p: Int, bounds: LloydBounds?, blockRows: Int = 1000,
    codeStep: Double? = nil
  ) {
    self.rows = rows
    columnCount = p
    self.bounds = bounds
    self.blockRows = blockRows
    let shift = columnMeans(start, columnCount: p)
    let scale = codeStep.flatMap { CodeScale(shift: shift, step: $0) }
    panels = CentroidPanels(start, shift: shift, groupCount: bounds?.groupCount ?? 1, codeScale: scale)
    labels = [Int32](repeating: -7, count: rows.count / p)
    memory = [Float](repeating: .nan, count: rows.count / p * (bounds?.floatsPerRow ?? 0))
    let blocks = (rows.count / p + blockRows - 1) / blockRows
    sums = [Double](repeating: .nan, count: blocks * panels.centroids.count)
    counts = [Int](repeating: -1, count: blocks * panels.clusterCount)
    guard let scale else { return }
    for first in stride(from: 0, to: rows.count / p, by: blockRows) {
      let count = min(blockRows, rows.count / p - first)
      let of = AllKernelTests.RowCodesTests.Codes(scale, rowCount: count)
      if let buffer = of.buffer {
        testRows(Array(rows[first * p..<(first + count) * p]), columnCount: p).encode(into: buffer)
      }
      codes.append(of)
    }
  }

  /// One sweep; then the centroids become the means of their rows, or `next`.
  mutating func sweep(then next: [Double]? = nil) -> SweepResult {
    let p = columnCount
    let n = rows.count / p
    let k = panels.clusterCount
    if bounds == nil {
      sums = sums.map { _ in 0 }
      counts = counts.map { _ in 0 }
    }
    var changed = 0
    for (block, first) in stride(from: 0, to: n, by: blockRows).enumerated() {
      let outcome = assign(block: block, rows: first..<min(n, first + blockRows))
      changed += outcome.changedCount
      scoredCount += outcome.scoredCount
    }
    isFirst = false
    let result = SweepResult(
      labels: labels, sums: sums.map(\.bitPattern), counts: counts, changedCount: changed)
    var centroids = panels.centroids
    for c in 0..<k {
      let size = stride(from: c, to: counts.count, by: k).reduce(0) { $0 + counts[$1] }
      for j in 0..<p where size > 0 {
        let sum = stride(from: c * p + j, to: sums.count, by: k * p).reduce(0) { $0 + sums[$1] }
        centroids[c * p + j] = panels.shift[j] + sum / Double(size)
      }
    }
    panels = CentroidPanels(next ?? centroids, shift: panels.shift, following: panels)
    return result
  }

  private mutating func assign(block: Int, rows range: Range<Int>) -> CentroidPanels.Outcome {
    let k = panels.clusterCount
    let p = columnCount
    return rows.withUnsafeBufferPointer { rows in
      labels.withUnsafeMutableBufferPointer { labels in
        memory.withUnsafeMutableBufferPointer { memory in
          sums.withUnsafeMutableBufferPointer { sums in
            counts.withUnsafeMutableBufferPointer { counts in
              panels.assign(
                KernelRows(
                  UnsafeBufferPointer(rebasing: rows[(range.lowerBound * p)...]), rowCount: range.count, columnCount: p),
                labels: start(labels, range.lowerBound),
                bounds: bounds.map { start(memory, range.lowerBound * $0.floatsPerRow) },
                codes: codes.isEmpty ? nil : codes[block].buffer,
                isFirstSweep: isFirst, sums: start(sums, block * k * p),
                counts: start(counts, block * k),
                keepsSums: bounds != nil)
            }
          }
        }
      }
    }
  }
}

/// The address of an element of memory that is not empty.
func start<T>(_ memory: UnsafeMutableBufferPointer<T>, _ index: Int) -> UnsafeMutablePointer<T> {
  guard let start = UnsafeMutableBufferPointer(rebasing: memory[index...]).baseAddress else {
    preconditionFailure("no memory")
  }
  return start
}

/// Rows for a test: a copy of `elements` that is never freed.
func testRows<Element: KernelElement>(_ elements: [Element], columnCount: Int, rowStride: Int? = nil) -> KernelRows<
  Element
> {
  let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
  _ = copy.initialize(fromContentsOf: elements)
  let stride = rowStride ?? columnCount
  return KernelRows(
    UnsafeBufferPointer(copy), rowCount: elements.count / stride, columnCount: columnCount, rowStride: stride)
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
