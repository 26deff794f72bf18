// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels
import Glibc

/// A run of rows in memory of which only some entries are stored: pointers and counts, which own nothing.
package struct KernelSparseRows<Element: KernelElement> {
  /// The number of rows.
  package let rowCount: Int
  /// The number of columns.
  package let columnCount: Int
  let values: UnsafeBufferPointer<Element>
  let view: lockstep_sparse_rows

  /// Rows whose entries are between two consecutive `offsets` into `columns` and `values`.
  ///
  /// The memory must outlive the value.
  ///
  /// - Precondition: offsets ascend and lie within the entries; the columns of a row ascend and lie below `columnCount`. Only
  ///   the ends are looked at here.
  package init(
    offsets: UnsafeBufferPointer<Int>, columns: UnsafeBufferPointer<Int32>, values: UnsafeBufferPointer<Element>,
    columnCount: Int
  ) {
    guard let first = offsets.first, let last = offsets.last, let base = offsets.baseAddress else {
      preconditionFailure("no offsets")
    }
    precondition(
      first >= 0 && last >= first && last <= columns.count && columns.count == values.count,
      "offsets from \(first) to \(last) into \(columns.count) columns and \(values.count) values")
    rowCount = offsets.count - 1
    self.columnCount = columnCount
    self.values = UnsafeBufferPointer(rebasing: values[first..<last])
    view = lockstep_sparse_rows(
      offsets: base, columns: columns.baseAddress, values: values.baseAddress, is_float: Element.isSinglePrecision,
      count: rowCount, column_count: columnCount)
  }

  /// The number of stored entries.
  package var entryCount: Int { values.count }

  /// Calls `body` with a dense copy of every `step`th row from the first on.
  ///
  /// - Complexity: as much memory as the copy takes.
  package func withDense<R>(step: Int = 1, _ body: (KernelRows<Element>) -> R) -> R {
    let count = (rowCount + step - 1) / step
    return Self.withZeros(count * columnCount) { dense in
      if let first = dense.baseAddress { lockstep_scatter_rows(view, 0, step, count, first) }
      return body(KernelRows(UnsafeBufferPointer(dense), rowCount: count, columnCount: columnCount))
    }
  }

  /// The number of rows that ``forEachStrip(step:_:)`` takes at a time: about a quarter of a megabyte of doubles.
  var stripRowCount: Int { min(max((1 << 15) / max(columnCount, 1), 64), 1024) }

  /// Calls `body` with dense copies of a few rows at a time, of every `step`th row from the first on, and the number of rows
  /// handed out before.
  ///
  /// - Complexity: memory for 64 to 1,024 rows.
  package func forEachStrip(step: Int = 1, _ body: (KernelRows<Element>, _ first: Int) -> Void) {
    let total = (rowCount + step - 1) / step
    guard total > 0 else { return }
    let strip = min(stripRowCount, total)
    Self.withZeros(strip * columnCount) { dense in
      guard let memory = dense.baseAddress else { return }
      for first in stride(from: 0, to: total, by: strip) {
        let count = min(strip, total - first)
        lockstep_scatter_rows(view, first * step, step, count, memory)
        body(KernelRows(UnsafeBufferPointer(dense), rowCount: count, columnCount: columnCount), first)
        lockstep_clear_rows(view, first * step, step, count, memory)
      }
    }
  }

  private static func withZeros<R>(_ count: Int, _ body: (UnsafeMutableBufferPointer<Element>) -> R) -> R {
    // `calloc` takes large memory from the system in zeros already.
    guard let memory = calloc(max(count, 1), MemoryLayout<Element>.stride) else {
      fatalError("no memory for \(count) numbers")
    }
    defer { free(memory) }
    return body(UnsafeMutableBufferPointer(start: memory.bindMemory(to: Element.self, capacity: count), count: count))
  }

  /// Finds the first entry, row by row, that is an infinity or a NaN; nil if all are finite.
  package func firstNonFinite() -> (row: Int, column: Int)? {
    KernelRows(values, rowCount: 1, columnCount: values.count).firstNonFinite().map { place(ofEntry: $0.column) }
  }

  /// The row and the column of an entry, counted from 0 in these rows.
  func place(ofEntry index: Int) -> (row: Int, column: Int) {
    let entry = view.offsets[0] + index
    var (low, high) = (0, rowCount)  // offsets[low] ≤ entry < offsets[high]
    while high - low > 1 {
      let middle = (low + high) / 2
      if view.offsets[middle] <= entry { low = middle } else { high = middle }
    }
    return (low, Int(view.columns?[entry] ?? 0))
  }

  /// Raises `magnitudes`, one number a column, to the largest magnitude of each column; a NaN is passed over.
  package func raiseMagnitudes(_ magnitudes: UnsafeMutablePointer<Double>) {
    lockstep_sparse_magnitudes(view, magnitudes)
  }
}
