// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// Writes labels that are texts as one column, CSV or NPY, by one process or by many together; see ``RowFileWriter``.
///
/// In CSV, a text is in quotes where it must be. In NPY, strings of NumPy have one width for all.
package struct LabelFileWriter: Sendable {
  private let format: RowFileWriter<Int64>.Format
  private let width: Int

  /// A writer of texts of at most `width` Unicode scalars, which matters for NPY only.
  package init(_ format: RowFileWriter<Int64>.Format, width: Int) {
    self.format = format
    self.width = max(width, 1)
  }

  /// The number of Unicode scalars of the longest of the labels.
  package static func width(of labels: RowLabels) -> Int {
    labels.coded.classes.map(\.text.unicodeScalars.count).max() ?? 0
  }

  /// What precedes the labels.
  package func head(totalRowCount: Int) -> [UInt8] {
    format == .csv ? [] : NPYHeader(type: "<U\(width)", shape: [totalRowCount]).bytes
  }

  /// Labels as they are in the file.
  package func bytes(of labels: RowLabels) -> [UInt8] {
    let (classes, codes) = labels.coded
    let entries = classes.map { format == .csv ? csvLine($0.text) : npyElement($0.text) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(codes.reduce(0) { $0 + entries[Int($1)].count })
    for code in codes { bytes += entries[Int(code)] }
    return bytes
  }

  private func csvLine(_ text: String) -> [UInt8] { Array((RowFileWriter<Int64>.quoted(text) + "\n").utf8) }

  private func npyElement(_ text: String) -> [UInt8] {
    precondition(text.unicodeScalars.count <= width, "\"\(text)\" has more than \(width) characters")
    var scalars = text.unicodeScalars.map { $0.value.littleEndian }
    scalars += Array(repeating: 0, count: width - scalars.count)
    return scalars.withUnsafeBytes { Array($0) }
  }
}
