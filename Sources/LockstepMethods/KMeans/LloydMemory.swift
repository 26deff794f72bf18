// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import LockstepReduction

/// What k-means remembers between sweeps to spare work: of each row its cluster and bounds on its distances, of each block
/// the sums of its clusters.
struct LloydMemory: Sendable {
  let labels: RowMemory<Int32>
  /// `nil` where bounds would not pay.
  let bounds: RowMemory<Float>?
  let blockSums: BlockSums?
  /// The rows rounded to bytes, by which most scores are excluded; `nil` where they would not pay.
  let codes: RowCodeMemory?

  /// The sums of each block's clusters after the last sweep: a cluster that no row of the block has come to or left is not
  /// summed again.
  struct BlockSums: Sendable {
    let blockRowCount: Int
    let sums: RowMemory<Double>
    let counts: RowMemory<Int>
    /// The sums of the rows' weights, where they have any.
    let weights: RowMemory<Double>?

    /// Calls `body` with the sums, k × p, the counts, k, and the weights, k or none, of the block that begins at global row `firstRow`.
    func withSums<R>(firstRow: Int, _ body: (ClusterSums.Buffers) -> R) -> R {
      let block = firstRow / blockRowCount
      return sums.withValues(firstRow: block, count: 1) { sums in
        counts.withValues(firstRow: block, count: 1) { counts in
          guard let weights else { return body(.init(sums: sums, counts: counts, weights: nil)) }
          return weights.withValues(firstRow: block, count: 1) { body(.init(sums: sums, counts: counts, weights: $0)) }
        }
      }
    }
  }

  /// Memory for the rows that this rank sweeps.
  ///
  /// - Parameters:
  ///   - aligned: The rows.
  ///   - floatsPerRow: The size of a row's bounds; 0 for none.
  ///   - clusterCount: k.
  ///   - keepsBlockSums: Whether the rows are swept in the same blocks every time.
  ///   - codeScale: The scale of codes, if there are to be any.
  init(
    _ aligned: AlignedRows, floatsPerRow: Int, clusterCount: Int, keepsBlockSums: Bool, codeScale: CodeScale? = nil
  ) {
    codes = codeScale.map { RowCodeMemory(aligned, scale: $0) }
    let rows = aligned.sweptRange
    labels = RowMemory(rows, repeating: -1)
    bounds = floatsPerRow > 0 ? RowMemory(rows, valuesPerRow: floatsPerRow, repeating: 0) : nil
    let blocks =
      rows.lowerBound / aligned.blockRowCount..<(rows.upperBound + aligned.blockRowCount - 1) / aligned.blockRowCount
    let sumCount = clusterCount * aligned.columnCount
    // At most 2 % of the rows' own size as floats, or 32 MiB.
    let limit = max(rows.count * aligned.columnCount / 50 / 2, 4 << 20)
    guard keepsBlockSums, !rows.isEmpty, blocks.count * sumCount <= limit else {
      blockSums = nil
      return
    }
    blockSums = BlockSums(
      blockRowCount: aligned.blockRowCount, sums: RowMemory(blocks, valuesPerRow: sumCount, repeating: 0),
      counts: RowMemory(blocks, valuesPerRow: clusterCount, repeating: 0),
      weights: aligned.hasWeights ? RowMemory(blocks, valuesPerRow: clusterCount, repeating: 0) : nil)
  }
}
