// SPDX-License-Identifier: Apache-2.0

extension DenseRows: RowBlock {
  /// `dense Double` or `dense Float`.
  public var layout: String { "dense \(Element.self)" }

  /// The numbers of one row.
  public func row(_ index: Int) -> [Double] { rows(index..<index + 1).withUnsafeElements { $0.map(Double.init) } }

  /// A copy of the rows of these numbers, in that order.
  public func rows(at indices: [Int]) -> any RowBlock {
    let p = columnCount
    for index in indices { precondition(index >= 0 && index < rowCount, "row \(index) of \(rowCount)") }
    let storage = RowStorage<Element>(count: indices.count * p) { buffer in
      withUnsafeElements { elements in
        guard let from = elements.baseAddress, let to = buffer.baseAddress else { return }
        for (i, index) in indices.enumerated() { (to + i * p).initialize(from: from + index * p, count: p) }
      }
    }
    return DenseRows(storage, rowCount: indices.count, columnCount: p)
  }

  /// A copy of these rows followed by the rows of all of `later`.
  public func appending(_ later: [any RowBlock]) -> any RowBlock {
    let parts =
      [self]
      + later.map { block -> DenseRows<Element> in
        guard let rows = block as? DenseRows<Element>, rows.columnCount == columnCount else {
          preconditionFailure("\(block.layout) × \(block.columnCount) does not continue \(layout) × \(columnCount)")
        }
        return rows
      }
    let total = parts.reduce(0) { $0 + $1.rowCount }
    let storage = RowStorage<Element>(count: total * columnCount) { buffer in
      var start = 0
      for part in parts {
        part.withUnsafeElements {
          _ = UnsafeMutableBufferPointer(rebasing: buffer[start...]).initialize(fromContentsOf: $0)
          start += $0.count
        }
      }
    }
    return DenseRows(storage, rowCount: total, columnCount: columnCount)
  }

  /// The rows as a value that can cross ranks.
  public func transferable() -> TransferableRows {
    withUnsafeElements { elements in
      if let doubles = Array(elements) as? [Double] { return .double(doubles, columnCount: columnCount) }
      return .float(elements.map(Float.init), columnCount: columnCount)
    }
  }
}
