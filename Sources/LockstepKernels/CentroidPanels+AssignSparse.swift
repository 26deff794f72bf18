// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

extension CentroidPanels {
  /// Finds the nearest centroid of each sparse row, and adds the rows of each cluster up, as the ``assign`` of dense rows.
  @discardableResult
  public func assign<Element>(
    _ rows: KernelSparseRows<Element>, labels: UnsafeMutablePointer<Int32>,
    bounds: UnsafeMutablePointer<Float>? = nil, isFirstSweep: Bool, sums: UnsafeMutablePointer<Double>? = nil,
    counts: UnsafeMutablePointer<Int>? = nil, keepsSums: Bool = false
  ) -> Outcome {
    precondition(rows.columnCount == columnCount, "rows of \(rows.columnCount) columns, centroids of \(columnCount)")
    precondition((sums == nil) == (counts == nil), "sums and counts go together")
    let n = rows.rowCount
    let comparesLabels = sums != nil && keepsSums && !isFirstSweep
    return withUnsafeTemporaryAllocation(of: Int32.self, capacity: comparesLabels ? n : 0) { before in
      if comparesLabels { _ = before.initialize(from: UnsafeBufferPointer(start: labels, count: n)) }
      var outcome = Outcome(changedCount: 0, scoredCount: 0)
      rows.forEachStrip { strip, first in
        let part = assign(
          strip, labels: labels + first, bounds: bounds.map { $0 + first * (1 + groupCount) },
          isFirstSweep: isFirstSweep)
        outcome.changedCount += part.changedCount
        outcome.scoredCount += part.scoredCount
      }
      guard let sums, let counts else { return outcome }
      // Clusters that are summed: all, or those that a row has come to or left.
      var isWanted = [Bool](repeating: !comparesLabels, count: clusterCount)
      if comparesLabels {
        for i in 0..<n where before[i] != labels[i] {
          isWanted[Int(before[i])] = true
          isWanted[Int(labels[i])] = true
        }
      }
      if keepsSums {
        for c in 0..<clusterCount where isWanted[c] {
          counts[c] = 0
          (sums + c * columnCount).update(repeating: 0, count: columnCount)
        }
      }
      guard isWanted.contains(true) else { return outcome }
      withUnsafeTemporaryAllocation(of: Double.self, capacity: columnCount) { row in
        guard let scratch = row.baseAddress else { return }
        lockstep_sparse_add_rows(rows.view, view.shift, labels, isWanted, sums, counts, scratch)
      }
      return outcome
    }
  }
}
