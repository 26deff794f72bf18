// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// A table of text with headings, aligned to the right, cut into panels where it is too wide.
package struct TextTable: Sendable {
  /// A column: its heading and its cells.
  package struct Column: Sendable {
    package var heading: String
    package var cells: [String]

    /// A column of text.
    package init(_ heading: String, _ cells: [String]) {
      self.heading = heading
      self.cells = cells
    }

    /// A column of numbers whose points stand under each other.
    package init(_ heading: String, numbers: [Double]) { self.init(heading, NumberText.column(numbers)) }

    package var width: Int { ([heading] + cells).map(\.count).max() ?? 0 }
  }

  /// Columns that every panel repeats.
  package var keys: [Column]
  /// The other columns.
  package var columns: [Column]

  /// A table of these columns.
  package init(keys: [Column], columns: [Column]) {
    self.keys = keys
    self.columns = columns
  }

  /// The most characters of a heading that are shown.
  private static let headingWidth = 24
  /// The most characters of a cell: names come from files, too.
  private static let cellWidth = 200

  /// The lines, of at most `width` characters unless a single column needs more.
  package func lines(width: Int, isBold: Bool = false) -> [String] {
    let keys = keys.map(Self.shortened)
    let keyWidth = keys.reduce(0) { $0 + $1.width + 2 }
    var panels: [[Column]] = [[]]
    var used = keyWidth
    for column in columns.map(Self.shortened) {
      if used + column.width > width, !panels[panels.count - 1].isEmpty {
        panels.append([])
        used = keyWidth
      }
      panels[panels.count - 1].append(column)
      used += column.width + 2
    }
    return Array(panels.map { Self.lines(keys + $0, isBold: isBold) }.joined(separator: [""]))
  }

  private static func lines(_ columns: [Column], isBold: Bool) -> [String] {
    func line(_ cell: (Column) -> String) -> String {
      columns.map { column in
        let text = cell(column)
        return String(repeating: " ", count: column.width - text.count) + text
      }.joined(separator: "  ")
    }
    let heading = line(\.heading)
    let rowCount = columns.map(\.cells.count).max() ?? 0
    return [isBold ? "\u{1B}[1m\(heading)\u{1B}[0m" : heading] + (0..<rowCount).map { i in line { $0.cells[i] } }
  }

  private static func shortened(_ column: Column) -> Column {
    let heading = PrintableText.of(column.heading, limit: headingWidth + 1)
    return Column(
      heading.count > headingWidth ? heading.prefix(headingWidth - 1) + "…" : heading,
      column.cells.map { PrintableText.of($0, limit: cellWidth) })
  }
}
