// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// What the columns of the data look like in the first rows of the first file, and what each is for.
struct ColumnTable {
  private let name: String
  private let preview: DataPreview
  private let roles: [ColumnRole]

  /// Looks at the first file of `size` processes.
  ///
  /// - Throws: `LockstepError` if it cannot be looked at: it is a pipe or a sparse file, or cannot be read.
  init(
    _ options: DataOptions, columns: ColumnSelection, roles: ColumnRoles, encoding: ColumnEncoding?, size: Int
  ) throws {
    let source = try DataNames.parts(of: options.request, rank: 0, size: size)[0].source
    name = source.description
    var reading = options.readOptions(columns: columns, roles: roles)
    reading.encoding = encoding
    guard let preview = try DataPreview.of(source, options: reading) else {
      throw LockstepError(.unsupported, "the columns cannot be seen beforehand", place: .init(file: name))
    }
    self.preview = preview
    self.roles = try preview.roles(reading, file: name)
  }

  /// The table, under a line that says what was looked at.
  var lines: [String] {
    let shown = preview.columns.indices.prefix(ReportNames.shownCount)
    let more =
      preview.columns.count > shown.count
      ? ["the table shows the first \(shown.count) of \(preview.columns.count) columns"] : []
    let heading =
      preview.rowCount == 0
      ? "columns of \(name):" : "columns as the first \(count(preview.rowCount, "row")) of \(name) show them:"
    let table = TextTable(
      keys: [.init("column", shown.map { preview.columns[$0].name ?? "\($0)" })],
      columns: [
        .init("role", shown.map { role(roles[$0]) }),
        .init("values", shown.map { values(preview.columns[$0], roles[$0]) }),
        .init("missing", shown.map { "\(preview.columns[$0].missingCount)" }),
      ])
    return [heading] + table.lines(width: 120) + more
  }

  private func role(_ role: ColumnRole) -> String {
    switch role {
    case .feature: "feature"
    case .categorical: "categorical"
    case .target: "target"
    case .weight: "weight"
    case .label: "label"
    case .unused: "not used"
    }
  }

  private func values(_ column: ColumnPreview, _ role: ColumnRole) -> String {
    switch role {
    case .categorical, .label: "\(column.kind.rawValue), \(column.valueCount) different"
    default: column.kind == .missing ? "none" : column.kind.rawValue
    }
  }
}
