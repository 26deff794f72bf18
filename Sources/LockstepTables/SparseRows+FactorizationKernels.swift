// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

extension SparseRows {
  /// Adds the upper triangle of XᵀX, of every `rowStep`th row from the first on.
  public func addGram(to gram: UnsafeMutablePointer<Double>, rowStep: Int, scratch: borrowing FactorScratch) {
    withKernelRows { $0.addGram(to: gram, rowStep: rowStep, scratch: scratch) }
  }

  /// Computes X R⁻¹ and adds its Gram matrix to `gram`; either may be nil.
  public func solve(
    _ triangle: PackedTriangle, into out: UnsafeMutablePointer<Double>?, stride: Int,
    gram: UnsafeMutablePointer<Double>?, scratch: borrowing FactorScratch
  ) {
    withKernelRows { $0.solve(triangle, into: out, stride: stride, gram: gram, scratch: scratch) }
  }

  /// Computes X W and adds its Gram matrix to `gram`; either may be nil.
  public func multiply(
    _ matrix: PackedMatrix, into out: UnsafeMutablePointer<Double>?, stride: Int,
    gram: UnsafeMutablePointer<Double>?, scratch: borrowing FactorScratch
  ) {
    withKernelRows { $0.multiply(matrix, into: out, stride: stride, gram: gram, scratch: scratch) }
  }

  /// Computes the Householder QR of X · diag(scales): min(n, p) rows of R, and the reflectors if asked.
  public func factor(
    scales: UnsafePointer<Double>, into upper: UnsafeMutablePointer<Double>, reflectors: UnsafeMutablePointer<Double>?,
    stride: Int, scratch: borrowing FactorScratch
  ) {
    withKernelRows {
      $0.factor(scales: scales, into: upper, reflectors: reflectors, stride: stride, scratch: scratch)
    }
  }

  /// The largest magnitude in each column, p numbers; a NaN is passed over.
  public func columnMagnitudes() -> [Double] {
    var magnitudes = [Double](repeating: 0, count: columnCount)
    withKernelRows { $0.raiseMagnitudes(&magnitudes) }
    return magnitudes
  }
}
