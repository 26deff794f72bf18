// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// The forms in which a result is written.
package enum ReportFormat: String, CaseIterable, Sendable {
  /// Aligned tables for a terminal, with rounded numbers.
  case table
  /// Comma-separated values, with all digits and all columns.
  case csv
  /// Tables as Markdown, with rounded numbers.
  case markdown
  /// One JSON object.
  case json

  /// Runs what makes a report, with numbers as this form writes them.
  package func writing<T>(_ body: () throws -> T) rethrows -> T {
    try NumberText.$isExact.withValue(self == .csv, operation: body)
  }
}

extension ModelReport {
  /// The lines of the report in a form; JSON is the model's, not the report's.
  package func lines(
    _ format: ReportFormat, rowCount: Int, columnCount: Int, more: [(name: String, text: String)] = [],
    width: Int = 100, isBold: Bool = false
  ) -> [String] {
    switch format {
    case .csv: csv(more: more)
    case .markdown: markdown(rowCount: rowCount, columnCount: columnCount, more: more)
    case .table, .json:
      lines(rowCount: rowCount, columnCount: columnCount, more: more, width: width, isBold: isBold)
    }
  }

  /// The tables as comma-separated values, an empty line between two, then the figures as a table of names and values.
  ///
  /// - Parameter more: Figures of the run.
  /// - Returns: The lines. Text that needs it is quoted as RFC 4180 says.
  package func csv(more: [(name: String, text: String)] = []) -> [String] {
    Array((tables.map(\.csv) + [Self.table(of: figures + more).csv]).joined(separator: [""]))
  }

  /// The report as Markdown: a heading, tables, the figures as a table of names and values.
  ///
  /// - Parameters:
  ///   - rowCount: The number of rows of the data.
  ///   - columnCount: The number of columns.
  ///   - more: Figures of the run.
  /// - Returns: The lines.
  package func markdown(
    rowCount: Int, columnCount: Int, more: [(name: String, text: String)] = []
  ) -> [String] {
    let size = [("rows", "\(rowCount)"), ("columns", "\(columnCount)")]
    var lines = ["## " + title.prefix(1).uppercased() + title.dropFirst(), ""]
    for table in tables { lines += table.markdown + [""] }
    if tables.isEmpty, !text.isEmpty { lines += ["```text"] + text + ["```", ""] }
    return lines + Self.table(of: size + figures + more).markdown
  }

  private static func table(of figures: [(name: String, text: String)]) -> TextTable {
    TextTable(keys: [.init("figure", figures.map(\.name))], columns: [.init("value", figures.map(\.text))])
  }
}

extension TextTable {
  private var rows: [[String]] {
    let columns = keys + columns
    let height = columns.map(\.cells.count).max() ?? 0
    return [columns.map(\.heading)] + (0..<height).map { i in columns.map { $0.cells[i] } }
  }

  /// The table as comma-separated values.
  package var csv: [String] {
    rows.map { row in
      row.map { cell in
        // Quotes protect a line end as well, for programs; on a terminal it could pretend to be another row.
        guard cell.contains(where: { ",\"\r\n".contains($0) || $0 == "\r\n" }) else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
      }.joined(separator: ",")
    }
  }

  /// The table as Markdown; keys to the left, numbers to the right.
  package var markdown: [String] {
    func line(_ cells: [String]) -> String {
      let texts = cells.map {
        PrintableText.of($0, limit: 200).replacing("\\", with: "\\\\").replacing("|", with: "\\|")
      }
      return "| " + texts.joined(separator: " | ") + " |"
    }
    let rows = rows
    let rule = Array(repeating: "---", count: keys.count) + Array(repeating: "---:", count: columns.count)
    return [line(rows[0]), "|" + rule.joined(separator: "|") + "|"] + rows.dropFirst().map(line)
  }
}
