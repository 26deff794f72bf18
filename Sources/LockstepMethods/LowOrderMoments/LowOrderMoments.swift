// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// Estimates of each column: extremes, sums, mean, variance and what follows from them; on demand skewness, kurtosis and zeros, exact quantiles
/// and histograms.
///
/// For a column x of n numbers: minimum, maximum, Σx, Σx², Σ(x − m)², m = Σx / n, Σx² / n, s² = Σ(x − m)² / (n − 1), s, s / m; with
/// ``includesShape`` g₁ = √n Σ(x − m)³ / (Σ(x − m)²)^1.5, g₂ = n Σ(x − m)⁴ / (Σ(x − m)²)² − 3, and the number of zeros.
/// With weights w, each row counts w times: Σ is Σ w …, and n is Σ w.
///
/// ```swift
/// let model = try LowOrderMoments().fit(table)                  // one process
/// let model = try LowOrderMoments().fit(myRows, in: world)      // every rank its own rows
/// print(model.mean, model.standardDeviation)
/// ```
/// - Method: see ``ColumnMoments``: pairwise merging (Chan, Golub & LeVeque 1979) in double-double; of higher orders by Pébay (2008).
/// - Accuracy: as many digits as the data's own rounding leaves: NIST's NumAcc3 (mean 10⁶, deviation 0.1) keeps 9.5, its ceiling.
/// - Edge cases: one row, or weights that add up to 1 or less, have a variance of NaN, a constant column of exactly 0 and a skewness of NaN; a
///   mean of 0 makes `variation` infinite or NaN, a negative one negative; squares beyond the range of `Double` are infinite.
/// - Sweeps: 1, at the speed of memory; with the shape, a block is read twice. Streams: yes. Row weights: yes. Quantiles take two or three sweeps more as a
///   rule, a histogram one; neither has streams or weights.
/// - Memory and communication per rank: 6p numbers, 13p with the shape or with missing numbers; for quantiles up to 8 MB of counts besides.
public struct LowOrderMoments: OnePassEstimator, Hashable {
  /// Whether skewness, kurtosis and the number of zeros are wanted too.
  ///
  /// Default `false`.
  public var includesShape: Bool
  /// Whether numbers that are missing, NaN, are left out, each column for itself, instead of being an error.
  ///
  /// Default `false`.
  public var skipsMissing: Bool

  /// The quantiles that are wanted, as 0.5 for the median: numbers from 0 to 1.
  ///
  /// None by default.
  public var quantiles: [Double]
  /// The number of bins of a histogram of each column; `nil`, the default, for none.
  public var histogramBinCount: Int?

  /// The estimator.
  public init(
    includesShape: Bool = false, skipsMissing: Bool = false, quantiles: [Double] = [], histogramBinCount: Int? = nil
  ) {
    self.includesShape = includesShape
    self.skipsMissing = skipsMissing
    self.quantiles = quantiles
    self.histogramBinCount = histogramBinCount
  }

  /// The estimator with all defaults.
  public init() { self.init(includesShape: false) }

  /// Throws ``LockstepError`` with code `.usage` for quantiles that are none, or for a number of bins below 1.
  public func validate() throws {
    if let level = quantiles.first(where: { !($0 >= 0 && $0 <= 1) }) {
      throw LockstepError(.usage, "a quantile of \(level)", remedy: "give numbers from 0 to 1, as 0.5 for the median")
    }
    if let histogramBinCount, !(1...Self.binLimit).contains(histogramBinCount) {
      throw LockstepError(
        .usage, "a histogram of \(histogramBinCount) bins", remedy: "give a number from 1 to \(Self.binLimit)")
    }
  }

  private static var binLimit: Int { 1 << 20 }

  /// Blocks four times the ordinary size: a block is read once, and needs not stay in the cache.
  public func blockRowCount(columnCount: Int) -> Int { 4 * BlockSize.standard(columnCount: columnCount) }

  /// The summary of no rows.
  public func makePartial(columnCount: Int) -> Partial {
    includesShape || skipsMissing
      ? Partial(shapes: ColumnShapes(columnCount: columnCount, skipsMissing: skipsMissing))
      : Partial(moments: ColumnMoments(columnCount: columnCount))
  }

  /// Adds a block of rows.
  public func accumulate(_ samples: Samples, into partial: inout Partial) throws {
    try partial.moments?.observe(samples)
    try partial.shapes?.observe(samples)
  }

  /// The estimates.
  ///
  /// - Throws: ``LockstepError`` with code `.tooFewRows` if there is no row, or none of a weight above 0.
  public func finalize(_ partial: Partial) throws -> Model {
    try TotalWeight.requireFinite(partial.weight)
    guard partial.weight > .zero else {
      throw LockstepError(
        .tooFewRows, partial.rowCount == 0 ? "moments of no rows" : "moments of rows that all have the weight 0")
    }
    return Model(partial, includesShape: includesShape)
  }
}

extension LowOrderMoments {
  /// What is known of some rows: the moments alone, or with those of higher orders.
  public struct Partial: ColumnWidening {
    var moments: ColumnMoments?
    var shapes: ColumnShapes?

    init(moments: ColumnMoments? = nil, shapes: ColumnShapes? = nil) {
      self.moments = moments
      self.shapes = shapes
    }

    /// Absorbs the summary of the rows that follow.
    public mutating func merge(_ later: Self) {
      precondition(
        (moments == nil) == (later.moments == nil) && (shapes == nil) == (later.shapes == nil),
        "moments of different orders")
      if let theirs = later.moments { moments?.merge(theirs) }
      if let theirs = later.shapes { shapes?.merge(theirs) }
    }

    /// Whether there are moments of one kind, and these are well formed.
    public var isWellFormed: Bool {
      (moments == nil) != (shapes == nil) && moments?.isWellFormed ?? true && shapes?.isWellFormed ?? true
    }

    /// Whether both are of one kind and of the same columns.
    public func canMerge(_ later: Self) -> Bool {
      if let moments, let theirs = later.moments { return moments.canMerge(theirs) }
      if let shapes, let theirs = later.shapes { return shapes.canMerge(theirs) }
      return false
    }

    /// The summary of the same rows among more columns, of which the others are 0.
    package func widened(to columnCount: Int, places: [Int]) throws -> Partial {
      Partial(
        moments: try moments?.widened(to: columnCount, places: places),
        shapes: try shapes?.widened(to: columnCount, places: places))
    }
  }
}
