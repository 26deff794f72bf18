// SPDX-License-Identifier: Apache-2.0

import Foundation
import LockstepErrors
import LockstepMethods
import Testing

@Suite("Exact weights of squared distances")
struct ExactWeightTests {
  /// Squared distances of all sizes, zeros and subnormals among them, below 2^`exponent`.
  private func squaredDistances(count: Int, exponent: Int, spread: Int, seed: UInt64) -> [Double] {
    var stream = MersenneTwister(seed: seed)
    return (0..<count).map { _ in
      let size = exponent - 1 - stream.nextInteger(in: 0..<spread)
      let low = Double(stream.nextWord()) * 0x1p-52
      return stream.nextInteger(in: 0..<50) == 0
        ? 0 : Double(sign: .plus, exponent: size, significand: (1 + stream.nextUniform() + low) / 2)
    }
  }

  /// The floor of `value · 2^exponent`, from the bits of the number.
  private func floorByBits(_ value: Double, exponent: Int) -> UInt64 {
    guard value > 0 else { return 0 }
    let significand = value.significandBitPattern | (value.isNormal ? 1 << 52 : 0)
    let shift = max(Int(value.exponentBitPattern), 1) - 1075 + exponent
    return shift >= 0 ? significand << UInt64(shift) : -shift < 64 ? significand >> UInt64(-shift) : 0
  }

  @Test(
    "The largest weight lies in [2^61, 2^62)",
    arguments: [
      1, 2, 3, 0.1, 1e300, 1e-300, Double.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
      (1.0).nextDown, (1.0).nextUp, 0x1p-1030,
    ])
  func largestWeight(largest: Double) throws {
    let weight = try WeightScale(largest: largest).weight(of: largest)
    #expect(weight >= 1 << 61)
    #expect(weight < 1 << 62)
  }

  @Test(
    "Weights are floors, exactly, for distances of all sizes",
    arguments: [
      (1, 3), (0, 80), (1023, 2100), (-1000, 80), (-1021, 60), (1000, 40),
    ])
  func weightsAreFloors(exponent: Int, spread: Int) throws {
    let distances = squaredDistances(count: 20_000, exponent: exponent, spread: spread, seed: 1)
    let scale = try WeightScale(largest: distances.max() ?? 0)
    for distance in distances {
      #expect(scale.weight(of: distance) == floorByBits(distance, exponent: scale.exponent))
    }
  }

  @Test("With all distances zero all weights are zero")
  func zeros() throws {
    let scale = try WeightScale(largest: 0)
    #expect(scale.weight(of: 0) == 0)
    #expect([0, 0, 0].withUnsafeBufferPointer { scale.sum(of: $0) } == .zero)
    #expect(WeightSum.zero.target(word: .max) == WeightTarget(0))
    #expect(!WeightSum.zero.isTooLight(0, rowCount: 10))
  }

  @Test("Distances that are not finite are an error", arguments: [Double.infinity, .nan])
  func notFinite(largest: Double) {
    let error = #expect(throws: LockstepError.self) { try WeightScale(largest: largest) }
    #expect(error?.code == .notFinite)
  }

  @Test("The sum does not depend on order or grouping")
  func sums() throws {
    let distances = squaredDistances(count: 5001, exponent: 3, spread: 60, seed: 2)
    let scale = try WeightScale(largest: distances.max() ?? 0)
    let whole = distances.withUnsafeBufferPointer { scale.sum(of: $0) }
    var byRow = WeightSum.zero
    for distance in distances.reversed() { byRow += scale.weight(of: distance) }
    #expect(byRow == whole)
    for pieces in [2, 3, 7, 5001] {
      var sum = WeightSum.zero
      for piece in 0..<pieces {
        let range = distances.count * piece / pieces..<distances.count * (piece + 1) / pieces
        sum = distances[range].withUnsafeBufferPointer { scale.sum(of: $0) } + sum
      }
      #expect(sum == whole)
    }
  }

  @Test("The sum of the heaviest rows there can be does not overflow")
  func heaviestSum() {
    let weight = UInt128(1) << 62 - 1
    let sum = WeightSum(weight * UInt128(Int.max))
    // ⌊u · sum⌋ by long multiplication in 192 bits.
    for word in [0, 1, 0x8000_0000, UInt32.max] {
      let product = sum.value.multipliedFullWidth(by: UInt128(word))
      #expect(sum.target(word: word) == WeightTarget(product.high << 96 | product.low >> 32))
      #expect(sum.target(word: word).remaining < sum.value)
    }
    #expect(!sum.isTooLight(1 << 62 - 1, rowCount: Int.max / 2))
  }

  @Test("A target is the floor of the share of the sum")
  func targets() {
    #expect(WeightSum(10).target(word: 0) == WeightTarget(0))
    #expect(WeightSum(10).target(word: .max) == WeightTarget(9))
    #expect(WeightSum(10).target(word: 1 << 31) == WeightTarget(5))
    #expect(WeightSum(1 << 32).target(word: 12345) == WeightTarget(12345))
    #expect(WeightSum(3 << 40).target(word: 1) == WeightTarget(768))
  }

  @Test("The chosen row is the first whose running sum exceeds the target")
  func rows() {
    let weights: [UInt64] = [0, 3, 0, 2, 1, 0]
    let chosen = (0..<7).map { target in
      var target = WeightTarget(UInt128(target))
      return target.row(in: weights)
    }
    #expect(chosen == [1, 1, 1, 3, 3, 4, nil])
  }

  @Test("Rows, blocks and ranks lead to the same row", arguments: [UInt64(1), 2, 3])
  func cuts(seed: UInt64) throws {
    let distances = squaredDistances(count: 1003, exponent: 5, spread: 12, seed: seed)
    let scale = try WeightScale(largest: distances.max() ?? 0)
    let total = distances.withUnsafeBufferPointer { scale.sum(of: $0) }
    var stream = MersenneTwister(seed: seed)
    for _ in 0..<50 {
      let target = total.target(word: stream.nextWord())
      var direct = target
      let expected = distances.withUnsafeBufferPointer { direct.row(in: $0, scale: scale) }
      var byWeights = target
      #expect(byWeights.row(in: distances.map(scale.weight)) == expected)
      for size in [1, 10, 512, 1003] {
        var cut = target
        var found: Int?
        for start in stride(from: 0, to: distances.count, by: size) where found == nil {
          let block = distances[start..<min(start + size, distances.count)]
          if cut.passes(block.withUnsafeBufferPointer { scale.sum(of: $0) }) { continue }
          found = block.withUnsafeBufferPointer { cut.row(in: $0, scale: scale) }.map { start + $0 }
        }
        #expect(found == expected)
      }
    }
  }

  @Test("A row is too light at a tenth of the mean, and not above")
  func tooLight() {
    let sum = WeightSum(1000)
    #expect(sum.isTooLight(0, rowCount: 10))
    #expect(sum.isTooLight(10, rowCount: 10))
    #expect(!sum.isTooLight(11, rowCount: 10))
  }

  @Test("Sums, scales and targets survive encoding")
  func encoding() throws {
    let sum = WeightSum(UInt128(7) << 100 + 5)
    #expect(try JSONDecoder().decode(WeightSum.self, from: JSONEncoder().encode(sum)) == sum)
    let target = sum.target(word: 123)
    #expect(try JSONDecoder().decode(WeightTarget.self, from: JSONEncoder().encode(target)) == target)
    let scale = try WeightScale(largest: 0.3)
    #expect(try JSONDecoder().decode(WeightScale.self, from: JSONEncoder().encode(scale)) == scale)
  }
}
