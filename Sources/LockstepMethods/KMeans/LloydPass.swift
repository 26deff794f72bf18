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
    ClusterSums(clusterCount: panels.clusterCount, columnCount: columnCount, shift: panels.shift)
  }

  func accumulate(_ samples: Samples, into partial: inout ClusterSums) {
    let (first, count) = (samples.firstRow, samples.rowCount)
    func assign(
      _ sums: UnsafeMutableBufferPointer<Double>, _ counts: UnsafeMutableBufferPointer<Int>, keepingSums: Bool
    ) -> Int {
      memory.labels.withValues(firstRow: first, count: count) { labels in
        func assign(_ bounds: UnsafeMutableBufferPointer<Float>?) -> Int {
          let buffer = ClusterSumsBuffer(sums: sums, counts: counts, holdsLastSweep: keepingSums)
          guard let codes = memory.codes, let coded = samples.rows.codedRows else {
            return samples.rows.assign(
              to: panels, labels: labels, bounds: bounds, isFirstSweep: isFirstSweep, sums: buffer)
          }
          return codes.withCodes(firstRow: first, count: count) {
            if isFirstSweep { coded.encode(into: $0) }
            return coded.assign(
              to: panels, labels: labels, bounds: bounds, codes: $0, isFirstSweep: isFirstSweep, sums: buffer)
          }
        }
        return memory.bounds?.withValues(firstRow: first, count: count) { assign($0) } ?? assign(nil)
      }
    }
    guard let blockSums = memory.blockSums else {
      partial.changedCount += partial.withUnsafeMutableSums { assign($0, $1, keepingSums: false) }
      return
    }
    blockSums.withSums(firstRow: first) { sums, counts in
      partial.changedCount += assign(sums, counts, keepingSums: true)
      partial.add(UnsafeBufferPointer(sums), UnsafeBufferPointer(counts))
    }
  }

  func finalize(_ partial: ClusterSums) -> ClusterSums { partial }
}

/// The sums of the rows of each cluster about a shift, k × p, and their numbers.
struct ClusterSums: Mergeable {
  var sums: [Double]
  var counts: [Int]
  /// How many rows were not in this cluster before.
  var changedCount = 0
  let shift: [Double]

  init(clusterCount: Int, columnCount: Int, shift: [Double]) {
    sums = Array(repeating: 0, count: clusterCount * columnCount)
    counts = Array(repeating: 0, count: clusterCount)
    self.shift = shift
  }

  mutating func merge(_ later: Self) {
    later.sums.withUnsafeBufferPointer { sums in later.counts.withUnsafeBufferPointer { add(sums, $0) } }
    changedCount += later.changedCount
  }

  mutating func add(_ laterSums: UnsafeBufferPointer<Double>, _ laterCounts: UnsafeBufferPointer<Int>) {
    withUnsafeMutableSums { sums, counts in
      for i in sums.indices { sums[i] += laterSums[i] }
      for j in counts.indices { counts[j] += laterCounts[j] }
    }
  }

  mutating func withUnsafeMutableSums<R>(
    _ body: (UnsafeMutableBufferPointer<Double>, UnsafeMutableBufferPointer<Int>) -> R
  ) -> R {
    sums.withUnsafeMutableBufferPointer { sums in counts.withUnsafeMutableBufferPointer { body(sums, $0) } }
  }

  /// The means of the clusters; an empty cluster keeps its centroid.
  ///
  /// - Parameters:
  ///   - centroids: The centroids before.
  ///   - empty: Empty clusters, ascending, of which the first take one row each.
  ///   - rows: The rows they take, farthest first; a row leaves its old cluster unless it is the last one there.
  /// - Returns: The centroids for the next sweep.
  func means(keeping centroids: Matrix, filling empty: [Int] = [], with rows: [FarthestRows.Row] = []) -> Matrix {
    var (sums, counts) = (self.sums, self.counts)
    let p = centroids.columnCount
    for (j, row) in zip(empty, rows) {
      // A row on its centroid would make a second cluster of the same place.
      guard row.squaredDistance > 0, counts[row.label] > 1 else { continue }
      for i in 0..<p {
        let y = row.values[i] - shift[i]
        sums[row.label * p + i] -= y
        sums[j * p + i] = y
      }
      counts[row.label] -= 1
      counts[j] = 1
    }
    var means = centroids
    for j in counts.indices where counts[j] > 0 {
      for i in 0..<p { means[j, i] = shift[i] + sums[j * p + i] / Double(counts[j]) }
    }
    return means
  }
}
