// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepLinearAlgebra
import LockstepStatistics
import LockstepTables

extension LowOrderMoments.Partial {
  var rowCount: Int { moments?.rowCount ?? shapes?.rowCount ?? 0 }
  /// The sum of the weights of all rows.
  var weight: DoubleDouble { moments?.weight ?? shapes?.weight ?? .zero }
  /// The weight of the numbers of each column.
  var weights: [DoubleDouble] {
    shapes?.weights ?? Array(repeating: weight, count: moments?.columnCount ?? 0)
  }
  var means: [DoubleDouble] { moments?.means ?? shapes?.means ?? [] }
  var centredSquares: [DoubleDouble] { moments?.centredSquares ?? shapes?.centredSquares ?? [] }
}

extension LowOrderMoments {
  /// The estimates, p numbers each.
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
    /// n, the sum of the weights of the numbers of each column; `nil` in models of releases that did not save it.
    public var count: [Double]?
    /// The sum of the weights of the numbers of each column that are missing.
    public var missingCount: [Double]?
    /// Fisher's g₁, if it was asked for; NaN of a constant column.
    public var skewness: [Double]?
    /// Fisher's g₂, 0 of a normal distribution, if it was asked for; NaN of a constant column.
    public var kurtosis: [Double]?
    /// The sum of the weights of the zeros of each column, if it was asked for.
    public var zeroCount: [Double]?
    /// The quantiles that were asked for, as 0.5 for the median, q numbers.
    public var quantileLevels: [Double]?
    /// The quantiles of each column, p × q.
    public var quantiles: Matrix?
    /// The edges of the bins of each column's histogram, p × (bins + 1).
    public var histogramEdges: Matrix?
    /// How many numbers of each column are in each bin, p × bins.
    public var histogramCounts: Matrix?

    init(_ partial: Partial, includesShape: Bool) {
      let (counts, means, squares) = (partial.weights, partial.means, partial.centredSquares)
      minimum = partial.moments?.minimums ?? partial.shapes?.minimums ?? []
      maximum = partial.moments?.maximums ?? partial.shapes?.maximums ?? []
      mean = means.map { Double($0) }
      sum = zip(means, counts).map { Double($0 * $1) }
      let raw = zip(zip(means, squares), counts).map { column, n in
        column.1.high == .infinity ? column.1 : column.1 + column.0 * column.0 * n
      }
      sumSquares = raw.map { Double($0) }
      sumSquaresCentered = squares.map { Double($0) }
      secondOrderRawMoment = zip(raw, counts).map { Double($0 / $1) }
      variance = zip(squares, counts).map { square, n in
        TotalWeight.degreesOfFreedom(n, estimating: 1).map {
          square.high.isFinite ? Double(square / $0) : square.high
        } ?? .nan
      }
      standardDeviation = variance.map { $0.squareRoot() }
      variation = zip(standardDeviation, mean).map { $0 / $1 }
      count = counts.map { Double($0) }
      missingCount = counts.map { Double(partial.weight - $0) }
      guard includesShape, let shapes = partial.shapes else { return }
      skewness = shapes.skewness
      kurtosis = shapes.excessKurtosis
      zeroCount = shapes.zeroWeights
    }

    /// `moments`.
    public static var methodName: String { "moments" }
    /// The number of columns, p.
    public var columnCount: Int { mean.count }

    /// The estimates, by name.
    public var fields: [ModelField] {
      let always = [
        ("minimum", minimum), ("maximum", maximum), ("sum", sum), ("sumSquares", sumSquares),
        ("sumSquaresCentered", sumSquaresCentered), ("mean", mean), ("secondOrderRawMoment", secondOrderRawMoment),
        ("variance", variance), ("standardDeviation", standardDeviation), ("variation", variation),
      ].map { ModelField($0, .vector($1)) }
      let counts = [("count", count), ("missingCount", missingCount)].compactMap { name, values in
        values.map { ModelField(name, .vector($0), isDigested: false) }
      }
      let shape = [("skewness", skewness), ("kurtosis", kurtosis), ("zeroCount", zeroCount)].compactMap {
        name, values in
        values.map { ModelField(name, .vector($0)) }
      }
      let order =
        [quantileLevels.map { ModelField("quantileLevels", .vector($0)) }]
        + [("quantiles", quantiles), ("histogramEdges", histogramEdges), ("histogramCounts", histogramCounts)].map {
          name, matrix in matrix.map { ModelField(name, .matrix($0)) }
        }
      return always + counts + shape + order.compactMap { $0 }
    }

    /// The estimates that are a number for each column.
    var estimates: [(name: String, values: [Double])] {
      fields.compactMap { field in
        guard case .doubles(let values, let shape) = field.value, shape.count == 1, field.name != "quantileLevels"
        else {
          return nil
        }
        return (field.name, values)
      }
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      func optional(_ name: String) throws -> [Double]? { fields.contains(name) ? try fields.vector(name) : nil }
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
      count = try optional("count")
      missingCount = try optional("missingCount")
      skewness = try optional("skewness")
      kurtosis = try optional("kurtosis")
      zeroCount = try optional("zeroCount")
      func matrix(_ name: String) throws -> Matrix? { fields.contains(name) ? try fields.matrix(name) : nil }
      quantileLevels = try optional("quantileLevels")
      quantiles = try matrix("quantiles")
      histogramEdges = try matrix("histogramEdges")
      histogramCounts = try matrix("histogramCounts")
      let counts = Set(
        estimates.map(\.values.count) + [quantiles, histogramEdges, histogramCounts].compactMap { $0?.rowCount })
      guard counts.count == 1, quantiles?.columnCount == quantileLevels?.count,
        histogramEdges?.columnCount == histogramCounts.map({ $0.columnCount + 1 })
      else {
        throw LockstepError(
          .malformedInput, "a moments model whose estimates have \(counts.sorted()) columns",
          remedy: "save the model again")
      }
    }
  }
}
