// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

/// Rows whose numbers can be rounded to bytes, from which bounds of distances follow.
package protocol CodedRows: RowBlock {
  /// Fills the codes of these rows.
  func encode(into codes: RowCodesBuffer)
  /// Calls `body` with the rows that are nearer to one of the centres than the root of their minimum, ascending, and their
  /// squared distance from the nearest.
  func forEachNearerRow(
    to centres: CentreCodes, codes: RowCodesBuffer, reaches: UnsafeMutableBufferPointer<Float>,
    minimums: UnsafeMutableBufferPointer<Double>, _ body: (Int, Double) -> Void)
  /// As ``ClusteringKernels/assign(to:labels:bounds:isFirstSweep:sums:)``, with codes that spare scores and change nothing.
  @discardableResult
  func assign(
    to panels: CentroidPanels, labels: UnsafeMutableBufferPointer<Int32>, bounds: UnsafeMutableBufferPointer<Float>?,
    codes: RowCodesBuffer, isFirstSweep: Bool, sums: ClusterSumsBuffer?
  ) -> Int
}

extension RowBlock {
  /// These rows, or those that they accompany, if their numbers can be rounded to bytes.
  package var codedRows: (any CodedRows)? {
    ((self as? SupervisedRows)?.features ?? self) as? any CodedRows
  }
}

extension DenseRows: CodedRows {
  /// Fills the codes of these rows.
  package func encode(into codes: RowCodesBuffer) { withKernelRows { $0.encode(into: codes) } }

  /// Finds the nearest centroid of each row and, if asked, adds the rows of each cluster up.
  @discardableResult
  package func assign(
    to panels: CentroidPanels, labels: UnsafeMutableBufferPointer<Int32>, bounds: UnsafeMutableBufferPointer<Float>?,
    codes: RowCodesBuffer, isFirstSweep: Bool, sums: ClusterSumsBuffer?
  ) -> Int {
    precondition(labels.count == rowCount, "\(labels.count) labels for \(rowCount) rows")
    guard let first = labels.baseAddress else { return 0 }
    return withKernelRows {
      panels.assign(
        $0, labels: first, bounds: bounds?.baseAddress, codes: codes, isFirstSweep: isFirstSweep,
        sums: sums?.sums.baseAddress, counts: sums?.counts.baseAddress, keepsSums: sums?.holdsLastSweep ?? false,
        weights: sums?.weights?.rows.baseAddress, clusterWeights: sums?.weights?.clusters.baseAddress
      ).changedCount
    }
  }

  /// Calls `body` with the rows that are nearer to one of the centres than the root of their minimum, ascending.
  package func forEachNearerRow(
    to centres: CentreCodes, codes: RowCodesBuffer, reaches: UnsafeMutableBufferPointer<Float>,
    minimums: UnsafeMutableBufferPointer<Double>, _ body: (Int, Double) -> Void
  ) {
    precondition(reaches.count == rowCount && minimums.count == rowCount, "a reach and a minimum a row")
    guard let reachesStart = reaches.baseAddress, let minimumsStart = minimums.baseAddress else { return }
    withKernelRows {
      $0.forEachNearerRow(to: centres, codes: codes, reaches: reachesStart, minimums: minimumsStart, body)
    }
  }
}
