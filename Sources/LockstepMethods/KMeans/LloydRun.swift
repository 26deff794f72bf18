// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import LockstepReduction
import LockstepTables

/// Lloyd's algorithm under way: the centroids, and what is remembered of each row between sweeps.
struct LloydRun {
  private(set) var centroids: Matrix
  let memory: LloydMemory
  /// What the last sweep came to.
  private(set) var sums: ClusterSums?
  private let weights: RowWeights?
  private let aligned: AlignedRows
  private var panels: CentroidPanels
  private let shift: [Double]
  private let measuresSeparations: Bool
  private var sweepCount = 0
  /// Whether the labels belong to `centroids`.
  private var labelsAreCurrent = false

  /// - Parameters:
  ///   - start: The starting centroids.
  ///   - shift: A point among the rows; distances and sums are taken about it.
  ///   - aligned: The rows.
  ///   - weights: How often they count; `nil` for once each.
  ///   - keepsBlockSums: Whether the rows are swept in the same blocks every time.
  ///   - codeScale: How rows are rounded to bytes; `nil` computes what bounds leave open.
  init(
    start: Matrix, shift: [Double], aligned: AlignedRows, weights: RowWeights?, keepsBlockSums: Bool,
    codeScale: CodeScale? = nil
  ) {
    centroids = start
    self.weights = weights
    self.shift = shift
    self.aligned = aligned
    let rowCount = max(aligned.sweptRange.count, 1)
    let bounds = Self.bounds(rowCount: rowCount, columnCount: aligned.columnCount, clusterCount: start.rowCount)
    // k²/2 distances between centroids pay where they are few beside those to the rows.
    measuresSeparations = bounds != nil && 16 * start.rowCount <= rowCount
    panels = CentroidPanels(
      start.elements, shift: shift, groupCount: bounds?.groupCount ?? 1,
      measuresSeparations: measuresSeparations, codeScale: codeScale)
    memory = LloydMemory(
      aligned, floatsPerRow: bounds?.floatsPerRow ?? 0, clusterCount: start.rowCount, keepsBlockSums: keepsBlockSums,
      codeScale: codeScale)
  }

  /// What is remembered of the distances of each of a rank's rows.
  static func bounds(rowCount: Int, columnCount: Int, clusterCount: Int) -> LloydBounds? {
    // A tenth of the rows' own size, counted as floats, and 64 MiB that few rows may share.
    let budget = 4 * columnCount / 10 + min((64 << 20) / max(rowCount, 1), 256)
    return LloydBounds(clusterCount: clusterCount, byteBudgetPerRow: budget)
  }

  /// The bytes that the codes of a row take; 0 where they do not pay.
  static func codeByteCount(columnCount: Int, clusterCount: Int) -> Int {
    guard columnCount * clusterCount > CentroidPanels.cheapScoreCount else { return 0 }
    return RowCodeMemory.byteCountPerRow(columnCount: columnCount, sweepCount: clusterCount)
  }

  /// How rows are rounded to bytes, where that pays; collective.
  static func codeScale(
    for aligned: AlignedRows, clusterCount: Int, in context: ExecutionContext
  ) throws -> CodeScale? {
    guard context.isReproducible, context.memoryLimit == nil,
      codeByteCount(columnCount: aligned.columnCount, clusterCount: clusterCount) > 0,
      RowCodeMemory.pays(
        rowCount: aligned.totalRowCount, columnCount: aligned.columnCount, sweepCount: clusterCount)
    else { return nil }
    return try RowCodeMemory.scale(for: aligned, in: context)
  }

  /// One iteration: assign, then move the centroids.
  ///
  /// - Returns: how many rows changed their cluster, and Σⱼ ‖cⱼ new − cⱼ old‖².
  mutating func step(in context: ExecutionContext) throws -> (changedCount: Int, squaredShift: Double) {
    let sums = try sweep(in: context)
    guard sums.changedCount > 0 else {
      // The same assignments have the same means: the centroids stay, and labels and centroids belong together.
      labelsAreCurrent = true
      return (0, 0)
    }
    var moved = sums.means(keeping: centroids)
    let empty = sums.counts.indices.filter { sums.counts[$0] == 0 }
    if !empty.isEmpty {
      let farthest = try context.reduce(
        FarthestRows(count: empty.count, centroids: centroids, labels: memory.labels, weights: weights), over: aligned)
      moved = sums.means(keeping: centroids, filling: empty, with: farthest)
    }
    let squaredShift = zip(moved.elements, centroids.elements).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    if weights != nil, squaredShift == 0 {
      // Only rows that do not count have changed their clusters.
      labelsAreCurrent = true
      return (0, 0)
    }
    panels = CentroidPanels(
      moved.elements, shift: shift, following: panels, measuresSeparations: measuresSeparations)
    centroids = moved
    labelsAreCurrent = false
    return (sums.changedCount, squaredShift)
  }

  /// The objective and the sizes of the clusters of the current centroids, and the sums of the rows of each.
  mutating func measure(in context: ExecutionContext) throws -> (ObjectivePass.Output, sums: ClusterSums) {
    let sums = if labelsAreCurrent, let sums { sums } else { try sweep(in: context) }
    labelsAreCurrent = true
    let objective = try context.reduce(
      ObjectivePass(centroids: centroids, labels: memory.labels, weights: weights), over: aligned)
    return (objective, sums)
  }

  private mutating func sweep(in context: ExecutionContext) throws -> ClusterSums {
    let sums = try context.reduce(
      LloydPass(panels: panels, memory: memory, isFirstSweep: sweepCount == 0, weights: weights), over: aligned)
    sweepCount += 1
    self.sums = sums
    return sums
  }
}
