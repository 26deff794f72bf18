// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

extension KernelSparseRows {
  /// The place of the first entry that cannot be a count, because it is below 0, infinite or NaN; in row order.
  package func firstUncountable() -> (row: Int, column: Int)? {
    // The entries as rows of the kernel: how many make one does not matter.
    let width = 64
    let whole = values.count / width
    if let found = KernelRows(values, rowCount: whole, columnCount: width).firstUncountable() {
      return place(ofEntry: found.row * width + found.column)
    }
    let rest = UnsafeBufferPointer(rebasing: values[(whole * width)...])
    return KernelRows(rest, rowCount: 1, columnCount: rest.count).firstUncountable().map {
      place(ofEntry: whole * width + $0.column)
    }
  }

  /// Adds each row, times its weight, to the sums of its class, as ``KernelRows/addClassSums(classes:weights:to:)`` does.
  package func addClassSums(
    classes: UnsafePointer<Int32>, weights: UnsafePointer<Double>?, to sums: UnsafeMutablePointer<Double>
  ) { lockstep_add_sparse_class_sums(view, classes, weights, sums) }
}
