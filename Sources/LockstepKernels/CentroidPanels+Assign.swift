// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

extension CentroidPanels {
  /// What one sweep did over some rows.
  public struct Outcome: Sendable, Equatable {
    /// How many labels differ from those before; the number of rows in a first sweep.
    public var changedCount: Int
    /// How many scores were computed, those of the padding of groups included.
    public var scoredCount: Int
  }

  /// Finds the nearest centroid of each row, and adds the rows of each cluster up.
  ///
  /// - Parameters:
  ///   - rows: The rows, n × p. All finite; a row with a NaN gets label 0.
  ///   - labels: n numbers: the index of each row's centroid. Read too, unless `isFirstSweep`.
  ///   - bounds: n × `LloydBounds.floatsPerRow` numbers, written by the first sweep of a run and read and written by those
  ///     that follow it, each with panels made by `init(_:shift:following:)` from the panels of the sweep before. Nil
  ///     computes every score.
  ///   - codes: The rows' codes, of the panels' ``codeScale``: they spare scores, and change nothing.
  ///   - isFirstSweep: Whether labels and bounds hold nothing yet.
  ///   - sums: k × p numbers, to each of which the rows of its cluster are added, less the shift, row by row in order;
  ///     nil, with `counts`, if not wanted.
  ///   - counts: k numbers, to each of which the number of rows of its cluster is added.
  ///   - keepsSums: Sets `sums` and `counts` instead of adding to them. Unless `isFirstSweep` they must hold what the sweep
  ///     before left there, for the same rows and the same shift: then only clusters that a row has come to or left are
  ///     summed again, by the same additions, and most rows need not even be read once few labels change.
  ///   - weights: How often each row counts, n numbers; nil for ones. With them `counts` has the rows whose weight is not 0.
  ///   - clusterWeights: k numbers, to each of which the weights of its cluster's rows are added; with `weights` only.
  /// - Returns: How many labels changed, and how many scores that took.
  /// - Complexity: n k p fused multiply-adds at most.
  @discardableResult
  package func assign<Element>(
    _ rows: KernelRows<Element>, labels: UnsafeMutablePointer<Int32>, bounds: UnsafeMutablePointer<Float>? = nil,
    codes: RowCodesBuffer? = nil, isFirstSweep: Bool, sums: UnsafeMutablePointer<Double>? = nil,
    counts: UnsafeMutablePointer<Int>? = nil,
    keepsSums: Bool = false, weights: UnsafePointer<Double>? = nil, clusterWeights: UnsafeMutablePointer<Double>? = nil
  ) -> Outcome {
    precondition(rows.columnCount == columnCount, "rows of \(rows.columnCount) columns, centroids of \(columnCount)")
    precondition((sums == nil) == (counts == nil), "sums and counts go together")
    precondition((weights == nil) == (clusterWeights == nil), "the weights of rows and of clusters go together")
    var scored = 0
    let changed = withUnsafeTemporaryAllocation(
      byteCount: lockstep_lloyd_scratch(clusterCount, columnCount, groupCount), alignment: 64
    ) { scratch in
      guard let memory = scratch.baseAddress else { preconditionFailure("no scratch memory") }
      func sweep(_ codes: UnsafePointer<lockstep_row_codes>?) -> Int {
        withUnsafePointer(to: view) { view in
          guard let sums, let counts else {
            return lockstep_lloyd_sweep(view, rows.view, codes, labels, bounds, isFirstSweep, nil, memory, &scored)
          }
          let to = lockstep_cluster_sums(
            sums: sums, counts: counts, keeps: keepsSums, weights: weights, cluster_weights: clusterWeights)
          return withUnsafePointer(to: to) {
            lockstep_lloyd_sweep(view, rows.view, codes, labels, bounds, isFirstSweep, $0, memory, &scored)
          }
        }
      }
      guard let codes, view.codes.count > 0 else { return sweep(nil) }
      return codes.withView { withUnsafePointer(to: $0) { sweep($0) } }
    }
    return Outcome(changedCount: changed, scoredCount: scored)
  }
}
