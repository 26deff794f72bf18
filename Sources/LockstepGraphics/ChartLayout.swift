// SPDX-License-Identifier: Apache-2.0

/// Where the parts of a chart lie, in the units of its view box.
struct ChartLayout {
  /// The width of the whole picture: narrow, so that text stays readable on a phone.
  static let width = 480.0
  /// The size of text.
  static let textSize = 13.0

  let left: Double
  let right: Double
  let top = 10.0
  let bottom: Double
  let height: Double
  /// Whether the labels of the horizontal axis are turned upright.
  let hasUprightLabels: Bool
  let xTicks: [Scale.Tick]
  let yTicks: [Scale.Tick]

  /// The layout that leaves room for all labels.
  init(_ chart: Chart) {
    yTicks = Self.thinned(chart.y.scale.ticks(count: 5), limit: 60)
    let yWidth = yTicks.map { Self.textWidth($0.label) }.max() ?? 0
    left = 8 + (chart.y.label.isEmpty ? 0 : 20) + yWidth + 8
    let endLabels = chart.marks.compactMap { mark -> String? in
      if case .line(_, _, let label?) = mark { label } else { nil }
    }
    let ticks = chart.x.scale.ticks(count: 5)
    // Half of the last label stands beyond the end of the axis.
    let lastTick = chart.x.bandCount == nil ? (ticks.last.map { Self.textWidth($0.label) } ?? 0) / 2 + 4 : 0
    right = max(14, (endLabels.map(Self.textWidth).max() ?? 0) + 10, lastTick)
    let plotWidth = Self.width - left - right
    let widest = ticks.map { Self.textWidth($0.label) }.max() ?? 0
    hasUprightLabels = chart.x.bandCount.map { widest + 6 > plotWidth / Double(max($0, 1)) && widest > 20 } ?? false
    let spacing = hasUprightLabels ? Self.textSize + 2 : widest + 8
    xTicks = Self.thinned(ticks, limit: max(2, Int(plotWidth / spacing)))
    bottom = (hasUprightLabels ? widest + 12 : 24) + (chart.x.label.isEmpty ? 0 : 20)
    // Bands on the vertical axis have a height of their own.
    let plotHeight = chart.y.bandCount.map { min(max(Double($0) * 20, 80), 1200) } ?? 260
    height = top + plotHeight + bottom
  }

  var plotWidth: Double { Self.width - left - right }
  var plotHeight: Double { height - top - bottom }

  func x(_ position: Double) -> Double { left + position * plotWidth }
  /// Numbers grow upwards; bands are read from the top.
  func y(_ position: Double, isBand: Bool) -> Double {
    top + (isBand ? position : 1 - position) * plotHeight
  }

  /// About how wide a text is.
  static func textWidth(_ text: String) -> Double { Double(Label.shortened(text).count) * textSize * 0.56 }

  /// Every second, third, … tick if there are too many.
  private static func thinned(_ ticks: [Scale.Tick], limit: Int) -> [Scale.Tick] {
    guard ticks.count > limit else { return ticks }
    let step = (ticks.count + limit - 1) / limit
    return ticks.enumerated().filter { $0.offset % step == 0 }.map(\.element)
  }
}
