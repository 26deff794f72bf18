// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// The numbers of a NumPy file (`.npy`), or of a part of its rows.
///
/// ```swift
/// let rows = try NPYFile("x.npy")                                                        // float64 or float32
/// let mine = try NPYFile<Float>("x.npy", shard: FileShard(index: rank, count: size))
/// ```
/// The array is two-dimensional, of `float64` or `float32`, little endian, rows one after the other (C order). An array of one
/// dimension is one column. Where the file's type is `Element` and all columns are wanted, the file is mapped into memory and
/// nothing is copied; it must not be shortened while it is in use. Otherwise this part's numbers are copied and converted.
public struct NPYFile<Element: Scalar>: RowSource {
  /// What was read.
  public let loaded: LoadedRows<Element>
  /// The number of rows of the whole file.
  public let totalRowCount: Int

  /// The number of columns.
  public var columnCount: Int { loaded.columnCount }
  /// `dense Double` or `dense Float`.
  public var layout: String { loaded.layout }
  /// The number of rows of this part.
  public var rowCount: Int { loaded.rowCount }
  /// The rows.
  public var table: Table<Element> { loaded.table }

  /// Reads a part of a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - columns: The columns to read, in this order. Default: all that are not in `columnsApart`.
  ///   - columnsApart: Further columns, each selection for a table of its own.
  ///   - labelColumn: The column of the labels, which are whole numbers. Default: none.
  ///   - missing: ``MissingValuePolicy/skipRow`` leaves out the rows with a NaN in a chosen column, which copies the others;
  ///     ``MissingValuePolicy/error``, the default, does not look for them: whatever uses the rows refuses them.
  ///   - shard: The part: its share of the rows. Default: the whole file.
  /// - Throws: `LockstepError`: `.noInput` if the file is missing, unreadable or without rows; `.malformedInput` if it is no
  ///   NPY file or is cut off; `.unsupported` if its numbers are of another type or order; `.usage` if a chosen column does
  ///   not exist.
  public init(
    _ path: String, columns: ColumnSelection = .all, columnsApart: [ColumnSelection] = [],
    labelColumn: ColumnSelection? = nil, missing: MissingValuePolicy = .error, shard: FileShard = .whole
  ) throws {
    try self.init(
      opening: path, columns: columns, columnsApart: columnsApart, labelColumn: labelColumn, missing: missing,
      shard: shard)
  }

  fileprivate init(
    opening path: String, columns: ColumnSelection, columnsApart: [ColumnSelection], labelColumn: ColumnSelection?,
    missing: MissingValuePolicy, shard: FileShard
  ) throws {
    let file = try InputFile(path)
    let layout = try NPYLayout(file)
    totalRowCount = layout.rowCount
    let options = CSVOptions(columns: columns, columnsApart: columnsApart, labelColumn: labelColumn)
    let (tables, label) = try ColumnSelection.tables(
      of: options, columnCount: layout.columnCount, names: nil, file: file.name)
    let (chosen, apart) = (tables[0], tables.dropFirst())
    let range = shard.range(of: layout.rowCount)
    let start = layout.dataStart + range.lowerBound * layout.rowByteCount
    let mapping = try MappedFile(file, start..<start + range.count * layout.rowByteCount)
    let rows = MappedRows(mapping: mapping, layout: layout, rowCount: range.count)
    guard missing == .skipRow else {
      loaded = LoadedRows(
        rows: rows.chosen(chosen), apart: apart.map { rows.chosen($0) },
        labels: try label.map { try rows.labels($0, of: nil, firstRow: range.lowerBound, file: file.name) })
      return
    }
    let (complete, counts) = rows.complete(in: chosen + apart.joined() + [label].compactMap { $0 })
    let keeps = complete.count == range.count ? nil : complete
    loaded = LoadedRows(
      rows: rows.chosen(chosen, of: keeps, missingCounts: chosen.map { counts[$0] }),
      apart: apart.map { columns in rows.chosen(columns, of: keeps, missingCounts: columns.map { counts[$0] }) },
      labels: try label.map { try rows.labels($0, of: keeps, firstRow: range.lowerBound, file: file.name) },
      skippedRowCount: range.count - complete.count)
  }

  /// Calls `body` with this part's rows.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws { try loaded.forEachChunk(body) }
}

extension NPYFile where Element == Double {
  /// Reads a part of a file as 64-bit numbers; see the initializer for all elements.
  public init(
    _ path: String, columns: ColumnSelection = .all, columnsApart: [ColumnSelection] = [],
    labelColumn: ColumnSelection? = nil, missing: MissingValuePolicy = .error, shard: FileShard = .whole
  ) throws {
    try self.init(
      opening: path, columns: columns, columnsApart: columnsApart, labelColumn: labelColumn, missing: missing,
      shard: shard)
  }
}

/// Rows of a mapped NPY file.
private struct MappedRows {
  let mapping: MappedFile
  let layout: NPYLayout
  let rowCount: Int

  /// The chosen columns of the chosen rows (`nil`: all), shown in place if possible.
  func chosen<Element: Scalar>(
    _ columns: [Int], of rows: [Int]? = nil, missingCounts: [Int]? = nil
  ) -> FileRows<Element> {
    let count = rows?.count ?? rowCount
    let address = UInt(bitPattern: mapping.bytes.baseAddress)
    let isInPlace =
      layout.is32Bit == (Element.self == Float.self) && rows == nil && columns == Array(0..<layout.columnCount)
      && address % UInt(MemoryLayout<Element>.alignment) == 0
    let storage =
      isInPlace
      ? RowStorage(adopting: mapping.bytes.bindMemory(to: Element.self)) { [mapping] in withExtendedLifetime(mapping) {}
      }
      : RowStorage(count: count * columns.count) { buffer in
        if layout.is32Bit {
          copy(columns, of: rows, as: Float.self, to: buffer)
        } else {
          copy(columns, of: rows, as: Double.self, to: buffer)
        }
      }
    return FileRows(
      [DenseRows(storage, rowCount: count, columnCount: columns.count)], columnCount: columns.count,
      missingCounts: missingCounts)
  }

  /// The chosen rows' numbers of a column (`nil`: all), which must be whole.
  func labels(_ column: Int, of rows: [Int]?, firstRow: Int, file: String) throws -> RowLabels {
    let numbers: FileRows<Double> = chosen([column], of: rows)
    return try numbers.table.rows.withUnsafeElements { numbers in
      RowLabels(
        try numbers.indices.map { i -> Int64 in
          if let label = Int64(exactly: numbers[i]) { return label }
          throw LockstepError(
            .malformedInput, "\(numbers[i]) is no label", remedy: "labels in NPY files are whole numbers",
            place: .init(file: file, row: firstRow + (rows?[i] ?? i), column: column + 1))
        })
    }
  }

  private func copy<Source: Scalar, Element: Scalar>(
    _ columns: [Int], of rows: [Int]?, as source: Source.Type, to buffer: UnsafeMutableBufferPointer<Element>
  ) {
    var next = 0
    for i in 0..<(rows?.count ?? rowCount) {
      let start = (rows?[i] ?? i) * layout.rowByteCount
      for column in columns {
        let value = mapping.bytes.loadUnaligned(
          fromByteOffset: start + column * MemoryLayout<Source>.stride, as: Source.self)
        buffer.initializeElement(at: next, to: Element(value))
        next += 1
      }
    }
  }

  /// The rows without a NaN in `columns`, and the number of NaN in each column of the file, counted in `columns` only.
  func complete(in columns: [Int]) -> (rows: [Int], counts: [Int]) {
    var rows: [Int] = []
    var counts = [Int](repeating: 0, count: layout.columnCount)
    for i in 0..<rowCount {
      var isComplete = true
      for column in columns {
        let start = i * layout.rowByteCount
        let isMissing =
          layout.is32Bit
          ? mapping.bytes.loadUnaligned(fromByteOffset: start + 4 * column, as: Float.self).isNaN
          : mapping.bytes.loadUnaligned(fromByteOffset: start + 8 * column, as: Double.self).isNaN
        guard isMissing else { continue }
        isComplete = false
        counts[column] += 1
      }
      if isComplete { rows.append(i) }
    }
    return (rows, counts)
  }
}
