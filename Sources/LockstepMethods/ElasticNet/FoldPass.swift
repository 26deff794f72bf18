// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// Which rows are left out together, by their numbers in the whole table.
struct Folds: Hashable, Codable, Sendable {
  let count: Int
  let seed: UInt64

  /// The fold of a row: SplitMix64's output for the seed and the number, scaled to the number of folds.
  func fold(ofRow row: Int) -> Int {
    var z = seed &+ (UInt64(row) &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return Int(z.multipliedFullWidth(by: UInt64(count)).high)
  }
}

/// One sweep for the cross-products of each fold; of all rows together where there are no folds.
struct FoldPass: Pass {
  let folds: Folds?

  struct Partial: Mergeable {
    var products: [CrossProduct]

    mutating func merge(_ later: Self) { for k in products.indices { products[k].merge(later.products[k]) } }
    var isWellFormed: Bool { products.allSatisfy(\.isWellFormed) }
    func canMerge(_ later: Self) -> Bool {
      products.count == later.products.count && zip(products, later.products).allSatisfy { $0.canMerge($1) }
    }
  }

  func makePartial(columnCount: Int) -> Partial {
    Partial(products: Array(repeating: CrossProduct(), count: folds?.count ?? 1))
  }

  /// Rows for each fold as a sweep without folds has them, as far as a block stays in the cache.
  func blockRowCount(columnCount: Int) -> Int { max(4096, BlockSize.standard(columnCount: columnCount)) }

  func accumulate(_ samples: Samples, into partial: inout Partial) throws {
    guard samples.rowCount > 0 else { return }
    guard samples.responses != nil else {
      throw LockstepError(
        .usage, "the rows have no responses", remedy: "give the columns that are to be explained as responses")
    }
    try SquareMemory.require(columnCount: samples.columnCount)
    guard let folds else {
      return try partial.products[0].observe(samples, includingResponses: true, precision: .automatic)
    }
    // NaN and infinities with their places, before rows lose them.
    try samples.requireFinite(responses: true)
    _ = try samples.withCheckedWeights { _ in true }
    var parts = [[any RowBlock]](repeating: [], count: folds.count)
    for i in 0..<samples.rowCount {
      parts[folds.fold(ofRow: samples.firstRow + i)].append(samples.rows.rows(i..<i + 1))
    }
    for (k, part) in parts.enumerated() {
      guard let rows = part.concatenated else { continue }
      try partial.products[k].observe(
        Samples(rows, firstRow: samples.firstRow), includingResponses: true, precision: .automatic)
    }
  }

  func finalize(_ partial: Partial) -> Partial { partial }
}
