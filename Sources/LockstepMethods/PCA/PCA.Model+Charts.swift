// SPDX-License-Identifier: Apache-2.0

import LockstepGraphics

extension PCA.Model: ChartedModel {
  /// The shares of variance, their sum, the loadings, and the columns in the plane of the first two components.
  package func charts(_ names: ReportNames) -> [Chart] {
    guard componentCount > 0 else { return [] }
    let shown = min(componentCount, 30)
    let shares = Array(explainedVarianceRatio.prefix(shown))
    var sum = 0.0
    let cumulative = shares.map { share -> Double in
      sum += share
      return sum
    }
    let numbers = (0..<shown).map { "\($0)" }
    let ninety = cumulative.firstIndex { $0 >= 0.9 }.map {
      "\($0 + 1) component\($0 == 0 ? " has" : "s have") 90 % of the variance."
    }
    var charts = [
      Chart(
        title: "Share of variance (scree plot)",
        alternative: "The first component has \(Self.percent(shares[0])) of the variance"
          + (shown > 1 ? ", the second \(Self.percent(shares[1]))." : "."), x: .init("component", .bands(numbers)),
        y: .init("share of variance", .linear(of: shares, includingZero: true)), marks: [.bars(shares, series: 0)])
    ]
    if shown > 1 {
      charts.append(
        Chart(
          title: "Cumulative share",
          alternative: ninety ?? "All components shown have \(Self.percent(sum)) of the variance.",
          x: .init("components", .linear(1...Double(shown))), y: .init("share of variance", .linear(0...1)),
          marks: [
            .horizontal(0.9, label: "90 %"),
            .line(cumulative.enumerated().map { .init(Double($0 + 1), $1) }, series: 0),
            .points(cumulative.enumerated().map { .init(Double($0 + 1), $1) }, series: 0),
          ]))
    }
    charts.append(loadings(names))
    if componentCount > 1 { charts.append(plane(names)) }
    return charts
  }

  /// The correlations of columns with components if the columns were scaled; otherwise the components' elements.
  private func loadings(_ names: ReportNames) -> Chart {
    let count = min(componentCount, 8)
    func loading(_ i: Int, _ j: Int) -> Double { components[i, j] }
    let shown = ReportNames.largest((0..<columnCount).map { j in (0..<count).map { abs(loading($0, j)) }.max() ?? 0 })
    let first = shown.max { abs(loading(0, $0)) < abs(loading(0, $1)) }
    return Chart(
      title: "Loadings",
      alternative: "The elements of the first \(count) components. "
        + (first.map { "The first depends most on \(names.columns[$0])." } ?? "")
        + ReportNames.note(shown: shown.count, of: columnCount),
      x: .init("component", .bands((0..<count).map { "\($0)" })), y: .init("", .bands(shown.map { names.columns[$0] })),
      marks: [.tiles(shown.flatMap { j in (0..<count).map { loading($0, j) } }, columnCount: count, limit: 1)])
  }

  /// The columns as arrows in the plane of the first two components, scaled by the components' deviations.
  private func plane(_ names: ReportNames) -> Chart {
    let scales = (0..<2).map { max(eigenvalues[$0], 0).squareRoot() }
    let ends = (0..<columnCount).map { Mark.Point(components[0, $0] * scales[0], components[1, $0] * scales[1]) }
    let shown = ReportNames.largest(ends.map { max(abs($0.x), abs($0.y)) }, count: 20)
    let reach = shown.map { max(abs(ends[$0].x), abs(ends[$0].y)) }.max() ?? 1
    let bounds = -reach * 1.3...reach * 1.3
    let range = Scale.linear(reach > 0 && reach.isFinite ? bounds : -1...1)
    return Chart(
      title: "Columns in the plane of two components",
      alternative: "Columns whose arrows point the same way vary together; opposite arrows, against each other."
        + ReportNames.note(shown: shown.count, of: columnCount),
      x: .init("component 0 (\(Self.percent(explainedVarianceRatio[0])))", range),
      y: .init("component 1 (\(Self.percent(explainedVarianceRatio[1])))", range),
      marks: [.vertical(0), .horizontal(0), .arrows(shown.map { .init(ends[$0], names.columns[$0]) })])
  }

  private static func percent(_ share: Double) -> String { "\(NumberLabel.short(share * 100)) %" }
}
