// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// The covariance of p columns, and their correlation, from one reading.
///
/// C = Σ w (x − x̄)(x − x̄)ᵀ, p × p; covariance C / (W − 1), or C / W, with W = Σ w, the number of rows where there are no
/// weights; correlation Cᵢⱼ / √(Cᵢᵢ Cⱼⱼ).
///
/// ```swift
/// let model = try Covariance(includesCorrelation: true).fit(table)
/// ```
/// - Method: see ``CrossProduct``.
/// - Accuracy: each entry has an error of some 10⁻¹⁵ of √(Cᵢᵢ Cⱼⱼ), whatever the means.
/// - Edge cases: one row, or weights that add up to 1 or less, have a covariance of NaN, unless `isBiased`. A constant column has a variance of exactly 0; its correlation
///   with others is NaN, with itself 1.
/// - Sweeps: 1. Streams: yes. Row weights: yes.
/// - Memory and communication per rank: p(p + 1)/2 numbers.
public struct Covariance: CrossProductEstimator, Hashable {
  /// Divides by n instead of n − 1.
  ///
  /// Default `false`.
  public var isBiased: Bool
  /// Whether the model holds the correlation too.
  ///
  /// Default `false`.
  public var includesCorrelation: Bool
  /// Whether the model holds partial correlations too: those of each pair of columns with what all others explain taken away.
  ///
  /// Default `false`.
  public var includesPartialCorrelation = false
  /// How sure the confidence limits of the correlations are.
  ///
  /// Default 0.95.
  public var confidence = 0.95
  /// How sums are kept.
  ///
  /// Default ``CrossProduct/Precision/automatic``.
  public var precision: CrossProduct.Precision

  /// The covariance.
  public init(isBiased: Bool, includesCorrelation: Bool = false, precision: CrossProduct.Precision = .automatic) {
    self.isBiased = isBiased
    self.includesCorrelation = includesCorrelation
    self.precision = precision
  }

  /// The covariance, unbiased.
  public init() { self.init(isBiased: false) }

  /// The covariance, unbiased, and perhaps the correlation.
  public init(includesCorrelation: Bool) { self.init(isBiased: false, includesCorrelation: includesCorrelation) }

  /// Features only.
  public static var includesResponses: Bool { false }

  /// Throws ``LockstepError`` with code `.usage` if the confidence is none.
  public func validate() throws {
    guard confidence > 0, confidence <= 1 else {
      throw LockstepError(
        .usage, "a confidence of \(confidence)", remedy: "give a number above 0 and up to 1, as 0.95")
    }
  }

  /// The covariance of what was summed.
  ///
  /// - Throws: ``LockstepError`` with code `.tooFewRows` if there is no row, or none of a weight above 0.
  public func finalize(_ partial: CrossProduct) throws -> Model {
    try partial.requireRows(for: "covariance")
    let p = partial.columnCount
    let divisor = isBiased ? partial.weight : TotalWeight.degreesOfFreedom(partial.weight, estimating: 1)
    var covariance = Matrix(zeros: p, p)
    for i in 0..<p {
      for j in i..<p {
        let value = divisor.map { Double(partial[i, j] / $0) } ?? .nan
        covariance[i, j] = value
        covariance[j, i] = value
      }
    }
    let correlation =
      includesCorrelation || includesPartialCorrelation ? partial.correlation(constantDiagonal: 1) : nil
    var model = Model(
      means: partial.means(0..<p), covariance: covariance, correlation: includesCorrelation ? correlation : nil)
    model.partialCorrelation = includesPartialCorrelation ? correlation?.partialCorrelation : nil
    model.observationCount = partial.weight.high
    model.confidence = confidence
    return model
  }
}

extension CrossProduct {
  /// Cᵢⱼ / √(Cᵢᵢ Cⱼⱼ), 1 on the diagonal; NaN beside the diagonal for a constant column, and `constantDiagonal` on it.
  func correlation(constantDiagonal: Double) -> Matrix {
    let p = columnCount
    let roots = (0..<p).map { self[$0, $0].high.squareRoot() }
    var result = Matrix(zeros: p, p)
    for i in 0..<p {
      result[i, i] = roots[i] > 0 ? 1 : constantDiagonal
      for j in i + 1..<max(p, i + 1) {
        // Divided in turn: the product of two roots may overflow where its quotients do not.
        let ratio = self[i, j].high / roots[i] / roots[j]
        let value = ratio.isNaN ? ratio : min(max(ratio, -1), 1)
        result[i, j] = value
        result[j, i] = value
      }
    }
    return result
  }
}

extension Covariance {
  /// Means, covariance and perhaps correlation.
  public struct Model: FittedModel, Hashable {
    /// The means, p.
    public var means: [Double]
    /// The covariance, p × p.
    public var covariance: Matrix
    /// The correlation, p × p, if it was asked for.
    public var correlation: Matrix?
    /// The partial correlations, p × p, if they were asked for; NaN beside the diagonal if a column depends on others.
    public var partialCorrelation: Matrix?
    /// The sum of the weights, the number of rows where there are none; `nil` in models of releases that did not save it.
    public var observationCount: Double?
    /// How sure the confidence limits of the correlations are.
    public var confidence = 0.95

    /// `covariance`.
    public static var methodName: String { "covariance" }
    /// The number of columns, p.
    public var columnCount: Int { means.count }

    /// A model of its parts.
    public init(means: [Double], covariance: Matrix, correlation: Matrix? = nil) {
      self.means = means
      self.covariance = covariance
      self.correlation = correlation
    }

    /// `means`, `covariance`, `observationCount` and, if they were asked for, `correlation`, `partialCorrelation` and `confidence`.
    public var fields: [ModelField] {
      [ModelField("means", .vector(means)), ModelField("covariance", .matrix(covariance))]
        + (correlation.map { [ModelField("correlation", .matrix($0))] } ?? [])
        + (partialCorrelation.map { [ModelField("partialCorrelation", .matrix($0))] } ?? [])
        + (observationCount.map { [ModelField("observationCount", .scalar($0), isDigested: false)] } ?? [])
        + (confidence == 0.95 ? [] : [ModelField("confidence", .scalar(confidence))])
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      try self.init(
        means: fields.vector("means"), covariance: fields.matrix("covariance"),
        correlation: fields.contains("correlation") ? fields.matrix("correlation") : nil)
      partialCorrelation = fields.contains("partialCorrelation") ? try fields.matrix("partialCorrelation") : nil
      observationCount = fields.contains("observationCount") ? try fields.double("observationCount") : nil
      confidence = fields.contains("confidence") ? try fields.double("confidence") : 0.95
      for matrix in [covariance, correlation ?? covariance, partialCorrelation ?? covariance]
      where matrix.rowCount != means.count || matrix.columnCount != means.count {
        throw LockstepError(
          .malformedInput,
          "a covariance model of \(means.count) means and \(matrix.rowCount) × \(matrix.columnCount) entries",
          remedy: "save the model again")
      }
    }
  }
}
