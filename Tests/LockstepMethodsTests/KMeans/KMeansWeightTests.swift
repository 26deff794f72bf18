// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// Rows that count as often as their weights say.
@Suite struct KMeansWeightTests {
  private static func weighted<Rows: RowSource>(_ rows: Rows, _ weights: [Double]) -> TrainingRows<Rows> {
    TrainingRows(rows, weights: DenseRows(weights, columnCount: 1))
  }

  /// The rows of `table`, each as often as its weight, a whole number, says.
  private static func repeated(_ table: Table<Double>, _ weights: [Double]) -> Table<Double> {
    Table(rows: weights.enumerated().flatMap { Array(repeating: table.rows.row($0), count: Int($1)) })
  }

  private static func code(_ body: () throws -> Void) -> LockstepError.Code? {
    do { try body() } catch { return (error as? LockstepError)?.code }
    return nil
  }

  @Test func oneClusterOfTwoRows() throws {
    let model = try KMeans(clusterCount: 1).fit(Self.weighted(Table(rows: [[0.0], [1.0]]), [2, 2]))
    #expect(model.objective == 1 && model.centroids.elements == [0.5])
    #expect(model.clusterSizes == [2] && model.clusterWeights == [4])
    #expect(model.withinSumOfSquares == [1] && model.totalSumOfSquares == 1)
  }

  @Test(arguments: KMeansInitialization.Method.allCases) func lightRowsAreNotDrawn(
    method: KMeansInitialization.Method
  ) throws {
    let table = clusteredTable(rowCount: 4000, columnCount: 17, centerCount: 8)
    // By rows, only every third one counts at all, and by far the most by every sixth.
    let weights = (0..<4000).map { $0 % 3 != 1 ? 0 : $0 % 2 == 0 ? 1e-8 : 1e8 }
    let start = try KMeansInitialization(clusterCount: 12, method: method, oversampling: 1).fit(
      Self.weighted(table, weights))
    #expect(Set(start.rows).count == 12)
    if method == .firstRows {
      #expect(start.rows == (0..<12).map { 3 * $0 + 1 })
    } else {
      #expect(start.rows.allSatisfy { weights[$0] == 1e8 })
    }
  }

  @Test(arguments: KMeansInitialization.Method.allCases, [3, 17]) func wholeWeightsAreRepeatedRows(
    method: KMeansInitialization.Method, columnCount: Int
  ) throws {
    let table = clusteredTable(rowCount: 3000, columnCount: columnCount, centerCount: 9)
    let weights = (0..<3000).map { Double($0 * 7 % 4) }
    let repeated = Self.repeated(table, weights)
    let start = KMeansInitialization(clusterCount: 9, method: method, oversampling: 1)
    let chosen = try start.fit(Self.weighted(table, weights))
    // Draws of random rows are others: without weights they are those of a shuffle.
    if method == .plusPlus || method == .parallel {
      #expect(try chosen.centroids == start.fit(repeated).centroids)
    }
    let (model, labels) = try KMeans(clusterCount: 9).fitAssigning(
      Self.weighted(table, weights), startingAt: chosen.centroids)
    let (expected, repeatedLabels) = try KMeans(clusterCount: 9).fitAssigning(repeated, startingAt: chosen.centroids)
    #expect(zip(labels, weights).flatMap { Array(repeating: $0, count: Int($1)) } == repeatedLabels)
    #expect(relativeDifference(model.centroids.elements, expected.centroids.elements) < 1e-13)
    #expect(abs(model.objective - expected.objective) < 1e-12 * expected.objective)
    #expect(model.clusterWeights == expected.clusterSizes.map(Double.init))
    #expect(model.iterations == expected.iterations && model.isConverged)
    #expect(relativeDifference(model.withinSumOfSquares ?? [], expected.withinSumOfSquares ?? []) < 1e-12)
    #expect(relativeDifference([model.totalSumOfSquares ?? 0], [expected.totalSumOfSquares ?? 1]) < 1e-12)
  }

  @Test func trialsAndEqualWeightsDrawTheRowsOfNoWeights() throws {
    let table = clusteredTable(rowCount: 3000, columnCount: 4, centerCount: 9)
    for trials in [1, 3] {
      let start = KMeansInitialization(clusterCount: 9, trials: trials)
      let plain = try start.fit(table)
      for weight in [1, 0.3, 1e-300, 1e290] {
        #expect(try start.fit(Self.weighted(table, Array(repeating: weight, count: 3000))) == plain, "\(weight)")
      }
    }
  }

  @Test(arguments: [1e-300, 0.3, 1e290]) func onlyRatiosMatter(scale: Double) throws {
    let table = clusteredTable(rowCount: 3000, columnCount: 4, centerCount: 7)
    let weights = (0..<3000).map { Double($0 % 5) }
    let model = try KMeans(clusterCount: 7).fit(Self.weighted(table, weights))
    let scaled = try KMeans(clusterCount: 7).fit(Self.weighted(table, weights.map { $0 * scale }))
    #expect(relativeDifference(scaled.centroids.elements, model.centroids.elements) < 1e-12)
    #expect(abs(scaled.objective / scale - model.objective) < 1e-12 * model.objective)
    #expect(scaled.clusterSizes == model.clusterSizes)
  }

  @Test func driversAgree() throws {
    let table = clusteredTable(rowCount: 5000, columnCount: 3, centerCount: 6)
    let withWeights = Table(rows: (0..<5000).map { table.rows.row($0) + [Double($0 * 7 % 9) / 4] })
    try checkDriversAgree(withWeights) { source, context in
      try KMeans(clusterCount: 5, maxIterations: 4).fit(
        SplitSource(source, responses: 0, hasWeights: true), in: context)
    }
    for method in [KMeansInitialization.Method.random, .parallel] {
      let results = ThreadRanks.run(4) { communicator in
        let cuts = [0, 0, 1700, 1701, 5000]
        let share = Table(withWeights.rows.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1]))
        return try KMeansInitialization(clusterCount: 5, method: method, oversampling: 1).fit(
          SplitSource(share, responses: 0, hasWeights: true), in: ExecutionContext(communicator: communicator))
      }
      let expected = try KMeansInitialization(clusterCount: 5, method: method, oversampling: 1).fit(
        SplitSource(withWeights, responses: 0, hasWeights: true))
      for result in results { #expect(try result.get() == expected) }
    }
  }

  @Test(arguments: [5, 40]) func sparseRowsAreDenseRows(columnCount: Int) throws {
    var elements: [Double] = []
    for i in 0..<900 {
      for j in 0..<columnCount {
        let isStored = (i * 31 + j * 17) % 7 < 2
        elements.append(isStored ? Double(i * j % 11) : 0)
      }
    }
    let dense: Table<Double> = Table(DenseRows(elements, columnCount: columnCount))
    let sparse: SparseTable<Double> = SparseTable(SparseRows(dense.rows))
    let weights = (0..<900).map { Double($0 % 7) / 2 }
    let model = try KMeans(clusterCount: 6).fit(Self.weighted(dense, weights))
    let other = try KMeans(clusterCount: 6).fit(Self.weighted(sparse, weights))
    #expect(relativeDifference(model.centroids.elements, other.centroids.elements) < 1e-12)
    #expect(abs(model.objective - other.objective) < 1e-10 * model.objective)
    #expect(model.clusterSizes == other.clusterSizes && model.clusterWeights == other.clusterWeights)
  }

  @Test func emptyClustersTakeRowsThatCount() throws {
    let table = Table(rows: [[0.0], [1.0], [10.0], [11.0], [100.0], [30.0], [500.0]])
    let start = Matrix(rows: [[0.5], [-1e6], [10.5], [-2e6]])
    let (model, labels) = try KMeans(clusterCount: 4, maxIterations: 1).fitAssigning(
      Self.weighted(table, [1, 3, 2, 2, 5, 0.25, 0]), startingAt: start)
    // As without weights, but for the means; the farthest row of all does not count.
    #expect(model.centroids.elements == [0.75, 100, 10.5, 30])
    #expect(labels == [0, 0, 2, 2, 1, 3, 1])
    #expect(model.clusterSizes == [2, 1, 2, 1] && model.clusterWeights == [4, 5, 4, 0.25])
    // A row that outweighs all others of its cluster leaves nothing but rounding behind: it counts twice for one iteration.
    let heavy = try KMeans(clusterCount: 2).fit(
      Self.weighted(Table(rows: [[0.0], [1.0]]), [1e18, 1]), startingAt: Matrix(rows: [[10], [1000]]))
    #expect(heavy.centroids.elements.sorted() == [0, 1] && heavy.objective == 0)
  }

  @Test func sumsOfSquaresAddUp() throws {
    let table = clusteredTable(rowCount: 3000, columnCount: 4, centerCount: 9, offset: 1e4)
    let weights = (0..<3000).map { Double($0 % 5) / 3 }
    let all = weights.reduce(0, +)
    let rows = (0..<3000).map { table.rows.row($0) }
    var mean = [0.0, 0, 0, 0]
    for (row, weight) in zip(rows, weights) { for j in 0..<4 { mean[j] += row[j] * weight / all } }
    var expected = 0.0
    for (row, weight) in zip(rows, weights) {
      for j in 0..<4 { expected += weight * (row[j] - mean[j]) * (row[j] - mean[j]) }
    }
    for maxIterations in [0, 1, 100] {
      let model = try KMeans(clusterCount: 5, maxIterations: maxIterations).fit(Self.weighted(table, weights))
      let within = try #require(model.withinSumOfSquares)
      let total = try #require(model.totalSumOfSquares)
      #expect(abs(within.reduce(0, +) - model.objective) < 1e-12 * model.objective)
      #expect(abs(total - expected) < 1e-10 * expected)
      #expect(model.betweenSumOfSquares == total - model.objective)
    }
  }

  @Test func senselessWeightsAreRefused() throws {
    let table = Table(rows: [[0.0], [1.0], [2.0]])
    for method in KMeansInitialization.Method.allCases {
      let estimator = KMeans(clusterCount: 2, initialization: method)
      #expect(Self.code { _ = try estimator.fit(Self.weighted(table, [1, -1, 1])) } == .malformedInput)
      #expect(Self.code { _ = try estimator.fit(Self.weighted(table, [1, .nan, 1])) } == .notFinite)
      #expect(Self.code { _ = try estimator.fit(Self.weighted(table, [0, 3, 0])) } == .tooFewRows)
    }
    #expect(
      Self.code {
        _ = try KMeans(clusterCount: 2).fit(Self.weighted(table, [0, 3, 0]), startingAt: Matrix(rows: [[0], [1]]))
      } == .tooFewRows)
  }

  @Test func failuresReachAllRanks() throws {
    let features = clusteredTable(rowCount: 9000, columnCount: 3, centerCount: 4)
    let table = Table(rows: (0..<9000).map { features.rows.row($0) + [Double(1 + $0 % 4)] })
    try checkFailuresReachAllRanks(table, readings: 5) { source, context in
      _ = try KMeans(clusterCount: 4, maxIterations: 2).fit(
        SplitSource(source, responses: 0, hasWeights: true), in: context)
    }
  }
}
