// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

/// Draws among rows that have weights, in proportion to these.
struct WeightedRowDraws {
  private var sampling: SquaredDistanceSampling

  /// The rows to draw from; collective.
  init(_ aligned: AlignedRows, _ rowWeights: RowWeights, in context: ExecutionContext) throws {
    // A row's weight times 1 is what it weighs; times 0, once it is drawn.
    sampling = SquaredDistanceSampling(aligned, rowWeights: rowWeights, initial: 1)
    try sampling.weigh(in: context)
  }

  /// The sum of all weights, about.
  var total: Double {
    guard let scale = sampling.scale else { return 0 }
    return Double(sampling.total.value) * Double(sign: .plus, exponent: -scale.exponent, significand: 1)
  }

  /// One row, of the target that `target` makes of the sum of the weights; collective.
  func row(in context: ExecutionContext, _ target: (WeightSum) -> WeightTarget) throws -> Int {
    try sampling.rows([target(sampling.total)], in: context)[0].row
  }

  /// Different rows, each drawn in proportion to its weight among those that are left; collective.
  ///
  /// Draws come in rounds of as many as are still wanted. A row that comes again is passed over, as if it had been taken away before.
  static func rows(
    of aligned: AlignedRows, _ rowWeights: RowWeights, count: Int, seed: UInt64, in context: ExecutionContext
  ) throws -> [Int] {
    var sampling = try WeightedRowDraws(aligned, rowWeights, in: context).sampling
    var stream = MersenneTwister(seed: seed)
    var chosen: [Int] = []
    while chosen.count < count {
      let total = sampling.total
      // What is left weighs nothing beside what was taken.
      guard total != .zero else { return chosen + Array(repeating: rowWeights.lastRow, count: count - chosen.count) }
      let targets = (chosen.count..<count).map { _ in total.target(word: stream.nextWord()) }
      for (row, _, _) in try sampling.rows(targets, in: context) where !chosen.contains(row) { chosen.append(row) }
      guard chosen.count < count else { break }
      _ = try context.reduce(
        TakenRows(rows: Set(chosen), distances: sampling.distances), over: aligned)
      try sampling.weigh(in: context)
    }
    return chosen
  }

  /// Takes rows out of later draws.
  private struct TakenRows: Pass {
    let rows: Set<Int>
    let distances: RowMemory<Double>

    struct Partial: Mergeable { mutating func merge(_ later: Self) {} }

    func makePartial(columnCount: Int) -> Partial { Partial() }

    func accumulate(_ samples: Samples, into partial: inout Partial) {
      let block = samples.firstRow..<samples.firstRow + samples.rowCount
      distances.withValues(firstRow: block.lowerBound, count: block.count) { distances in
        for row in rows where block.contains(row) { distances[row - block.lowerBound] = 0 }
      }
    }

    func finalize(_ partial: Partial) -> Bool { true }
  }
}

extension RowWeights? {
  /// The weight that decides whether a draw of k-means++ is repeated.
  ///
  /// A row is too light if its distance is: how often the row counts does not matter. With a weight w of Σw, its distance beside the
  /// mean distance is what that of a row among `rowCount` would be which has the weight `drawn` · Σw / (w · rowCount).
  func comparable(_ drawn: UInt64, multiplicity: Double, total: Double, rowCount: Int) -> UInt64 {
    guard self != nil else { return drawn }
    return UInt64(min(Double(drawn) / multiplicity * (total / Double(rowCount)), 0x1p62))
  }
}
