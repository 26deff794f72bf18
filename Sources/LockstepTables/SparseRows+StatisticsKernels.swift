// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

extension SparseRows {
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
