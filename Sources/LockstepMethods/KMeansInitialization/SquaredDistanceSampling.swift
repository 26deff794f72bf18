// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import LockstepReduction
import LockstepTables

/// Drawing rows in proportion to their squared distances from the nearest of the centers chosen so far, over all ranks.
///
/// Each rank keeps the distances of its own rows. Their sum is taken in exact integers (``WeightScale``), so the row that a
/// draw chooses does not depend on ranks, threads or blocks.
struct SquaredDistanceSampling {
  let aligned: AlignedRows
  let distances: RowMemory<Double>
  /// How often the rows count; `nil` for once each.
  let rowWeights: RowWeights?
  private(set) var scale: WeightScale?
  private(set) var weights = WeighedRows()
  private let codes: SamplingCodes?
  private var absorbedCount = 0
  private var hasCodes = false

  /// Rows to draw from.
  ///
  /// - Parameters:
  ///   - aligned: The rows.
  ///   - rowWeights: How often they count; `nil` for once each.
  ///   - codes: Room for what spares most distances; `nil` computes all.
  ///   - initial: The squared distance of each row before any center is taken in.
  init(
    _ aligned: AlignedRows, rowWeights: RowWeights?, codes: SamplingCodes? = nil, initial: Double = .infinity
  ) {
    self.aligned = aligned
    self.rowWeights = rowWeights
    self.codes = codes
    distances = RowMemory(aligned.sweptRange, repeating: initial)
  }

  /// The codes of the rows, once they are made.
  var madeCodes: RowCodeMemory? { hasCodes ? codes?.memory : nil }
  /// The sum of all weights.
  var total: WeightSum { weights.total }

  /// Takes in the centers that an earlier run took in one after the other, and the scale that it had come to.
  mutating func restore(_ centers: Matrix, scale: WeightScale, in context: ExecutionContext) throws {
    self.scale = scale
    var pass = DistancePass(centers: centers, distances: distances, scale: scale, rowWeights: rowWeights)
    pass.columnNames = aligned.columnNames
    absorbedCount = centers.rowCount
    if let codes, absorbedCount >= codes.plainCount {
      pass.codes = .made(codes)
      hasCodes = true
    }
    weights = try context.reduce(pass, over: aligned)
  }

  /// Takes in new centers: lowers the distance of every row that is nearer to one of them.
  mutating func absorb(_ centers: Matrix, in context: ExecutionContext) throws {
    var pass = DistancePass(centers: centers, distances: distances, scale: scale, rowWeights: rowWeights)
    pass.columnNames = aligned.columnNames
    absorbedCount += centers.rowCount
    if let codes {
      // While centers are few, most rows are nearer to a new one, and their distances are computed in any case.
      if hasCodes {
        pass.codes = .used(codes, CentreCodes(centers.elements, scale: codes.memory.scale))
      } else if absorbedCount >= codes.plainCount {
        pass.codes = .made(codes)
        hasCodes = true
      }
    }
    weights = try context.reduce(pass, over: aligned)
    // Distances only shrink. The old scale does until the largest weight has lost 20 bits: then it is taken anew.
    let fitting = try WeightScale(largest: weights.largest)
    if let scale, weights.largest == 0 || fitting.exponent - scale.exponent <= 20 { return }
    let scale = fitting
    self.scale = scale
    pass = DistancePass(
      centers: Matrix(zeros: 0, aligned.columnCount), distances: distances, scale: scale, rowWeights: rowWeights)
    if let codes, hasCodes { pass.codes = .rescaled(codes) }
    weights = try context.reduce(pass, over: aligned)
  }

  /// Weighs the rows by the distances that there are.
  mutating func weigh(in context: ExecutionContext) throws {
    var pass = DistancePass(
      centers: Matrix(zeros: 0, aligned.columnCount), distances: distances, scale: nil, rowWeights: rowWeights)
    let scale = try WeightScale(largest: try context.reduce(pass, over: aligned).largest)
    pass = DistancePass(centers: pass.centers, distances: distances, scale: scale, rowWeights: rowWeights)
    self.scale = scale
    weights = try context.reduce(pass, over: aligned)
  }

  /// For each target, the first row whose running sum of weights exceeds it, that row's weight, and how often it counts.
  ///
  /// - Precondition: the targets are below the total.
  func rows(
    _ targets: [WeightTarget], in context: ExecutionContext
  ) throws -> [(row: Int, weight: UInt64, multiplicity: Double)] {
    guard let scale else { preconditionFailure("rows are drawn after a center was absorbed") }
    // Narrow each target's range of rows until it is a single block, then look inside.
    var wanted = targets.map { weights.find($0) }
    while let widest = wanted.map(\.rows.count).max(), widest > aligned.blockRowCount {
      let ranges = Set(wanted.filter { $0.rows.count > aligned.blockRowCount }.map(\.rows))
      for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
        let finer = try context.reduce(
          DistancePass(
            centers: Matrix(zeros: 0, aligned.columnCount), distances: distances, scale: scale,
            rowWeights: rowWeights, range: range),
          over: aligned, rows: range)
        for i in wanted.indices where wanted[i].rows == range { wanted[i] = finer.find(wanted[i].target) }
      }
    }
    let order = wanted.indices.sorted { wanted[$0].rows.lowerBound < wanted[$1].rows.lowerBound }
    guard let first = order.first, let last = order.last else { return [] }
    let found = try context.reduce(
      TargetPass(
        wanted: order.map { wanted[$0] }, distances: distances, scale: scale, rowWeights: rowWeights), over: aligned,
      rows: wanted[first].rows.lowerBound..<wanted[last].rows.upperBound)
    var rows = [(row: Int, weight: UInt64, multiplicity: Double)](repeating: (0, 0, 1), count: targets.count)
    for (i, place) in order.enumerated() { rows[place] = (found.rows[i], found.weights[i], found.multiplicities[i]) }
    return rows
  }

  /// For each center, the sum of the distances that it would leave.
  func sums(withEachOf centers: Matrix, in context: ExecutionContext) throws -> [ScaledWeightSum] {
    guard let scale else { preconditionFailure("centers are tried after one was absorbed") }
    let sums = try context.reduce(
      TrialPass(centers: centers, distances: distances, scale: scale, rowWeights: rowWeights), over: aligned)
    return sums.map { ScaledWeightSum($0, scale: scale) }
  }
}

/// The weights of consecutive runs of rows.
struct WeighedRows: Mergeable {
  struct Run: Codable, Sendable {
    var rows: Range<Int>
    var weight: WeightSum
  }
  private(set) var runs: [Run] = []
  /// The largest squared distance.
  private(set) var largest = 0.0
  /// The first number that is not finite, among rows whose distances are not.
  var nonFinite = FiniteCheck.Partial()

  init() {}
  init(_ rows: Range<Int>, weight: WeightSum, largest: Double) {
    runs = [Run(rows: rows, weight: weight)]
    self.largest = largest
  }

  var total: WeightSum { runs.reduce(.zero) { $0 + $1.weight } }

  mutating func merge(_ later: Self) {
    guard !later.runs.isEmpty else { return }
    largest = max(largest, later.largest)
    nonFinite.merge(later.nonFinite)
    runs += later.runs
    // Exact sums may be regrouped at will: keep messages short.
    guard runs.count > 128 else { return }
    runs = stride(from: 0, to: runs.count, by: 2).map { i in
      guard i + 1 < runs.count else { return runs[i] }
      return Run(
        rows: runs[i].rows.lowerBound..<runs[i + 1].rows.upperBound, weight: runs[i].weight + runs[i + 1].weight)
    }
  }

  /// The run that holds the row which `target` chooses, and what of the target is left at its beginning.
  func find(_ target: WeightTarget) -> (rows: Range<Int>, target: WeightTarget) {
    var target = target
    for run in runs.dropLast() where !target.passes(run.weight) { return (run.rows, target) }
    guard let last = runs.last else { preconditionFailure("a target among no rows") }
    return (last.rows, target)
  }
}

/// Looks inside blocks for the rows that targets choose.
///
/// The targets are in the order of their ranges of rows.
struct TargetPass: Pass {
  let wanted: [(rows: Range<Int>, target: WeightTarget)]
  let distances: RowMemory<Double>
  let scale: WeightScale
  let rowWeights: RowWeights?

  struct Partial: Mergeable {
    var rows: [Int] = []
    var weights: [UInt64] = []
    var multiplicities: [Double] = []
    mutating func merge(_ later: Self) {
      rows += later.rows
      weights += later.weights
      multiplicities += later.multiplicities
    }
  }

  func makePartial(columnCount: Int) -> Partial { Partial() }

  func accumulate(_ samples: Samples, into partial: inout Partial) {
    let block = samples.firstRow..<samples.firstRow + samples.rowCount
    for (rows, target) in wanted where block.contains(rows.lowerBound) {
      distances.withValues(firstRow: rows.lowerBound, count: rows.count) { minimums in
        rowWeights.withProducts(minimums, of: samples, rows) { products in
          var target = target
          guard let place = target.row(in: products, scale: scale) else {
            preconditionFailure("a target \(target.remaining) units past rows \(rows)")
          }
          let row = rows.lowerBound + place
          partial.rows.append(row)
          partial.weights.append(scale.weight(of: products[place]))
          partial.multiplicities.append(rowWeights.withWeights(of: samples) { $0?[row - samples.firstRow] ?? 1 })
        }
      }
    }
  }

  func finalize(_ partial: Partial) -> Partial { partial }
}

/// The sums of distances that each of some centers would leave, were it taken.
struct TrialPass: Pass {
  let centers: Matrix
  let distances: RowMemory<Double>
  let scale: WeightScale
  let rowWeights: RowWeights?

  struct Partial: Mergeable {
    var sums: [WeightSum]
    mutating func merge(_ later: Self) { for t in sums.indices { sums[t] += later.sums[t] } }
  }

  func makePartial(columnCount: Int) -> Partial {
    Partial(sums: Array(repeating: .zero, count: centers.rowCount))
  }

  func accumulate(_ samples: Samples, into partial: inout Partial) {
    distances.withValues(firstRow: samples.firstRow, count: samples.rowCount) { minimums in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: minimums.count) { trial in
        for t in 0..<centers.rowCount {
          _ = trial.initialize(fromContentsOf: minimums)
          samples.rows.lowerMinimums(to: Array(centers.row(t)), trial)
          let rows = samples.firstRow..<samples.firstRow + samples.rowCount
          partial.sums[t] += rowWeights.withProducts(trial, of: samples, rows) { scale.sum(of: $0) }
        }
      }
    }
  }

  func finalize(_ partial: Partial) -> [WeightSum] { partial.sums }
}
