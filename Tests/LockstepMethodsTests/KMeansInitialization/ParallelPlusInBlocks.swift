// SPDX-License-Identifier: Apache-2.0

import LockstepMethods
import Testing

/// k-means‖ over points in memory, put together from its parts as a distributed pass would, block by block.
struct ParallelPlusInBlocks {
  var points: [[Double]]
  var blockSize: Int

  /// The indices of the chosen points, in the order of the centers.
  func choose(_ plan: ParallelPlusPlan, seed: UInt64) throws -> [Int] {
    var stream = MersenneTwister(seed: seed)
    var candidates = [plan.firstRow(rowCount: points.count, stream: &stream)]
    var distances = points.map { squaredDistance($0, points[candidates[0]]) }
    var nearest = [Int](repeating: 0, count: points.count)
    for _ in 0..<plan.roundCount {
      let found = try newCandidates(plan, distances: distances, stream: &stream)
      for row in points.indices {
        for (index, candidate) in found.enumerated() {
          let distance = squaredDistance(points[row], points[candidate])
          guard distance < distances[row] else { continue }
          distances[row] = distance
          nearest[row] = candidates.count + index
        }
      }
      candidates += found
    }
    #expect(candidates.count <= plan.candidateLimit)
    var ratings = [Int](repeating: 0, count: candidates.count)
    for candidate in nearest { ratings[candidate] += 1 }
    return try PlusPlusInMemory(
      points: candidates.flatMap { points[$0] }, columnCount: points[0].count, multiplicities: ratings.map(Double.init)
    ).choose(clusterCount: plan.clusterCount, stream: &stream).map { candidates[$0] }
  }

  /// The rows of one round, found block by block.
  private func newCandidates(
    _ plan: ParallelPlusPlan, distances: [Double], stream: inout MersenneTwister
  ) throws -> [Int] {
    let scale = try WeightScale(largest: distances.max() ?? 0)
    let total = distances.withUnsafeBufferPointer { scale.sum(of: $0) }
    let targets = plan.targets(total: total, stream: &stream)
    var found: [Int] = []
    var passed = WeightSum.zero
    for start in stride(from: 0, to: points.count, by: blockSize) {
      distances[start..<min(start + blockSize, points.count)].withUnsafeBufferPointer { block in
        found += WeightTarget.rows(chosenBy: targets, among: block, after: passed, scale: scale).map { $0 + start }
        passed += scale.sum(of: block)
      }
    }
    #expect(found.count == targets.count)
    return found
  }

  private func squaredDistance(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }
}
