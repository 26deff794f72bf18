// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import LockstepReduction
import LockstepTables

/// How many rows are nearest to each of some centroids, or how much they weigh.
struct NearestCounts: Pass {
  let panels: CentroidPanels
  private let codes: RowCodeMemory?
  private let rowWeights: RowWeights?

  /// The counts of `centroids`; `codes` of the rows spare distances.
  init(centroids: Matrix, codes: RowCodeMemory? = nil, rowWeights: RowWeights?) {
    self.codes = codes
    self.rowWeights = rowWeights
    panels = CentroidPanels(
      centroids.elements, shift: centroids.columnMedians, measuresSeparations: false, codeScale: codes?.scale)
  }

  struct Partial: Mergeable {
    /// Whole numbers, exact in any order, if there are no weights.
    var counts: [Double]
    mutating func merge(_ later: Self) { for j in counts.indices { counts[j] += later.counts[j] } }
  }

  func makePartial(columnCount: Int) -> Partial {
    Partial(counts: Array(repeating: 0, count: panels.clusterCount))
  }

  func accumulate(_ samples: Samples, into partial: inout Partial) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: samples.rowCount) { labels in
      labels.initialize(repeating: 0)
      if let codes, let coded = samples.rows.codedRows {
        codes.withCodes(firstRow: samples.firstRow, count: samples.rowCount) {
          _ = coded.assign(to: panels, labels: labels, bounds: nil, codes: $0, isFirstSweep: true, sums: nil)
        }
      } else {
        samples.rows.assign(to: panels, labels: labels, bounds: nil, isFirstSweep: true, sums: nil)
      }
      rowWeights.withWeights(of: samples) { weights in
        for (i, label) in labels.enumerated() { partial.counts[Int(label)] += weights?[i] ?? 1 }
      }
    }
  }

  func finalize(_ partial: Partial) -> [Double] { partial.counts }
}
