// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// Lasso, ridge and what lies between: least squares whose penalty makes coefficients small, and many of them 0.
///
/// For each response, b₀ and b minimize Σ w (y − b₀ − xb)² / 2n + λ (α ‖b‖₁ + (1 − α)/2 ‖b‖²), n = Σ w, for a path of penalties λ. Columns
/// are scaled to unit variance (over n) for it unless ``standardizes`` is false, and coefficients scaled back; the intercept has no
/// penalty. Without standardizing, these are scikit-learn's conventions; the lasso's are glmnet's.
///
/// ```swift
/// let model = try ElasticNet().fit(rows, in: world)                  // the lasso's path, and the best of it by cross-validation
/// let predicted = try model.predict(newRows)
/// ```
/// - Method: one sweep for the cross-products of each fold; those that a fold is judged by are the others'. Coordinate descent on them, and
///   the exact solution for the columns that are left; folds come from the rows' numbers and the seed.
/// - Accuracy: the conditions of the minimum hold to 10⁻¹² of the greatest gradient.
/// - Edge cases: a constant column has the coefficient 0. More columns than rows are no trouble while α > 0.
/// - Sweeps: 1. Streams: no, since folds follow the rows' numbers. Row weights: yes.
/// - Memory and communication per rank: m(m + 1)/2 numbers for each fold, m = p + q; rank 0 has p² more.
/// - Source: Friedman, Hastie & Tibshirani (2010), "Regularization paths for generalized linear models via coordinate descent".
public struct ElasticNet: Estimator, Hashable {
  /// Which penalty of a path the model predicts with.
  public enum Selection: String, Codable, Hashable, Sendable, CaseIterable {
    /// That of the least error of cross-validation.
    case least
    /// The greatest whose error is within one standard error of the least.
    case oneStandardError
  }

  /// α: 1 for the lasso, 0 for ridge.
  ///
  /// Default 1.
  public var alpha: Double
  /// The penalties λ, greatest first; none, the default, for ``pathLength`` of them from where the first coefficient joins.
  public var regularizations: [Double]
  /// The number of penalties of a path that is not given.
  ///
  /// Default 100.
  public var pathLength: Int
  /// The least penalty of such a path as a share of its greatest; `nil`, the default, for 10⁻⁴, or 10⁻² with no more rows than columns.
  public var leastShare: Double?
  /// Whether columns are scaled to unit variance.
  ///
  /// Default `true`.
  public var standardizes: Bool
  /// Whether the model has an intercept.
  ///
  /// Default `true`.
  public var fitsIntercept: Bool
  /// The number of folds of cross-validation; 0 for none.
  ///
  /// Default 10.
  public var folds: Int
  /// The rule by which cross-validation chooses.
  ///
  /// Default ``Selection/least``.
  public var selection: Selection
  /// The seed of the folds.
  public var seed: UInt64

  /// A path of regressions.
  public init(
    alpha: Double, regularizations: [Double] = [], pathLength: Int = 100, leastShare: Double? = nil,
    standardizes: Bool = true, fitsIntercept: Bool = true, folds: Int = 10, selection: Selection = .least,
    seed: UInt64 = Catalog.defaultSeed
  ) {
    self.alpha = alpha
    self.regularizations = regularizations
    self.pathLength = pathLength
    self.leastShare = leastShare
    self.standardizes = standardizes
    self.fitsIntercept = fitsIntercept
    self.folds = folds
    self.selection = selection
    self.seed = seed
  }

  /// The lasso's path, with ten folds.
  public init() { self.init(alpha: 1) }

  /// Throws ``LockstepError`` with code `.usage` if a hyperparameter makes no sense.
  public func validate() throws {
    guard alpha >= 0, alpha <= 1 else {
      throw LockstepError(.usage, "an alpha of \(alpha)", remedy: "give a number from 0 to 1, which is the lasso")
    }
    if let value = regularizations.first(where: { !($0 >= 0 && $0 < .infinity) }) {
      throw LockstepError(.usage, "a regularization of \(value)", remedy: "give finite numbers that are not negative")
    }
    guard zip(regularizations, regularizations.dropFirst()).allSatisfy({ $0 > $1 }) else {
      throw LockstepError(.usage, "regularizations that do not descend", remedy: "give the greatest first")
    }
    guard pathLength >= 1 else {
      throw LockstepError(.usage, "a path of \(pathLength) penalties", remedy: "ask for 1 or more")
    }
    if let leastShare, !(leastShare > 0 && leastShare < 1) {
      throw LockstepError(.usage, "a path down to \(leastShare) of its start", remedy: "give a number between 0 and 1")
    }
    guard folds == 0 || folds > 1 else {
      throw LockstepError(.usage, "\(folds) folds", remedy: "ask for 2 or more, or for 0: no cross-validation")
    }
  }

  /// Fits to the rows of all ranks.
  ///
  /// Collective; the model has the same bits on every rank.
  ///
  /// - Throws: ``LockstepError`` with code `.usage` if the rows have no responses, `.notFinite` for a NaN or an infinity, `.tooFewRows`
  ///   if there is no row, or no row in most of the folds.
  public func fit(_ rows: some RowSource, in context: ExecutionContext = .local) throws -> Model {
    try context.agree { try validate(for: rows) }
    return try context.reduce(
      ElasticNetPass(estimator: self, sweep: FoldPass(folds: folds > 0 ? Folds(count: folds, seed: seed) : nil)),
      over: rows)
  }

  /// The path of what was summed.
  func model(_ folds: [CrossProduct]) throws -> Model {
    let whole = Self.merged(folds)
    try whole.requireRows(for: "a regression", dividesBySquares: true)
    let (p, q) = (whole.featureCount, whole.responseCount)
    let penalties = penalties(whole)
    let fitted = (0..<q).map { path(whole, response: $0, penalties) }
    var model = Model(
      alpha: alpha, regularizations: penalties,
      coefficients: penalties.indices.map { l in Array(fitted.map { $0[l].coefficients }.joined()) }, p: p, q: q,
      intercepts: penalties.indices.map { l in (0..<q).map { fitted[$0][l].intercept } },
      rSquared: penalties.indices.map { l in (0..<q).map { fitted[$0][l].rSquared(whole, response: $0, fitsIntercept) }
      },
      isConverged: fitted.allSatisfy { $0.allSatisfy(\.isConverged) })
    guard folds.count > 1 else {
      model.choices = Array(repeating: penalties.count - 1, count: q)
      return model
    }
    let filled = folds.indices.filter { folds[$0].weight.high > 0 }
    guard filled.count > 1 else {
      throw LockstepError(
        .tooFewRows, "\(whole.rowCount) rows are too few for \(folds.count) folds", remedy: "ask for fewer folds")
    }
    var errors = Matrix(zeros: penalties.count, q)
    var deviations = errors
    for k in 0..<q {
      // Squared errors of each fold for each penalty.
      let squares = filled.map { f in
        path(Self.merged(folds.indices.filter { $0 != f }.map { folds[$0] }), response: k, penalties).map {
          $0.meanSquare(folds[f], response: k)
        }
      }
      let weights = filled.map { folds[$0].weight.high }
      let total = weights.reduce(0, +)
      for l in penalties.indices {
        let mean = zip(weights, squares).reduce(0) { $0 + $1.0 * $1.1[l] } / total
        let spread = zip(weights, squares).reduce(0) { $0 + $1.0 * ($1.1[l] - mean) * ($1.1[l] - mean) } / total
        errors[l, k] = mean
        deviations[l, k] = (spread / Double(filled.count - 1)).squareRoot()
      }
      let best = penalties.indices.reduce(0) { errors[$1, k] < errors[$0, k] ? $1 : $0 }
      let limit = errors[best, k] + deviations[best, k]
      let sparse = penalties.indices.first { errors[$0, k] <= limit } ?? best
      model.leastRegularization.append(penalties[best])
      model.oneStandardErrorRegularization.append(penalties[sparse])
      model.choices.append(selection == .least ? best : sparse)
    }
    (model.crossValidation, model.crossValidationErrors) = (errors, deviations)
    return model
  }

  private static func merged(_ folds: [CrossProduct]) -> CrossProduct {
    var result = folds[0]
    for fold in folds.dropFirst() { result.merge(fold) }
    return result
  }

  /// The penalties of the path.
  private func penalties(_ whole: CrossProduct) -> [Double] {
    guard regularizations.isEmpty else { return regularizations }
    let scaled = ScaledProducts(whole, standardizes: standardizes, isCentred: fitsIntercept)
    let greatest =
      (0..<whole.responseCount).map {
        CoordinateDescent.greatestPenalty(scaled.products(response: $0), alpha: alpha)
      }.max() ?? 0
    guard greatest > 0, pathLength > 1 else { return [greatest] }
    let share = leastShare ?? (whole.weighedRowCount > whole.featureCount ? 1e-4 : 1e-2)
    return (0..<pathLength).map { greatest * exp(log(share) * Double($0) / Double(pathLength - 1)) }
  }

  private func path(_ products: CrossProduct, response: Int, _ penalties: [Double]) -> [PenalizedFit] {
    let scaled = ScaledProducts(products, standardizes: standardizes, isCentred: fitsIntercept)
    var descent = CoordinateDescent(gram: scaled.gram, products: scaled.products(response: response))
    return penalties.map { penalty in
      let isConverged = descent.minimize(penalty: penalty, alpha: alpha)
      let coefficients = zip(descent.coefficients, scaled.scales).map { $0 / $1 }
      var intercept = fitsIntercept ? products.mean(products.featureCount + response) : .zero
      if fitsIntercept { for (j, b) in coefficients.enumerated() { intercept -= products.mean(j) * b } }
      return PenalizedFit(coefficients: coefficients, intercept: intercept.high, isConverged: isConverged)
    }
  }
}

/// The sweep of an elastic net, finalized to its model.
private struct ElasticNetPass: Pass {
  let estimator: ElasticNet
  let sweep: FoldPass

  func makePartial(columnCount: Int) -> FoldPass.Partial { sweep.makePartial(columnCount: columnCount) }
  func accumulate(_ samples: Samples, into partial: inout FoldPass.Partial) throws {
    try sweep.accumulate(samples, into: &partial)
  }
  func blockRowCount(columnCount: Int) -> Int { sweep.blockRowCount(columnCount: columnCount) }
  func finalize(_ partial: FoldPass.Partial) throws -> ElasticNet.Model { try estimator.model(partial.products) }
}

/// Cross-products divided by n and by the scales of the columns.
private struct ScaledProducts {
  let gram: Matrix
  /// √ of the variance of each column, or 1.
  let scales: [Double]
  private let source: CrossProduct
  private let isCentred: Bool

  init(_ source: CrossProduct, standardizes: Bool, isCentred: Bool) {
    let (p, n) = (source.featureCount, source.weight)
    (self.source, self.isCentred) = (source, isCentred)
    func product(_ i: Int, _ j: Int) -> DoubleDouble {
      (isCentred ? source[i, j] : source[i, j] + source.mean(i) * n * source.mean(j)) / n
    }
    // What is left of a column about its mean may be rounding alone.
    let squares = (0..<p).map { j -> Double in
      let (square, mean) = (product(j, j).high, source.mean(j).high)
      return square > 0x1p-96 * mean * mean ? square : 0
    }
    scales = (0..<p).map { j in
      let variance = standardizes ? (source[j, j] / n).high : 1
      return squares[j] > 0 && variance > 0 ? variance.squareRoot() : 1
    }
    var gram = Matrix(zeros: p, p)
    for i in 0..<p where squares[i] > 0 {
      for j in i..<p where squares[j] > 0 {
        gram[i, j] = product(i, j).high / scales[i] / scales[j]
        gram[j, i] = gram[i, j]
      }
    }
    self.gram = gram
  }

  func products(response k: Int) -> [Double] {
    let y = source.featureCount + k
    return scales.indices.map { j in
      guard gram[j, j] > 0 else { return 0 }
      let product = isCentred ? source[j, y] : source[j, y] + source.mean(j) * source.weight * source.mean(y)
      return (product / source.weight).high / scales[j]
    }
  }
}

/// The coefficients of one penalty.
private struct PenalizedFit {
  let coefficients: [Double]
  let intercept: Double
  let isConverged: Bool

  /// Σ w (y − b₀ − xb)² / Σ w over rows, from their cross-products.
  func meanSquare(_ rows: CrossProduct, response k: Int) -> Double {
    let y = rows.featureCount + k
    let active = coefficients.indices.filter { coefficients[$0] != 0 }
    var square = rows[y, y]
    var mean = rows.mean(y) - intercept
    for i in active {
      var inner = rows[i, y] * 2
      for j in active { inner -= rows[i, j] * coefficients[j] }
      square -= inner * coefficients[i]
      mean -= rows.mean(i) * coefficients[i]
    }
    return max((square / rows.weight + mean * mean).high, 0)
  }

  func rSquared(_ rows: CrossProduct, response k: Int, _ isCentred: Bool) -> Double {
    let y = rows.featureCount + k
    let variance = (rows[y, y] / rows.weight + (isCentred ? .zero : rows.mean(y) * rows.mean(y))).high
    return variance > 0 ? 1 - meanSquare(rows, response: k) / variance : .nan
  }
}
