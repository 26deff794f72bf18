// SPDX-License-Identifier: Apache-2.0

/// Consecutive rows, stored row after row: a view, cheap to cut and to pass around.
public struct DenseRows<Element: Scalar>: Sendable {
  /// The number of rows.
  public let rowCount: Int
  /// The number of columns.
  public let columnCount: Int
  let storage: RowStorage<Element>
  /// The index in `storage` of the first element of the first row.
  let start: Int

  /// The rows that `storage` holds, `columnCount` numbers each.
  ///
  /// - Precondition: the storage holds `rowCount * columnCount` numbers or more.
  package init(_ storage: RowStorage<Element>, rowCount: Int, columnCount: Int) {
    precondition(
      rowCount >= 0 && columnCount >= 0 && storage.elements.count >= rowCount * columnCount,
      "\(storage.elements.count) numbers do not hold \(rowCount) × \(columnCount)")
    self.init(storage, start: 0, rowCount: rowCount, columnCount: columnCount)
  }

  private init(_ storage: RowStorage<Element>, start: Int, rowCount: Int, columnCount: Int) {
    self.storage = storage
    self.start = start
    self.rowCount = rowCount
    self.columnCount = columnCount
  }

  /// A copy of `elements`, `columnCount` numbers a row.
  public init(_ elements: [Element], columnCount: Int) {
    precondition(
      columnCount > 0 ? elements.count % columnCount == 0 : elements.isEmpty,
      "\(elements.count) numbers do not make rows of \(columnCount)")
    let storage = RowStorage<Element>(count: elements.count) { _ = $0.initialize(fromContentsOf: elements) }
    self.init(storage, rowCount: columnCount > 0 ? elements.count / columnCount : 0, columnCount: columnCount)
  }

  /// The rows of `range`, without a copy.
  public func rows(_ range: Range<Int>) -> DenseRows {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows \(range) of \(rowCount)")
    return DenseRows(
      storage, start: start + range.lowerBound * columnCount, rowCount: range.count, columnCount: columnCount)
  }

  /// Calls `body` with the numbers to be changed in place, if their memory was allocated for rows; false if it was not.
  ///
  /// - Precondition: nobody but the caller has seen these rows, or any others of the same memory.
  package func withOwnedElements(_ body: (UnsafeMutableBufferPointer<Element>) -> Void) -> Bool {
    guard storage.isWritable else { return false }
    body(
      UnsafeMutableBufferPointer(
        mutating: UnsafeBufferPointer(rebasing: storage.elements[start..<start + rowCount * columnCount])))
    return true
  }

  /// Calls `body` with the numbers, row after row.
  @inline(__always)
  public func withUnsafeElements<R>(_ body: (UnsafeBufferPointer<Element>) throws -> R) rethrows -> R {
    try body(UnsafeBufferPointer(rebasing: storage.elements[start..<start + rowCount * columnCount]))
  }
}
