// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction

/// Numbers clusters by their lowest core rows, and counts their rows.
struct DensityNumbering {
  /// Of each row of this rank's source, what ``DensityClustering/clusterRoots()`` says.
  let roots: [Int]
  let aligned: AlignedRows
  let context: ExecutionContext

  init(roots: [Int], aligned: AlignedRows, in context: ExecutionContext) {
    self.roots = roots
    self.aligned = aligned
    self.context = context
  }

  /// The model, and the cluster of each row; collective.
  func result(marksBorders: Bool) throws -> (model: DBSCAN.Model, assignments: [Int32]) {
    let start = aligned.sourceRange.lowerBound
    let firstCores = try context.concatenated {
      roots.indices.filter { roots[$0] == start + $0 }.map { start + $0 }
    } finalize: { all, _ in
      guard all.count <= Int(Int32.max) else { throw LockstepError(.outOfMemory, "\(all.count) clusters") }
      return all
    }
    let places = Dictionary(uniqueKeysWithValues: firstCores.enumerated().map { ($1, $0) })
    var assignments: [Int32] = []
    let counts = try context.merged {
      // The rows of each cluster, then its cores, then the noise.
      var counts = [Int](repeating: 0, count: 2 * firstCores.count + 1)
      assignments.reserveCapacity(roots.count)
      for root in roots {
        let isCore = root >= 0
        guard root != -1 else {
          counts[2 * firstCores.count] += 1
          assignments.append(-1)
          continue
        }
        guard let cluster = places[isCore ? root : -2 - root] else {
          throw LockstepError(.internalInconsistency, "row \(root) begins no cluster")
        }
        counts[cluster] += 1
        if isCore { counts[firstCores.count + cluster] += 1 }
        assignments.append(isCore || !marksBorders ? Int32(cluster) : Int32(-2 - cluster))
      }
      return counts
    } _: {
      zip($0, $1).map { $0 + $1 }
    }
    let model = DBSCAN.Model(
      columnCount: aligned.columnCount, clusterSizes: Array(counts[..<firstCores.count]),
      clusterCoreCounts: Array(counts[firstCores.count..<2 * firstCores.count]), firstCores: firstCores,
      noiseCount: counts[2 * firstCores.count])
    return (model, assignments)
  }
}
