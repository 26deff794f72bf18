// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// What a method shows people of a model: its tables and figures, and what they should know besides.
///
/// The command line prints it, and other languages show it as the text of a model.
package struct ModelReport: Sendable {
  /// The method's name in prose.
  package var title: String
  /// Tables of the model's arrays.
  package var tables: [TextTable]
  /// Lines that a terminal shows in the place of tables and figures, if the method has a form of its own.
  package var text: [String]
  /// Single figures, each with its name.
  package var figures: [(name: String, text: String)]
  /// What people should know besides, a line each.
  package var notes: [String]

  /// A report of its parts.
  package init(
    title: String, tables: [TextTable] = [], text: [String] = [], figures: [(name: String, text: String)] = [],
    notes: [String] = []
  ) {
    self.title = title
    self.tables = tables
    self.text = text
    self.figures = figures
    self.notes = notes
  }

  /// The lines, under a heading that tells the size of the data; `more` are figures of the run.
  package func lines(
    rowCount: Int, columnCount: Int, more: [(name: String, text: String)] = [], width: Int = 100, isBold: Bool = false
  ) -> [String] {
    let size = "\(NumberText.count(rowCount, "row")) of \(NumberText.count(columnCount, "column"))"
    var lines = ["\(title): \(size)", ""] + text
    let isPlain = text.isEmpty
    for table in isPlain ? tables : [] { lines += table.lines(width: width, isBold: isBold) + [""] }
    let all = (isPlain ? figures : []) + more
    let nameWidth = all.map(\.name.count).max() ?? 0
    return lines + all.map { $0.name + String(repeating: " ", count: nameWidth + 2 - $0.name.count) + $0.text }
  }
}

/// A model that has a report.
package protocol ReportedModel: FittedModel {
  /// The report, with these names for columns and responses.
  func report(_ names: ReportNames) -> ModelReport
}

/// What the columns and responses of a model are called.
package struct ReportNames: Sendable {
  /// The columns.
  package let columns: [String]
  private let responses: [String]?

  /// Names, or numbers where there are none.
  package init(columns: [String]?, columnCount: Int, responses: [String]? = nil) {
    self.columns =
      columns.flatMap { $0.count == columnCount ? $0 : nil } ?? (0..<columnCount).map { "column \($0)" }
    self.responses = responses
  }

  /// The names of `count` responses.
  package func responses(_ count: Int) -> [String] {
    responses.flatMap { $0.count == count ? $0 : nil } ?? (count == 1 ? ["y"] : (0..<count).map { "y\($0 + 1)" })
  }

  /// The columns that tables show, by number.
  package var shown: Range<Int> { 0..<min(columns.count, Self.shownCount) }

  /// The columns that tables show, by name.
  package var shownColumns: [String] { Array(columns[shown]) }

  /// The most columns, or rows, that a table shows; all of them where programs read it.
  package static var shownCount: Int { NumberText.isExact ? .max : 100 }

  /// A note if a table does not show all columns.
  package var note: [String] {
    columns.count <= Self.shownCount
      ? [] : ["tables show the first \(Self.shownCount) of \(columns.count) columns; the saved model has all"]
  }
}

extension TextTable {
  /// A matrix that has a row and a column for each column of the data.
  package init(_ heading: String, square matrix: Matrix, _ names: ReportNames) {
    self.init(
      keys: [.init(heading, names.shownColumns)],
      columns: names.shownColumns.enumerated().map { j, name in
        .init(name, names.shown.map { NumberText.short(matrix[$0, j]) })
      })
  }
}
