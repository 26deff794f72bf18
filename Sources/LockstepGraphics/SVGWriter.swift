// SPDX-License-Identifier: Apache-2.0

/// Writes the elements of a picture.
struct SVGWriter {
  private(set) var text = ""

  /// Where a label's given height is on its letters.
  enum Anchor {
    case top, middle, bottom
  }

  mutating func open(_ tag: String) { text += tag + "\n" }
  mutating func close(_ tag: String) { text += tag }
  mutating func line(_ element: String) { text += element + "\n" }

  mutating func segment(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class name: String) {
    line(
      "<line class=\"\(name)\" x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))\" "
        + "y2=\"\(Self.number(y2))\"/>")
  }

  mutating func path(_ points: [(x: Double, y: Double)], class name: String) {
    let places = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
    line("<polyline class=\"\(name)\" points=\"\(places)\"/>")
  }

  mutating func dot(_ x: Double, _ y: Double, radius: Double, class name: String) {
    line(
      "<circle class=\"dot \(name)\" cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"\(Self.number(radius))\"/>")
  }

  mutating func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double, class name: String) {
    line("<rect class=\"bar \(name)\" \(Self.frame(x, y, width, height))/>")
  }

  mutating func tile(_ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String) {
    line("<rect class=\"tile\" \(Self.frame(x, y, width, height)) fill=\"\(fill)\"/>")
  }

  /// A text; a long one is shortened, and whole where the reader points at it.
  mutating func label(
    _ text: String, _ x: Double, _ y: Double, class name: String, anchor: Anchor, isUpright: Bool = false
  ) {
    let shift =
      switch anchor {
      case .top: ChartLayout.textSize
      case .middle: ChartLayout.textSize * 0.35
      case .bottom: 0.0
      }
    let isName = name.hasPrefix("name")
    let shown = isName ? text : Label.shortened(text)
    let whole = shown == text ? "" : "<title>\(Label.escaped(text))</title>"
    let place =
      isUpright
      ? "transform=\"translate(\(Self.number(x + (isName ? 0 : shift))) \(Self.number(y))) rotate(-90)\""
      : "x=\"\(Self.number(x))\" y=\"\(Self.number(y + shift))\""
    line("<text class=\"\(name)\" \(place)>\(Label.escaped(shown))\(whole)</text>")
  }

  private static func frame(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> String {
    "x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\""
  }

  /// A coordinate to two decimals.
  static func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "0" }
    let hundredths = Int((value * 100).rounded())
    let (whole, part) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
    let decimals = part == 0 ? "" : part % 10 == 0 ? ".\(part / 10)" : part < 10 ? ".0\(part)" : ".\(part)"
    return (hundredths < 0 ? "-" : "") + "\(whole)\(decimals)"
  }
}
