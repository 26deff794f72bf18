// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

/// What moments, covariance, principal components and regressions ask of a block of n ≥ 1 rows and p columns.
public protocol StatisticsKernels {
  /// Summarizes each column.
  ///
  /// - Parameters:
  ///   - weights: One number a row, not negative; `nil` for ones.
  ///   - moments: 6p numbers: runs of p minimums, maximums, means (high, low) and sums of squares about the mean (high, low).
  /// - Returns: The sum of the weights. Where it is 0, means and squares are NaN.
  func columnMoments(
    weights: UnsafePointer<Double>?, into moments: UnsafeMutablePointer<Double>
  ) -> PairedSum

  /// Summarizes each column to the fourth order.
  ///
  /// - Parameters:
  ///   - weights: One number a row, not negative; `nil` for ones.
  ///   - skipsMissing: Whether numbers that are NaN are left out.
  ///   - shapes: 13p numbers: the 6p of ``columnMoments(weights:into:)``, then runs of p third and fourth powers about the mean, weights
  ///     of the numbers that are there (high, low each), and weights of the zeros.
  /// - Returns: The sum of the weights of all rows.
  func columnShapes(
    weights: UnsafePointer<Double>?, skipsMissing: Bool, into shapes: UnsafeMutablePointer<Double>
  ) -> PairedSum

  /// Sums w (z − mean)(z − mean)ᵀ over the rows z = [x y].
  ///
  /// - Parameters:
  ///   - responses: n rows y; no columns if there are none.
  ///   - weights: One number a row, not negative; `nil` for ones.
  ///   - products: Where the means and the products go.
  /// - Returns: The sum of the weights. Where it is 0, the numbers are NaN.
  func crossProducts(
    responses: KernelRows<Double>, weights: UnsafePointer<Double>?, into products: CrossProductBuffer
  ) -> PairedSum

  /// Adds Σ w r (x − shift), Σ w r and Σ w r² of the residuals r of each response, q (p + 2) numbers.
  func addResiduals(
    responses: KernelRows<Double>, weights: UnsafePointer<Double>?, of fit: FittedCoefficients,
    to sums: UnsafeMutablePointer<Double>
  )

  /// Computes Σⱼ scales_cj (xⱼ − centers_cj)² for each row x and each class c, n × `classCount` numbers; centers and scales are
  /// `classCount` × p.
  func scaledSquares(
    from centers: [Double], scales: [Double], classCount: Int, into out: UnsafeMutablePointer<Double>
  )

  /// Computes constants + (x − shift) Mᵀ for each row x: n × `map.width` numbers.
  func mapped(by map: AffineMap, into out: UnsafeMutablePointer<Double>)
}

extension DenseRows {
  /// Summarizes each column.
  public func columnMoments(
    weights: UnsafePointer<Double>?, into moments: UnsafeMutablePointer<Double>
  ) -> PairedSum {
    withKernelRows { $0.columnMoments(weights: weights, into: moments) }
  }

  /// Summarizes each column to the fourth order.
  public func columnShapes(
    weights: UnsafePointer<Double>?, skipsMissing: Bool, into shapes: UnsafeMutablePointer<Double>
  ) -> PairedSum {
    withKernelRows { $0.columnShapes(weights: weights, skipsMissing: skipsMissing, into: shapes) }
  }

  /// Sums w (z − mean)(z − mean)ᵀ over the rows z = [x y].
  public func crossProducts(
    responses: KernelRows<Double>, weights: UnsafePointer<Double>?, into products: CrossProductBuffer
  ) -> PairedSum {
    withKernelRows { $0.crossProducts(responses: responses, weights: weights, into: products) }
  }

  /// Adds what the residuals of each response come to.
  public func addResiduals(
    responses: KernelRows<Double>, weights: UnsafePointer<Double>?, of fit: FittedCoefficients,
    to sums: UnsafeMutablePointer<Double>
  ) {
    withKernelRows { $0.addResiduals(responses: responses, weights: weights, of: fit, to: sums) }
  }

  /// Computes Σⱼ scales_cj (xⱼ − centers_cj)² for each row x and each class c.
  public func scaledSquares(
    from centers: [Double], scales: [Double], classCount: Int, into out: UnsafeMutablePointer<Double>
  ) { withKernelRows { $0.scaledSquares(from: centers, scales: scales, classCount: classCount, into: out) } }

  /// Computes constants + (x − shift) Mᵀ for each row x.
  public func mapped(by map: AffineMap, into out: UnsafeMutablePointer<Double>) {
    withKernelRows { $0.mapped(by: map, into: out) }
  }
}

extension SupervisedRows {
  /// The features' kernel.
  package func columnMoments(
    weights: UnsafePointer<Double>?, into moments: UnsafeMutablePointer<Double>
  ) -> PairedSum {
    features.columnMoments(weights: weights, into: moments)
  }

  /// The features' kernel.
  package func columnShapes(
    weights: UnsafePointer<Double>?, skipsMissing: Bool, into shapes: UnsafeMutablePointer<Double>
  ) -> PairedSum {
    features.columnShapes(weights: weights, skipsMissing: skipsMissing, into: shapes)
  }

  /// The features' kernel.
  package func crossProducts(
    responses: KernelRows<Double>, weights: UnsafePointer<Double>?, into products: CrossProductBuffer
  ) -> PairedSum {
    features.crossProducts(responses: responses, weights: weights, into: products)
  }

  /// The features' kernel.
  public func addResiduals(
    responses: KernelRows<Double>, weights: UnsafePointer<Double>?, of fit: FittedCoefficients,
    to sums: UnsafeMutablePointer<Double>
  ) {
    features.addResiduals(responses: responses, weights: weights, of: fit, to: sums)
  }

  /// The features' kernel.
  package func scaledSquares(
    from centers: [Double], scales: [Double], classCount: Int, into out: UnsafeMutablePointer<Double>
  ) { features.scaledSquares(from: centers, scales: scales, classCount: classCount, into: out) }

  /// The features' kernel.
  package func mapped(by map: AffineMap, into out: UnsafeMutablePointer<Double>) { features.mapped(by: map, into: out) }
}

extension RowBlock {
  /// Σⱼ scales_cj (xⱼ − centers_cj)² for each row x and each class c, n × `classCount`.
  package func scaledSquares(from centers: [Double], scales: [Double], classCount: Int) -> Matrix {
    var result = Matrix(zeros: rowCount, classCount)
    guard rowCount > 0, classCount > 0, columnCount > 0 else { return result }
    result.elements.withUnsafeMutableBufferPointer { buffer in
      guard let first = buffer.baseAddress else { return }
      scaledSquares(from: centers, scales: scales, classCount: classCount, into: first)
    }
    return result
  }

  /// constants + (x − shift) Mᵀ for each row x, n × `map.width`.
  public func mapped(by map: AffineMap) -> Matrix {
    guard rowCount > 0, map.width > 0 else { return Matrix(zeros: rowCount, map.width) }
    let elements = [Double](unsafeUninitializedCapacity: rowCount * map.width) { buffer, count in
      if let first = buffer.baseAddress { mapped(by: map, into: first) }
      count = rowCount * map.width
    }
    return Matrix(rowCount: rowCount, columnCount: map.width, elements: elements)
  }
}
