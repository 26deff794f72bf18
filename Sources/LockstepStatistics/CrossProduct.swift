// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepTables

/// The means and the centred cross-products of p features and q responses, m = p + q columns z = [x y] in all.
///
/// C = Σ wᵢ (zᵢ − z̄)(zᵢ − z̄)ᵀ, m × m, of which the upper triangle is kept; z̄ = Σ wᵢzᵢ / W, W = Σ wᵢ. A weight counts a row
/// that often. Covariance, correlation, principal components, linear and ridge regression are made of it.
///
/// - Method: within a block about the mean of a few of its rows, then centred; blocks merge pairwise: δ = z̄_b − z̄_a,
///   C = C_a + C_b + δδᵀ W_a W_b / W (Chan, Golub & LeVeque 1979).
/// - Accuracy: with sums in double, each entry has an error of some 10⁻¹⁵ of √(Cᵢᵢ Cⱼⱼ), whatever the means. With sums in
///   double-double, of some 10⁻²⁸: least squares from it lose nothing that doubles hold (condition below 10¹³ or so).
/// - Cost: m² multiply-adds a row; in double-double 4 to 5 times the time with 50 columns or more.
/// - Memory and communication: m(m + 1)/2 numbers, twice as many in double-double.
public struct CrossProduct: Mergeable {
  /// How sums are kept.
  public enum Precision: String, Codable, Hashable, Sendable, CaseIterable {
    /// Double-double where there are at most 16 columns, or where a fit finds that the answer needs it;
    /// double otherwise.
    case automatic
    /// Double.
    case double
    /// Double-double.
    case doubleDouble
  }

  /// The number of columns, features and responses together, up to which sums are in double-double by themselves.
  package static let narrowColumnCount = 16

  /// The number of rows, those of weight 0 included.
  package private(set) var rowCount = 0
  /// The number of rows of a weight above 0.
  package private(set) var weighedRowCount = 0
  /// The sum of the weights; the number of rows where there are none.
  package private(set) var weight = DoubleDouble.zero
  /// The product of the weights above 0, if it was asked for.
  package private(set) var weightProduct = WeightProduct()
  /// The number of responses, q: the last columns.
  ///
  /// 0 while the weight is 0.
  package private(set) var responseCount = 0
  /// m high parts and m low parts; none while the weight is 0.
  private var means: [Double] = []
  private var highs: [Double] = []
  private var lows: [Double] = []

  /// The summary of no rows.
  package init() {}

  /// The number of columns, features and responses together; 0 while the weight is 0.
  package var columnCount: Int { means.count / 2 }
  /// The number of features, p.
  package var featureCount: Int { columnCount - responseCount }
  /// Whether sums are in double-double.
  package var isDoubleDouble: Bool { !lows.isEmpty }

  /// Adds a block of rows, which come after those seen.
  ///
  /// - Parameters:
  ///   - samples: The rows, with their responses and weights if they have any.
  ///   - includesResponses: Whether the responses join the features.
  ///   - precision: How to sum; the same for all blocks.
  ///   - multipliesWeights: Whether ``weightProduct`` is wanted.
  /// - Throws: ``LockstepError`` with code `.notFinite` at the first number that is NaN or infinite.
  package mutating func observe(
    _ samples: Samples, includingResponses includesResponses: Bool, precision: Precision,
    multipliesWeights: Bool = false
  ) throws {
    guard samples.rowCount > 0 else { return }
    let responses = includesResponses ? samples.responses : nil
    let m = samples.columnCount + (responses?.columnCount ?? 0)
    let isExact = precision == .doubleDouble || precision == .automatic && m <= Self.narrowColumnCount
    let count = m * (m + 1) / 2
    var block = CrossProduct()
    block.rowCount = samples.rowCount
    var means = [Double](repeating: 0, count: 2 * m)
    var highs = [Double](repeating: 0, count: count)
    var lows = [Double](repeating: 0, count: isExact ? count : 0)
    let sum = try samples.withCheckedWeights { weights in
      block.weighedRowCount = weights.map { w in (0..<samples.rowCount).count { w[$0] > 0 } } ?? samples.rowCount
      if let weights, multipliesWeights {
        for i in 0..<samples.rowCount where weights[i] > 0 { block.weightProduct.multiply(by: weights[i]) }
      }
      return means.withUnsafeMutableBufferPointer { means in
        highs.withUnsafeMutableBufferPointer { highs in
          lows.withUnsafeMutableBufferPointer { lows -> PairedSum in
            guard let first = means.baseAddress, let high = highs.baseAddress else { return (0, 0) }
            let buffer = CrossProductBuffer(means: first, highs: high, lows: isExact ? lows.baseAddress : nil)
            func products(_ responses: KernelRows<Double>) -> PairedSum {
              samples.rows.crossProducts(responses: responses, weights: weights, into: buffer)
            }
            return responses.map { $0.withKernelRows(products) }
              ?? products(
                KernelRows(UnsafeBufferPointer(start: nil, count: 0), rowCount: samples.rowCount, columnCount: 0))
          }
        }
      }
    }
    // A NaN or an infinity in a column is one in its mean.
    if !means.allSatisfy(\.isFinite) { try samples.requireFinite(responses: includesResponses) }
    block.weight = DoubleDouble(high: sum.high, low: sum.low)
    try TotalWeight.requireFinite(block.weight)
    if sum.high > 0 {
      (block.means, block.highs, block.lows) = (means, highs, lows)
      block.responseCount = responses?.columnCount ?? 0
    }
    merge(block)
  }

  /// Absorbs the summary of the rows that follow.
  public mutating func merge(_ later: Self) {
    rowCount += later.rowCount
    weighedRowCount += later.weighedRowCount
    weightProduct.multiply(by: later.weightProduct)
    guard !later.means.isEmpty else { return }
    guard !means.isEmpty else {
      (weight, means, highs, lows) = (later.weight, later.means, later.highs, later.lows)
      responseCount = later.responseCount
      return
    }
    // Columns that have come up later can make them too many for double-double.
    let isExact = isDoubleDouble && later.isDoubleDouble
    if !isExact { lows = [] }
    StatisticsMerge.crossProducts(
      means: &means, highs: &highs, lows: &lows, weight: (weight.high, weight.low),
      later: (later.means, later.highs, isExact ? later.lows : []), laterWeight: (later.weight.high, later.weight.low))
    weight += later.weight
  }

  /// Whether there are 2m means and m(m + 1)/2 products for m columns, or none while the weight is 0.
  public var isWellFormed: Bool {
    let m = columnCount
    guard SummaryLimit.rowCounts.contains(rowCount), (0...rowCount).contains(weighedRowCount),
      SummaryLimit.columnCounts.contains(m), means.count == 2 * m, weightProduct.isWellFormed
    else {
      return false
    }
    let count = m * (m + 1) / 2
    return highs.count == count && (lows.isEmpty || lows.count == count) && (0...m).contains(responseCount)
      && (m > 0 ? weight.high > 0 : weight.high == 0)
  }

  /// Whether one has no rows, or both have the same columns.
  public func canMerge(_ later: Self) -> Bool {
    means.isEmpty || later.means.isEmpty
      || columnCount == later.columnCount && responseCount == later.responseCount
  }
}

extension CrossProduct: ColumnWidening {
  /// The summary of the same rows among more features, of which the others are 0.
  public func widened(to columnCount: Int, places: [Int]) throws -> CrossProduct {
    guard !means.isEmpty else { return self }
    try requireWidening(of: featureCount, to: columnCount, places)
    let (m, width) = (self.columnCount, columnCount + responseCount)
    let all = places + (columnCount..<width)
    var wide = self
    wide.means = Array(repeating: 0, count: 2 * width)
    wide.highs = Array(repeating: 0, count: width * (width + 1) / 2)
    wide.lows = isDoubleDouble ? wide.highs : []
    var place = 0
    for i in 0..<m {
      (wide.means[all[i]], wide.means[width + all[i]]) = (means[i], means[m + i])
      for j in i..<m {
        let target = all[i] * width - all[i] * (all[i] - 1) / 2 + all[j] - all[i]
        wide.highs[target] = highs[place]
        if isDoubleDouble { wide.lows[target] = lows[place] }
        place += 1
      }
    }
    return wide
  }
}

extension CrossProduct {
  /// The mean of column j, from 0; responses come after the features.
  package func mean(_ j: Int) -> DoubleDouble { DoubleDouble(high: means[j], low: means[columnCount + j]) }

  /// The means of the columns of a range, rounded.
  package func means(_ range: Range<Int>) -> [Double] { Array(means[range]) }

  /// Σ w (zᵢ − z̄ᵢ)(zⱼ − z̄ⱼ).
  package subscript(i: Int, j: Int) -> DoubleDouble {
    let (row, column) = (min(i, j), max(i, j))
    let place = row * columnCount - row * (row - 1) / 2 + column - row
    return DoubleDouble(high: highs[place], low: lows.isEmpty ? 0 : lows[place])
  }

  /// The centred products of some columns with others.
  package func centred(_ rows: Range<Int>, _ columns: Range<Int>) -> DoubleDoubleMatrix {
    var result = DoubleDoubleMatrix(zeros: rows.count, columns.count)
    for i in rows { for j in columns { result[i - rows.lowerBound, j - columns.lowerBound] = self[i, j] } }
    return result
  }

  /// The products about the origin, Σ w z zᵀ, of some columns with others.
  package func raw(_ rows: Range<Int>, _ columns: Range<Int>) -> DoubleDoubleMatrix {
    var result = DoubleDoubleMatrix(zeros: rows.count, columns.count)
    for i in rows {
      let scaled = mean(i) * weight
      for j in columns { result[i - rows.lowerBound, j - columns.lowerBound] = self[i, j] + scaled * mean(j) }
    }
    return result
  }

  /// The centred products of the columns of a range, rounded: a symmetric matrix.
  package func centredMatrix(_ range: Range<Int>) -> Matrix {
    let p = range.count
    var result = Matrix(zeros: p, p)
    for i in 0..<p {
      for j in i..<p {
        let value = self[range.lowerBound + i, range.lowerBound + j].high
        result[i, j] = value
        result[j, i] = value
      }
    }
    return result
  }
}
