// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import Glibc
import LockstepErrors
import LockstepTables

/// A number that files of rows are written of: `Double`, `Float` or `Int64`, and no other type.
package protocol RowFileElement: BitwiseCopyable, Sendable {
  /// The type's name in NumPy's notation.
  static var npyType: String { get }
}

extension Double: RowFileElement {
  /// `<f8`.
  package static var npyType: String { "<f8" }
}

extension Float: RowFileElement {
  /// `<f4`.
  package static var npyType: String { "<f4" }
}

extension Int64: RowFileElement {
  /// `<i8`.
  package static var npyType: String { "<i8" }
}

extension RowFileElement {
  fileprivate static var printKind: LockstepPrintKind {
    if self == Double.self { return LockstepPrintDouble }
    return self == Float.self ? LockstepPrintFloat : LockstepPrintInt64
  }
}

/// Writes rows of numbers to a CSV or NPY file, by one process or by many together.
///
/// CSV numbers have the fewest digits that give them back exactly. The file appears under its name when it is complete.
///
/// ```swift
/// try RowFileWriter.write(assignments, columnCount: 1, to: "clusters.npy")                     // one process
///
/// let myByteCount = encoding.byteCount(of: myRows)                                             // many
/// let offset = encoding.head(totalRowCount: n).count + (sum of the byte counts of the ranks before)
/// // rank 0: let file = try AtomicFile(creating: path), told to all
/// try encoding.write(myRows, to: file, at: offset)                                             // all; rank 0 writes the head
/// // rank 0, when all have written: try file.commit()
/// ```
package struct RowFileWriter<Element: RowFileElement>: Sendable {
  /// The format of a file of rows.
  package enum Format: String, Codable, Hashable, Sendable {
    /// Text, a line per row.
    case csv = "csv"
    /// NumPy's format.
    case npy = "npy"

    /// The format that a file's name ends with.
    ///
    /// - Throws: `LockstepError` with code `.usage` for any other end than `.csv` and `.npy`.
    package init(path: String) throws {
      if path.hasSuffix(".csv") {
        self = .csv
      } else if path.hasSuffix(".npy") {
        self = .npy
      } else {
        throw LockstepError(
          .usage, "rows are written to .csv or .npy files", remedy: "let the name end so", place: .init(file: path))
      }
    }
  }

  /// The format.
  package let format: Format
  /// The number of columns.
  package let columnCount: Int
  /// The names that the first line of a CSV file has; `nil` for none.
  package let columnNames: [String]?

  /// The rows that are printed at a time.
  private static var blockRowCount: Int { 4096 }

  /// Creates a writer of rows of `columnCount` numbers.
  ///
  /// - Precondition: `columnCount` ≥ 1, and there is a name for each column, or none at all.
  package init(_ format: Format, columnCount: Int, columnNames: [String]? = nil) {
    precondition(columnCount >= 1, "rows of \(columnCount) columns cannot be written")
    precondition(
      columnNames.map { $0.count == columnCount } ?? true, "\(columnNames?.count ?? 0) names for \(columnCount) columns"
    )
    self.format = format
    self.columnCount = columnCount
    self.columnNames = columnNames
  }

  /// What precedes the rows: the NPY header, or the names of the columns.
  ///
  /// - Parameter totalRowCount: The number of rows of the whole file.
  /// - Returns: The bytes that the file begins with; the rows follow.
  package func head(totalRowCount: Int) -> [UInt8] {
    switch format {
    case .npy:
      let shape = columnCount == 1 ? [totalRowCount] : [totalRowCount, columnCount]
      return NPYHeader(type: Element.npyType, shape: shape).bytes
    case .csv:
      guard let columnNames else { return [] }
      return Array((columnNames.map(RowFileWriter.quoted).joined(separator: ",") + "\n").utf8)
    }
  }

  /// A text as a field of CSV.
  static func quoted(_ name: String) -> String {
    let needsQuotes =
      name.isEmpty || name.utf8.contains { $0 < 0x21 || $0 == 0x22 || $0 == 0x2C || $0 == 0x3B || $0 == 0x7C }
    guard needsQuotes else { return name }
    return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  /// The number of bytes that rows take in the file.
  ///
  /// - Parameter elements: Whole rows, one after the other.
  /// - Returns: The number of bytes, for CSV found by printing the rows once.
  package func byteCount(of elements: UnsafeBufferPointer<Element>) -> Int {
    guard format == .csv else { return elements.count * MemoryLayout<Element>.stride }
    var total = 0
    forEachPrintedBlock(elements) { total += $0.count }
    return total
  }

  /// Rows as they are in the file.
  package func bytes(of elements: UnsafeBufferPointer<Element>) -> [UInt8] {
    guard format == .csv else { return Array(UnsafeRawBufferPointer(elements)) }
    var bytes: [UInt8] = []
    forEachPrintedBlock(elements) { bytes += $0 }
    return bytes
  }

  /// Writes rows at `offset` of a file, and returns when they are stored safely.
  ///
  /// - Returns: The offset behind them.
  /// - Throws: `LockstepError` with code `.outputFailed`.
  @discardableResult
  package func write(_ elements: UnsafeBufferPointer<Element>, to file: AtomicFile, at offset: Int) throws -> Int {
    guard format == .csv else {
      try file.write(UnsafeRawBufferPointer(elements), at: offset)
      return offset + elements.count * MemoryLayout<Element>.stride
    }
    let descriptor = try file.opened()
    defer { close(descriptor) }
    var offset = offset
    try forEachPrintedBlock(elements) { block in
      try AtomicFile.write(block, at: offset, to: descriptor, path: file.path)
      offset += block.count
    }
    try AtomicFile.store(descriptor, path: file.path)
    return offset
  }

  private func forEachPrintedBlock(
    _ elements: UnsafeBufferPointer<Element>, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    precondition(elements.count % columnCount == 0, "\(elements.count) numbers do not make rows of \(columnCount)")
    let rowCount = elements.count / columnCount
    let blockRowCount = max(1, RowFileWriter.blockRowCount / columnCount)
    guard let base = elements.baseAddress else { return }
    let text = UnsafeMutableRawBufferPointer.allocate(
      byteCount: blockRowCount * columnCount * Int(LockstepPrintedByteCount), alignment: 1)
    defer { text.deallocate() }
    guard let textBase = text.baseAddress else { return }
    for start in stride(from: 0, to: rowCount, by: blockRowCount) {
      let count = lockstep_csv_print(
        Element.printKind, base + start * columnCount, min(blockRowCount, rowCount - start), columnCount,
        textBase.assumingMemoryBound(to: CChar.self))
      try body(UnsafeRawBufferPointer(start: textBase, count: count))
    }
  }

  /// Writes a whole file, in the format that its name ends with.
  ///
  /// - Throws: `LockstepError`: `.usage` for a name with another end than `.csv` and `.npy`; `.outputFailed`.
  package static func write(
    _ elements: [Element], columnCount: Int, columnNames: [String]? = nil, to path: String
  ) throws {
    try elements.withUnsafeBufferPointer {
      try write($0, columnCount: columnCount, columnNames: columnNames, to: path)
    }
  }

  /// Writes a whole file of rows that lie in memory already.
  package static func write(
    _ elements: UnsafeBufferPointer<Element>, columnCount: Int, columnNames: [String]? = nil, to path: String
  ) throws {
    let writer = try RowFileWriter(Format(path: path), columnCount: columnCount, columnNames: columnNames)
    try writer.write(rowCount: elements.count / columnCount, { try $0(elements) }, to: path)
  }

  /// Writes a whole file of rows that come piece by piece.
  ///
  /// - Parameters:
  ///   - rowCount: The number of rows of all pieces.
  ///   - forEachPiece: Calls its argument with each piece, in order.
  ///   - path: The file.
  /// - Throws: `LockstepError` with code `.outputFailed`, and what the pieces throw.
  package func write(
    rowCount: Int, _ forEachPiece: ((UnsafeBufferPointer<Element>) throws -> Void) throws -> Void, to path: String
  ) throws {
    let file = try AtomicFile(creating: path)
    do {
      let head = head(totalRowCount: rowCount)
      try head.withUnsafeBytes { try file.write($0, at: 0) }
      var offset = head.count
      try forEachPiece { offset = try write($0, to: file, at: offset) }
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
  }
}
