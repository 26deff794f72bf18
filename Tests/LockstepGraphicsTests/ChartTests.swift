// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import LockstepGraphics

@Suite("Charts")
struct ChartTests {
  private static let scree = Chart(
    title: "Share of variance", alternative: "The first of 2 components has 72 % of the variance.",
    x: .init("component", .bands(["1", "2"])), y: .init("share", .linear(0...1)),
    marks: [.bars([0.72, 0.28], series: 0)])

  @Test("A chart is well-formed XML with a title, an alternative text, and a bar for each value")
  func bars() throws {
    let svg = Self.scree.svg(identifier: "scree")
    try Self.requireWellFormed(svg)
    #expect(svg.contains("<title id=\"scree-t\">Share of variance</title>"))
    #expect(svg.contains("<desc id=\"scree-d\">The first of 2 components has 72 % of the variance.</desc>"))
    #expect(svg.components(separatedBy: "<rect class=\"bar").count - 1 == 2)
  }

  @Test("Names from the data cannot leave their place in the picture")
  func escaping() throws {
    let chart = Chart(
      title: "a & b", alternative: "<script>", x: .init("", .bands(["<b>\u{1B}[31m", "\"x\""])),
      y: .init("y", .linear(0...1)), marks: [.bars([1, .nan], series: 0)])
    let svg = chart.svg(identifier: "c")
    try Self.requireWellFormed(svg)
    #expect(!svg.contains("<script>") && !svg.contains("\u{1B}") && !svg.contains("<b>"))
  }

  @Test("Each kind of mark draws inside its chart")
  func marks() throws {
    let points = (0..<20).map { Mark.Point(Double($0), Double($0 * $0)) }
    let plots: [Chart] = [
      Chart(
        title: "t", alternative: "a", x: .init("x", .linear(0...19)), y: .init("y", .linear(0...361)),
        marks: [
          .line(points, series: 0, label: "first"),
          .line(points.map { .init($0.x, $0.y / 2) }, series: 1, label: "second"),
          .points(points, series: 2), .vertical(10, label: "here"), .horizontal(100, label: "there"),
        ]),
      Chart(
        title: "t", alternative: "a", x: .init("coefficient", .linear(-2...2)), y: .init("", .bands(["a", "b"])),
        marks: [.vertical(0), .intervals([.init(0.5, from: 0.1, to: 0.9), .init(-1, from: -9, to: -0.5)])]),
      Chart(
        title: "t", alternative: "a", x: .init("", .bands(["a", "b"])), y: .init("", .bands(["a", "b"])),
        marks: [.tiles([1, -0.5, -0.5, .nan], columnCount: 2, limit: 1)]),
      Chart(
        title: "t", alternative: "a", x: .init("value", .linear(0...3)), y: .init("rows", .linear(0...5)),
        marks: [.histogram(bounds: [0, 1, 2, 3], heights: [2, 5, 0])]),
      Chart(
        title: "t", alternative: "a", x: .init("1", .linear(-1...1)), y: .init("2", .linear(-1...1)),
        marks: [.arrows([.init(.init(0.5, 0.5), "p"), .init(.init(-0.9, 0.1), "q")])]),
    ]
    for chart in plots {
      let svg = chart.svg(identifier: "c")
      try Self.requireWellFormed(svg)
      let height = ChartLayout(chart).height
      for (attribute, limit) in [("x", ChartLayout.width), ("cx", ChartLayout.width), ("y", height), ("cy", height)] {
        for value in Self.values(of: attribute, in: svg) {
          #expect((0...limit).contains(value), "\(attribute)=\(value)")
        }
      }
    }
  }

  @Test("Labels at the ends of lines do not overlap")
  func endLabels() {
    let lines = (0..<4).map { i in
      Mark.line([.init(0, 0), .init(1, 1 + Double(i) / 1000)], series: i, label: "line \(i)")
    }
    let chart = Chart(
      title: "t", alternative: "a", x: .init("x", .linear(0...1)), y: .init("y", .linear(0...2)), marks: lines)
    let heights = chart.svg(identifier: "c").split(separator: "\n").filter { $0.contains(">line ") }
      .flatMap { Self.values(of: "y", in: String($0)) }.sorted()
    #expect(heights.count == 4)
    #expect(zip(heights, heights.dropFirst()).allSatisfy { $1 - $0 >= ChartLayout.textSize - 0.02 })
  }

  @Test("A page holds everything in itself, and escapes all text")
  func page() throws {
    let page = Page(
      title: "k-means <1>",
      content: [
        .heading("Result"), .paragraph("a < b"), .note("n"), .code("lockstep x > y"), .facts([("rows", "10")]),
        .table(headings: ["cluster", "rows"], rows: [["0", "<4>"]]), .charts([Self.scree, Self.scree]),
      ])
    let html = page.html()
    #expect(!html.contains("http://") || html.components(separatedBy: "http://").count == 3, "only SVG's own namespace")
    #expect(!html.contains("<script") && !html.contains("https://") && !html.contains("url("))
    #expect(html.contains("&lt;4&gt;") && html.contains("a &lt; b") && html.contains("k-means &lt;1&gt;"))
    #expect(html.contains("id=\"chart1-t\"") && html.contains("id=\"chart2-t\""))
  }

  /// All numbers that an attribute has.
  private static func values(of attribute: String, in svg: String) -> [Double] {
    svg.components(separatedBy: " \(attribute)=\"").dropFirst().compactMap { part in
      part.split(separator: "\"", maxSplits: 1).first.flatMap { Double($0) }
    }
  }

  /// Tags open and close in pairs, and nothing is left open.
  private static func requireWellFormed(_ svg: String) throws {
    var open: [Substring] = []
    for part in svg.split(separator: "<").map({ $0 }) {
      guard let end = part.firstIndex(of: ">") else {
        Issue.record("a tag without an end: \(part)")
        return
      }
      let tag = part[..<end]
      let name = tag.prefix { $0 != " " && $0 != "/" || tag.first == $0 }
      if tag.hasPrefix("/") {
        let last = open.popLast() ?? ""
        #expect("/" + last == name, "\(name) ends \(last)")
      } else if !tag.hasSuffix("/") {
        open.append(name)
      }
    }
    #expect(open.isEmpty)
  }
}
