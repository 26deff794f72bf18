// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep
import LockstepTestSupport
import Testing

/// Several starts, and several numbers of clusters.
@Suite struct KMeansChoiceTests {
  /// Four groups of points on a plane.
  static let fourGroups: Table<Double> = {
    var generator = SplitMix64(state: 5)
    let centers = [[0.0, 0], [30, 0], [0, 30], [40, 40]]
    let rows = (0..<240).map { i in
      centers[i % 4].map { $0 + Double.random(in: -4...4, using: &generator) }
    }
    return Table(rows: rows)
  }()

  @Test func theBestStartCounts() throws {
    let table = clusteredTable(rowCount: 2000, columnCount: 3, centerCount: 12)
    var estimator = KMeans(clusterCount: 9, initialization: .random)
    var alone: [KMeans.Model] = []
    for seed in UInt64(5)..<9 {
      estimator.seed = seed
      alone.append(try estimator.fit(table))
    }
    estimator.seed = 5
    estimator.starts = 4
    let (model, assignments) = try estimator.fitAssigning(table)
    let best = try #require(alone.min { $0.objective < $1.objective })
    #expect(model == best && Set(alone.map(\.objective)).count > 1)
    #expect(try model.predict(table.rows) == assignments)
    #expect(try estimator.fit(table) == best)
  }

  /// The figures by their definitions, over all pairs of rows.
  private func figures(_ table: Table<Double>, _ labels: [Int32], _ k: Int) -> [Double] {
    let rows = (0..<table.rowCount).map { table.rows.row($0) }
    let (n, p) = (rows.count, table.columnCount)
    func square(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
    let members = (0..<k).map { j in (0..<n).filter { labels[$0] == Int32(j) } }
    func mean(_ indices: [Int]) -> [Double] {
      (0..<p).map { c in indices.reduce(0) { $0 + rows[$1][c] } / Double(indices.count) }
    }
    let means = members.map(mean)
    var silhouette = 0.0
    var simplified = 0.0
    for i in 0..<n {
      let own = Int(labels[i])
      guard members[own].count > 1 else { continue }
      let sums = (0..<k).map { j in members[j].reduce(0) { $0 + square(rows[i], rows[$1]) } }
      let a = sums[own] / Double(members[own].count - 1)
      let b = (0..<k).filter { $0 != own }.map { sums[$0] / Double(members[$0].count) }.min() ?? .nan
      silhouette += (b - a) / max(a, b)
      let near = square(rows[i], means[own]).squareRoot()
      let far = (0..<k).filter { $0 != own }.map { square(rows[i], means[$0]).squareRoot() }.min() ?? .nan
      simplified += (far - near) / max(near, far)
    }
    let within = members.indices.reduce(0.0) { sum, j in members[j].reduce(sum) { $0 + square(rows[$1], means[j]) } }
    let center = mean(Array(0..<n))
    let between = members.indices.reduce(0.0) { $0 + Double(members[$1].count) * square(means[$1], center) }
    let spreads = members.indices.map { j in
      members[j].reduce(0) { $0 + square(rows[$1], means[j]).squareRoot() } / Double(members[j].count)
    }
    let likeness = members.indices.map { i in
      members.indices.filter { $0 != i }.map { (spreads[i] + spreads[$0]) / square(means[i], means[$0]).squareRoot() }
        .max()
        ?? .nan
    }
    let free = Double(n - k)
    let variance = within / (Double(p) * free)
    var logLikelihood = 0.0
    for j in 0..<k {
      for i in members[j] {
        logLikelihood += log(Double(members[j].count) / Double(n)) - 0.5 * Double(p) * log(2 * Double.pi * variance)
        logLikelihood -= square(rows[i], means[j]) / (2 * variance)
      }
    }
    let bic = Double(k - 1 + k * p + 1) * log(Double(n)) - 2 * logLikelihood
    return [
      silhouette / Double(n), (between / Double(k - 1)) / (within / free), likeness.reduce(0, +) / Double(k), bic,
      simplified / Double(n),
    ]
  }

  @Test func figuresAreTheirDefinitions() throws {
    var estimator = KMeans(clusterCount: 2)
    estimator.maxClusterCount = 7
    let model = try estimator.fit(Self.fourGroups)
    let choices = try #require(model.choices)
    #expect(choices.map(\.clusterCount) == Array(2...7))
    for choice in choices {
      let (alone, labels) = try KMeans(clusterCount: choice.clusterCount).fitAssigning(Self.fourGroups)
      #expect(choice.objective == alone.objective)
      let expected = figures(Self.fourGroups, labels, choice.clusterCount)
      let found = [
        choice.silhouette, choice.calinskiHarabasz, choice.daviesBouldin, choice.bic, choice.simplifiedSilhouette,
      ]
      for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-11 * max(abs(b), 1), "\(choice)") }
    }
    #expect(model.clusterCount == 4)
    for criterion in KMeans.Criterion.allCases {
      estimator.criterion = criterion
      let preferred = try #require(criterion.preferred(among: choices))
      #expect(try estimator.fit(Self.fourGroups).clusterCount == choices[preferred].clusterCount)
    }
  }

  @Test func theTakenModelIsThatOfTheNumberAlone() throws {
    var estimator = KMeans(clusterCount: 1)
    (estimator.maxClusterCount, estimator.starts) = (5, 2)
    let (model, assignments) = try estimator.fitAssigning(Self.fourGroups)
    var alone = KMeans(clusterCount: 4)
    alone.starts = 2
    let expected = try alone.fitAssigning(Self.fourGroups)
    #expect(try model.digest == expected.model.digest && assignments == expected.assignments)
    let first = try #require(model.choices?.first)
    #expect(first.clusterCount == 1 && first.silhouette.isNaN && first.daviesBouldin.isNaN && first.bic.isFinite)
    let file = ModelFile(model, rowCount: 240, parameters: estimator.parameters)
    let back = try #require(try ModelFile(json: try file.encodedAsJSON(), file: "it").model as? KMeans.Model)
    #expect(back.choices?.dropFirst() == model.choices?.dropFirst() && back.choices?.first?.silhouette.isNaN == true)
    // A single number of clusters by itself has nothing to prefer but that.
    var one = KMeans(clusterCount: 1)
    one.maxClusterCount = 1
    #expect(try one.fit(Self.fourGroups).clusterCount == 1)
  }

  @Test func ranksAgreeAndWeightsAreRepeatedRows() throws {
    let whole = Table(rows: (0..<240).map { Self.fourGroups.rows.row($0) + [Double($0 % 3)] })
    var estimator = KMeans(clusterCount: 2)
    estimator.maxClusterCount = 5
    let expected = try estimator.fit(SplitSource(whole, responses: 0, hasWeights: true))
    let results = ThreadRanks.run(3) { [estimator] communicator in
      let cuts = [0, 1, 100, 240]
      let share = Table(whole.rows.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1]))
      return try estimator.fit(
        SplitSource(share, responses: 0, hasWeights: true), in: ExecutionContext(communicator: communicator))
    }
    for result in results { #expect(try result.get() == expected) }
    let repeated = Table(
      rows: (0..<240).flatMap { Array(repeating: Self.fourGroups.rows.row($0), count: $0 % 3) })
    let other = try estimator.fit(repeated)
    for (a, b) in zip(try #require(expected.choices), try #require(other.choices)) {
      #expect(relativeDifference([a.calinskiHarabasz, a.bic], [b.calinskiHarabasz, b.bic]) < 1e-11)
      #expect(
        relativeDifference([a.daviesBouldin, a.simplifiedSilhouette], [b.daviesBouldin, b.simplifiedSilhouette]) < 1e-11
      )
      // The other copies of a row are among those that it is compared with, and a weight is not.
      #expect(abs(a.silhouette - b.silhouette) < 0.05)
    }
  }

  @Test func senselessChoicesAreRefused() throws {
    var estimator = KMeans(clusterCount: 5)
    estimator.maxClusterCount = 4
    #expect(throws: LockstepError.self) { try estimator.validate() }
    estimator.maxClusterCount = nil
    estimator.starts = 0
    #expect(throws: LockstepError.self) { try estimator.validate() }
    estimator.starts = 2
    estimator.centroids = [[0], [1], [2], [3], [4]]
    #expect(throws: LockstepError.self) { try estimator.validate() }
  }
}
