// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// Principal component analysis: the orthogonal directions in which rows vary most.
///
/// Rows x are centred, z = x − x̄, and by the methods that scale also divided by each column's deviation s (n − 1), both over
/// the rows of all ranks. The components are the eigenvectors v of S = Σ z zᵀ / (n − 1), of unit length, by descending
/// eigenvalue λ, the variance along v. Scores are z · v.
///
/// ```swift
/// let model = try PCA(componentCount: 2).fit(table)
/// let scores = try model.transform(table.rows)                   // n × 2
/// ```
/// - Method: by ``Method/correlation`` and ``Method/covariance``, the eigenvectors of S. By ``Method/svd``, S is summed in
///   double-double, factored, S = RᵀR, and the singular values of R are taken: small eigenvalues keep their digits.
/// - Accuracy: eigenvalues are off by some 10⁻¹⁵ of the largest; by `svd`, their roots by some 10⁻¹⁵ of the largest root. Ask for `svd` if
///   components of variance below 10⁻¹⁰ of the largest matter, as they do when whitened.
/// - Signs: the loading of largest magnitude of each component is positive (the first of equals).
/// - Edge cases: a constant column has the loading 0 where λ > 0, and is not scaled. With n ≤ p rows, at most n − 1 eigenvalues
///   are not 0; the components of the others complete the basis. One row is refused. Whitened, an eigenvalue that
///   is no more than the rounding of the largest is 0, and so are its scores.
/// - Sweeps: 1. Streams: yes. Row weights: yes.
/// - Memory and communication per rank: p(p + 1)/2 numbers (twice that by `svd`); 9p³ flops on rank 0.
public struct PCA: CrossProductEstimator, Hashable {
  /// What is decomposed, and how.
  public enum Method: String, Codable, Hashable, Sendable, CaseIterable {
    /// The eigenvectors of the correlation: columns scaled to a deviation of 1.
    case correlation
    /// The eigenvectors of the covariance: columns in their own units.
    case covariance
    /// The singular vectors of the rows, centred and, if ``PCA/isScaled``, scaled.
    case svd
  }

  /// What is decomposed, and how.
  ///
  /// Default ``Method/correlation``.
  public var method: Method
  /// The number of components, k; `nil` for all p, or as `varianceShare` says.
  ///
  /// Default `nil`.
  public var componentCount: Int?
  /// Keeps as many components as explain this share of the variance, above 0 and up to 1.
  ///
  /// Default `nil`.
  public var varianceShare: Double?
  /// Whether `transform` divides scores by their deviations √λ, so that each has variance 1.
  ///
  /// Default `false`.
  public var isWhitened: Bool
  /// By ``Method/svd``, whether columns are scaled to a deviation of 1.
  ///
  /// Default `true`.
  public var isScaled: Bool

  /// An analysis.
  public init(
    componentCount: Int?, varianceShare: Double? = nil, method: Method = .correlation, isWhitened: Bool = false,
    isScaled: Bool = true
  ) {
    self.method = method
    self.componentCount = componentCount
    self.varianceShare = varianceShare
    self.isWhitened = isWhitened
    self.isScaled = isScaled
  }

  /// An analysis with all components.
  public init() { self.init(componentCount: nil) }

  /// An analysis with as many components as explain a share of the variance.
  public init(varianceShare: Double, method: Method = .correlation) {
    self.init(componentCount: nil, varianceShare: varianceShare, method: method)
  }

  /// Sums in double-double for ``Method/svd``.
  public var precision: CrossProduct.Precision { method == .svd ? .doubleDouble : .automatic }
  /// Features only.
  public static var includesResponses: Bool { false }

  private var scales: Bool { method == .correlation || method == .svd && isScaled }

  /// Throws ``LockstepError`` with code `.usage` if a hyperparameter makes no sense.
  public func validate() throws {
    if let componentCount, componentCount < 1 {
      throw LockstepError(.usage, "\(componentCount) components", remedy: "ask for 1 or more")
    }
    if let varianceShare, !(varianceShare > 0 && varianceShare <= 1) {
      throw LockstepError(
        .usage, "a share of \(varianceShare) of the variance", remedy: "give a share above 0, up to 1")
    }
    if componentCount != nil && varianceShare != nil {
      throw LockstepError(
        .usage, "both a number of components and a share of the variance", remedy: "give one of the two")
    }
  }

  /// The components of what was summed.
  ///
  /// - Throws: ``LockstepError`` with code `.tooFewRows` if the weights add up to 1 or less, `.usage` for more components than columns.
  public func finalize(_ partial: CrossProduct) throws -> Model {
    let (p, n) = (partial.columnCount, partial.weight)
    try partial.requireRows(for: "principal components")
    guard let freedom = TotalWeight.degreesOfFreedom(n, estimating: 1) else {
      throw LockstepError(
        .tooFewRows, "principal components of \(partial.rowCount) rows of total weight \(n.high)",
        remedy: "give two rows or more")
    }
    if let componentCount, componentCount > p {
      throw LockstepError(.usage, "\(componentCount) components of \(p) columns", remedy: "ask for \(p) or fewer")
    }
    let variances = (0..<p).map { Double(partial[$0, $0] / freedom) }
    let (values, vectors) = try method == .svd ? singular(partial) : eigen(partial)
    let total = scales ? Double(variances.count { $0 > 0 }) : variances.reduce(0, +)
    let k = componentCount ?? varianceShare.map { Self.count(explaining: $0 * total, values) } ?? p
    var kept = Array(values[..<k])
    // Scores are divided by √λ: not where λ is no more than the rounding of the largest.
    let noise = method == .svd ? Double(p * p) * 0x1p-102 : Double(p) * 0x1p-50
    if isWhitened { for i in kept.indices where kept[i] <= noise * values[0] { kept[i] = 0 } }
    return Model(
      eigenvalues: kept, components: Self.signed(vectors, count: k), means: partial.means(0..<p), variances: variances,
      explainedVarianceRatio: kept.map { total > 0 ? $0 / total : 0 }, isScaled: scales, isWhitened: isWhitened)
  }

  private func eigen(_ partial: CrossProduct) throws -> ([Double], Matrix) {
    let p = partial.columnCount
    var matrix: Matrix
    if method == .correlation {
      matrix = partial.correlation(constantDiagonal: 0)
      for i in matrix.elements.indices where matrix.elements[i].isNaN { matrix.elements[i] = 0 }
    } else {
      matrix = partial.centredMatrix(0..<p)
      let divisor = Double(partial.weight - 1)
      for i in matrix.elements.indices { matrix.elements[i] /= divisor }
    }
    let eigen = try matrix.symmetricEigen()
    return (eigen.values.map { max($0, 0) }, eigen.vectors)
  }

  /// From RᵀR = S in double-double: the singular values of R, whose squares are those of S with twice the digits.
  private func singular(_ partial: CrossProduct) throws -> ([Double], Matrix) {
    let p = partial.columnCount
    var matrix = partial.centred(0..<p, 0..<p)
    let divisors = (0..<p).map { j -> DoubleDouble in
      let root = (scales ? partial[j, j] : partial.weight - 1).squareRoot()
      return root.high > 0 ? root : DoubleDouble(1)
    }
    for i in 0..<p { for j in 0..<p { matrix[i, j] = matrix[i, j] / divisors[i] / divisors[j] } }
    let factor = DoubleDoubleCholesky(matrix).factor.rounded
    let decomposition = try factor.singularValueDecomposition()
    return (decomposition.values.map { $0 * $0 }, decomposition.right)
  }

  private static func count(explaining share: Double, _ values: [Double]) -> Int {
    var sum = 0.0
    for (i, value) in values.enumerated() {
      sum += value
      if sum >= share { return i + 1 }
    }
    return values.count  // rounding may keep the sum of all below the whole
  }

  /// The first rows, each with its loading of largest magnitude positive.
  private static func signed(_ vectors: Matrix, count: Int) -> Matrix {
    Matrix(
      rowCount: count, columnCount: vectors.columnCount,
      elements: (0..<count).flatMap { i -> [Double] in
        let row = Array(vectors.row(i))
        let largest = row.indices.reduce(0) { abs(row[$1]) > abs(row[$0]) ? $1 : $0 }
        return row[largest] < 0 ? row.map { -$0 } : row
      })
  }
}
