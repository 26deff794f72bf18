// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// The power of two that turns squared distances into integer weights.
///
/// Sampling in proportion to squared distances needs their sum, and a sum of floating-point numbers depends on the order
/// of its terms, hence on the number of ranks. Integers do not: with the scale `2^s` the weight of a row is
///
///     weight = ⌊d² · 2^s⌋,
///
/// computed without rounding, and sums of weights (``WeightSum``) are exact. `s` is chosen so that the largest weight
/// lies in `[2^61, 2^62)`. A weight thus loses less than one unit to the floor: less than 2^-61 of the largest weight.
package struct WeightScale: Hashable, Sendable, Codable {
  /// `s`, the exponent of the scale; 0 when all distances are zero.
  package let exponent: Int

  /// The scale under which `largest` becomes a weight of `[2^61, 2^62)`.
  ///
  /// - Parameter largest: The largest squared distance of all rows of all ranks. If it is zero, every weight is zero.
  /// - Throws: `LockstepError` with the code `notFinite` if `largest` is infinite or NaN: the data are, or the squared
  ///   distances overflow.
  /// - Precondition: `largest` is not negative.
  package init(largest: Double) throws {
    guard largest.isFinite else {
      throw LockstepError(
        .notFinite, "the largest squared distance of a row to its nearest center is \(largest)",
        remedy: "remove infinite and missing values, and scale columns with values above 1e150")
    }
    precondition(largest >= 0, "a squared distance of \(largest)")
    exponent = largest == 0 ? 0 : 61 - Int(largest.exponent)
  }

  /// `⌊squaredDistance · 2^s⌋`, exact.
  ///
  /// - Precondition: `squaredDistance` is not negative and not larger than the `largest` of the scale.
  @inline(__always)
  package func weight(of squaredDistance: Double) -> UInt64 {
    let (first, second) = factors
    return UInt64(bitPattern: Int64(squaredDistance * first * second))
  }

  /// The sum of the weights of `squaredDistances`.
  ///
  /// - Complexity: O(count), one to two nanoseconds a row.
  package func sum(of squaredDistances: UnsafeBufferPointer<Double>) -> WeightSum {
    let (first, second) = factors
    // 2^62 goes into 64 bits four times, so the low and high halves of a weight are summed separately: each half is below
    // 2^32, and 2^31 of them still fit a 64-bit integer.
    var total = UInt128(0)
    var start = 0
    while start < squaredDistances.count {
      let end = min(start + 1 << 30, squaredDistances.count)
      var low = UInt64(0)
      var high = UInt64(0)
      for i in start..<end {
        // Through Int64, whose conversion is a single instruction.
        let weight = UInt64(bitPattern: Int64(squaredDistances[i] * first * second))
        low &+= weight & 0xffff_ffff
        high &+= weight >> 32
      }
      total += UInt128(high) << 32 + UInt128(low)
      start = end
    }
    return WeightSum(total)
  }

  /// Two powers of two whose product is the scale.
  ///
  /// The scale of subnormal distances passes the largest `Double`; two factors never do. Multiplying by them is exact:
  /// upwards because a weight below 2^62 has no more bits than the distance had, downwards because a product that
  /// becomes subnormal is far below 1, where the floor is 0 anyway.
  @inline(__always)
  private var factors: (Double, Double) {
    let first = min(exponent, 1000)
    return (
      Double(sign: .plus, exponent: first, significand: 1),
      Double(sign: .plus, exponent: exponent - first, significand: 1)
    )
  }
}
