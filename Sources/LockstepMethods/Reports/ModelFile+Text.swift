// SPDX-License-Identifier: Apache-2.0

extension ModelFile {
  /// The tables and figures of the model as lines of text; of a model without a report, its fields as JSON.
  ///
  /// - Throws: What making the digest throws.
  package func text(width: Int = 100, isBold: Bool = false) throws -> String {
    guard let reported = model as? any ReportedModel else {
      return String(decoding: try JSONValue.object(model.fieldsAsJSON).encoded(), as: UTF8.self)
    }
    let names = ReportNames(columns: columnNames, columnCount: model.columnCount, responses: responseNames)
    let report = reported.report(names)
    let lines = try report.lines(
      rowCount: rowCount, columnCount: model.columnCount, more: [("digest", model.digest)], width: width, isBold: isBold
    )
    return (lines + report.notes).joined(separator: "\n")
  }
}
