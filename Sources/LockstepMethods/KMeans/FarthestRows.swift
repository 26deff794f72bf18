// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

/// The rows farthest from their own centroids, farthest first, ties to the lowest global row; of those that count.
struct FarthestRows: Pass {
  let count: Int
  let centroids: Matrix
  let labels: RowMemory<Int32>
  let weights: RowWeights?

  struct Row: Codable, Sendable {
    var squaredDistance: Double
    var row: Int
    var label: Int
    /// How often the row counts, as the sums of clusters do.
    var weight: Double
    var values: [Double]
  }

  struct Partial: Mergeable {
    let capacity: Int
    var rows: [Row] = []
    // Rows ascend in row order within equal distances, and `later` comes after: a stable merge keeps ties in order.
    mutating func merge(_ later: Self) {
      var merged: [Row] = []
      var (mine, theirs) = (rows[...], later.rows[...])
      while merged.count < capacity {
        if let a = mine.first, theirs.first.map({ a.squaredDistance >= $0.squaredDistance }) ?? true {
          merged.append(a)
          mine.removeFirst()
        } else if let b = theirs.popFirst() {
          merged.append(b)
        } else {
          break
        }
      }
      rows = merged
    }
  }

  func makePartial(columnCount: Int) -> Partial { Partial(capacity: count) }

  func accumulate(_ samples: Samples, into partial: inout Partial) {
    var distances = [Double](repeating: 0, count: samples.rowCount)
    labels.withValues(firstRow: samples.firstRow, count: samples.rowCount) { labels in
      distances.withUnsafeMutableBufferPointer { buffer in
        _ = samples.rows.squaredDistances(to: centroids.elements, labels: UnsafeBufferPointer(labels), into: buffer)
      }
      let rowWeights = weights?.withWeights(of: samples) { Array($0) }
      let order = distances.indices.filter { i in rowWeights.map { $0[i] > 0 } ?? true }.sorted {
        distances[$0] != distances[$1] ? distances[$0] > distances[$1] : $0 < $1
      }
      let rows = order.prefix(count).map {
        Row(
          squaredDistance: distances[$0], row: samples.firstRow + $0, label: Int(labels[$0]),
          weight: rowWeights?[$0] ?? 1, values: samples.rows.row($0))
      }
      partial.merge(Partial(capacity: count, rows: rows))
    }
  }

  func finalize(_ partial: Partial) -> [Row] { partial.rows }
}
