// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LockstepGraphics

@Suite("Scales")
struct ScaleTests {
  @Test("Ticks lie at 1, 2 or 5 times a power of ten, with the decimals that the step needs")
  func linearTicks() {
    #expect(Scale.linear(0...1).ticks(count: 5).map(\.label) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(Scale.linear(-50...50).ticks(count: 5).map(\.label) == ["−40", "−20", "0", "20", "40"])
    #expect(Scale.linear(0...12_000).ticks(count: 4).map(\.label) == ["0", "5000", "10,000"])
    #expect(Scale.linear(0...3e8).ticks(count: 3).map(\.label) == ["0", "1e8", "2e8", "3e8"])
    #expect(Scale.linear(0...0.3).ticks(count: 3).map(\.label) == ["0.0", "0.1", "0.2", "0.3"])
  }

  @Test("A scale of values reaches to whole steps")
  func niceRange() {
    #expect(Scale.linear(of: [0.13, 0.87]) == .linear(0...1))
    #expect(Scale.linear(of: [3, 9], includingZero: true) == .linear(0...10))
    #expect(Scale.linear(of: [5, 5]) == .linear(2...8))
    #expect(Scale.linear(of: [.nan, .infinity]) == .linear(0...1))
  }

  @Test("A scale of extreme values stays finite", arguments: [[0, 1e308], [-1.7e308, 1.7e308], [1e-300, 2e-300]])
  func extremes(values: [Double]) {
    let scale = Scale.linear(of: values)
    let ticks = scale.ticks(count: 5)
    #expect(ticks.allSatisfy { $0.value.isFinite && !$0.label.isEmpty })
    #expect(values.allSatisfy { (-1e-9...1 + 1e-9).contains(scale.position(of: $0)) })
  }

  @Test("Logarithmic ticks are powers of ten")
  func logarithmic() {
    let scale = Scale.logarithmic(0.01...1000)
    #expect(scale.ticks(count: 6).map(\.label) == ["0.01", "0.1", "1", "10", "100", "1000"])
    #expect(scale.position(of: 0.01) == 0 && scale.position(of: 1000) == 1)
  }

  @Test("Values lie in the middle of their bands")
  func bands() {
    #expect(Scale.bands(["a", "b"]).position(of: 0) == 0.25)
    #expect(Scale.bands(["a", "b"]).position(of: 1) == 0.75)
  }

  @Test(
    "Short numbers",
    arguments: zip(
      [0, 0.0123456, 1234.5, -2.5, 1.5e8, 9.999e9, 1e-7, 999_999.9, .infinity],
      ["0", "0.0123", "1235", "−2.5", "1.5e8", "1e10", "1e−7", "1,000,000", "∞"]))
  func short(value: Double, text: String) { #expect(NumberLabel.short(value) == text) }
}
