// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import LockstepReduction
import LockstepTables

/// What draws remember of rows and blocks so that a sweep computes the distances of those rows alone that may have come nearer to
/// a center.
struct SamplingCodes: Sendable {
  let memory: RowCodeMemory
  /// How many centers come before the codes are made.
  let plainCount: Int
  let reaches: RowMemory<Float>
  private let blockRowCount: Int
  private let blocks: RowMemory<BlockWeight>

  /// The sum of the weights of a block, and its largest distance.
  struct BlockWeight: BitwiseCopyable, Sendable {
    var weight: UInt128
    var largest: Double
  }

  init(_ aligned: AlignedRows, scale: CodeScale, plainCount: Int) {
    memory = RowCodeMemory(aligned, scale: scale)
    self.plainCount = plainCount
    reaches = RowMemory(uninitialized: aligned.sweptRange, valuesPerRow: 1)
    blockRowCount = aligned.blockRowCount
    let rows = aligned.sweptRange
    let range = rows.lowerBound / blockRowCount..<(rows.upperBound + blockRowCount - 1) / blockRowCount
    blocks = RowMemory(range, repeating: BlockWeight(weight: 0, largest: .infinity))
  }

  func withBlock<R>(firstRow: Int, _ body: (inout BlockWeight) -> R) -> R {
    blocks.withValues(firstRow: firstRow / blockRowCount, count: 1) { body(&$0[0]) }
  }
}

/// Lowers each row's distance to the nearest of some centers, and weighs the rows.
struct DistancePass: Pass {
  let centers: Matrix
  let distances: RowMemory<Double>
  let scale: WeightScale?
  /// How often the rows count; `nil` for once each.
  var rowWeights: RowWeights?
  var range = 0..<Int.max
  var codes = Codes.unused
  var columnNames: [String]?

  enum Codes: Sendable {
    case unused
    /// Made in this sweep, which computes every distance.
    case made(SamplingCodes)
    case used(SamplingCodes, CentreCodes)
    /// Left alone: the scale of the weights is new.
    case rescaled(SamplingCodes)
  }

  func makePartial(columnCount: Int) -> WeighedRows { WeighedRows() }

  func accumulate(_ samples: Samples, into partial: inout WeighedRows) {
    let rows = range.clamped(to: samples.firstRow..<samples.firstRow + samples.rowCount)
    guard !rows.isEmpty else { return }
    distances.withValues(firstRow: rows.lowerBound, count: rows.count) { minimums in
      switch codes {
      case .used(let codes, let centers):
        guard let coded = samples.rows.codedRows else { break }
        let block = rowWeights.withWeights(of: samples) {
          lower(minimums, $0, of: coded, firstRow: samples.firstRow, to: centers, codes)
        }
        partial.merge(WeighedRows(rows, weight: WeightSum(block.weight), largest: block.largest))
        return
      case .made(let codes):
        guard let coded = samples.rows.codedRows else { break }
        let sum = weigh(samples, rows, minimums)
        codes.withBlock(firstRow: rows.lowerBound) { $0 = .init(weight: sum.total.value, largest: sum.largest) }
        codes.memory.withCodes(firstRow: rows.lowerBound, count: rows.count) { buffer in
          coded.encode(into: buffer)
          codes.reaches.withValues(firstRow: rows.lowerBound, count: rows.count) {
            buffer.setReaches($0, minimums: UnsafeBufferPointer(minimums))
          }
        }
        partial.merge(sum)
        return
      case .rescaled(let codes):
        let sum = weigh(samples, rows, minimums)
        codes.withBlock(firstRow: rows.lowerBound) { $0 = .init(weight: sum.total.value, largest: sum.largest) }
        partial.merge(sum)
        return
      case .unused: break
      }
      partial.merge(weigh(samples, rows, minimums))
    }
  }

  /// Lowers the minimums of these rows of the block by all distances, and sums them.
  private func weigh(
    _ samples: Samples, _ rows: Range<Int>, _ minimums: UnsafeMutableBufferPointer<Double>
  ) -> WeighedRows {
    let block = samples.rows.rows(rows.lowerBound - samples.firstRow..<rows.upperBound - samples.firstRow)
    for j in 0..<centers.rowCount { block.lowerMinimums(to: Array(centers.row(j)), minimums) }
    let farthest = minimums.max() ?? 0
    guard farthest.isFinite else {
      var sum = WeighedRows(rows, weight: .zero, largest: farthest)
      FiniteCheck(columnNames: columnNames).accumulate(samples, into: &sum.nonFinite)
      return sum
    }
    return rowWeights.withProducts(minimums, of: samples, rows) { products in
      let largest = rowWeights == nil ? farthest : products.max() ?? 0
      return WeighedRows(rows, weight: scale?.sum(of: products) ?? .zero, largest: largest)
    }
  }

  /// Lowers the minimums of the rows that may have come nearer, and updates the sum of the block.
  private func lower(
    _ minimums: UnsafeMutableBufferPointer<Double>, _ rowWeights: UnsafeBufferPointer<Double>?, of rows: any CodedRows,
    firstRow: Int, to centers: CentreCodes, _ codes: SamplingCodes
  ) -> SamplingCodes.BlockWeight {
    guard let scale else { preconditionFailure("codes are used after a center was absorbed") }
    return codes.withBlock(firstRow: firstRow) { block in
      codes.memory.withCodes(firstRow: firstRow, count: rows.rowCount) { buffer in
        codes.reaches.withValues(firstRow: firstRow, count: rows.rowCount) { reaches in
          var weight = block.weight
          var lowersLargest = false
          let largest = block.largest
          rows.forEachNearerRow(to: centers, codes: buffer, reaches: reaches, minimums: minimums) { row, distance in
            let rowWeight = rowWeights?[row] ?? 1
            let before = rowWeight * minimums[row]
            // Exact, so the order does not matter.
            weight += UInt128(scale.weight(of: rowWeight * distance))
            weight -= UInt128(scale.weight(of: before))
            if before == largest { lowersLargest = true }
            minimums[row] = distance
            buffer.setReach(of: row, reaches, minimum: distance)
          }
          block.weight = weight
          guard lowersLargest else { return }
          block.largest =
            rowWeights.map { zip($0, minimums).lazy.map { $0 * $1 }.max() ?? 0 } ?? (minimums.max() ?? 0)
        }
      }
      return block
    }
  }

  func finalize(_ partial: WeighedRows) throws -> WeighedRows {
    // Numbers and distances that are not finite are refused here, inside the collective, so that all ranks throw one error.
    _ = try FiniteCheck(columnNames: columnNames).finalize(partial.nonFinite)
    _ = try WeightScale(largest: partial.largest)
    return partial
  }
}
