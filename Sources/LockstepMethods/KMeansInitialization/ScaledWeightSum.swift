// SPDX-License-Identifier: Apache-2.0

/// A sum of weights with its scale: the value `sum / 2^s`, compared exactly with others of any scale.
///
/// The trials of greedy k-means++ leave different largest distances behind, hence different scales; the best trial is the
/// one with the least value.
package struct ScaledWeightSum: Comparable, Hashable, Sendable {
  /// The sum of the weights.
  package var sum: WeightSum
  /// The scale of the weights.
  package var scale: WeightScale

  /// The sum of weights of a scale.
  package init(_ sum: WeightSum, scale: WeightScale) {
    self.sum = sum
    self.scale = scale
  }

  /// Whether the value on the left is less than the one on the right.
  package static func < (left: ScaledWeightSum, right: ScaledWeightSum) -> Bool {
    left.order < right.order
  }

  /// Whether the values are equal; their scales need not be.
  package static func == (left: ScaledWeightSum, right: ScaledWeightSum) -> Bool {
    left.order == right.order
  }

  /// Hashes the value.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(order.0)
    hasher.combine(order.1)
  }

  /// The binary exponent of the value, and its bits moved up against the left end: ordered as the value is.
  private var order: (Int, UInt128) {
    let value = sum.value
    guard value > 0 else { return (Int.min, 0) }
    return (127 - value.leadingZeroBitCount - scale.exponent, value << UInt128(value.leadingZeroBitCount))
  }
}
