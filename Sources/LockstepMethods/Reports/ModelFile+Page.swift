// SPDX-License-Identifier: Apache-2.0

import LockstepGraphics

extension ModelFile {
  /// The model as a page to look at: what was fitted to what, pictures, and the tables of its report.
  ///
  /// - Parameters:
  ///   - facts: What is known of the data and the run besides, as names and values.
  ///   - notes: What readers should know, a sentence each.
  /// - Returns: The page; the same for any number of processes if the facts are.
  /// - Throws: What making the digest throws.
  package func page(facts: [(name: String, value: String)] = [], notes: [String] = []) throws -> Page {
    let names = ReportNames(columns: columnNames, columnCount: model.columnCount, responses: responseNames)
    let name = type(of: model).methodName
    let report = (model as? any ReportedModel)?.report(names) ?? ModelReport(title: name)
    var content: [Page.Block] = []
    if let method = Catalog.method(named: name) { content.append(.paragraph(method.summary + ".")) }
    let size = [("rows", NumberLabel.count(rowCount)), ("columns", NumberLabel.count(model.columnCount))]
    content.append(.facts(size + report.figures.map { ($0.name, $0.text) } + facts))
    content += (report.notes + notes).map { .note($0) }
    if let charts = (model as? any ChartedModel)?.charts(names), !charts.isEmpty { content.append(.charts(charts)) }
    if report.tables.isEmpty, !report.text.isEmpty { content.append(.text(report.text.joined(separator: "\n"))) }
    content += report.tables.map { table in
      let columns = table.keys + table.columns
      let height = columns.map(\.cells.count).max() ?? 0
      return .table(headings: columns.map(\.heading), rows: (0..<height).map { i in columns.map { $0.cells[i] } })
    }
    content += [.heading("Parameters"), .facts(parameterFacts), .note("Digest of the model: \(try model.digest)")]
    return Page(title: report.title.prefix(1).uppercased() + report.title.dropFirst(), content: content)
  }

  private var parameterFacts: [(name: String, value: String)] {
    guard case .object(let members) = parameters else { return [] }
    return members.sorted { $0.key < $1.key }.compactMap { name, value in
      guard value != .null, let text = try? value.encoded() else { return nil }
      return (name, String(decoding: text, as: UTF8.self))
    }
  }
}
