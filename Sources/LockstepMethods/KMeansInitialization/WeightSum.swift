// SPDX-License-Identifier: Apache-2.0

/// An exact sum of integer weights: the same whatever the order and the grouping of its terms.
///
/// A weight is below 2^62 (``WeightScale``), so 128 bits hold the sum of any number of rows there can be.
package struct WeightSum: Hashable, Sendable {
  /// The sum.
  package var value: UInt128

  /// The sum of nothing.
  package static let zero = WeightSum(0)

  /// The sum with the given value.
  package init(_ value: UInt128) {
    self.value = value
  }

  /// The sum of two sums.
  package static func + (left: WeightSum, right: WeightSum) -> WeightSum {
    WeightSum(left.value + right.value)
  }

  /// Adds a sum.
  package static func += (left: inout WeightSum, right: WeightSum) {
    left.value += right.value
  }

  /// Adds the weight of one row.
  package static func += (left: inout WeightSum, weight: UInt64) {
    left.value += UInt128(weight)
  }

  /// Where the draw `u = word / 2^32` falls in the sum: `⌊u · sum⌋`, exact, and below the sum unless that is zero.
  package func target(word: UInt32) -> WeightTarget {
    // The product with `word` may pass 128 bits, its upper part does not.
    let word = UInt128(word)
    return WeightTarget((value >> 32) * word + ((value & 0xffff_ffff) * word) >> 32)
  }

  /// Whether a row of this weight lies so close to a center that k-means++ draws again.
  ///
  /// It does if its weight is a tenth of the mean or less: `10 · weight · rowCount ≤ sum`, exactly. Rows as light as
  /// this have at most a tenth of the sum together, so a second draw is rarely needed and a third hardly ever. In a sum
  /// of zero no row is too light: there is none better.
  package func isTooLight(_ weight: UInt64, rowCount: Int) -> Bool {
    value > 0 && 10 * UInt128(weight) * UInt128(rowCount) <= value
  }
}

extension WeightSum: Codable {
  /// Reads the upper and the lower 64 bits.
  package init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    let high = try container.decode(UInt64.self)
    let low = try container.decode(UInt64.self)
    value = UInt128(high) << 64 | UInt128(low)
  }

  /// Writes the upper and the lower 64 bits.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(UInt64(truncatingIfNeeded: value >> 64))
    try container.encode(UInt64(truncatingIfNeeded: value))
  }
}
