// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// The covariance of p columns, shrunk towards a multiple of the identity by as much as the rows themselves suggest.
///
/// S = Σ w (x − x̄)(x − x̄)ᵀ / W, p × p, W = Σ w; μ = tr S / p. The estimate is (1 − ρ) S + ρ μ I, which is positive definite even with
/// fewer rows than columns, with the ρ that minimizes the expected squared error:
///
///     β = (Σ w ‖x − x̄‖⁴ / W − ‖S‖²) / (p W),   δ = ‖S − μ I‖² / p,   ρ = min(β, δ) / δ
///
/// The other ``formula`` is Chen, Wiesel, Eldar and Hero's (2010) for normal rows, which needs no fourth moment:
/// ρ = min(1, (‖S‖² + (tr S)²) / ((W + 1) ‖S − μ I‖²)).
///
/// ```swift
/// let model = try LedoitWolf().fit(rows, in: world)
/// print(model.shrinkage, model.covariance[0, 1])
/// ```
/// - Method: Ledoit & Wolf (2004), as in scikit-learn's `LedoitWolf`. The fourth moment of the distances is kept about the mean of the
///   rows seen, with the third that it needs to move there when blocks merge.
/// - Accuracy: that of ``Covariance`` for S; ρ agrees with its definition to some 10⁻¹³, whatever the mean.
/// - Edge cases: one column, or rows whose S is a multiple of the identity, are not shrunk: ρ = 0. One row gives zeros.
/// - Sweeps: 1. Streams: yes. Row weights: yes.
/// - Memory and communication per rank: p(p + 1)/2 + p numbers.
/// - Not for: rows that depend on each other, as in time series; a target other than the identity.
public struct LedoitWolf: OnePassEstimator, Hashable {
  /// A formula for the share of the multiple of the identity.
  public enum Formula: String, Codable, Hashable, Sendable, CaseIterable {
    /// Ledoit and Wolf's, for rows of any distribution.
    case ledoitWolf = "ledoit-wolf"
    /// The oracle approximating one, for normal rows.
    case oracleApproximating = "oas"
  }

  /// The formula.
  ///
  /// Default ``Formula/ledoitWolf``.
  public var formula = Formula.ledoitWolf
  /// How sums are kept.
  ///
  /// Default ``CrossProduct/Precision/automatic``.
  public var precision: CrossProduct.Precision

  /// The estimator.
  public init(precision: CrossProduct.Precision, formula: Formula = .ledoitWolf) {
    self.precision = precision
    self.formula = formula
  }

  /// The estimator by a formula.
  public init(formula: Formula) { self.init(precision: .automatic, formula: formula) }

  /// The estimator with all defaults.
  public init() { self.init(precision: .automatic) }

  /// Nothing can be wrong.
  public func validate() throws {}

  /// The ordinary block, or 2,048 rows if those are more: what a block costs beside its rows is then small.
  public func blockRowCount(columnCount: Int) -> Int { max(2048, BlockSize.standard(columnCount: columnCount)) }

  /// The summary of no rows.
  public func makePartial(columnCount: Int) -> Partial { Partial() }

  /// Adds a block of rows.
  public func accumulate(_ samples: Samples, into partial: inout Partial) throws {
    partial.merge(try Partial(samples, precision: precision))
  }

  /// The estimate of what was summed.
  ///
  /// - Throws: ``LockstepError`` with code `.tooFewRows` if there is no row, or none of a weight above 0.
  public func finalize(_ partial: Partial) throws -> Model {
    let products = partial.products
    guard products.weight.high > 0 else {
      throw LockstepError(
        .tooFewRows,
        products.rowCount == 0 ? "covariance of no rows" : "covariance of rows that all have the weight 0")
    }
    let (p, n) = (products.columnCount, products.weight.high)
    var covariance = products.centredMatrix(0..<p)
    for i in covariance.elements.indices { covariance.elements[i] /= n }
    let mean = (0..<p).reduce(0) { $0 + covariance[$1, $1] } / Double(p)
    // ‖S‖² = ‖S − μ I‖² + p μ².
    var distance = 0.0
    for i in 0..<p {
      for j in 0..<p {
        let difference = covariance[i, j] - (i == j ? mean : 0)
        distance += difference * difference
      }
    }
    let square = distance + Double(p) * mean * mean
    let shrinkage: Double
    switch formula {
    case .ledoitWolf:
      let error = max((partial.fourth / n - square) / n, 0)
      shrinkage = min(error, distance) > 0 ? min(error, distance) / distance : 0
    case .oracleApproximating:
      // ‖S‖² − (tr S)² / p is ‖S − μ I‖².
      let whole = (n + 1) * distance
      shrinkage = p == 1 ? 0 : whole > 0 ? min((square + Double(p) * mean * Double(p) * mean) / whole, 1) : 1
    }
    for i in 0..<p {
      for j in 0..<p { covariance[i, j] *= 1 - shrinkage }
      covariance[i, i] += shrinkage * mean
    }
    return Model(means: products.means(0..<p), covariance: covariance, shrinkage: shrinkage)
  }
}

extension LedoitWolf {
  /// The moments of some rows about their mean, z = x − x̄.
  public struct Partial: ColumnWidening {
    /// Means and cross-products.
    var products = CrossProduct()
    /// Σ w ‖z‖² z, p numbers; none while the weight is 0.
    var third: [Double] = []
    /// Σ w ‖z‖⁴.
    var fourth = 0.0

    init() {}

    /// The summary of a block of rows.
    init(_ samples: Samples, precision: CrossProduct.Precision) throws {
      try products.observe(samples, includingResponses: false, precision: precision)
      guard products.weight.high > 0 else { return }
      let p = products.columnCount
      let means = products.means(0..<p)
      var squares = [Double](repeating: 0, count: samples.rowCount)
      let labels = [Int32](repeating: 0, count: samples.rowCount)
      squares.withUnsafeMutableBufferPointer { squares in
        labels.withUnsafeBufferPointer { _ = samples.rows.squaredDistances(to: means, labels: $0, into: squares) }
      }
      let weights = samples.weights?.withUnsafeElements { Array($0) }
      for i in squares.indices {
        let weighted = (weights?[i] ?? 1) * squares[i]
        fourth += weighted * squares[i]
        squares[i] = weighted
      }
      guard fourth.isFinite else {
        third = Array(repeating: .nan, count: p)
        return
      }
      // The mean of the rows, each counted ‖z‖² times, is that much off the mean.
      let features = (samples.rows as? SupervisedRows)?.features ?? samples.rows
      var moments = ColumnMoments(columnCount: p)
      try moments.observe(
        Samples(
          SupervisedRows(features: features, weights: DenseRows(squares, columnCount: 1)), firstRow: samples.firstRow))
      let total = moments.weight
      third =
        total.high > 0
        ? moments.means.enumerated().map { Double(($1 - products.mean($0)) * total) } : Array(repeating: 0, count: p)
    }

    /// Absorbs the summary of the rows that follow.
    public mutating func merge(_ later: Self) {
      let mine = self
      products.merge(later.products)
      guard !later.third.isEmpty else { return }
      guard !third.isEmpty else {
        (third, fourth) = (later.third, later.fourth)
        return
      }
      let (a, b) = (mine.moved(to: products), later.moved(to: products))
      third = zip(a.third, b.third).map { $0 + $1 }
      fourth = a.fourth + b.fourth
    }

    /// The third and fourth moments about the mean of more rows: z becomes z + d, and Σ w z is 0.
    private func moved(to all: CrossProduct) -> (third: [Double], fourth: Double) {
      let (p, n) = (products.columnCount, products.weight.high)
      let squares = products.centredMatrix(0..<p)
      let d = (0..<p).map { Double(products.mean($0) - all.mean($0)) }
      // C d, and the sums that it takes.
      var turned = [Double](repeating: 0, count: p)
      var (length, trace, quadratic, cubic) = (0.0, 0.0, 0.0, 0.0)
      for i in 0..<p {
        let row = squares.row(i)
        for j in 0..<p { turned[i] += row[row.startIndex + j] * d[j] }
        trace += squares[i, i]
        length += d[i] * d[i]
        quadratic += d[i] * turned[i]
        cubic += d[i] * third[i]
      }
      let newThird = (0..<p).map { (i: Int) -> Double in third[i] + 2 * turned[i] + (trace + n * length) * d[i] }
      let moved = fourth + 4 * cubic + 4 * quadratic
      return (newThird, moved + 2 * length * trace + n * length * length)
    }

    /// Whether there are as many third moments as columns.
    public var isWellFormed: Bool {
      products.isWellFormed && products.responseCount == 0 && third.count == products.columnCount
    }

    /// The summary of the same rows among more columns, of which the others are 0.
    public func widened(to columnCount: Int, places: [Int]) throws -> Partial {
      var wide = self
      wide.products = try products.widened(to: columnCount, places: places)
      guard !third.isEmpty else { return wide }
      wide.third = Array(repeating: 0, count: columnCount)
      for (j, place) in places.enumerated() { wide.third[place] = third[j] }
      return wide
    }

    /// Whether one has no rows, or both have the same columns.
    public func canMerge(_ later: Self) -> Bool { products.canMerge(later.products) }
  }
}
