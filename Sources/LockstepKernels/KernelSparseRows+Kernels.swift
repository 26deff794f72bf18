// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

/// The one rule of which kernels sparse rows go to.
package enum SparseKernels {
  /// Rows of at most so many columns are scattered into a dense copy of a block or of a strip of rows, and the dense kernels
  /// give the bits that they give for dense rows.
  ///
  /// Rows of more columns go to kernels that look at stored entries only. The number of columns alone decides, never
  /// how many entries there are, so that the bits do not depend on how rows are divided.
  package static let scatteredColumnCount = 256
}

extension KernelSparseRows {
  var isScattered: Bool { columnCount <= SparseKernels.scatteredColumnCount }

  /// Summarizes each column, as ``KernelRows/columnMoments(weights:into:)`` does.
  package func columnMoments(
    weights: UnsafePointer<Double>?, into moments: UnsafeMutablePointer<Double>
  ) -> PairedSum {
    if isScattered { return withDense { $0.columnMoments(weights: weights, into: moments) } }
    return withScratch(byteCount: lockstep_sparse_moments_scratch(columnCount)) {
      let sum = lockstep_sparse_moments(view, weights, moments, $0)
      return (sum.high, sum.low)
    }
  }

  /// Summarizes each column to the fourth order, as ``KernelRows/columnShapes(weights:skipsMissing:into:)`` does.
  package func columnShapes(
    weights: UnsafePointer<Double>?, skipsMissing: Bool, into shapes: UnsafeMutablePointer<Double>
  ) -> PairedSum {
    if isScattered {
      return withDense { $0.columnShapes(weights: weights, skipsMissing: skipsMissing, into: shapes) }
    }
    return withScratch(byteCount: lockstep_sparse_shapes_scratch(columnCount)) {
      let sum = lockstep_sparse_shapes(view, weights, skipsMissing, shapes, $0)
      return (sum.high, sum.low)
    }
  }

  /// Sums w (z − mean)(z − mean)ᵀ over the rows z = [x y], as ``KernelRows/crossProducts(responses:weights:into:)`` does.
  package func crossProducts(
    responses: KernelRows<Double>, weights: UnsafePointer<Double>?, into products: CrossProductBuffer
  ) -> PairedSum {
    precondition(responses.rowCount == rowCount, "\(rowCount) rows and responses of \(responses.rowCount)")
    if isScattered {
      return withDense { $0.crossProducts(responses: responses, weights: weights, into: products) }
    }
    let bytes = lockstep_sparse_cross_products_scratch(columnCount + responses.columnCount)
    return withScratch(byteCount: bytes) {
      let sum = lockstep_sparse_cross_products(
        view, responses.view, weights, products.means, products.highs, products.lows, $0)
      return (sum.high, sum.low)
    }
  }

  /// Adds what residuals come to, as ``KernelRows/addResiduals(responses:weights:of:to:)`` does.
  package func addResiduals(
    responses: KernelRows<Double>, weights: UnsafePointer<Double>?, of fit: FittedCoefficients,
    to sums: UnsafeMutablePointer<Double>
  ) {
    forEachStrip { rows, first in
      rows.addResiduals(
        responses: responses.rows(first..<first + rows.rowCount), weights: weights.map { $0 + first }, of: fit, to: sums
      )
    }
  }

  /// Computes constants + (x − shift) Mᵀ for each row x: `map.width` numbers a row.
  package func mapped(by map: AffineMap, into out: UnsafeMutablePointer<Double>) {
    precondition(map.columnCount == columnCount, "a map of \(map.columnCount) columns, rows of \(columnCount)")
    if isScattered { return forEachStrip { $0.mapped(by: map, into: out + $1 * map.width) } }
    withScratch(byteCount: lockstep_sparse_map_scratch(map.width)) {
      lockstep_sparse_affine_map(view, map.shift, map.matrix, map.constants, map.width, out, $0)
    }
  }

  /// Computes Σⱼ scales_cj (xⱼ − centers_cj)² for each row x and each class c, from dense copies of a few rows at a time.
  package func scaledSquares(
    from centers: [Double], scales: [Double], classCount: Int, into out: UnsafeMutablePointer<Double>
  ) {
    forEachStrip {
      $0.scaledSquares(from: centers, scales: scales, classCount: classCount, into: out + $1 * classCount)
    }
  }

  /// Adds the upper triangle of XᵀX, p(p + 1)/2 numbers, of every `rowStep`th row from the first on.
  package func addGram(
    to gram: UnsafeMutablePointer<Double>, rowStep: Int, scratch: borrowing FactorScratch
  ) {
    if isScattered { return withDense(step: rowStep) { $0.addGram(to: gram, scratch: scratch) } }
    lockstep_sparse_gram(view, rowStep, gram)
  }

  /// Computes X R⁻¹ by forward substitution in each row, as ``KernelRows/solve(_:into:stride:gram:scratch:)`` does.
  package func solve(
    _ triangle: PackedTriangle, into out: UnsafeMutablePointer<Double>?, stride: Int,
    gram: UnsafeMutablePointer<Double>?, scratch: borrowing FactorScratch
  ) {
    if isScattered {
      return withDense { $0.solve(triangle, into: out, stride: stride, gram: gram, scratch: scratch) }
    }
    forEachStrip { rows, first in
      rows.solve(triangle, into: out.map { $0 + first * stride }, stride: stride, gram: gram, scratch: scratch)
    }
  }

  /// Computes X W, as ``KernelRows/multiply(_:into:stride:gram:scratch:)`` does.
  package func multiply(
    _ matrix: PackedMatrix, into out: UnsafeMutablePointer<Double>?, stride: Int,
    gram: UnsafeMutablePointer<Double>?, scratch: borrowing FactorScratch
  ) {
    if isScattered {
      return withDense { $0.multiply(matrix, into: out, stride: stride, gram: gram, scratch: scratch) }
    }
    forEachStrip { rows, first in
      rows.multiply(matrix, into: out.map { $0 + first * stride }, stride: stride, gram: gram, scratch: scratch)
    }
  }

  /// Computes the Householder QR of X · diag(scales) from a dense copy of the block, which its reflectors fill anyway.
  package func factor(
    scales: UnsafePointer<Double>, into upper: UnsafeMutablePointer<Double>, reflectors: UnsafeMutablePointer<Double>?,
    stride: Int, scratch: borrowing FactorScratch
  ) {
    withDense { $0.factor(scales: scales, into: upper, reflectors: reflectors, stride: stride, scratch: scratch) }
  }

  /// Computes ‖xᵢ − c_labels[i]‖² for each row i, and returns their sum, added row by row in order.
  @discardableResult
  package func squaredDistances(
    to centroids: [Double], labels: UnsafePointer<Int32>, into distances: UnsafeMutablePointer<Double>?
  ) -> Double {
    guard isScattered else {
      let clusterCount = centroids.count / columnCount
      return withScratch(byteCount: 16 * clusterCount) {
        lockstep_sparse_squared_distances(view, centroids, clusterCount, labels, distances, $0)
      }
    }
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: stripRowCount) { terms in
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
  package func lowerMinimums(to centre: UnsafePointer<Double>, _ minimums: UnsafeMutablePointer<Double>) {
    if isScattered { return forEachStrip { _ = $0.lowerMinimums(to: centre, minimums + $1) } }
    lockstep_sparse_update_minimums(view, centre, minimums)
  }

  private func withScratch<R>(byteCount: Int, _ body: (UnsafeMutableRawPointer) -> R) -> R {
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 64), alignment: 64)
    defer { scratch.deallocate() }
    return body(scratch)
  }
}
