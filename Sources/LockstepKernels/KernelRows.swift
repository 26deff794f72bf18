// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

/// A run of rows in memory, as the kernels take it: a pointer and three counts, which own nothing.
public struct KernelRows<Element: KernelElement> {
  let elements: UnsafePointer<Element>?
  /// The number of rows.
  public let rowCount: Int
  /// The number of columns.
  public let columnCount: Int
  /// The number of elements from the start of one row to the start of the next.
  public let rowStride: Int

  /// The first `rowCount` rows of `elements`, row-major, `rowStride` elements apart (`columnCount` by default).
  ///
  /// The memory must outlive the value.
  ///
  /// - Precondition: The elements hold as many rows.
  public init(_ elements: UnsafeBufferPointer<Element>, rowCount: Int, columnCount: Int, rowStride: Int? = nil) {
    let stride = rowStride ?? columnCount
    precondition(
      rowCount >= 0 && columnCount >= 0 && stride >= columnCount,
      "\(rowCount) rows of \(columnCount) columns, \(stride) apart")
    precondition(
      rowCount == 0 || columnCount == 0 || elements.count >= (rowCount - 1) * stride + columnCount,
      "\(elements.count) numbers do not hold \(rowCount) × \(columnCount), \(stride) apart")
    self.elements = elements.baseAddress
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.rowStride = stride
  }

  /// Some of the rows.
  func rows(_ range: Range<Int>) -> KernelRows {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows \(range) of \(rowCount)")
    let count = range.isEmpty ? 0 : (range.count - 1) * rowStride + columnCount
    return KernelRows(
      UnsafeBufferPointer(
        start: elements.map { $0 + range.lowerBound * rowStride }, count: elements == nil ? 0 : count),
      rowCount: range.count, columnCount: columnCount, rowStride: rowStride)
  }

  var view: lockstep_rows {
    lockstep_rows(
      elements: elements, is_float: Element.isSinglePrecision, count: rowCount, stride: rowStride,
      column_count: columnCount)
  }
}
