// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

/// The one rule of which kernels sparse rows go to.
public enum SparseKernels {
  /// Rows of at most so many columns are scattered into a dense copy of a block or of a strip of rows, and the dense kernels
  /// give the bits that they give for dense rows.
  ///
  /// Rows of more columns go to kernels that look at stored entries only. The number of columns alone decides, never
  /// how many entries there are, so that the bits do not depend on how rows are divided.
  public static let scatteredColumnCount = 256
}

extension KernelSparseRows {
  var isScattered: Bool { columnCount <= SparseKernels.scatteredColumnCount }

  /// Summarizes each column, as ``KernelRows/columnMoments(weights:into:)`` does.
  public func columnMoments(
    weights: UnsafePointer<Double>?, into moments: UnsafeMutablePointer<Double>
  ) -> PairedSum {
    withDense { $0.columnMoments(weights: weights, into: moments) }
  }

  /// Sums w (z − mean)(z − mean)ᵀ over the rows z = [x y], as ``KernelRows/crossProducts(responses:weights:into:)`` does.
  public func crossProducts(
    responses: KernelRows<Double>, weights: UnsafePointer<Double>?, into products: CrossProductBuffer
  ) -> PairedSum {
    withDense { $0.crossProducts(responses: responses, weights: weights, into: products) }
  }

  /// Computes constants + (x − shift) Mᵀ for each row x: `map.width` numbers a row.
  public func mapped(by map: AffineMap, into out: UnsafeMutablePointer<Double>) {
    forEachStrip { $0.mapped(by: map, into: out + $1 * map.width) }
  }

  /// Adds the upper triangle of XᵀX, p(p + 1)/2 numbers, of every `rowStep`th row from the first on.
  public func addGram(
    to gram: UnsafeMutablePointer<Double>, rowStep: Int, scratch: borrowing FactorScratch
  ) {
    withDense(step: rowStep) { $0.addGram(to: gram, scratch: scratch) }
  }

  /// Computes X R⁻¹ by forward substitution in each row, as ``KernelRows/solve(_:into:stride:gram:scratch:)`` does.
  public func solve(
    _ triangle: PackedTriangle, into out: UnsafeMutablePointer<Double>?, stride: Int,
    gram: UnsafeMutablePointer<Double>?, scratch: borrowing FactorScratch
  ) {
    withDense { $0.solve(triangle, into: out, stride: stride, gram: gram, scratch: scratch) }
  }

  /// Computes X W, as ``KernelRows/multiply(_:into:stride:gram:scratch:)`` does.
  public func multiply(
    _ matrix: PackedMatrix, into out: UnsafeMutablePointer<Double>?, stride: Int,
    gram: UnsafeMutablePointer<Double>?, scratch: borrowing FactorScratch
  ) {
    withDense { $0.multiply(matrix, into: out, stride: stride, gram: gram, scratch: scratch) }
  }

  /// Computes the Householder QR of X · diag(scales) from a dense copy of the block.
  public func factor(
    scales: UnsafePointer<Double>, into upper: UnsafeMutablePointer<Double>, reflectors: UnsafeMutablePointer<Double>?,
    stride: Int, scratch: borrowing FactorScratch
  ) {
    withDense { $0.factor(scales: scales, into: upper, reflectors: reflectors, stride: stride, scratch: scratch) }
  }

  /// Computes ‖xᵢ − c_labels[i]‖² for each row i, and returns their sum, added row by row in order.
  @discardableResult
  public func squaredDistances(
    to centroids: UnsafePointer<Double>, labels: UnsafePointer<Int32>, into distances: UnsafeMutablePointer<Double>?
  ) -> Double {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: stripRowCount) { terms in
      guard let first = terms.baseAddress else { return 0 }
      var sum = 0.0
      forEachStrip { rows, start in
        let terms = distances.map { $0 + start } ?? first
        rows.squaredDistances(to: centroids, labels: labels + start, into: terms)
        for i in 0..<rows.rowCount { sum += terms[i] }
      }
      return sum
    }
  }

  /// Lowers each row's `minimums[i]` to ‖xᵢ − centre‖², if that is less.
  public func lowerMinimums(to centre: UnsafePointer<Double>, _ minimums: UnsafeMutablePointer<Double>) {
    forEachStrip { _ = $0.lowerMinimums(to: centre, minimums + $1) }
  }
}
