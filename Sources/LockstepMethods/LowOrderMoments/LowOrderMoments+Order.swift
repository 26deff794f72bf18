// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepStatistics
import LockstepTables

extension LowOrderMoments {
  /// Whether more is wanted than one sweep gives.
  private var needsMoreSweeps: Bool { !quantiles.isEmpty || histogramBinCount != nil }

  /// Throws if more is wanted than one sweep gives.
  package func requireSingleReading() throws {
    guard needsMoreSweeps else { return }
    throw LockstepError(
      .usage, "quantiles and histograms take more than one reading of the rows",
      remedy: "leave them out, or fit to all rows at once")
  }

  /// Fits to the rows of all ranks: one sweep, and a few more for quantiles and histograms.
  public func fit(_ rows: some RowSource, in context: ExecutionContext = .local) throws -> Model {
    try context.agree {
      try validate()
      guard needsMoreSweeps, rows.roles.hasWeights else { return }
      throw LockstepError(
        .usage, "quantiles and histograms of rows with weights are not there", remedy: "leave the weights out")
    }
    guard needsMoreSweeps else { return try context.reduce(self, over: rows) }
    let aligned = try context.align(rows, blockRowCount: blockRowCount(columnCount:))
    var model = try context.reduce(self, over: aligned)
    if !quantiles.isEmpty {
      let places = (model.count ?? []).map { count in quantiles.map { QuantilePlace($0, of: Int(count)) } }
      let numbers = try context.orderStatistics(
        OrderStatistics(
          ranks: places.map { Set($0.flatMap(\.ranks)).sorted() }, counts: (model.count ?? []).map { Int($0) },
          minimums: model.minimum, maximums: model.maximum), of: aligned
      ).numbers
      model.quantileLevels = quantiles
      model.quantiles = Matrix(
        rows: zip(places, numbers).map { places, numbers in places.map { $0.value { numbers[$0] ?? .nan } } })
    }
    if let histogramBinCount {
      let pass = try context.agree {
        try HistogramPass(
          minimums: model.minimum, maximums: model.maximum, binCount: histogramBinCount,
          blockRowCount: aligned.blockRowCount)
      }
      model.histogramEdges = pass.edges
      model.histogramCounts = try context.reduce(pass, over: aligned)
    }
    return model
  }
}

/// Where a quantile lies among n numbers in order: at (n − 1) q, counted from 0, and so between two of them as a rule.
///
/// What NumPy's `quantile` does unless told otherwise, to the bit; Hyndman and Fan's (1996) definition 7.
struct QuantilePlace {
  /// The numbers that it takes, by rank: none of no numbers, the two beside the place, or the greatest.
  let ranks: [Int]
  /// How far from the first to the second.
  let share: Double

  init(_ level: Double, of count: Int) {
    guard count > 0 else {
      (ranks, share) = ([], 0)
      return
    }
    let place = Double(count - 1) * level
    let below = min(Int(place), count - 1)
    ranks = below == count - 1 ? [below] : [below, below + 1]
    share = place - Double(below)
  }

  /// The quantile, from the numbers of its ranks.
  func value(_ number: (Int) -> Double) -> Double {
    guard let first = ranks.first else { return .nan }
    guard ranks.count > 1 else { return number(first) }
    let (a, b) = (number(first), number(ranks[1]))
    // The product is rounded before it is added.
    let part = share >= 0.5 ? (b - a) * (1 - share) : (b - a) * share
    return share >= 0.5 ? b - part : a + part
  }
}
