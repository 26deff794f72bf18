// SPDX-License-Identifier: Apache-2.0

extension DenseRows: RowBlock {
  /// `dense Double` or `dense Float`.
  public var layout: String { "dense \(Element.self)" }

  /// The numbers of one row.
  public func row(_ index: Int) -> [Double] { rows(index..<index + 1).withUnsafeElements { $0.map(Double.init) } }

  /// A copy of these rows followed by `later`.
  public func appending(_ later: any RowBlock) -> any RowBlock {
    guard let later = later as? DenseRows<Element>, later.columnCount == columnCount || rowCount == 0 else {
      preconditionFailure("\(later.layout) × \(later.columnCount) does not continue \(layout) × \(columnCount)")
    }
    let ownCount = rowCount * columnCount
    let storage = RowStorage<Element>(count: ownCount + later.rowCount * later.columnCount) { buffer in
      withUnsafeElements { _ = buffer.initialize(fromContentsOf: $0) }
      later.withUnsafeElements {
        _ = UnsafeMutableBufferPointer(rebasing: buffer[ownCount...]).initialize(fromContentsOf: $0)
      }
    }
    return DenseRows(storage, rowCount: rowCount + later.rowCount, columnCount: later.columnCount)
  }

  /// The rows as a value that can cross ranks.
  public func transferable() -> TransferableRows {
    withUnsafeElements { elements in
      if let doubles = Array(elements) as? [Double] { return .double(doubles, columnCount: columnCount) }
      return .float(elements.map(Float.init), columnCount: columnCount)
    }
  }
}
