// SPDX-License-Identifier: Apache-2.0

extension ModelFile {
  /// The tables and figures of the model as lines of text; of a model without a report, its fields as JSON.
  ///
  /// - Throws: What making the digest throws.
  package func text(_ format: ReportFormat = .table, width: Int = 100, isBold: Bool = false) throws -> String {
    try format.writing { try shownText(format, width: width, isBold: isBold) }
  }

  private func shownText(_ format: ReportFormat, width: Int, isBold: Bool) throws -> String {
    guard format != .json, let reported = model as? any ReportedModel else {
      return String(decoding: try JSONValue.object(model.fieldsAsJSON).encoded(), as: UTF8.self)
    }
    let names = ReportNames(columns: columnNames, columnCount: model.columnCount, responses: responseNames)
    let report = reported.report(names)
    let lines = try report.lines(
      format, rowCount: rowCount, columnCount: model.columnCount, more: baseLevels + [("digest", model.digest)],
      width: width,
      isBold: isBold)
    // Notes are not values; in Markdown they are a paragraph each.
    let notes = format == .csv ? [] : format == .markdown ? report.notes.flatMap { ["", $0] } : report.notes
    return (lines + notes).joined(separator: "\n")
  }

  /// The base levels of categorical columns, if there are any, as a figure of the report.
  package var baseLevels: [(name: String, text: String)] {
    guard let bases = encoding?.bases, !bases.isEmpty else { return [] }
    return [("base levels", bases.joined(separator: ", "))]
  }
}
