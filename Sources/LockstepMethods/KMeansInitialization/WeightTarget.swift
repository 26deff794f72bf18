// SPDX-License-Identifier: Apache-2.0

/// A draw on its way to the row it chooses: the first whose running sum of weights exceeds the target.
///
/// The way may be cut anywhere: pass whole ranks, then blocks, then rows. Since the sums are exact, every cut leads to the
/// same row.
///
/// ```
/// var target = total.target(word: stream.nextWord())
/// for block in blocks where !target.passes(block.sum) {
///   return target.row(in: block.squaredDistances, scale: scale).map { block.start + $0 }
/// }
/// ```
package struct WeightTarget: Hashable, Comparable, Sendable {
  /// The weight still to pass.
  package private(set) var remaining: UInt128

  /// A target `remaining` units from here.
  package init(_ remaining: UInt128) {
    self.remaining = remaining
  }

  /// The order of targets is the order of the rows they choose.
  package static func < (left: WeightTarget, right: WeightTarget) -> Bool {
    left.remaining < right.remaining
  }

  /// Moves past rows that weigh `sum` together, unless the chosen row is among them.
  ///
  /// - Returns: Whether the rows were passed. If not, the target stays before them.
  package mutating func passes(_ sum: WeightSum) -> Bool {
    guard remaining >= sum.value else { return false }
    remaining -= sum.value
    return true
  }

  /// The first row whose running sum of weights exceeds the target; `nil` if all rows are passed, and the target moves on
  /// by their sum.
  ///
  /// - Complexity: O(count).
  package mutating func row(in squaredDistances: UnsafeBufferPointer<Double>, scale: WeightScale) -> Int? {
    for (row, squaredDistance) in squaredDistances.enumerated() {
      let weight = UInt128(scale.weight(of: squaredDistance))
      guard remaining >= weight else { return row }
      remaining -= weight
    }
    return nil
  }

  /// The first of `weights` whose running sum exceeds the target; `nil` if all are passed, and the target moves on by
  /// their sum.
  ///
  /// - Complexity: O(count).
  package mutating func row(in weights: some Sequence<UInt64>) -> Int? {
    for (row, weight) in weights.enumerated() {
      guard remaining >= UInt128(weight) else { return row }
      remaining -= UInt128(weight)
    }
    return nil
  }
}

extension WeightTarget: Codable {
  /// Reads the upper and the lower 64 bits.
  package init(from decoder: any Decoder) throws {
    remaining = try WeightSum(from: decoder).value
  }

  /// Writes the upper and the lower 64 bits.
  package func encode(to encoder: any Encoder) throws {
    try WeightSum(remaining).encode(to: encoder)
  }
}
