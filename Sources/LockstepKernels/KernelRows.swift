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

  /// Rows that start at `elements`, row-major, `rowStride` elements apart (`columnCount` by default).
  ///
  /// `elements` may be nil if there are no rows or no columns.
  public init(_ elements: UnsafePointer<Element>?, rowCount: Int, columnCount: Int, rowStride: Int? = nil) {
    let stride = rowStride ?? columnCount
    precondition(
      rowCount >= 0 && columnCount >= 0 && stride >= columnCount,
      "\(rowCount) rows of \(columnCount) columns, \(stride) apart")
    precondition(elements != nil || rowCount == 0 || columnCount == 0, "no memory for \(rowCount) × \(columnCount)")
    self.elements = elements
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.rowStride = stride
  }

  var view: lockstep_rows {
    lockstep_rows(
      elements: elements, is_float: Element.isSinglePrecision, count: rowCount, stride: rowStride,
      column_count: columnCount)
  }
}
