// SPDX-License-Identifier: Apache-2.0

import LockstepGraphics

extension LowOrderMoments.Model: ChartedModel {
  /// The most histograms on a page.
  private static var shownHistogramCount: Int { 24 }

  /// A histogram of each column, if those were asked for.
  package func charts(_ names: ReportNames) -> [Chart] {
    guard let histogramEdges, let histogramCounts else { return [] }
    return (0..<min(columnCount, Self.shownHistogramCount)).filter { minimum[$0].isFinite }.map { j in
      let (bounds, heights) = (Array(histogramEdges.row(j)), Array(histogramCounts.row(j)))
      let fullest = heights.indices.max { heights[$0] < heights[$1] } ?? 0
      return Chart(
        title: names.columns[j],
        alternative: "Most numbers of \(names.columns[j]) in one bin, \(NumberLabel.short(heights[fullest])), are from "
          + "\(NumberLabel.short(bounds[fullest])) to \(NumberLabel.short(bounds[fullest + 1])).",
        x: .init(names.columns[j], .linear(of: bounds)), y: .init("rows", .linear(of: heights, includingZero: true)),
        marks: [.histogram(bounds: bounds, heights: heights)])
    }
  }
}
