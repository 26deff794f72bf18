// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import LockstepStatistics
import LockstepTables

extension KMeans {
  /// Clusters the rows by the distances of their z-scores; collective.
  ///
  /// Distances do not depend on where the origin is, so columns are divided by their deviations, and sparse rows stay sparse.
  func fitStandardized(
    _ rows: some RowSource, in context: ExecutionContext
  ) throws -> (model: Model, assignments: [Int32]) {
    let deviations = try context.part("deviations") { try context.reduce(DeviationPass(), over: rows) }
    let scaled = try context.agree {
      try ScaledRows(rows, dividedBy: deviations, isKept: context.memoryLimit == nil)
    }
    var plain = self
    plain.isStandardized = false
    // Centroids of another number of columns are refused below, as they are.
    plain.centroids = centroids?.map { $0.count == deviations.count ? zip($0, deviations).map { $0 / $1 } : $0 }
    var model = try plain.fit(scaled, in: context)
    model.deviations = deviations
    model.centroids = Matrix(
      rows: (0..<model.clusterCount).map { j in zip(model.centroids.row(j), deviations).map { $0 * $1 } })
    // All else is said of the centroids as they are now, rounded once more.
    let final = try Lloyd(clusterCount: model.clusterCount, maxIterations: 0, tolerance: 0).fit(
      scaled, startingAt: model.scaledCentroids, in: context)
    model.objective = final.model.objective
    model.clusterSizes = final.model.clusterSizes
    model.clusterWeights = final.model.clusterWeights
    model.withinSumOfSquares = final.model.withinSumOfSquares
    model.totalSumOfSquares = final.model.totalSumOfSquares
    return (model, final.assignments)
  }

  /// The standard deviation of each column, divided by n; 1 for columns that do not vary.
  private struct DeviationPass: Pass {
    func makePartial(columnCount: Int) -> ColumnMoments { ColumnMoments(columnCount: columnCount) }

    func accumulate(_ samples: Samples, into partial: inout ColumnMoments) throws { try partial.observe(samples) }

    func finalize(_ partial: ColumnMoments) -> [Double] {
      partial.centredSquares.map { squares in
        let variance = squares.high / partial.weight.high
        return variance > 0 && variance.isFinite ? variance.squareRoot() : 1
      }
    }
  }
}

extension KMeans.Model {
  /// The centroids in the units in which distances are taken.
  var scaledCentroids: Matrix {
    guard let deviations else { return centroids }
    return Matrix(rows: (0..<clusterCount).map { j in zip(centroids.row(j), deviations).map { $0 / $1 } })
  }

  /// Rows in the units in which distances are taken.
  func scaled(_ rows: any RowBlock) -> any RowBlock { deviations.map { rows.divided(by: $0) } ?? rows }
}
