// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// Ten estimates of each column: extremes, sums, mean, variance and what follows from them.
///
/// For a column x of n numbers: minimum, maximum, Σx, Σx², Σ(x − m)², m = Σx / n, Σx² / n, s² = Σ(x − m)² / (n − 1), s, s / m.
/// With weights w, each row counts w times: Σ is Σ w …, and n is Σ w.
///
/// ```swift
/// let model = try LowOrderMoments().fit(table)                  // one process
/// let model = try LowOrderMoments().fit(myRows, in: world)      // every rank its own rows
/// print(model.mean, model.standardDeviation)
/// ```
/// - Method: see ``ColumnMoments``: pairwise merging (Chan, Golub & LeVeque 1979) in double-double.
/// - Accuracy: as many digits as the data's own rounding leaves: NIST's NumAcc3 (mean 10⁶, deviation 0.1) keeps 9.5, its ceiling.
/// - Edge cases: one row, or weights that add up to 1 or less, have a variance of NaN, a constant column of exactly 0; a mean of 0 makes `variation`
///   infinite or NaN, a negative one negative; squares beyond the range of `Double` are infinite.
/// - Sweeps: 1, at the speed of memory. Streams: yes. Row weights: yes.
/// - Memory and communication per rank: 6p numbers.
public struct LowOrderMoments: OnePassEstimator, Hashable {

  /// The estimator; it has no parameters.
  public init() {}

  /// Nothing can be wrong.
  public func validate() throws {}

  /// Blocks four times the ordinary size: a block is read once, and needs not stay in the cache.
  public func blockRowCount(columnCount: Int) -> Int { 4 * BlockSize.standard(columnCount: columnCount) }

  /// The summary of no rows.
  public func makePartial(columnCount: Int) -> ColumnMoments { ColumnMoments(columnCount: columnCount) }

  /// Adds a block of rows.
  public func accumulate(_ samples: Samples, into partial: inout ColumnMoments) throws { try partial.observe(samples) }

  /// The estimates.
  ///
  /// - Throws: ``LockstepError`` with code `.tooFewRows` if there is no row, or none of a weight above 0.
  public func finalize(_ partial: ColumnMoments) throws -> Model {
    try TotalWeight.requireFinite(partial.weight)
    guard partial.weight > .zero else {
      throw LockstepError(
        .tooFewRows, partial.rowCount == 0 ? "moments of no rows" : "moments of rows that all have the weight 0")
    }
    return Model(partial)
  }
}

extension LowOrderMoments {
  /// The ten estimates, p numbers each.
  public struct Model: FittedModel, Hashable {
    /// The least number of each column.
    public var minimum: [Double]
    /// The greatest number of each column.
    public var maximum: [Double]
    /// Σx.
    public var sum: [Double]
    /// Σx².
    public var sumSquares: [Double]
    /// Σ(x − m)².
    public var sumSquaresCentered: [Double]
    /// m = Σx / n.
    public var mean: [Double]
    /// Σx² / n.
    public var secondOrderRawMoment: [Double]
    /// s² = Σ(x − m)² / (n − 1); NaN for n ≤ 1.
    public var variance: [Double]
    /// s.
    public var standardDeviation: [Double]
    /// s / m, with the sign of m.
    public var variation: [Double]

    init(_ moments: ColumnMoments) {
      let n = moments.weight
      let (means, squares) = (moments.means, moments.centredSquares)
      minimum = moments.minimums
      maximum = moments.maximums
      mean = means.map { Double($0) }
      sum = means.map { Double($0 * n) }
      let raw = zip(means, squares).map { $1.high == .infinity ? $1 : $1 + $0 * $0 * n }
      sumSquares = raw.map { Double($0) }
      sumSquaresCentered = squares.map { Double($0) }
      secondOrderRawMoment = raw.map { Double($0 / n) }
      let freedom = TotalWeight.degreesOfFreedom(n, estimating: 1)
      variance = squares.map { square in
        freedom.map { square.high.isFinite ? Double(square / $0) : square.high } ?? .nan
      }
      standardDeviation = variance.map { $0.squareRoot() }
      variation = zip(standardDeviation, mean).map { $0 / $1 }
    }

    /// `moments`.
    public static var methodName: String { "moments" }
    /// The number of columns, p.
    public var columnCount: Int { mean.count }

    /// The ten estimates, by name.
    public var fields: [ModelField] {
      [
        ModelField("minimum", .vector(minimum)), ModelField("maximum", .vector(maximum)),
        ModelField("sum", .vector(sum)),
        ModelField("sumSquares", .vector(sumSquares)), ModelField("sumSquaresCentered", .vector(sumSquaresCentered)),
        ModelField("mean", .vector(mean)), ModelField("secondOrderRawMoment", .vector(secondOrderRawMoment)),
        ModelField("variance", .vector(variance)), ModelField("standardDeviation", .vector(standardDeviation)),
        ModelField("variation", .vector(variation)),
      ]
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      minimum = try fields.vector("minimum")
      maximum = try fields.vector("maximum")
      sum = try fields.vector("sum")
      sumSquares = try fields.vector("sumSquares")
      sumSquaresCentered = try fields.vector("sumSquaresCentered")
      mean = try fields.vector("mean")
      secondOrderRawMoment = try fields.vector("secondOrderRawMoment")
      variance = try fields.vector("variance")
      standardDeviation = try fields.vector("standardDeviation")
      variation = try fields.vector("variation")
      let counts = Set(
        [
          minimum, maximum, sum, sumSquares, sumSquaresCentered, mean, secondOrderRawMoment, variance,
          standardDeviation,
          variation,
        ].map(\.count))
      guard counts.count == 1 else {
        throw LockstepError(
          .malformedInput, "a moments model whose estimates have \(counts.sorted()) columns",
          remedy: "save the model again")
      }
    }
  }
}
