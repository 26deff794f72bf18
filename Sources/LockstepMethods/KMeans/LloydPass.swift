// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import LockstepReduction
import LockstepTables

/// One sweep of Lloyd's algorithm: assigns each row to its nearest centroid and sums the rows of each cluster.
///
/// The output depends on the rows and the centroids alone. What is in `memory` only spares work, but for the count of
/// changed labels, which compares with the labels of the sweep before.
struct LloydPass: Pass {
  let panels: CentroidPanels
  let memory: LloydMemory
  let isFirstSweep: Bool
  let weights: RowWeights?

  func blockRowCount(columnCount: Int) -> Int {
    Self.blockRowCount(clusterCount: panels.clusterCount)
  }

  /// Blocks of 64 rows for each cluster, from 2,048 to 16,384.
  ///
  /// Large enough that making and merging k × p sums stays small beside a sweep that skips most rows, about a fiftieth of it;
  /// small enough that late in the fit most blocks keep most of their sums, since no row of those clusters moves.
  static func blockRowCount(clusterCount: Int) -> Int {
    min(max(BlockSize.powerOfTwo(atLeast: 64 * clusterCount), 2048), 16384)
  }

  func makePartial(columnCount: Int) -> ClusterSums {
    ClusterSums(
      clusterCount: panels.clusterCount, columnCount: columnCount, shift: panels.shift, isWeighted: weights != nil)
  }

  func accumulate(_ samples: Samples, into partial: inout ClusterSums) {
    guard let blockSums = memory.blockSums else {
      partial.changedCount += partial.withBuffers { assign(samples, $0, keepingSums: false) }
      return
    }
    blockSums.withSums(firstRow: samples.firstRow) { buffers in
      partial.changedCount += assign(samples, buffers, keepingSums: true)
      partial.add(buffers)
    }
  }

  /// Labels the rows of a block, sums those of each cluster, and says how many labels changed.
  private func assign(_ samples: Samples, _ buffers: ClusterSums.Buffers, keepingSums: Bool) -> Int {
    guard let weights, let clusterWeights = buffers.weights else {
      return assign(samples, to: .init(sums: buffers.sums, counts: buffers.counts, holdsLastSweep: keepingSums))
    }
    return weights.withWeights(of: samples) {
      assign(
        samples,
        to: .init(
          sums: buffers.sums, counts: buffers.counts, holdsLastSweep: keepingSums, weights: ($0, clusterWeights)))
    }
  }

  private func assign(_ samples: Samples, to sums: ClusterSumsBuffer) -> Int {
    let (first, count) = (samples.firstRow, samples.rowCount)
    return memory.labels.withValues(firstRow: first, count: count) { labels in
      func assign(_ bounds: UnsafeMutableBufferPointer<Float>?) -> Int {
        guard let codes = memory.codes, let coded = samples.rows.codedRows else {
          return samples.rows.assign(
            to: panels, labels: labels, bounds: bounds, isFirstSweep: isFirstSweep, sums: sums)
        }
        return codes.withCodes(firstRow: first, count: count) {
          if isFirstSweep { coded.encode(into: $0) }
          return coded.assign(
            to: panels, labels: labels, bounds: bounds, codes: $0, isFirstSweep: isFirstSweep, sums: sums)
        }
      }
      return memory.bounds?.withValues(firstRow: first, count: count) { assign($0) } ?? assign(nil)
    }
  }

  func finalize(_ partial: ClusterSums) -> ClusterSums { partial }
}
