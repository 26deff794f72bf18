// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

/// What naive Bayes asks of a block of n rows and p columns.
public protocol CountKernels {
  /// The place of the first number that cannot be a count, because it is below 0, infinite or NaN; in row order.
  func firstUncountable() -> (row: Int, column: Int)?

  /// Adds each row, times its weight, to the sums of its class, row by row in order.
  ///
  /// - Parameters:
  ///   - classes: The class of each row, from 0.
  ///   - weights: One number a row; `nil` for ones.
  ///   - sums: p numbers for each class, which are added to.
  func addClassSums(
    classes: UnsafePointer<Int32>, weights: UnsafePointer<Double>?, to sums: UnsafeMutablePointer<Double>)
}

extension DenseRows {
  /// The place of the first number that cannot be a count, because it is below 0, infinite or NaN; in row order.
  public func firstUncountable() -> (row: Int, column: Int)? { withKernelRows { $0.firstUncountable() } }

  /// Adds each row, times its weight, to the sums of its class, row by row in order.
  public func addClassSums(
    classes: UnsafePointer<Int32>, weights: UnsafePointer<Double>?, to sums: UnsafeMutablePointer<Double>
  ) { withKernelRows { $0.addClassSums(classes: classes, weights: weights, to: sums) } }
}

extension SparseRows {
  /// The place of the first number that cannot be a count, because it is below 0, infinite or NaN; in row order.
  public func firstUncountable() -> (row: Int, column: Int)? { withKernelRows { $0.firstUncountable() } }

  /// Adds each row, times its weight, to the sums of its class, row by row in order.
  public func addClassSums(
    classes: UnsafePointer<Int32>, weights: UnsafePointer<Double>?, to sums: UnsafeMutablePointer<Double>
  ) { withKernelRows { $0.addClassSums(classes: classes, weights: weights, to: sums) } }
}

extension SupervisedRows {
  /// The features' kernel.
  package func firstUncountable() -> (row: Int, column: Int)? { features.firstUncountable() }

  /// The features' kernel.
  package func addClassSums(
    classes: UnsafePointer<Int32>, weights: UnsafePointer<Double>?, to sums: UnsafeMutablePointer<Double>
  ) { features.addClassSums(classes: classes, weights: weights, to: sums) }
}
