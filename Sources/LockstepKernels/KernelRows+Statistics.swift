// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

/// A sum as two doubles, high + low, |low| ≤ ½ ulp(high).
public typealias PairedSum = (high: Double, low: Double)

/// Where the cross-products of a block go.
public struct CrossProductBuffer {
  /// The means of the m columns: m high parts, then m low parts.
  public let means: UnsafeMutablePointer<Double>
  /// The upper triangle row by row, m(m + 1)/2 numbers.
  public let highs: UnsafeMutablePointer<Double>
  /// The low parts of the triangle; `nil` asks for sums in double.
  public let lows: UnsafeMutablePointer<Double>?

  /// Memory for means and products.
  public init(
    means: UnsafeMutablePointer<Double>, highs: UnsafeMutablePointer<Double>, lows: UnsafeMutablePointer<Double>?
  ) {
    self.means = means
    self.highs = highs
    self.lows = lows
  }
}

extension KernelRows {
  /// Summarizes each column: see `moments.h`.
  ///
  /// - Parameters:
  ///   - weights: One number a row, not negative; `nil` for ones.
  ///   - moments: 6p numbers: runs of p minimums, maximums, means (high, low) and sums of squares about the mean (high, low).
  /// - Returns: The sum of the weights. Where it is 0, means and squares are NaN.
  /// - Precondition: there is at least one row.
  public func columnMoments(
    weights: UnsafePointer<Double>?, into moments: UnsafeMutablePointer<Double>
  ) -> PairedSum {
    precondition(rowCount > 0, "moments of no rows")
    return withScratch(byteCount: lockstep_moments_scratch(columnCount)) {
      let sum = lockstep_block_moments(view, weights, moments, $0)
      return (sum.high, sum.low)
    }
  }

  /// Summarizes each column to the fourth order: see `shape.h`.
  ///
  /// - Parameters:
  ///   - weights: One number a row, not negative; `nil` for ones.
  ///   - skipsMissing: Whether numbers that are NaN are left out.
  ///   - shapes: 13p numbers: the 6p of ``columnMoments(weights:into:)``, then runs of p third and fourth powers about the mean, weights
  ///     of the numbers that are there (high, low each), and weights of the zeros.
  /// - Returns: The sum of the weights of all rows.
  /// - Precondition: there is at least one row.
  public func columnShapes(
    weights: UnsafePointer<Double>?, skipsMissing: Bool, into shapes: UnsafeMutablePointer<Double>
  ) -> PairedSum {
    precondition(rowCount > 0, "moments of no rows")
    return withScratch(byteCount: lockstep_shapes_scratch(columnCount)) {
      let sum = lockstep_block_shapes(view, weights, skipsMissing, shapes, $0)
      return (sum.high, sum.low)
    }
  }

  /// Sums w (z − mean)(z − mean)ᵀ over the rows z = [x y]: see `cross_space.h`.
  ///
  /// - Parameters:
  ///   - responses: As many rows; no columns if there are none.
  ///   - weights: One number a row, not negative; `nil` for ones.
  ///   - products: Where the means and the products go.
  /// - Returns: The sum of the weights. Where it is 0, the numbers are NaN.
  /// - Precondition: there is at least one row.
  public func crossProducts(
    responses: KernelRows<Double>, weights: UnsafePointer<Double>?, into products: CrossProductBuffer
  ) -> PairedSum {
    precondition(
      rowCount > 0 && responses.rowCount == rowCount, "\(rowCount) rows and responses of \(responses.rowCount)")
    let bytes = lockstep_cross_products_scratch(
      columnCount + responses.columnCount, products.lows != nil, weights != nil)
    return withScratch(byteCount: bytes) {
      let sum = lockstep_block_cross_products(
        view, responses.view, weights, products.means, products.highs, products.lows, $0)
      return (sum.high, sum.low)
    }
  }

  /// Adds Σ w r (x − shift), Σ w r and Σ w r² of the residuals r of each response: see `residuals.h`.
  ///
  /// - Parameters:
  ///   - responses: As many rows.
  ///   - weights: One number a row, not negative; `nil` for ones.
  ///   - fit: The coefficients that the residuals are of.
  ///   - sums: q (p + 2) numbers.
  package func addResiduals(
    responses: KernelRows<Double>, weights: UnsafePointer<Double>?, of fit: FittedCoefficients,
    to sums: UnsafeMutablePointer<Double>
  ) {
    let (p, q) = (columnCount, responses.columnCount)
    precondition(
      responses.rowCount == rowCount && fit.shift.count == p && fit.intercepts.count == q
        && fit.coefficients.count == p * q,
      "residuals of \(rowCount) rows of \(p) columns and \(responses.rowCount) of \(q) responses")
    guard rowCount > 0 else { return }
    lockstep_add_residual_sums(
      view, responses.view, weights, fit.coefficients, fit.intercepts, fit.shift, sums)
  }

  /// Computes constants + (x − shift) Mᵀ for each row x: `map.width` numbers a row.
  public func mapped(by map: AffineMap, into out: UnsafeMutablePointer<Double>) {
    precondition(map.columnCount == columnCount, "a map of \(map.columnCount) columns, rows of \(columnCount)")
    lockstep_affine_map(view, map.shift, map.matrix, map.constants, map.width, out)
  }

  /// Computes Σⱼ scales_cj (xⱼ − centers_cj)² for each row x and each class c: `classCount` numbers a row.
  ///
  /// - Parameters:
  ///   - centers: p numbers for each class.
  ///   - scales: The same.
  ///   - classCount: The number of classes.
  ///   - out: Where they go.
  public func scaledSquares(
    from centers: [Double], scales: [Double], classCount: Int, into out: UnsafeMutablePointer<Double>
  ) {
    precondition(
      centers.count == classCount * columnCount && scales.count == centers.count,
      "\(centers.count) and \(scales.count) numbers for \(classCount) classes of \(columnCount) columns")
    lockstep_scaled_squares(view, centers, scales, classCount, out)
  }

  private func withScratch<R>(byteCount: Int, _ body: (UnsafeMutableRawPointer) -> R) -> R {
    withUnsafeTemporaryAllocation(byteCount: max(byteCount, 64), alignment: 64) { scratch in
      guard let memory = scratch.baseAddress else { preconditionFailure("no scratch memory") }
      return body(memory)
    }
  }
}

/// The coefficients of q responses, of which residuals are taken.
public struct FittedCoefficients: Sendable {
  let coefficients: [Double]
  let intercepts: [Double]
  let shift: [Double]

  /// q × p coefficients, q intercepts, and what the columns are taken about in the sums, p numbers.
  public init(coefficients: [Double], intercepts: [Double], shift: [Double]) {
    self.coefficients = coefficients
    self.intercepts = intercepts
    self.shift = shift
  }
}

/// Predictions and scores: x ↦ constants + (x − shift) Mᵀ.
public struct AffineMap: Sendable {
  let shift: [Double]
  let matrix: [Double]  // p × width, transposed and padded to a multiple of eight columns
  let constants: [Double]
  /// The number of numbers made of a row.
  public let width: Int
  /// The number of columns of the rows.
  public var columnCount: Int { shift.count }

  /// The map of a matrix M given row after row, `constants.count` × `shift.count`.
  ///
  /// - Precondition: the matrix has that many elements.
  public init(matrix: [Double], shift: [Double], constants: [Double]) {
    let (p, width) = (shift.count, constants.count)
    precondition(matrix.count == p * width, "\(matrix.count) elements do not make \(width) × \(p)")
    let padded = (width + 7) / 8 * 8
    var columns = [Double](repeating: 0, count: p * padded)
    for k in 0..<width { for j in 0..<p { columns[j * padded + k] = matrix[k * p + j] } }
    self.matrix = columns
    self.shift = shift
    self.constants = constants + Array(repeating: 0, count: padded - width)
    self.width = width
  }
}

/// The merges of the summaries above, on the arrays that hold them.
package enum StatisticsMerge {
  /// Absorbs counts of later rows; none are those of no rows.
  package static func counts(_ counts: inout [Int64], later: [Int64]) {
    guard !later.isEmpty else { return }
    guard !counts.isEmpty else {
      counts = later
      return
    }
    precondition(counts.count == later.count, "\(later.count) counts for \(counts.count)")
    counts.withUnsafeMutableBufferPointer { mine in
      later.withUnsafeBufferPointer { theirs in for i in mine.indices { mine[i] &+= theirs[i] } }
    }
  }

  /// Absorbs the moments of later rows.
  package static func moments(
    _ moments: inout [Double], weight: PairedSum, later: [Double], laterWeight: PairedSum, columnCount: Int
  ) {
    precondition(
      moments.count == 6 * columnCount && later.count == 6 * columnCount, "moments of \(columnCount) columns")
    lockstep_merge_moments(
      columnCount, &moments, lockstep_dd(high: weight.high, low: weight.low), later,
      lockstep_dd(high: laterWeight.high, low: laterWeight.low))
  }

  /// Absorbs the moments to the fourth order of later rows.
  package static func shapes(_ shapes: inout [Double], later: [Double], columnCount: Int) {
    let count = LOCKSTEP_SHAPE_RUNS * columnCount
    precondition(shapes.count == count && later.count == count, "moments of \(columnCount) columns")
    lockstep_merge_shapes(columnCount, &shapes, later)
  }

  /// Absorbs the cross-products of later rows; `lows` is empty for sums in double.
  package static func crossProducts(
    means: inout [Double], highs: inout [Double], lows: inout [Double], weight: PairedSum,
    later: (means: [Double], highs: [Double], lows: [Double]), laterWeight: PairedSum
  ) {
    let m = means.count / 2
    precondition(
      later.means.count == means.count && later.highs.count == highs.count && later.lows.count == lows.count
        && highs.count == m * (m + 1) / 2 && (lows.isEmpty || lows.count == highs.count),
      "products of \(m) and \(later.means.count / 2) columns")
    let (mine, theirs) = (
      lockstep_dd(high: weight.high, low: weight.low), lockstep_dd(high: laterWeight.high, low: laterWeight.low)
    )
    if lows.isEmpty {
      lockstep_merge_cross_products(m, &means, &highs, nil, mine, later.means, later.highs, nil, theirs)
    } else {
      lockstep_merge_cross_products(m, &means, &highs, &lows, mine, later.means, later.highs, later.lows, theirs)
    }
  }
}
