// SPDX-License-Identifier: Apache-2.0

extension Chart {
  /// The picture as an SVG element for a page that has ``Stylesheet/text``.
  ///
  /// - Parameter identifier: A name that no other element of the page has.
  /// - Returns: The element.
  package func svg(identifier: String) -> String {
    let layout = ChartLayout(self)
    var svg = SVGWriter()
    let id = Label.escaped(identifier)
    svg.open(
      "<svg role=\"img\" aria-labelledby=\"\(id)-t \(id)-d\" viewBox=\"0 0 \(SVGWriter.number(ChartLayout.width)) "
        + "\(SVGWriter.number(layout.height))\" xmlns=\"http://www.w3.org/2000/svg\">")
    svg.line("<title id=\"\(id)-t\">\(Label.escaped(title))</title>")
    svg.line("<desc id=\"\(id)-d\">\(Label.escaped(alternative))</desc>")
    drawAxes(layout, in: &svg)
    for mark in marks { draw(mark, layout, in: &svg) }
    drawEndLabels(layout, in: &svg)
    svg.close("</svg>")
    return svg.text
  }

  private func drawAxes(_ layout: ChartLayout, in svg: inout SVGWriter) {
    let right = layout.left + layout.plotWidth
    let bottom = layout.top + layout.plotHeight
    for tick in layout.yTicks {
      let y = layout.y(self.y.scale.position(of: tick.value), isBand: self.y.bandCount != nil)
      if self.y.bandCount == nil { svg.segment(layout.left, y, right, y, class: "grid") }
      svg.label(tick.label, layout.left - 8, y, class: "tick end", anchor: .middle)
    }
    for tick in layout.xTicks {
      let x = layout.x(self.x.scale.position(of: tick.value))
      if self.x.bandCount == nil { svg.segment(x, layout.top, x, bottom, class: "grid") }
      if layout.hasUprightLabels {
        svg.label(tick.label, x, bottom + 8, class: "tick end", anchor: .middle, isUpright: true)
      } else {
        svg.label(tick.label, x, bottom + 8, class: "tick mid", anchor: .top)
      }
    }
    svg.segment(layout.left, bottom, right, bottom, class: "axis")
    if !self.x.label.isEmpty {
      svg.label(self.x.label, layout.left + layout.plotWidth / 2, layout.height - 6, class: "name mid", anchor: .bottom)
    }
    if !self.y.label.isEmpty {
      svg.label(
        self.y.label, 16, layout.top + layout.plotHeight / 2, class: "name mid", anchor: .bottom, isUpright: true)
    }
  }

  private func place(_ point: Mark.Point, _ layout: ChartLayout) -> (x: Double, y: Double) {
    (
      layout.x(x.scale.position(of: point.x)),
      layout.y(y.scale.position(of: point.y), isBand: y.bandCount != nil)
    )
  }

  private func draw(_ mark: Mark, _ layout: ChartLayout, in svg: inout SVGWriter) {
    switch mark {
    case .line(let points, let series, _):
      // A value that is no number interrupts the line.
      let runs = points.split { !$0.x.isFinite || !$0.y.isFinite }
      for run in runs { svg.path(run.map { place($0, layout) }, class: "line s\(series % Stylesheet.seriesCount)") }
    case .points(let points, let series):
      for point in points where point.x.isFinite && point.y.isFinite {
        let (x, y) = place(point, layout)
        svg.dot(x, y, radius: points.count > 200 ? 1.8 : 3.2, class: "s\(series % Stylesheet.seriesCount)")
      }
    case .bars(let values, let series):
      drawBars(values, class: "s\(series % Stylesheet.seriesCount)", layout, in: &svg)
    case .intervals(let intervals):
      for (i, interval) in intervals.enumerated() {
        let y = layout.y(self.y.scale.position(of: Double(i)), isBand: true)
        let ends = [interval.low, interval.high].map { layout.x(min(max(x.scale.position(of: $0), 0), 1)) }
        if ends.allSatisfy(\.isFinite) { svg.segment(ends[0], y, ends[1], y, class: "interval s0") }
        if interval.estimate.isFinite {
          svg.dot(layout.x(x.scale.position(of: interval.estimate)), y, radius: 4, class: "s0")
        }
      }
    case .tiles(let values, let columnCount, let limit):
      drawTiles(values, columnCount, limit, layout, in: &svg)
    case .histogram(let bounds, let heights):
      for (i, height) in heights.enumerated() where height > 0 {
        let (left, top) = place(.init(bounds[i], height), layout)
        let (right, base) = place(.init(bounds[i + 1], 0), layout)
        svg.box(left, top, max(right - left - 0.5, 0.5), base - top, class: "s0")
      }
    case .vertical(let value, let label):
      let x = layout.x(self.x.scale.position(of: value))
      svg.segment(x, layout.top, x, layout.top + layout.plotHeight, class: "reference")
      if let label { svg.label(label, x + 4, layout.top + 2, class: "tick", anchor: .top) }
    case .horizontal(let value, let label):
      let y = layout.y(self.y.scale.position(of: value), isBand: self.y.bandCount != nil)
      svg.segment(layout.left, y, layout.left + layout.plotWidth, y, class: "reference")
      if let label { svg.label(label, layout.left + layout.plotWidth, y - 4, class: "tick end", anchor: .bottom) }
    case .arrows(let arrows):
      let origin = place(.init(0, 0), layout)
      for arrow in arrows {
        let end = place(arrow.end, layout)
        svg.segment(origin.x, origin.y, end.x, end.y, class: "interval s1")
        let side = end.x < origin.x ? "end" : ""
        svg.label(arrow.name, end.x + (end.x < origin.x ? -4 : 4), end.y, class: "tick \(side)", anchor: .middle)
      }
    }
  }

  private func drawBars(_ values: [Double], class name: String, _ layout: ChartLayout, in svg: inout SVGWriter) {
    for (i, value) in values.enumerated() where value.isFinite {
      if let count = y.bandCount {
        let middle = layout.y(y.scale.position(of: Double(i)), isBand: true)
        let thickness = layout.plotHeight / Double(count) * 0.7
        let ends = [layout.x(x.scale.position(of: 0)), layout.x(x.scale.position(of: value))].sorted()
        svg.box(ends[0], middle - thickness / 2, ends[1] - ends[0], thickness, class: name)
      } else {
        let middle = layout.x(x.scale.position(of: Double(i)))
        let thickness = layout.plotWidth / Double(x.bandCount ?? values.count) * 0.7
        let ends = [0, value].map { layout.y(y.scale.position(of: $0), isBand: false) }.sorted()
        svg.box(middle - thickness / 2, ends[0], thickness, ends[1] - ends[0], class: name)
      }
    }
  }

  private func drawTiles(
    _ values: [Double], _ columnCount: Int, _ limit: Double, _ layout: ChartLayout, in svg: inout SVGWriter
  ) {
    guard columnCount > 0 else { return }
    let rowCount = values.count / columnCount
    let width = layout.plotWidth / Double(columnCount)
    let height = layout.plotHeight / Double(max(rowCount, 1))
    // Few tiles have their numbers on them.
    let hasNumbers = width >= 34 && height >= 16
    for (i, value) in values.enumerated() {
      let (row, column) = i.quotientAndRemainder(dividingBy: columnCount)
      let (x, y) = (layout.left + Double(column) * width, layout.top + Double(row) * height)
      svg.tile(x, y, width, height, fill: value.isFinite ? Stylesheet.diverging(value / limit) : "none")
      if hasNumbers, value.isFinite {
        svg.label(
          NumberLabel.brief(value), x + width / 2, y + height / 2,
          class: "on-tile mid\(abs(value) > 0.6 * limit ? " light" : "")", anchor: .middle)
      }
    }
  }

  /// The names of lines at their right ends, moved apart where they would overlap.
  private func drawEndLabels(_ layout: ChartLayout, in svg: inout SVGWriter) {
    var labels: [(text: String, y: Double, series: Int)] = []
    for case .line(let points, let series, let label?) in marks {
      guard let last = points.last(where: { $0.x.isFinite && $0.y.isFinite }) else { continue }
      labels.append((label, place(last, layout).y, series % Stylesheet.seriesCount))
    }
    labels.sort { $0.y < $1.y }
    var lowest = -Double.infinity
    for label in labels {
      let y = max(label.y, lowest + ChartLayout.textSize)
      lowest = y
      svg.label(
        label.text, layout.left + layout.plotWidth + 6, y, class: "tick t\(label.series)", anchor: .middle)
    }
  }
}
