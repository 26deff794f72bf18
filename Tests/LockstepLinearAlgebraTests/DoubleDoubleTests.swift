// SPDX-License-Identifier: Apache-2.0

import LockstepLinearAlgebra
import LockstepTables
import Testing

@Suite struct DoubleDoubleTests {
  @Test func sumsAndProductsKeepWhatRoundingLosesOfThem() {
    let sum = DoubleDouble.sum(1, 0x1p-80)
    #expect(sum.high == 1 && sum.low == 0x1p-80)
    let product = DoubleDouble.product(1 + 0x1p-40, 1 + 0x1p-40)
    #expect(product.high == 1 + 0x1p-39 && product.low == 0x1p-80)
  }

  @Test func quotientsAndRootsUndoProductsToTheirLastBits() {
    var state: UInt64 = 7
    func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return 0.5 + Double(state >> 12) * 0x1p-52
    }
    for _ in 0..<1000 {
      let a = DoubleDouble(next()) + next() * 0x1p-54
      let b = DoubleDouble(next()) + next() * 0x1p-54
      let quotient = (a * b) / b
      #expect(Double((quotient - a).magnitude) <= 32 * 0x1p-106 * Double(a))
      let root = (a * a).squareRoot()
      #expect(Double((root - a).magnitude) <= 16 * 0x1p-106 * Double(a))
      #expect(Double((((a + b) - b) - a).magnitude) <= 16 * 0x1p-106)
    }
  }

  @Test func edgesOfTheRangeStayDoubles() {
    #expect(DoubleDouble(0).squareRoot() == .zero)
    #expect((DoubleDouble(1) / .zero).high == .infinity)
    #expect(DoubleDouble(-1).squareRoot().high.isNaN)
    #expect(DoubleDouble(1) < DoubleDouble(high: 1, low: 0x1p-60))
    #expect((-DoubleDouble(high: 1, low: 0x1p-60)).magnitude == DoubleDouble(high: 1, low: 0x1p-60))
    #expect(DoubleDouble(high: 1, low: 0x1p-60).scaled(byPowerOfTwo: 3) == DoubleDouble(high: 8, low: 0x1p-57))
  }
}
