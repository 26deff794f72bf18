// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LockstepMethods

struct NumberTextTests {
  @Test func columnsHaveTheSameDecimals() {
    #expect(NumberText.column([1.5, -12.25]) == ["1.5000", "-12.2500"])
    #expect(NumberText.column([1012.6, 0.000_012]) == ["1012.60", "0.00"])
    #expect(NumberText.column([0.25, 0.001]) == ["0.250000", "0.001000"])
    #expect(NumberText.column([3, -100, 0]) == ["3", "-100", "0"])
  }

  @Test func largeAndSmallColumnsHaveExponents() {
    #expect(NumberText.column([1.5e12, 2]) == ["1.50000e+12", "2.00000e+00"])
    #expect(NumberText.column([1.5e-7]) == ["1.50000e-07"])
  }

  @Test func whatIsNotFiniteHasItsName() {
    #expect(NumberText.column([.nan, 0.5, .infinity, -.infinity]) == ["nan", "0.500000", "inf", "-inf"])
    #expect(NumberText.column([.nan]) == ["nan"])
  }

  @Test func columnsOfZerosAndOfNothing() {
    #expect(NumberText.column([0, 0]) == ["0", "0"])
    #expect(NumberText.column([]) == [])
  }

  @Test func exactReadsBack() {
    for value in [0.1, 1e300, 9_118_538.635411551, 12, -3, .leastNonzeroMagnitude] {
      #expect(Double(NumberText.exact(value)) == value)
    }
    #expect(NumberText.exact(12) == "12")
  }
}
