// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels

/// Consecutive rows of which only some entries are stored, the others being zeros: compressed sparse rows.
///
/// ```swift
/// // 0 5 0
/// // 1 0 2
/// let rows = try SparseRows(offsets: [0, 1, 3], columns: [1, 0, 2], values: [5, 1, 2], columnCount: 3)
/// ```
/// It is a view, cheap to cut and to pass around. An entry that is stored and zero is a zero like the others.
public struct SparseRows<Element: Scalar>: Sendable {
  /// The number of rows.
  public let rowCount: Int
  /// The number of columns.
  public let columnCount: Int
  private let storage: Storage
  /// The first row's number in `storage`.
  private let start: Int

  /// What the views of the same entries share.
  private final class Storage: Sendable {
    let offsets: [Int]
    let columns: [Int32]
    let values: [Element]
    /// The entries, where they are the caller's; the arrays are empty then.
    let borrowed: (columns: Borrowed<Int32>, values: Borrowed<Element>)?

    init(offsets: [Int], columns: [Int32], values: [Element]) {
      self.offsets = offsets
      self.columns = columns
      self.values = values
      borrowed = nil
    }

    init(offsets: [Int], columns: Borrowed<Int32>, values: Borrowed<Element>) {
      self.offsets = offsets
      self.columns = []
      self.values = []
      borrowed = (columns, values)
    }
  }

  /// Memory of the caller's, who keeps it unchanged for as long as rows show it.
  private struct Borrowed<Entry>: Sendable {
    private let address: UInt
    private let count: Int

    init(_ entries: UnsafeBufferPointer<Entry>) {
      address = UInt(bitPattern: entries.baseAddress)
      count = entries.count
    }

    var entries: UnsafeBufferPointer<Entry> {
      UnsafeBufferPointer(start: UnsafePointer(bitPattern: address), count: count)
    }
  }

  /// Rows from where each begins among the entries, and the entries' columns and values.
  ///
  /// - Parameters:
  ///   - offsets: One number more than there are rows: row i has the entries from `offsets[i]` up to `offsets[i + 1]`.
  ///   - columns: The column of each entry, from 0, ascending within a row.
  ///   - values: The entries.
  ///   - columnCount: The number of columns.
  /// - Throws: `LockstepError` with code `.malformedInput` and the row if the parts do not fit together.
  public init(offsets: [Int], columns: [Int32], values: [Element], columnCount: Int) throws {
    if let fault = Self.fault(
      offsets: offsets, columns: columns, valueCount: values.count, columnCount: columnCount)
    {
      throw fault
    }
    self.init(
      Storage(offsets: offsets, columns: columns, values: values), start: 0, rowCount: offsets.count - 1,
      columnCount: columnCount)
  }

  /// Rows of entries that the caller keeps unchanged for as long as these rows, and what was cut from them, live; nothing but the offsets
  /// is copied.
  ///
  /// - Throws: `LockstepError` with code `.malformedInput` and the row if the parts do not fit together.
  package init(
    offsets: [Int], borrowing columns: UnsafeBufferPointer<Int32>, _ values: UnsafeBufferPointer<Element>,
    columnCount: Int
  ) throws {
    if let fault = Self.fault(
      offsets: offsets, columns: columns, valueCount: values.count, columnCount: columnCount)
    {
      throw fault
    }
    self.init(
      Storage(offsets: offsets, columns: Borrowed(columns), values: Borrowed(values)), start: 0,
      rowCount: offsets.count - 1, columnCount: columnCount)
  }

  /// The same, of parts that are known to fit together.
  ///
  /// - Precondition: they do.
  package init(checked offsets: [Int], columns: [Int32], values: [Element], columnCount: Int) {
    let fault = Self.fault(offsets: offsets, columns: columns, valueCount: values.count, columnCount: columnCount)
    precondition(fault == nil, fault.map(\.description) ?? "")
    self.init(
      Storage(offsets: offsets, columns: columns, values: values), start: 0, rowCount: offsets.count - 1,
      columnCount: columnCount)
  }

  private init(_ storage: Storage, start: Int, rowCount: Int, columnCount: Int) {
    self.storage = storage
    self.start = start
    self.rowCount = rowCount
    self.columnCount = columnCount
  }

  /// The entries of dense rows that are not zero.
  public init(_ dense: DenseRows<Element>) {
    var offsets = [0]
    var columns: [Int32] = []
    var values: [Element] = []
    offsets.reserveCapacity(dense.rowCount + 1)
    dense.withUnsafeElements { elements in
      for i in 0..<dense.rowCount {
        for j in 0..<dense.columnCount where elements[i * dense.columnCount + j] != 0 {
          columns.append(Int32(j))
          values.append(elements[i * dense.columnCount + j])
        }
        offsets.append(values.count)
      }
    }
    self.init(checked: offsets, columns: columns, values: values, columnCount: dense.columnCount)
  }

  /// The rows of `range`, without a copy.
  public func rows(_ range: Range<Int>) -> SparseRows {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows \(range) of \(rowCount)")
    return SparseRows(storage, start: start + range.lowerBound, rowCount: range.count, columnCount: columnCount)
  }

  /// The number of stored entries.
  public var entryCount: Int { storage.offsets[start + rowCount] - storage.offsets[start] }

  /// Calls `body` with the place of each row's entries, one number more than rows, and the columns and values they point into.
  @inline(__always)
  public func withUnsafeEntries<R>(
    _ body: (
      _ offsets: UnsafeBufferPointer<Int>, _ columns: UnsafeBufferPointer<Int32>, _ values: UnsafeBufferPointer<Element>
    ) throws -> R
  ) rethrows -> R {
    try storage.offsets.withUnsafeBufferPointer { offsets in
      if let borrowed = storage.borrowed {
        return try body(
          UnsafeBufferPointer(rebasing: offsets[start...start + rowCount]), borrowed.columns.entries,
          borrowed.values.entries)
      }
      return try storage.columns.withUnsafeBufferPointer { columns in
        try storage.values.withUnsafeBufferPointer { values in
          try body(UnsafeBufferPointer(rebasing: offsets[start...start + rowCount]), columns, values)
        }
      }
    }
  }

  /// Calls `body` with the rows as the kernels take them.
  package func withKernelRows<R>(_ body: (KernelSparseRows<Element>) throws -> R) rethrows -> R {
    try withUnsafeEntries { try body(KernelSparseRows(offsets: $0, columns: $1, values: $2, columnCount: columnCount)) }
  }

  /// The same rows with another number of columns, which no entry's column may reach.
  package func withColumnCount(_ columnCount: Int) -> SparseRows {
    SparseRows(storage, start: start, rowCount: rowCount, columnCount: columnCount)
  }

  /// What keeps the parts from being rows.
  static func fault(
    offsets: [Int], columns: [Int32], valueCount: Int, columnCount: Int
  ) -> LockstepError? {
    columns.withUnsafeBufferPointer {
      fault(offsets: offsets, columns: $0, valueCount: valueCount, columnCount: columnCount)
    }
  }

  private static func fault(
    offsets: [Int], columns: UnsafeBufferPointer<Int32>, valueCount: Int, columnCount: Int
  ) -> LockstepError? {
    func fault(_ message: String, _ remedy: String, row: Int? = nil) -> LockstepError {
      LockstepError(.malformedInput, message, remedy: remedy, place: row.map { .init(row: $0) })
    }
    let ends = "offsets begin with 0, ascend, and end with the number of entries"
    guard columns.count == valueCount else {
      return fault("\(columns.count) columns for \(valueCount) values", "give one column for each value")
    }
    guard columnCount >= 0, columnCount <= Int(Int32.max) else {
      return fault("\(columnCount) columns", "use at most \(Int32.max)")
    }
    guard offsets.first == 0, offsets.last == valueCount else {
      return fault(
        "offsets from \(offsets.first ?? -1) to \(offsets.last ?? -1) of \(valueCount) entries", ends)
    }
    guard columnCount > 0 || offsets.count == 1 else {
      return fault("\(offsets.count - 1) rows of no columns", "give the number of columns")
    }
    for i in 0..<offsets.count - 1 {
      guard offsets[i] <= offsets[i + 1], offsets[i + 1] <= valueCount else {
        return fault("entries from \(offsets[i]) to \(offsets[i + 1])", ends, row: i)
      }
      var previous: Int32 = -1
      for e in offsets[i]..<offsets[i + 1] {
        let column = columns[e]
        guard column > previous else {
          return fault(
            column == previous ? "column \(column) comes twice" : "column \(column) comes after column \(previous)",
            "give each row's columns once, in ascending order from 0", row: i)
        }
        guard Int(column) < columnCount else {
          return fault("column \(column) of \(columnCount), counted from 0", "give the number of columns", row: i)
        }
        previous = column
      }
    }
    return nil
  }
}
