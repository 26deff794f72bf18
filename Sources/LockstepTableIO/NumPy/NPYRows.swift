// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// Rows of a mapped NPY file, in whatever order and type they are stored.
struct NPYRows {
  let mapping: MappedFile
  let layout: NPYLayout
  /// The rows of the file that are meant.
  let range: Range<Int>
  /// The offset in the mapping of element (0, 0) of the whole array.
  private let origin: Int
  private let rowStride: Int
  private let columnStride: Int

  /// Maps what holds the rows of `range`: their own bytes, or the whole array where it is stored column after column.
  init(_ file: InputFile, layout: NPYLayout, range: Range<Int>) throws {
    let size = layout.type.byteCount
    self.layout = layout
    self.range = range
    if layout.isColumnMajor {
      (rowStride, columnStride) = (size, size * layout.rowCount)
      let bytes = layout.dataStart..<layout.dataStart + layout.rowCount * layout.columnCount * size
      mapping = try MappedFile(file, bytes, isForAll: range.count == layout.rowCount)
      origin = 0
    } else {
      (rowStride, columnStride) = (size * layout.columnCount, size)
      let start = layout.dataStart + range.lowerBound * rowStride
      mapping = try MappedFile(file, start..<start + range.count * rowStride)
      origin = 0 - range.lowerBound * rowStride
    }
  }

  /// The chosen columns of the chosen rows, numbered from the first of the range (`nil`: all), shown in place if possible.
  func chosen<Element: Scalar>(_ columns: [Int], of rows: [Int]? = nil) -> DenseRows<Element> {
    let count = rows?.count ?? range.count
    let address = UInt(bitPattern: mapping.bytes.baseAddress)
    // Few bytes are copied: a process may have only so many mappings, and thousands of small files would use them up.
    let isInPlace =
      mapping.bytes.count > 1 << 16 && layout.type.isStored(as: Element.self) && !layout.isColumnMajor && rows == nil
      && columns == Array(0..<layout.columnCount) && address % UInt(MemoryLayout<Element>.alignment) == 0
    let storage =
      isInPlace
      ? RowStorage(adopting: mapping.bytes.bindMemory(to: Element.self)) { [mapping] in withExtendedLifetime(mapping) {}
      }
      : RowStorage(count: count * columns.count) { buffer in
        layout.type.withSource { copy(columns, of: rows, as: $0, to: buffer) }
      }
    return DenseRows(storage, rowCount: count, columnCount: columns.count)
  }

  /// The chosen rows' numbers of a column (`nil`: all), which must be whole.
  func labels(_ column: Int, of rows: [Int]?, firstRow: Int, file: String) throws -> RowLabels {
    let numbers: DenseRows<Double> = chosen([column], of: rows)
    return try numbers.withUnsafeElements { numbers in
      RowLabels(
        try numbers.indices.map { i -> Int64 in
          if let label = Int64(exactly: numbers[i]) { return label }
          throw LockstepError(
            .malformedInput, "\(numbers[i]) is no label", remedy: "labels in NPY files are whole numbers",
            place: .init(file: file, row: firstRow + (rows?[i] ?? i), column: column + 1))
        })
    }
  }

  /// Copies in tiles of rows, so that both orders read and write whole cache lines.
  private func copy<Source: NPYSource, Element: Scalar>(
    _ columns: [Int], of rows: [Int]?, as source: Source.Type, to buffer: UnsafeMutableBufferPointer<Element>
  ) {
    let count = rows?.count ?? range.count
    let width = columns.count
    let isSwapped = layout.type.isBigEndian
    for tile in stride(from: 0, to: count, by: 64) {
      for (c, column) in columns.enumerated() {
        let start = origin + column * columnStride
        for i in tile..<min(tile + 64, count) {
          let offset = start + (range.lowerBound + (rows?[i] ?? i)) * rowStride
          let value = mapping.bytes.loadUnaligned(fromByteOffset: offset, as: Source.self)
          let number = isSwapped ? value.byteSwapped : value
          buffer.initializeElement(
            at: i * width + c, to: Element.self == Float.self ? Element(number.inFloat) : Element(number.inDouble))
        }
      }
    }
  }

  /// The rows without a NaN in `columns`, from the first of the range, and the number of NaN in each column of the file, counted in
  /// `columns` and `others` only.
  func complete(in columns: [Int], counting others: [Int] = []) -> (rows: [Int], counts: [Int]) {
    guard layout.type.hasNaN else { return (Array(0..<range.count), Array(repeating: 0, count: layout.columnCount)) }
    return layout.type.withSource { complete(in: columns, counting: others, as: $0) }
  }

  private func complete<Source: NPYSource>(
    in columns: [Int], counting others: [Int], as source: Source.Type
  ) -> (rows: [Int], counts: [Int]) {
    var rows: [Int] = []
    var counts = [Int](repeating: 0, count: layout.columnCount)
    let all = columns + others
    for i in 0..<range.count {
      var isComplete = true
      for (place, column) in all.enumerated() {
        let offset = origin + (range.lowerBound + i) * rowStride + column * columnStride
        let value = mapping.bytes.loadUnaligned(fromByteOffset: offset, as: Source.self)
        guard (layout.type.isBigEndian ? value.byteSwapped : value).inDouble.isNaN else { continue }
        isComplete = isComplete && place >= columns.count
        counts[column] += 1
      }
      if isComplete { rows.append(i) }
    }
    return (rows, counts)
  }
}
