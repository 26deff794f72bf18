// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

/// What QR and SVD ask of a block of n rows and p columns.
///
/// An upper triangle is packed row after row from the diagonal on: p(p + 1)/2 numbers.
public protocol FactorizationKernels {
  /// Adds the upper triangle of XᵀX, of every `rowStep`th row from the first on.
  func addGram(to gram: UnsafeMutablePointer<Double>, rowStep: Int, scratch: borrowing FactorScratch)
  /// Computes X R⁻¹ and adds its Gram matrix to `gram`; either may be nil.
  func solve(
    _ triangle: PackedTriangle, into out: UnsafeMutablePointer<Double>?, stride: Int,
    gram: UnsafeMutablePointer<Double>?, scratch: borrowing FactorScratch)
  /// Computes X W and adds its Gram matrix to `gram`; either may be nil.
  func multiply(
    _ matrix: PackedMatrix, into out: UnsafeMutablePointer<Double>?, stride: Int,
    gram: UnsafeMutablePointer<Double>?, scratch: borrowing FactorScratch)
  /// Computes the Householder QR of X · diag(scales): min(n, p) rows of R, and the reflectors if asked.
  func factor(
    scales: UnsafePointer<Double>, into upper: UnsafeMutablePointer<Double>, reflectors: UnsafeMutablePointer<Double>?,
    stride: Int, scratch: borrowing FactorScratch)
  /// The largest magnitude in each column, p numbers; a NaN is passed over.
  func columnMagnitudes() -> [Double]
}

extension DenseRows {
  /// Adds the upper triangle of XᵀX, of every `rowStep`th row from the first on.
  public func addGram(to gram: UnsafeMutablePointer<Double>, rowStep: Int, scratch: borrowing FactorScratch) {
    withUnsafeElements {
      KernelRows(
        $0, rowCount: (rowCount + rowStep - 1) / rowStep, columnCount: columnCount, rowStride: rowStep * columnCount
      ).addGram(to: gram, scratch: scratch)
    }
  }

  /// Computes X R⁻¹ and adds its Gram matrix to `gram`; either may be nil.
  public func solve(
    _ triangle: PackedTriangle, into out: UnsafeMutablePointer<Double>?, stride: Int,
    gram: UnsafeMutablePointer<Double>?, scratch: borrowing FactorScratch
  ) {
    withUnsafeElements {
      KernelRows($0, rowCount: rowCount, columnCount: columnCount)
        .solve(triangle, into: out, stride: stride, gram: gram, scratch: scratch)
    }
  }

  /// Computes X W and adds its Gram matrix to `gram`; either may be nil.
  public func multiply(
    _ matrix: PackedMatrix, into out: UnsafeMutablePointer<Double>?, stride: Int,
    gram: UnsafeMutablePointer<Double>?, scratch: borrowing FactorScratch
  ) {
    withUnsafeElements {
      KernelRows($0, rowCount: rowCount, columnCount: columnCount)
        .multiply(matrix, into: out, stride: stride, gram: gram, scratch: scratch)
    }
  }

  /// Computes the Householder QR of X · diag(scales): min(n, p) rows of R, and the reflectors if asked.
  public func factor(
    scales: UnsafePointer<Double>, into upper: UnsafeMutablePointer<Double>, reflectors: UnsafeMutablePointer<Double>?,
    stride: Int, scratch: borrowing FactorScratch
  ) {
    withUnsafeElements {
      KernelRows($0, rowCount: rowCount, columnCount: columnCount)
        .factor(scales: scales, into: upper, reflectors: reflectors, stride: stride, scratch: scratch)
    }
  }

  /// The largest magnitude in each column, p numbers; a NaN is passed over.
  public func columnMagnitudes() -> [Double] {
    var least = [Double](repeating: 0, count: columnCount)
    var greatest = least
    least.withUnsafeMutableBufferPointer { least in
      greatest.withUnsafeMutableBufferPointer { greatest in
        guard let low = least.baseAddress, let high = greatest.baseAddress else { return }
        withKernelRows { $0.widenExtremes(minimums: low, maximums: high) }
      }
    }
    return zip(least, greatest).map { max(-$0, $1) }
  }
}

extension SupervisedRows {
  /// The features' kernel.
  package func addGram(to gram: UnsafeMutablePointer<Double>, rowStep: Int, scratch: borrowing FactorScratch) {
    features.addGram(to: gram, rowStep: rowStep, scratch: scratch)
  }

  /// The features' kernel.
  package func solve(
    _ triangle: PackedTriangle, into out: UnsafeMutablePointer<Double>?, stride: Int,
    gram: UnsafeMutablePointer<Double>?, scratch: borrowing FactorScratch
  ) { features.solve(triangle, into: out, stride: stride, gram: gram, scratch: scratch) }

  /// The features' kernel.
  package func multiply(
    _ matrix: PackedMatrix, into out: UnsafeMutablePointer<Double>?, stride: Int,
    gram: UnsafeMutablePointer<Double>?, scratch: borrowing FactorScratch
  ) { features.multiply(matrix, into: out, stride: stride, gram: gram, scratch: scratch) }

  /// The features' kernel.
  package func factor(
    scales: UnsafePointer<Double>, into upper: UnsafeMutablePointer<Double>, reflectors: UnsafeMutablePointer<Double>?,
    stride: Int, scratch: borrowing FactorScratch
  ) { features.factor(scales: scales, into: upper, reflectors: reflectors, stride: stride, scratch: scratch) }

  /// The features' kernel.
  package func columnMagnitudes() -> [Double] { features.columnMagnitudes() }
}
