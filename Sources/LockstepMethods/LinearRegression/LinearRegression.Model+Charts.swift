// SPDX-License-Identifier: Apache-2.0

import LockstepGraphics

extension LinearRegression.Model: ChartedModel {
  /// For each target, the coefficients with their intervals, and how many standard errors they are away from zero.
  package func charts(_ names: ReportNames) -> [Chart] {
    (0..<min(responseCount, 4)).flatMap { k -> [Chart] in
      let ratios = (0..<columnCount).map { coefficients[k, $0] / standardErrors[k, $0] }
      let shown = ReportNames.largest(ratios.map(abs))
      guard !shown.isEmpty, shown.allSatisfy({ ratios[$0].isFinite }) else { return [] }
      let width = Distributions.studentQuantile(0.975, degreesOfFreedom: degreesOfFreedom)
      let intervals = shown.map { j in
        Mark.Interval(
          coefficients[k, j], from: coefficients[k, j] - width * standardErrors[k, j],
          to: coefficients[k, j] + width * standardErrors[k, j])
      }
      let clear = intervals.count { $0.low > 0 || $0.high < 0 }
      let bands = Scale.bands(shown.map { names.columns[$0] })
      let strongest = shown.max { abs(ratios[$0]) < abs(ratios[$1]) } ?? 0
      let target = responseCount == 1 ? "" : " of \(names.responses(responseCount)[k])"
      return [
        Chart(
          title: "Coefficients\(target) with 95 % intervals",
          alternative: "\(clear) of \(shown.count) intervals do not contain zero."
            + ReportNames.note(shown: shown.count, of: columnCount),
          x: .init("coefficient", .linear(of: intervals.flatMap { [$0.low, $0.high] }, includingZero: true)),
          y: .init("", bands), marks: [.vertical(0), .intervals(intervals)]),
        Chart(
          title: "Strength of evidence\(target)",
          alternative:
            "Coefficients divided by their standard errors (t values), which have no unit. The largest is that of "
            + "\(names.columns[strongest]), \(NumberLabel.short(ratios[strongest])).",
          x: .init("t value", .linear(of: shown.map { ratios[$0] } + [-width, width], includingZero: true)),
          y: .init("", bands), marks: [.bars(shown.map { ratios[$0] }, series: 0), .vertical(-width), .vertical(width)]),
      ]
    }
  }
}

extension Distributions {
  /// The t with P(T ≤ t) = `probability`, for probabilities above a half, by bisection.
  static func studentQuantile(_ probability: Double, degreesOfFreedom v: Double) -> Double {
    guard v > 0, probability > 0.5, probability < 1 else { return .nan }
    var (low, high) = (0.0, 1.0)
    while studentTwoSided(high, degreesOfFreedom: v) > 2 * (1 - probability), high < 1e15 { high *= 2 }
    while true {
      let middle = low + (high - low) / 2
      guard low < middle, middle < high else { return middle }
      if studentTwoSided(middle, degreesOfFreedom: v) > 2 * (1 - probability) { low = middle } else { high = middle }
    }
  }
}
