// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

extension KernelRows {
  /// Finds the first element, row by row, that is an infinity or a NaN; nil if all are finite.
  ///
  /// - Complexity: One reading of the rows, at the speed of memory.
  public func firstNonFinite() -> (row: Int, column: Int)? {
    let index = lockstep_first_non_finite(view)
    return index < 0 ? nil : (index / columnCount, index % columnCount)
  }

  /// Lowers `minimums` and raises `maximums` (one number a column) to hold the elements of each column.
  ///
  /// A NaN is passed over. Of zeros of both signs, the one that came first stays.
  ///
  /// - Complexity: One reading of the rows, at the speed of memory.
  public func widenExtremes(
    minimums: UnsafeMutablePointer<Double>, maximums: UnsafeMutablePointer<Double>
  ) {
    lockstep_column_extremes(view, minimums, maximums)
  }
}
