// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// Columns of different units.
@Suite struct KMeansStandardizeTests {
  /// Groups that the second column, whose numbers are large, would hide; the last does not vary.
  static let table: Table<Double> = {
    let near = clusteredTable(rowCount: 900, columnCount: 3, centerCount: 4)
    return Table(
      rows: (0..<900).map { i in
        let row = near.rows.row(i)
        return [row[0] * 1e-3, row[1] * 1e5 + 7e6, row[2], 5]
      })
  }()

  private static func scores(_ table: Table<Double>) -> (scores: Table<Double>, deviations: [Double]) {
    let n = Double(table.rowCount)
    var rows = (0..<table.rowCount).map { table.rows.row($0) }
    var deviations: [Double] = []
    for j in 0..<table.columnCount {
      let mean = rows.reduce(0) { $0 + $1[j] } / n
      let variance = rows.reduce(0) { $0 + ($1[j] - mean) * ($1[j] - mean) } / n
      deviations.append(variance > 0 ? variance.squareRoot() : 1)
      for i in rows.indices { rows[i][j] = (rows[i][j] - mean) / deviations[j] }
    }
    return (Table(rows: rows), deviations)
  }

  @Test func distancesAreThoseOfScores() throws {
    var estimator = KMeans(clusterCount: 4)
    estimator.isStandardized = true
    let (model, labels) = try estimator.fitAssigning(Self.table)
    let (scores, deviations) = Self.scores(Self.table)
    let (expected, expectedLabels) = try KMeans(clusterCount: 4).fitAssigning(scores)
    #expect(labels == expectedLabels)
    #expect(abs(model.objective - expected.objective) < 1e-9 * expected.objective)
    #expect(relativeDifference([model.totalSumOfSquares ?? 0], [3 * 900]) < 1e-12)
    #expect(relativeDifference(model.deviations ?? [], deviations) < 1e-12)
    for j in 0..<4 {
      let members = labels.indices.filter { labels[$0] == Int32(j) }
      for c in 0..<4 {
        let mean = members.reduce(0) { $0 + Self.table.rows.row($1)[c] } / Double(members.count)
        #expect(abs(model.centroids[j, c] - mean) <= 1e-12 * abs(mean))
      }
    }
    #expect(try KMeans(clusterCount: 4).fitAssigning(Self.table).assignments != labels)
  }

  @Test func theModelAppliesTheDeviations() throws {
    var estimator = KMeans(clusterCount: 4)
    estimator.isStandardized = true
    let (model, labels) = try estimator.fitAssigning(Self.table)
    #expect(try model.predict(Self.table.rows) == labels)
    let file = ModelFile(model, rowCount: 900, parameters: estimator.parameters)
    let back = try #require(try ModelFile(json: try file.encodedAsJSON(), file: "it").model as? KMeans.Model)
    #expect(back == model)
    estimator.centroids = (0..<4).map { Array(model.centroids.row($0)) }
    let again = try estimator.fit(Self.table)
    #expect(relativeDifference(again.centroids.elements, model.centroids.elements) < 1e-12 && again.iterations <= 2)
    estimator.centroids = [[1, 2], [3, 4], [5, 6], [7, 8]]
    #expect(throws: LockstepError.self) { try estimator.fit(Self.table) }
  }

  @Test func driversAgree() throws {
    var estimator = KMeans(clusterCount: 3)
    (estimator.isStandardized, estimator.maxIterations) = (true, 5)
    try checkDriversAgree(Self.table) { [estimator] source, context in
      try estimator.fit(SplitSource(source, responses: 0, hasWeights: true), in: context)
    }
    let sparse = try estimator.fit(SparseTable(SparseRows(Self.table.rows)))
    let dense = try estimator.fit(Self.table)
    #expect(relativeDifference(sparse.centroids.elements, dense.centroids.elements) < 1e-9)
    let floats = Table(rows: (0..<900).map { Self.table.rows.row($0).map(Float.init) })
    #expect(relativeDifference(try estimator.fit(floats).centroids.elements, dense.centroids.elements) < 1e-4)
  }
}
