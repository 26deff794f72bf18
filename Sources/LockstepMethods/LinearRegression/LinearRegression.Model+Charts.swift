// SPDX-License-Identifier: Apache-2.0

import LockstepGraphics

extension LinearRegression.Model: ChartedModel {
  /// For each target, the coefficients with their intervals, and how many standard errors they are away from zero.
  package func charts(_ names: ReportNames) -> [Chart] {
    (0..<min(responseCount, 4)).flatMap { k -> [Chart] in
      let ratios = (0..<columnCount).map { coefficients[k, $0] / standardErrors[k, $0] }
      let shown = ReportNames.largest(ratios.map(abs))
      guard !shown.isEmpty, shown.allSatisfy({ ratios[$0].isFinite }) else { return [] }
      let width = limitWidth
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
          title: "Coefficients\(target) with \(NumberText.short(100 * confidence)) % intervals",
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
