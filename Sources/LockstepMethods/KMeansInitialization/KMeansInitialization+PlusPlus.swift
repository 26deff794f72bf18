// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepTables

extension KMeansInitialization {
  /// The bytes that draws remember of a row: its distance, and what spares computing it.
  func byteCountOfDraws(columnCount: Int) -> Int {
    guard method == .plusPlus || method == .parallel else { return 0 }
    let codes = RowCodeMemory.byteCountPerRow(columnCount: columnCount, sweepCount: clusterCount)
    return 8 + (codes > 0 ? codes + MemoryLayout<Float>.stride : 0)
  }

  /// Room for the codes that spare most distances, where they pay; collective.
  private func codes(
    for aligned: AlignedRows, sweepCount: Int, plainCount: Int, in context: ExecutionContext
  ) throws -> SamplingCodes? {
    // Sweeps out of order do not meet the same blocks again, and with a limit of memory nothing is kept that is not needed.
    guard context.isReproducible, context.memoryLimit == nil,
      RowCodeMemory.pays(
        rowCount: aligned.totalRowCount, columnCount: aligned.columnCount, sweepCount: sweepCount),
      let scale = try RowCodeMemory.scale(for: aligned, in: context)
    else { return nil }
    return SamplingCodes(aligned, scale: scale, plainCount: plainCount)
  }

  /// What a checkpoint keeps of draws: the rows drawn so far, of which the latest are still to be taken in.
  private struct Progress<Draws: Codable & Sendable>: Codable, Sendable {
    var chosen: Model
    var latestCount: Int
    /// What the next draws come from.
    var draws: Draws
    /// Of the weights before the latest rows were taken in.
    var scale: WeightScale
    /// The trial that won the last center, or the number of rounds.
    var number: Int

    /// The rows that are still to be taken in, after the sampling has taken in those before them.
    func restore(_ sampling: inout SquaredDistanceSampling, in context: ExecutionContext) throws -> Matrix {
      let cut = (chosen.centroids.rowCount - latestCount) * chosen.centroids.columnCount
      let elements = chosen.centroids.elements
      func matrix(_ rowCount: Int, _ part: ArraySlice<Double>) -> Matrix {
        Matrix(rowCount: rowCount, columnCount: chosen.centroids.columnCount, elements: Array(part))
      }
      try sampling.restore(
        matrix(chosen.centroids.rowCount - latestCount, elements[..<cut]), scale: scale, in: context)
      return matrix(latestCount, elements[cut...])
    }
  }

  /// k-means++ over the rows of all ranks: the draws of ``PlusPlusDraws``, the sums of ``SquaredDistanceSampling``.
  func plusPlus(
    _ aligned: AlignedRows, _ rowWeights: RowWeights?, _ stream: MersenneTwister, in context: ExecutionContext
  ) throws -> Model {
    let rowCount = rowWeights.map { $0.lastRow + 1 } ?? aligned.totalRowCount
    var draws = PlusPlusDraws(clusterCount: clusterCount, trialCount: trials, stream: stream)
    var (firstRow, totalWeight) = (draws.firstRow(rowCount: rowCount), Double(rowCount))
    if let rowWeights {
      let weighted = try WeightedRowDraws(aligned, rowWeights, in: context)
      (firstRow, totalWeight) = (try weighted.row(in: context, draws.firstTarget(total:)), weighted.total)
    }
    var chosen = try RowFetch.fetch([firstRow], from: aligned, in: context)
    var sampling = SquaredDistanceSampling(
      aligned, rowWeights: rowWeights,
      codes: try codes(for: aligned, sweepCount: clusterCount, plainCount: 4, in: context))
    var latest = chosen.centroids
    var winner = 0
    let milestone = try context.milestone("k-means++", of: Progress<PlusPlusDraws>.self)
    if let kept = milestone.kept {
      latest = try kept.restore(&sampling, in: context)
      (chosen, draws, winner) = (kept.chosen, kept.draws, kept.number)
    }
    for cluster in chosen.rows.count..<max(clusterCount, 1) {
      try sampling.absorb(latest, in: context)
      let rows = try (0..<trials).map { trial in
        try draws.row(cluster: cluster, trial: trial, total: sampling.total, rowCount: rowCount) { target in
          let found = try sampling.rows([target], in: context)[0]
          let weight = rowWeights.comparable(
            found.weight, multiplicity: found.multiplicity, total: totalWeight, rowCount: rowCount)
          return (found.row, weight)
        }
      }
      let candidates = try RowFetch.fetch(rows, from: aligned, in: context)
      if trials > 1 {
        let sums = try sampling.sums(withEachOf: candidates.centroids, in: context)
        winner = PlusPlusDraws.bestTrial(sums, previous: winner)
      }
      latest = Matrix(rows: [Array(candidates.centroids.row(winner))])
      chosen = Model(
        centroids: Matrix(
          rowCount: cluster + 1, columnCount: aligned.columnCount,
          elements: chosen.centroids.elements + latest.elements),
        rows: chosen.rows + [rows[winner]])
      context.progress?(ProgressStep(phase: "k-means++", step: cluster + 1, stepLimit: clusterCount))
      if let scale = sampling.scale {
        milestone.keep(Progress(chosen: chosen, latestCount: 1, draws: draws, scale: scale, number: winner))
      }
    }
    return chosen
  }

  /// k-means‖ over the rows of all ranks: rounds of many draws, then weighted k-means++ among the rows drawn.
  func parallel(
    _ aligned: AlignedRows, _ rowWeights: RowWeights?, _ stream: MersenneTwister, in context: ExecutionContext
  ) throws -> Model {
    var stream = stream
    let plan = try ParallelPlusPlan(clusterCount: clusterCount, oversamplingFactor: oversampling, roundCount: rounds)
    let firstRow =
      if let rowWeights {
        try WeightedRowDraws(aligned, rowWeights, in: context).row(in: context) { $0.target(word: stream.nextWord()) }
      } else { plan.firstRow(rowCount: aligned.totalRowCount, stream: &stream) }
    var candidates = try RowFetch.fetch([firstRow], from: aligned, in: context)
    var sampling = SquaredDistanceSampling(
      aligned, rowWeights: rowWeights,
      codes: try codes(for: aligned, sweepCount: clusterCount, plainCount: 1, in: context))
    var latest = candidates.centroids
    var roundCount = 0
    let milestone = try context.milestone("k-means‖", of: Progress<MersenneTwister>.self)
    if let kept = milestone.kept {
      latest = try kept.restore(&sampling, in: context)
      (candidates, stream, roundCount) = (kept.chosen, kept.draws, kept.number)
    }
    while roundCount < rounds {
      try sampling.absorb(latest, in: context)
      let targets = plan.targets(total: sampling.total, stream: &stream)
      if targets.isEmpty { break }
      let rows = try sampling.rows(targets, in: context).map(\.row)
      let drawn = try RowFetch.fetch(rows, from: aligned, in: context)
      latest = drawn.centroids
      candidates = Model(
        centroids: Matrix(
          rowCount: candidates.rows.count + rows.count, columnCount: aligned.columnCount,
          elements: candidates.centroids.elements + drawn.centroids.elements),
        rows: candidates.rows + rows)
      roundCount += 1
      context.progress?(ProgressStep(phase: "k-means‖", step: roundCount, stepLimit: rounds))
      if let scale = sampling.scale {
        milestone.keep(
          Progress(chosen: candidates, latestCount: rows.count, draws: stream, scale: scale, number: roundCount))
      }
    }
    let sizes = try context.reduce(
      NearestCounts(centroids: candidates.centroids, codes: sampling.madeCodes, rowWeights: rowWeights), over: aligned)
    // Rank 0 draws among the candidates, so that all ranks hold the same choice.
    let choice = try context.decide {
      try PlusPlusInMemory(
        points: candidates.centroids.elements, columnCount: aligned.columnCount, multiplicities: sizes
      ).choose(clusterCount: clusterCount, stream: &stream)
    }
    return Model(
      centroids: Matrix(rows: choice.map { Array(candidates.centroids.row($0)) }),
      rows: choice.map { candidates.rows[$0] })
  }
}
