// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

extension SparseRows {
  /// Finds the nearest centroid of each row and, if asked, adds the rows of each cluster up.
  @discardableResult
  public func assign(
    to panels: CentroidPanels, labels: UnsafeMutableBufferPointer<Int32>, bounds: UnsafeMutableBufferPointer<Float>?,
    isFirstSweep: Bool, sums: ClusterSumsBuffer?
  ) -> Int {
    precondition(labels.count == rowCount, "\(labels.count) labels for \(rowCount) rows")
    guard let first = labels.baseAddress else { return 0 }
    return withKernelRows {
      panels.assign(
        $0, labels: first, bounds: bounds?.baseAddress, isFirstSweep: isFirstSweep, sums: sums?.sums.baseAddress,
        counts: sums?.counts.baseAddress, keepsSums: sums?.holdsLastSweep ?? false,
        weights: sums?.weights?.rows.baseAddress, clusterWeights: sums?.weights?.clusters.baseAddress
      ).changedCount
    }
  }

  /// The sum of ‖xᵢ − c(labelᵢ)‖² over the rows in order, and the terms if asked.
  @discardableResult
  public func squaredDistances(
    to centroids: [Double], labels: UnsafeBufferPointer<Int32>, into distances: UnsafeMutableBufferPointer<Double>?
  ) -> Double {
    precondition(labels.count == rowCount, "\(labels.count) labels for \(rowCount) rows")
    guard let first = labels.baseAddress else { return 0 }
    return withKernelRows { $0.squaredDistances(to: centroids, labels: first, into: distances?.baseAddress) }
  }

  /// Lowers each row's entry to ‖xᵢ − center‖² where that is less.
  public func lowerMinimums(to center: [Double], _ minimums: UnsafeMutableBufferPointer<Double>) {
    precondition(minimums.count == rowCount && center.count == columnCount, "one minimum a row, one number a column")
    guard let first = minimums.baseAddress else { return }
    withKernelRows { $0.lowerMinimums(to: center, first) }
  }
}
