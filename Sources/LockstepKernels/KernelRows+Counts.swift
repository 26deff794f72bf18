// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

extension KernelRows {
  /// The place of the first number that cannot be a count, because it is below 0, infinite or NaN; in row order.
  public func firstUncountable() -> (row: Int, column: Int)? {
    let index = lockstep_first_uncountable(view)
    return index < 0 ? nil : (index / columnCount, index % columnCount)
  }

  /// Adds each row, times its weight, to the sums of its class: see `counts.h`.
  ///
  /// - Parameters:
  ///   - classes: The class of each row, from 0.
  ///   - weights: One number a row; `nil` for ones.
  ///   - sums: p numbers for each class, which are added to.
  public func addClassSums(
    classes: UnsafePointer<Int32>, weights: UnsafePointer<Double>?, to sums: UnsafeMutablePointer<Double>
  ) { lockstep_add_class_sums(view, classes, weights, sums) }
}
