// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

/// The kernels of the factorizations. An upper triangle is packed row after row from the diagonal on.
extension KernelRows {
  /// Adds the upper triangle of XᵀX, p(p + 1)/2 numbers.
  ///
  /// - Complexity: np² flops.
  public func addGram(to gram: UnsafeMutablePointer<Double>, scratch: borrowing FactorScratch) {
    lockstep_gram(view, gram, scratch.memory)
  }

  /// Computes X R⁻¹ by forward substitution in each row.
  ///
  /// - Parameters:
  ///   - triangle: R, p × p.
  ///   - out: n × p numbers, `stride` apart from row to row; the rows themselves if they are doubles; nil for the Gram matrix
  ///     alone.
  ///   - stride: The number of elements from the start of one row of `out` to the start of the next.
  ///   - gram: The upper triangle of the result's Gram matrix to add to, if not nil.
  ///   - scratch: Memory for p columns.
  /// - Complexity: np² flops, and as many for the Gram matrix.
  public func solve(
    _ triangle: PackedTriangle, into out: UnsafeMutablePointer<Double>?, stride: Int,
    gram: UnsafeMutablePointer<Double>?, scratch: borrowing FactorScratch
  ) {
    precondition(triangle.columnCount == columnCount, "\(columnCount) columns by a triangle of \(triangle.columnCount)")
    lockstep_solve_rows(view, triangle.elements, out, stride, gram, scratch.memory)
  }

  /// Computes X W, n × c; the parameters are those of ``solve(_:into:stride:gram:scratch:)``.
  ///
  /// - Complexity: 2npc flops, and nc² for the Gram matrix.
  public func multiply(
    _ matrix: PackedMatrix, into out: UnsafeMutablePointer<Double>?, stride: Int,
    gram: UnsafeMutablePointer<Double>?, scratch: borrowing FactorScratch
  ) {
    precondition(matrix.rowCount == columnCount, "\(columnCount) columns by a matrix of \(matrix.rowCount) rows")
    lockstep_multiply_rows(view, matrix.elements, matrix.columnCount, out, stride, gram, scratch.memory)
  }

  /// Computes the Householder QR of X · diag(scales).
  ///
  /// - Parameters:
  ///   - scales: p numbers.
  ///   - upper: The first min(n, p) rows of R, each from the diagonal on. The diagonal may be negative.
  ///   - reflectors: n × p numbers from which `FactorKernels.expand`
  ///     makes rows of Q, if not nil.
  ///   - stride: The number of elements from one row of `reflectors` to the next.
  ///   - scratch: Memory for p columns.
  /// - Complexity: 2np² flops.
  public func factor(
    scales: UnsafePointer<Double>, into upper: UnsafeMutablePointer<Double>, reflectors: UnsafeMutablePointer<Double>?,
    stride: Int, scratch: borrowing FactorScratch
  ) {
    lockstep_factor_rows(view, scales, upper, reflectors, stride, scratch.memory)
  }
}

/// The kernels that work on triangles and reflectors.
package enum FactorKernels {
  /// Computes Q · [seed; 0] from the reflectors of a block, which may be where the result goes.
  ///
  /// - Parameters:
  ///   - reflectors: What `factor` left, n × p.
  ///   - stride: The number of elements from one row of the reflectors to the next.
  ///   - rowCount: n.
  ///   - columnCount: p.
  ///   - seed: min(n, p) × c.
  ///   - seedColumnCount: c.
  ///   - out: n × c.
  ///   - outStride: The number of elements from one row of the result to the next.
  ///   - scratch: Memory for p and c columns.
  /// - Complexity: 4npc flops.
  package static func expand(
    _ reflectors: UnsafePointer<Double>, stride: Int, rowCount: Int, columnCount: Int, seed: UnsafePointer<Double>,
    seedColumnCount: Int, into out: UnsafeMutablePointer<Double>, outStride: Int, scratch: borrowing FactorScratch
  ) {
    lockstep_expand_rows(
      reflectors, stride, rowCount, columnCount, seed, seedColumnCount, out, outStride, scratch.memory)
  }

  /// Makes of an upper triangle over a trapezoid the triangle of both, and of the trapezoid the reflectors.
  ///
  /// - Complexity: ⅔p³ flops.
  package static func merge(
    _ upper: UnsafeMutablePointer<Double>, _ lower: UnsafeMutablePointer<Double>, columnCount: Int, lowerRowCount: Int,
    scratch: borrowing FactorScratch
  ) {
    lockstep_merge_triangles(upper, lower, columnCount, lowerRowCount, scratch.memory)
  }

  /// Makes of a seed, p × c, the seeds of the two parts that `merge` put together.
  ///
  /// - Complexity: 2p²c flops.
  package static func split(
    _ reflectors: UnsafePointer<Double>, columnCount: Int, lowerRowCount: Int, seed: UnsafeMutablePointer<Double>,
    seedColumnCount: Int, lower: UnsafeMutablePointer<Double>, scratch: borrowing FactorScratch
  ) {
    lockstep_split_seed(reflectors, columnCount, lowerRowCount, seed, seedColumnCount, lower, scratch.memory)
  }
}
