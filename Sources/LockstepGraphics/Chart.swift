// SPDX-License-Identifier: Apache-2.0

/// A picture with two axes, drawn as SVG.
///
/// ```swift
/// let chart = Chart(
///   title: "Share of variance", alternative: "The first component has 72 % of the variance.",
///   x: .init("component", .bands(["1", "2"])), y: .init("share", .linear(0...1)), marks: [.bars([0.72, 0.28], series: 0)])
/// let picture = chart.svg(identifier: "scree")
/// ```
package struct Chart: Sendable, Hashable {
  /// What the picture shows, in a few words.
  package var title: String
  /// What a reader sees in it, in a sentence, for those who do not see it.
  package var alternative: String
  /// The horizontal axis.
  package var x: Axis
  /// The vertical axis.
  package var y: Axis
  /// What is drawn, in this order.
  package var marks: [Mark]

  /// A chart of some marks.
  package init(title: String, alternative: String, x: Axis, y: Axis, marks: [Mark]) {
    self.title = title
    self.alternative = alternative
    self.x = x
    self.y = y
    self.marks = marks
  }

  /// One axis of a chart.
  package struct Axis: Sendable, Hashable {
    /// What it measures, with the unit; nothing is written if it is empty.
    package var label: String
    /// How values become positions.
    package var scale: Scale

    /// An axis.
    package init(_ label: String, _ scale: Scale) { (self.label, self.scale) = (label, scale) }

    /// The number of bands; `nil` for an axis of numbers.
    var bandCount: Int? {
      guard case .bands(let names) = scale else { return nil }
      return names.count
    }
  }
}
