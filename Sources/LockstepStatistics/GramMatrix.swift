// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepTables

/// XᵀX of some rows, neither shifted nor centred: the cheapest summary that QR and SVD can start from.
///
/// Sums run over runs of rows in order, runs are added in order, and blocks in the tree of the sweep, so errors grow with
/// the logarithm of the number of rows.
package struct GramMatrix: Mergeable {
  /// The upper triangle.
  package private(set) var upper: UpperTriangle

  /// XᵀX of no rows of `columnCount` columns.
  package init(columnCount: Int) { upper = UpperTriangle(zeros: columnCount) }

  /// Adds the rows that follow, or every `rowStep`th of them from the first on.
  ///
  /// - Complexity: np² flops for n rows added.
  package mutating func observe(_ rows: any RowBlock, rowStep: Int = 1) {
    let scratch = FactorScratch(columnCount: upper.columnCount)
    withUnsafeMutableElements { rows.addGram(to: $0, rowStep: rowStep, scratch: scratch) }
  }

  /// Calls `body` with the packed upper triangle, to add to.
  package mutating func withUnsafeMutableElements(_ body: (UnsafeMutablePointer<Double>) -> Void) {
    upper.elements.withUnsafeMutableBufferPointer { if let first = $0.baseAddress { body(first) } }
  }

  /// Adds the sums of the rows that follow.
  package mutating func merge(_ later: Self) {
    upper.elements.withUnsafeMutableBufferPointer { mine in
      later.upper.elements.withUnsafeBufferPointer { theirs in
        for i in mine.indices { mine[i] += theirs[i] }
      }
    }
  }
}
