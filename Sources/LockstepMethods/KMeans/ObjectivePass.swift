// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

/// The exact objective Σᵢ ‖xᵢ − c(aᵢ)‖², from differences, and the number of rows of each cluster.
struct ObjectivePass: Pass {
  let centroids: Matrix
  let labels: RowMemory<Int32>

  struct Partial: Mergeable {
    var objective = 0.0
    var clusterSizes: [Int]
    mutating func merge(_ later: Self) {
      objective += later.objective
      for j in clusterSizes.indices { clusterSizes[j] += later.clusterSizes[j] }
    }
  }

  func makePartial(columnCount: Int) -> Partial {
    Partial(clusterSizes: Array(repeating: 0, count: centroids.rowCount))
  }

  func blockRowCount(columnCount: Int) -> Int {
    LloydPass.blockRowCount(clusterCount: centroids.rowCount)
  }

  func accumulate(_ samples: Samples, into partial: inout Partial) {
    labels.withValues(firstRow: samples.firstRow, count: samples.rowCount) { labels in
      partial.objective += samples.rows.squaredDistances(
        to: centroids.elements, labels: UnsafeBufferPointer(labels), into: nil)
      for label in labels { partial.clusterSizes[Int(label)] += 1 }
    }
  }

  func finalize(_ partial: Partial) -> Partial { partial }
}
