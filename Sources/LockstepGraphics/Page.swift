// SPDX-License-Identifier: Apache-2.0

/// A page of HTML that needs nothing else: no network, no script, no other file.
package struct Page: Sendable {
  /// The heading, and the title of the window.
  package var title: String
  /// What stands below it.
  package var content: [Block]

  /// A page.
  package init(title: String, content: [Block]) {
    self.title = title
    self.content = content
  }

  /// A part of a page.
  package enum Block: Sendable {
    /// A heading.
    case heading(String)
    /// A paragraph.
    case paragraph(String)
    /// A note, set back.
    case note(String)
    /// A command or another text to be copied.
    case code(String)
    /// Lines of text whose columns stand under each other.
    case text(String)
    /// Names with their values.
    case facts([(name: String, value: String)])
    /// A table: its columns' headings, and its rows; the first column names the rows.
    case table(headings: [String], rows: [[String]])
    /// Pictures side by side, where there is room.
    case charts([Chart])
  }

  /// The file.
  package func html() -> String {
    var html = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(Label.escaped(title))</title>
      <style>
      \(Stylesheet.text)
      </style>
      </head>
      <body>
      <main>
      <h1>\(Label.escaped(title))</h1>

      """
    var chartCount = 0
    for block in content { html += Self.html(block, chartCount: &chartCount) + "\n" }
    return html + "</main>\n</body>\n</html>\n"
  }

  private static func html(_ block: Block, chartCount: inout Int) -> String {
    switch block {
    case .heading(let text): return "<h2>\(Label.escaped(text))</h2>"
    case .paragraph(let text): return "<p>\(Label.escaped(text))</p>"
    case .note(let text): return "<p class=\"soft\">\(Label.escaped(text))</p>"
    case .code(let text): return "<p><code>\(Label.escaped(text))</code></p>"
    case .text(let text): return "<pre class=\"wide\" tabindex=\"0\">\(Label.escapedLines(text))</pre>"
    case .facts(let facts):
      let entries = facts.map { "<dt>\(Label.escaped($0.name))</dt><dd>\(Label.escaped($0.value))</dd>" }
      return "<dl>\n\(entries.joined(separator: "\n"))\n</dl>"
    case .table(let headings, let rows):
      func cells(_ texts: [String], _ tag: String) -> String {
        texts.map { "<\(tag)>\(Label.escaped($0))</\(tag)>" }.joined()
      }
      let body = rows.map { "<tr>\(cells($0, "td"))</tr>" }.joined(separator: "\n")
      return """
        <div class="wide" tabindex="0"><table>
        <thead><tr>\(cells(headings, "th"))</tr></thead>
        <tbody>
        \(body)
        </tbody>
        </table></div>
        """
    case .charts(let charts):
      var figures = ""
      for chart in charts {
        chartCount += 1
        figures += """
          <figure>
          \(chart.svg(identifier: "chart\(chartCount)"))
          <figcaption><strong>\(Label.escaped(chart.title)).</strong> \(Label.escaped(chart.alternative))</figcaption>
          </figure>

          """
      }
      return "<div class=\"figures\">\n\(figures)</div>"
    }
  }
}
