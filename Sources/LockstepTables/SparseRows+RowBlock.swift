// SPDX-License-Identifier: Apache-2.0

extension SparseRows: RowBlock {
  /// `sparse Double` or `sparse Float`.
  public var layout: String { "sparse \(Element.self)" }

  /// The numbers of one row, zeros included.
  public func row(_ index: Int) -> [Double] {
    precondition(index >= 0 && index < rowCount, "row \(index) of \(rowCount)")
    var row = [Double](repeating: 0, count: columnCount)
    withUnsafeEntries { offsets, columns, values in
      for e in offsets[index]..<offsets[index + 1] { row[Int(columns[e])] = Double(values[e]) }
    }
    return row
  }

  /// A copy of these rows followed by the rows of all of `later`.
  public func appending(_ later: [any RowBlock]) -> any RowBlock {
    let parts =
      [self]
      + later.map { block -> SparseRows<Element> in
        guard let rows = block as? SparseRows<Element>, rows.columnCount == columnCount else {
          preconditionFailure("\(block.layout) × \(block.columnCount) does not continue \(layout) × \(columnCount)")
        }
        return rows
      }
    let entries = SparseRows.entries(of: parts)
    return SparseRows(
      checked: entries.offsets, columns: entries.columns, values: entries.values, columnCount: columnCount)
  }

  /// The rows as a value that can cross ranks.
  public func transferable() -> TransferableRows {
    let entries = SparseRows.entries(of: [self])
    // An empty array is one of any type.
    if Element.self == Double.self, let doubles = entries.values as? [Double] {
      return .sparseDouble(
        offsets: entries.offsets, columns: entries.columns, values: doubles, columnCount: columnCount)
    }
    return .sparseFloat(
      offsets: entries.offsets, columns: entries.columns, values: entries.values.map(Float.init),
      columnCount: columnCount)
  }

  /// The place of the first number that is NaN or infinite, in row order.
  public func firstNonFinite() -> (row: Int, column: Int)? { withKernelRows { $0.firstNonFinite() } }

  /// The entries of all parts, put together.
  private static func entries(
    of parts: [SparseRows]
  ) -> (offsets: [Int], columns: [Int32], values: [Element]) {
    let entryCount = parts.reduce(0) { $0 + $1.entryCount }
    var offsets = [0]
    var allColumns: [Int32] = []
    var allValues: [Element] = []
    offsets.reserveCapacity(parts.reduce(1) { $0 + $1.rowCount })
    allColumns.reserveCapacity(entryCount)
    allValues.reserveCapacity(entryCount)
    for part in parts {
      part.withUnsafeEntries { places, columns, values in
        let range = places[0]..<places[part.rowCount]
        let shift = allValues.count - range.lowerBound
        for place in places.dropFirst() { offsets.append(place + shift) }
        allColumns += columns[range]
        allValues += values[range]
      }
    }
    return (offsets, allColumns, allValues)
  }
}
