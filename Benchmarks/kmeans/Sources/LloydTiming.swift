// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import LockstepKernels

/// One timed run: 20 sweeps, and the objective of the last centroids.
///
/// Unchecked: the threads write to parts of the arrays that do not overlap.
final class LloydTiming<Element: KernelElement>: @unchecked Sendable {
  private let rows: UnsafePointer<Element>
  private let rowCount: Int
  private let columnCount: Int
  private let clusterCount: Int
  private let threadCount: Int
  private let bounds: LloydBounds?
  private let blockRows: Int
  private var centroids: [Double]
  private let labels: UnsafeMutablePointer<Int32>
  private let memory: UnsafeMutablePointer<Float>
  private let sums: UnsafeMutablePointer<Double>
  private let counts: UnsafeMutablePointer<Int>
  private let objectives: UnsafeMutablePointer<Double>
  private let changed: UnsafeMutablePointer<Int>
  private let scored: UnsafeMutablePointer<Int>
  private let codeScale: CodeScale?
  private let codes: UnsafeMutableBufferPointer<UInt8>
  private let squares: UnsafeMutableBufferPointer<Int32>
  private let errors: UnsafeMutableBufferPointer<Float>
  private let clock = ContinuousClock()

  init(
    _ elements: UnsafePointer<Element>, _ array: NPYArray, _ start: [Double], _ threads: Int, _ isPlain: Bool
  ) {
    rows = elements
    rowCount = array.rowCount
    columnCount = array.columnCount
    clusterCount = start.count / columnCount
    threadCount = threads
    centroids = start
    let rowBytes = columnCount * MemoryLayout<Element>.size
    bounds = isPlain ? nil : LloydBounds(clusterCount: clusterCount, byteBudgetPerRow: rowBytes / 10)
    blockRows = max(64, (1 << 20) / rowBytes / 64 * 64)
    let blocks = (rowCount + blockRows - 1) / blockRows
    labels = .allocate(capacity: rowCount)
    labels.initialize(repeating: 0, count: rowCount)
    memory = .allocate(capacity: rowCount * (bounds?.floatsPerRow ?? 0) + 1)
    memory.initialize(repeating: 0, count: rowCount * (bounds?.floatsPerRow ?? 0))
    sums = .allocate(capacity: blocks * clusterCount * columnCount)
    counts = .allocate(capacity: blocks * clusterCount)
    sums.initialize(repeating: 0, count: blocks * clusterCount * columnCount)
    counts.initialize(repeating: 0, count: blocks * clusterCount)
    objectives = .allocate(capacity: blocks)
    changed = .allocate(capacity: blocks)
    scored = .allocate(capacity: blocks)
    codeScale =
      isPlain || CommandLine.arguments.contains("uncoded") ? nil : Self.scale(for: start, columnCount: columnCount)
    codes = .allocate(capacity: blocks * blockRows * (codeScale?.bytesPerRow ?? 0))
    squares = .allocate(capacity: blocks * blockRows)
    errors = .allocate(capacity: blocks * blockRows)
    codes.initialize(repeating: 0)
    squares.initialize(repeating: 0)
    errors.initialize(repeating: 0)
  }

  /// A scale for rows like the starting centroids, about their means.
  private static func scale(for start: [Double], columnCount: Int) -> CodeScale? {
    let means = Self.columnMeans(start, columnCount: columnCount)
    let farthest = start.indices.map { abs(start[$0] - means[$0 % columnCount]) }.max() ?? 0
    return CodeScale(shift: means, step: farthest * 1.1 / 127)
  }

  private func codesOfBlock(_ block: Int, _ count: Int) -> RowCodesBuffer? {
    guard let codeScale else { return nil }
    let bytes = codeScale.bytesPerRow
    let first = block * blockRows
    return RowCodesBuffer(
      codeScale,
      codes: UnsafeMutableBufferPointer(rebasing: codes[first * bytes..<(first + (count + 15) / 16 * 16) * bytes]),
      squares: UnsafeMutableBufferPointer(rebasing: squares[first..<first + count]),
      errors: UnsafeMutableBufferPointer(rebasing: errors[first..<first + count]))
  }

  deinit {
    labels.deallocate()
    memory.deallocate()
    sums.deallocate()
    counts.deallocate()
    objectives.deallocate()
    changed.deallocate()
    scored.deallocate()
    codes.deallocate()
    squares.deallocate()
    errors.deallocate()
  }

  private var blockCount: Int { (rowCount + blockRows - 1) / blockRows }

  private func forEachBlock(_ body: @Sendable @escaping (_ block: Int, _ first: Int, _ count: Int) -> Void) {
    let threads = threadCount
    let blocks = blockCount
    let size = blockRows
    let total = rowCount
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      // Contiguous halves: each thread walks through memory in order.
      for block in blocks * thread / threads..<blocks * (thread + 1) / threads {
        body(block, block * size, min(size, total - block * size))
      }
    }
  }

  func run() {
    let k = clusterCount
    let p = columnCount
    var panels = CentroidPanels(
      centroids, shift: Self.columnMeans(centroids, columnCount: p), groupCount: bounds?.groupCount ?? 1,
      codeScale: codeScale)
    var sweepSeconds: [Double] = []
    var shares: [Double] = []
    var changes: [Int] = []
    let started = clock.now
    let cpuStarted = processorSeconds()
    for sweep in 0..<20 {
      let sweepStarted = processorSeconds()
      let current = panels
      forEachBlock { [self] block, first, count in
        let sum = sums + block * k * p
        let number = counts + block * k
        let view = KernelRows(
          UnsafeBufferPointer(start: rows + first * p, count: count * p), rowCount: count, columnCount: p)
        let coded = codesOfBlock(block, count)
        if sweep == 0, let coded { view.encode(into: coded) }
        let outcome = current.assign(
          view, labels: labels + first, bounds: bounds.map { memory + first * $0.floatsPerRow }, codes: coded,
          isFirstSweep: sweep == 0, sums: sum, counts: number,
          keepsSums: true)
        changed[block] = outcome.changedCount
        scored[block] = outcome.scoredCount
      }
      var totals = [Double](repeating: 0, count: k * p)
      var sizes = [Int](repeating: 0, count: k)
      for block in 0..<blockCount {
        for i in 0..<k * p { totals[i] += sums[block * k * p + i] }
        for c in 0..<k { sizes[c] += counts[block * k + c] }
      }
      for c in 0..<k where sizes[c] > 0 {
        for j in 0..<p { centroids[c * p + j] = current.shift[j] + totals[c * p + j] / Double(sizes[c]) }
      }
      panels = CentroidPanels(centroids, shift: current.shift, following: current)
      changes.append((0..<blockCount).reduce(0) { $0 + changed[$1] })
      sweepSeconds.append(processorSeconds() - sweepStarted)
      shares.append(Double((0..<blockCount).reduce(0) { $0 + scored[$1] }) / Double(rowCount * k))
    }
    let total = seconds(since: started)
    let processor = processorSeconds() - cpuStarted

    let final = panels
    let objectiveStarted = clock.now
    forEachBlock { [self] block, first, count in
      let view = KernelRows(
        UnsafeBufferPointer(start: rows + first * p, count: count * p), rowCount: count, columnCount: p)
      final.assign(view, labels: labels + first, isFirstSweep: false)
      objectives[block] = final.centroids.withUnsafeBufferPointer {
        $0.baseAddress.map { view.squaredDistances(to: $0, labels: labels + first, into: nil) } ?? 0
      }
    }
    let objective = (0..<blockCount).reduce(0.0) { $0 + objectives[$1] }
    let rate = 2 * Double(rowCount * k * p) * shares.reduce(0, +) / total / 1e9
    print(
      "20 sweeps \(rounded(total)) s (processor \(rounded(processor)) s), groups \(bounds?.groupCount ?? 0),",
      "scored \(rounded(100 * shares.reduce(0, +) / 20)) %, \(rounded(rate)) GFLOP/s,",
      "objective \(objective) in \(rounded(seconds(since: objectiveStarted))) s")
    print("  processor, each sweep (ms):", sweepSeconds.map { rounded(1000 * $0) }.joined(separator: " "))
    print("  changed:", changes.map(String.init).joined(separator: " "))
    print("  scored (%):", shares.map { rounded(100 * $0) }.joined(separator: " "))
  }

  private static func columnMeans(_ centroids: [Double], columnCount: Int) -> [Double] {
    let clusterCount = centroids.count / columnCount
    var means = [Double](repeating: 0, count: columnCount)
    for c in 0..<clusterCount {
      for j in 0..<columnCount { means[j] += centroids[c * columnCount + j] / Double(clusterCount) }
    }
    return means
  }

  private func seconds(since start: ContinuousClock.Instant) -> Double {
    let parts = (clock.now - start).components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }

  private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private func rounded(_ value: Double) -> String {
    let scaled = (value * 1000).rounded() / 1000
    return value >= 100 ? "\(Int(value.rounded()))" : "\(scaled)"
  }
}
