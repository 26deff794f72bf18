// SPDX-License-Identifier: Apache-2.0

/// What a chart shows, in the units of its scales.
package enum Mark: Sendable, Hashable {
  /// A line through points, with a label at its end.
  case line([Point], series: Int, label: String? = nil)
  /// A dot at each point.
  case points([Point], series: Int)
  /// A bar from zero for each band of the horizontal axis, or of the vertical axis if that has the bands.
  case bars([Double], series: Int)
  /// An interval and a dot inside it for each band of the vertical axis.
  case intervals([Interval])
  /// A tile for each value, row by row, in full colour where its size reaches `limit`; both axes have bands.
  case tiles([Double], columnCount: Int, limit: Double)
  /// Bars that touch, between bounds in increasing order: one height fewer than bounds.
  case histogram(bounds: [Double], heights: [Double])
  /// A reference line at a value of the horizontal axis.
  case vertical(Double, label: String? = nil)
  /// A reference line at a value of the vertical axis.
  case horizontal(Double, label: String? = nil)
  /// A line from the origin to each point, with a name at its end.
  case arrows([Arrow])

  /// A place in a chart.
  package struct Point: Sendable, Hashable {
    /// Along the horizontal axis.
    package var x: Double
    /// Along the vertical axis.
    package var y: Double

    /// The point (x, y).
    package init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
  }

  /// An estimate and the interval around it.
  package struct Interval: Sendable, Hashable {
    /// The estimate.
    package var estimate: Double
    /// The lower bound.
    package var low: Double
    /// The upper bound.
    package var high: Double

    /// An estimate and its bounds.
    package init(_ estimate: Double, from low: Double, to high: Double) {
      (self.estimate, self.low, self.high) = (estimate, low, high)
    }
  }

  /// The end of an arrow from the origin.
  package struct Arrow: Sendable, Hashable {
    /// Where it ends.
    package var end: Point
    /// What stands there.
    package var name: String

    /// An arrow to `end`.
    package init(_ end: Point, _ name: String) { (self.end, self.name) = (end, name) }
  }
}
