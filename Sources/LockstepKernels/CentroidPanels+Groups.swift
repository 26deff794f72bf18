// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

// Groups decide only which scores are skipped, never a label.
extension CentroidPanels {
  /// Sorts centroids into groups of near neighbours: a few sweeps of Lloyd's iteration over the centroids themselves,
  /// started from centroids far from each other.
  static func groups(of centroids: [Double], columnCount p: Int, count t: Int) -> [Int32] {
    let k = centroids.count / p
    guard t > 1 else { return [Int32](repeating: 0, count: k) }
    guard k > t else { return (0..<Int32(k)).map { $0 } }
    return centroids.withUnsafeBufferPointer { elements in
      let rows = KernelRows(elements, rowCount: k, columnCount: p)
      var centres = farApart(rows, count: t)
      var labels = [Int32](repeating: 0, count: k)
      for sweep in 0..<5 {
        let panels = CentroidPanels(centres, shift: Array(centres[..<p]))
        var sums = [Double](repeating: 0, count: t * p)
        var counts = [Int](repeating: 0, count: t)
        let outcome = panels.assign(rows, labels: &labels, isFirstSweep: sweep == 0, sums: &sums, counts: &counts)
        if outcome.changedCount == 0 { break }
        for g in 0..<t where counts[g] > 0 {
          for j in 0..<p { centres[g * p + j] = panels.shift[j] + sums[g * p + j] / Double(counts[g]) }
        }
      }
      return labels
    }
  }

  /// `count` of the rows: the first, and then each time the one farthest from those taken before.
  private static func farApart(_ rows: KernelRows<Double>, count: Int) -> [Double] {
    guard let elements = rows.elements else { return [] }
    let p = rows.columnCount
    var minimums = [Double](repeating: .infinity, count: rows.rowCount)
    var next = 0
    var centres: [Double] = []
    for _ in 0..<count {
      let centre = elements + next * p
      centres.append(contentsOf: UnsafeBufferPointer(start: centre, count: p))
      _ = rows.lowerMinimums(to: centre, &minimums)
      next = minimums.indices.max { minimums[$0] < minimums[$1] } ?? 0
    }
    return centres
  }

  /// The order in which the kernels scan: group after group, in each the centroids that have moved furthest first.
  ///
  /// Each group starts at a multiple of four slots; slots left over hold −1.
  static func slots(
    of groups: [Int32], count t: Int, drifts: [Float]
  ) -> (clusters: [Int], starts: [Int], ends: [Int]) {
    var members = [[Int]](repeating: [], count: t)
    for (cluster, group) in groups.enumerated() { members[Int(group)].append(cluster) }
    var clusters: [Int] = []
    var starts: [Int] = []
    var ends: [Int] = []
    for group in members {
      starts.append(clusters.count)
      // A NaN counts as furthest.
      clusters += group.sorted { !(drifts[$0] <= drifts[$1]) && !drifts[$1].isNaN }
      ends.append(clusters.count)
      clusters += [Int](repeating: -1, count: (4 - group.count % 4) % 4)
    }
    return (clusters, starts, ends)
  }

  /// For each centroid and group, the largest drift of the group's other centroids: k × t.
  static func groupDrifts(_ drifts: [Float], groups: [Int32], groupCount t: Int) -> [Float] {
    var largest = [Float](repeating: 0, count: t)
    var second = [Float](repeating: 0, count: t)
    var mover = [Int](repeating: -1, count: t)
    for (cluster, group) in groups.enumerated() {
      let g = Int(group)
      // A NaN must win: then no bound holds.
      if !(drifts[cluster] <= largest[g]) {
        (second[g], largest[g], mover[g]) = (largest[g], drifts[cluster], cluster)
      } else if !(drifts[cluster] <= second[g]) {
        second[g] = drifts[cluster]
      }
    }
    return groups.indices.flatMap { cluster in
      (0..<t).map { mover[$0] == cluster ? second[$0] : largest[$0] }
    }
  }
}
