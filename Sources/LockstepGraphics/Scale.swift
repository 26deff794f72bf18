// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How values become positions along an axis.
package enum Scale: Sendable, Hashable {
  /// Equal steps for equal differences.
  case linear(ClosedRange<Double>)
  /// Equal steps for equal ratios; both bounds are positive.
  case logarithmic(ClosedRange<Double>)
  /// One band of equal width for each name; value i is the middle of band i, counted from 0.
  case bands([String])

  /// Where `value` lies, 0 at the start of the axis and 1 at its end.
  package func position(of value: Double) -> Double {
    switch self {
    case .linear(let range):
      // Halves, since the whole of a range may be more than a double holds.
      let span = range.upperBound / 2 - range.lowerBound / 2
      return span > 0 ? (value / 2 - range.lowerBound / 2) / span : 0.5
    case .logarithmic(let range):
      let low = log10(range.lowerBound)
      let span = log10(range.upperBound) - low
      return span > 0 ? (log10(value) - low) / span : 0.5
    case .bands(let names): return (value + 0.5) / Double(max(names.count, 1))
    }
  }

  /// The values to mark on the axis with their labels, about `count` of them.
  package func ticks(count: Int) -> [Tick] {
    switch self {
    case .linear(let range): Self.linearTicks(range, count: count)
    case .logarithmic(let range): Self.logarithmicTicks(range, count: count)
    case .bands(let names): names.enumerated().map { Tick(value: Double($0), label: $1) }
    }
  }

  /// A mark on an axis.
  package struct Tick: Sendable, Hashable {
    /// The value, in the scale's units.
    package var value: Double
    /// What stands beside it.
    package var label: String
  }

  /// The linear scale of some values: from the smallest to the largest, widened to whole steps between ticks.
  ///
  /// Values that are not finite are left out; without any, the scale reaches from 0 to 1.
  package static func linear(of values: some Sequence<Double>, includingZero: Bool = false, tickCount: Int = 5) -> Scale
  {
    var low = Double.infinity
    var high = -Double.infinity
    for value in values where value.isFinite {
      low = min(low, value)
      high = max(high, value)
    }
    guard low <= high else { return .linear(0...1) }
    if includingZero { (low, high) = (min(low, 0), max(high, 0)) }
    if low == high {
      let margin = low == 0 ? 1 : abs(low) / 2
      (low, high) = (low - margin, high + margin)
    }
    let step = niceStep(high / Double(tickCount) - low / Double(tickCount))
    let bounds = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step)
    return bounds.0.isFinite && bounds.1.isFinite && bounds.0 < bounds.1
      ? .linear(bounds.0...bounds.1) : .linear(low...high)
  }

  /// The smallest of 1, 2 and 5 times a power of ten that is not below `step`.
  package static func niceStep(_ step: Double) -> Double {
    guard step > 0, step.isFinite else { return 1 }
    let power = pow(10, log10(step).rounded(.down))
    let share = step / power
    for nice in [1.0, 2, 5] where share <= nice * (1 + 1e-9) { return nice * power }
    return 10 * power
  }

  private static func linearTicks(_ range: ClosedRange<Double>, count: Int) -> [Tick] {
    let step = niceStep((range.upperBound / Double(count) - range.lowerBound / Double(count)))
    // A hair of tolerance: 0.3 is not three times 0.1.
    let first = (range.lowerBound / step - 1e-9).rounded(.up)
    let last = (range.upperBound / step + 1e-9).rounded(.down)
    guard first <= last, last - first <= 100 else { return [] }
    let values = stride(from: first, through: last, by: 1).map { $0 == 0 ? 0 : $0 * step }
    return zip(values, NumberLabel.labels(values, step: step)).map(Tick.init)
  }

  private static func logarithmicTicks(_ range: ClosedRange<Double>, count: Int) -> [Tick] {
    let first = log10(range.lowerBound)
    let last = log10(range.upperBound)
    let step = max(1, ((last - first) / Double(max(count, 1))).rounded(.up))
    var ticks: [Tick] = []
    var exponent = (first - 1e-9).rounded(.up)
    while exponent <= last + 1e-9 {
      ticks.append(Tick(value: pow(10, exponent), label: NumberLabel.power(Int(exponent))))
      exponent += step
    }
    // Less than a decade: a linear scale's ticks say more.
    return ticks.count < 2 ? linearTicks(range, count: count) : ticks
  }
}
