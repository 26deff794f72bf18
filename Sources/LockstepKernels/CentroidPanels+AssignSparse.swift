// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

extension CentroidPanels {
  /// Finds the nearest centroid of each sparse row, and adds the rows of each cluster up, as for dense rows.
  @discardableResult
  package func assign<Element>(
    _ rows: KernelSparseRows<Element>, labels: UnsafeMutablePointer<Int32>,
    bounds: UnsafeMutablePointer<Float>? = nil, isFirstSweep: Bool, sums: UnsafeMutablePointer<Double>? = nil,
    counts: UnsafeMutablePointer<Int>? = nil, keepsSums: Bool = false, weights: UnsafePointer<Double>? = nil,
    clusterWeights: UnsafeMutablePointer<Double>? = nil
  ) -> Outcome {
    precondition(rows.columnCount == columnCount, "rows of \(rows.columnCount) columns, centroids of \(columnCount)")
    precondition((sums == nil) == (counts == nil), "sums and counts go together")
    precondition((weights == nil) == (clusterWeights == nil), "the weights of rows and of clusters go together")
    let n = rows.rowCount
    // Clusters that are summed: all, or those that a row has come to or left.
    let sumsTouchedOnly = keepsSums && !isFirstSweep
    var isTouched = [Bool](repeating: !sumsTouchedOnly, count: clusterCount)
    let outcome =
      rows.isScattered
      ? assignScattered(rows, labels: labels, bounds: bounds, isFirstSweep: isFirstSweep, isTouched: &isTouched)
      : assignEntries(rows, labels: labels, bounds: bounds, isFirstSweep: isFirstSweep, isTouched: &isTouched)
    guard let sums, let counts, isTouched.contains(true), n > 0 else { return outcome }
    if keepsSums {
      for c in 0..<clusterCount where isTouched[c] {
        counts[c] = 0
        clusterWeights?[c] = 0
        (sums + c * columnCount).update(repeating: 0, count: columnCount)
      }
    }
    let to = lockstep_cluster_sums(
      sums: sums, counts: counts, keeps: keepsSums, weights: weights, cluster_weights: clusterWeights)
    withUnsafePointer(to: to) {
      if rows.isScattered {
        var row = [Double](repeating: 0, count: columnCount)
        lockstep_sparse_add_rows(rows.view, view.shift, labels, isTouched, $0, &row)
      } else {
        var added = [Double](repeating: 0, count: clusterCount)
        lockstep_sparse_add_entries(rows.view, view.shift, labels, isTouched, clusterCount, $0, &added)
      }
    }
    return outcome
  }

  /// The dense kernel on dense copies of a few rows at a time.
  private func assignScattered<Element>(
    _ rows: KernelSparseRows<Element>, labels: UnsafeMutablePointer<Int32>, bounds: UnsafeMutablePointer<Float>?,
    isFirstSweep: Bool, isTouched: inout [Bool]
  ) -> Outcome {
    let before = isFirstSweep ? [] : Array(UnsafeBufferPointer(start: labels, count: rows.rowCount))
    var outcome = Outcome(changedCount: 0, scoredCount: 0)
    rows.forEachStrip { strip, first in
      let part = assign(
        strip, labels: labels + first, bounds: bounds.map { $0 + first * (1 + groupCount) },
        isFirstSweep: isFirstSweep)
      outcome.changedCount += part.changedCount
      outcome.scoredCount += part.scoredCount
    }
    for (i, label) in before.enumerated() where label != labels[i] {
      // A label of −1 is none yet.
      if label >= 0 { isTouched[Int(label)] = true }
      isTouched[Int(labels[i])] = true
    }
    return outcome
  }

  /// The kernel that reads stored entries only.
  private func assignEntries<Element>(
    _ rows: KernelSparseRows<Element>, labels: UnsafeMutablePointer<Int32>, bounds: UnsafeMutablePointer<Float>?,
    isFirstSweep: Bool, isTouched: inout [Bool]
  ) -> Outcome {
    let scratchCount = lockstep_sparse_sweep_scratch(clusterCount, groupCount) / 8
    var scratch = [Double](repeating: 0, count: scratchCount)
    var scored = 0
    let changed = withUnsafePointer(to: view) { view in
      withUnsafePointer(to: sparseView) { sparse in
        lockstep_sparse_sweep(
          view, sparse, rows.view, labels, bounds, isFirstSweep, &isTouched, &scratch, &scored)
      }
    }
    return Outcome(changedCount: changed, scoredCount: scored)
  }
}
