// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// Rows around `centerCount` centers, the same for the same arguments.
func clusteredTable(
  rowCount: Int, columnCount: Int, centerCount: Int, offset: Double = 0, seed: UInt64 = 7
) -> Table<Double> {
  var generator = SplitMix64(state: seed)
  let centers = (0..<centerCount).map { _ in (0..<columnCount).map { _ in Double.random(in: -5...5, using: &generator) }
  }
  return Table(
    rows: (0..<rowCount).map { _ in
      centers[Int.random(in: 0..<centerCount, using: &generator)].map {
        offset + $0 + Double.random(in: -1...1, using: &generator)
      }
    })
}

func firstRows(_ count: Int, of table: Table<some Scalar>) -> Matrix {
  Matrix(rows: (0..<count).map { table.rows.row($0) })
}

@Suite struct KMeansTests {
  /// Lloyd's algorithm as the textbook writes it.
  static func plainLloyd(_ table: Table<Double>, start: Matrix, iterations: Int) -> (Matrix, [Int32], Double) {
    var centroids = start
    let rows = (0..<table.rowCount).map { table.rows.row($0) }
    func distance(_ x: [Double], _ j: Int) -> Double {
      zip(x, centroids.row(j)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    func labels() -> [Int32] {
      rows.map { x in Int32((0..<start.rowCount).min { distance(x, $0) < distance(x, $1) } ?? 0) }
    }
    for _ in 0..<iterations {
      let assigned = labels()
      for j in 0..<start.rowCount {
        let members = zip(rows, assigned).filter { $0.1 == Int32(j) }.map(\.0)
        guard !members.isEmpty else { continue }
        for i in 0..<start.columnCount { centroids[j, i] = members.reduce(0) { $0 + $1[i] } / Double(members.count) }
      }
    }
    let final = labels()
    return (centroids, final, zip(rows, final).reduce(0) { $0 + distance($1.0, Int($1.1)) })
  }

  @Test(arguments: [1, 2, 5, 8, 20]) func equalsTheTextbook(clusterCount: Int) throws {
    let table = clusteredTable(rowCount: 700, columnCount: 4, centerCount: 6)
    let start = firstRows(clusterCount, of: table)
    for iterations in [0, 1, 5, 60] {
      let (centroids, labels, objective) = Self.plainLloyd(table, start: start, iterations: iterations)
      let (model, assignments) = try KMeans(clusterCount: clusterCount, maxIterations: iterations).fitAssigning(
        table, startingAt: start)
      #expect(relativeDifference(model.centroids.elements, centroids.elements) < 1e-13)
      #expect(abs(model.objective - objective) <= 1e-13 * objective)
      #expect(assignments == labels)
      #expect(model.clusterSizes == (0..<clusterCount).map { j in labels.filter { $0 == j }.count })
      #expect(model.iterations <= iterations)
      #expect(try model.predict(table.rows) == assignments)
    }
  }

  @Test func driversAgree() throws {
    let table = clusteredTable(rowCount: 9000, columnCount: 5, centerCount: 6)
    let start = firstRows(7, of: table)
    try checkDriversAgree(table) { source, context in
      try KMeans(clusterCount: 7, maxIterations: 12).fit(source, startingAt: start, in: context)
    }
  }

  @Test func driversAgreeOnFloats() throws {
    let table = clusteredTable(rowCount: 5000, columnCount: 17, centerCount: 6)
    let floats = Table(rows: (0..<5000).map { table.rows.row($0).map(Float.init) })
    let start = firstRows(9, of: floats)
    try checkDriversAgree(floats) { source, context in
      try KMeans(clusterCount: 9, maxIterations: 6).fit(source, startingAt: start, in: context)
    }
  }

  @Test func assignmentsComeHomeToTheRanksTheirRowsCameFrom() throws {
    let table = clusteredTable(rowCount: 20_000, columnCount: 5, centerCount: 6)
    let start = firstRows(7, of: table)
    let expected = try KMeans(clusterCount: 7).fitAssigning(table, startingAt: start)
    for (_, cuts) in rankCuts(rowCount: table.rowCount, size: 5) {
      let results = ThreadRanks.run(5) { communicator in
        let share = Table(table.rows.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1]))
        return try KMeans(clusterCount: 7).fitAssigning(
          share, startingAt: start, in: ExecutionContext(communicator: communicator)
        ).assignments
      }
      #expect(try results.flatMap { try $0.get() } == expected.assignments)
    }
  }

  @Test func failuresReachAllRanks() throws {
    let table = clusteredTable(rowCount: 20_000, columnCount: 3, centerCount: 4)
    let start = firstRows(4, of: table)
    try checkFailuresReachAllRanks(table, readings: 5) { source, context in
      _ = try KMeans(clusterCount: 4).fit(source, startingAt: start, in: context)
    }
  }

  @Test func dataFarFromTheOriginKeepItsClusters() throws {
    let near = clusteredTable(rowCount: 2000, columnCount: 5, centerCount: 8)
    let far = clusteredTable(rowCount: 2000, columnCount: 5, centerCount: 8, offset: 1e6)
    let a = try KMeans(clusterCount: 8).fitAssigning(near, startingAt: firstRows(8, of: near))
    let b = try KMeans(clusterCount: 8).fitAssigning(far, startingAt: firstRows(8, of: far))
    #expect(a.assignments == b.assignments)
    #expect(abs(a.model.objective - b.model.objective) < 1e-7 * a.model.objective)
  }

  @Test func emptyClustersTakeTheFarthestRows() throws {
    // Two starting centroids are so far away that nobody is nearest to them.
    let table = Table(rows: [[0.0], [1.0], [10.0], [11.0], [100.0], [30.0]])
    let start = Matrix(rows: [[0.5], [-1e6], [10.5], [-2e6]])
    let (model, assignments) = try KMeans(clusterCount: 4, maxIterations: 1).fitAssigning(table, startingAt: start)
    // Row 4 (100) is farthest, then row 5 (30): clusters 1 and 3 take them, and both leave cluster 2's mean.
    #expect(model.centroids.elements == [0.5, 100, 10.5, 30])
    #expect(assignments == [0, 0, 2, 2, 1, 3])
    #expect(!model.isConverged)
  }

  @Test func equallyFarRowsAreTakenInRowOrderOnAnyNumberOfRanks() throws {
    let table = Table(rows: (0..<8).map { [$0 % 2 == 0 ? -10.0 : 10.0] })
    let start = Matrix(rows: [[0.0], [1e9]])
    let model = try KMeans(clusterCount: 2, maxIterations: 1).fit(table, startingAt: start)
    #expect(relativeDifference(model.centroids.elements, [10 / 7.0, -10]) < 1e-15)
    for size in [2, 4, 8] {
      let results = ThreadRanks.run(size) { communicator in
        let share = Table(table.rows.rows(8 / size * communicator.rank..<8 / size * (communicator.rank + 1)))
        return try KMeans(clusterCount: 2, maxIterations: 1).fit(
          share, startingAt: start, in: ExecutionContext(communicator: communicator))
      }
      for result in results { #expect(try result.get() == model) }
    }
  }

  @Test func moreClustersThanDistinctRows() throws {
    let table = Table(rows: (0..<12).map { [Double($0 % 3), 1] })
    let model = try KMeans(clusterCount: 6).fit(table, startingAt: firstRows(6, of: table))
    #expect(model.objective == 0)
    #expect(model.isConverged)
    #expect(model.clusterSizes == [4, 4, 4, 0, 0, 0])
    #expect(model.centroids == firstRows(6, of: table))
  }

  @Test func oneRowAndConstantColumns() throws {
    let one = Table(rows: [[3.0, 4.0]])
    let model = try KMeans(clusterCount: 1).fit(one, startingAt: Matrix(rows: [[0, 0]]))
    #expect(model.centroids.elements == [3, 4] && model.objective == 0 && model.isConverged)

    let constant = Table(rows: (0..<50).map { [7.0, Double($0 < 25 ? 0 : 1)] })
    let split = try KMeans(clusterCount: 2).fit(constant, startingAt: Matrix(rows: [[7, 0.4], [7, 0.6]]))
    #expect(split.centroids.elements == [7, 0, 7, 1] && split.objective == 0)
  }

  @Test func toleranceStopsEarly() throws {
    let table = clusteredTable(rowCount: 3000, columnCount: 3, centerCount: 30)
    let start = firstRows(10, of: table)
    let full = try KMeans(clusterCount: 10, maxIterations: 1000).fit(table, startingAt: start)
    let early = try KMeans(clusterCount: 10, maxIterations: 1000, tolerance: 1e-2).fit(table, startingAt: start)
    #expect(full.isConverged && early.isConverged && early.iterations < full.iterations)
    #expect(early.objective >= full.objective)
  }

  @Test func senselessInputIsRefusedWithTheReason() throws {
    let table = clusteredTable(rowCount: 10, columnCount: 2, centerCount: 2)
    func code(_ body: () throws -> Void) -> LockstepError.Code? {
      do { try body() } catch { return (error as? LockstepError)?.code }
      return nil
    }
    let start = firstRows(3, of: table)
    #expect(code { _ = try KMeans(clusterCount: 0).fit(table, startingAt: start) } == .usage)
    #expect(code { _ = try KMeans(clusterCount: 3, maxIterations: -1).fit(table, startingAt: start) } == .usage)
    #expect(code { _ = try KMeans(clusterCount: 3, tolerance: .nan).fit(table, startingAt: start) } == .usage)
    #expect(code { _ = try KMeans(clusterCount: 2).fit(table, startingAt: start) } == .shapeMismatch)
    #expect(code { _ = try KMeans(clusterCount: 11).fit(table, startingAt: firstRows(3, of: table)) } == .tooFewRows)
    #expect(code { _ = try KMeans(clusterCount: 1).fit(table, startingAt: Matrix(rows: [[.nan, 1]])) } == .notFinite)

    var rows = (0..<10).map { table.rows.row($0) }
    rows[6][1] = .infinity
    do {
      _ = try KMeans(clusterCount: 3).fit(Table(rows: rows), startingAt: start)
      Issue.record("an infinity was accepted")
    } catch let error as LockstepError {
      #expect(error.code == .notFinite && error.place == .init(row: 6, column: 2))
    }
  }

  @Test func switchingReproducibilityOffChangesRoundingOnly() throws {
    let table = clusteredTable(rowCount: 5000, columnCount: 5, centerCount: 6)
    let start = firstRows(6, of: table)
    let exact = try KMeans(clusterCount: 6).fit(table, startingAt: start)
    let results = ThreadRanks.run(3) { communicator in
      let cuts = [0, 100, 2500, 5000]
      let share = Table(table.rows.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1]))
      return try KMeans(clusterCount: 6).fit(
        share, startingAt: start,
        in: ExecutionContext(communicator: communicator, threadCount: 2, isReproducible: false))
    }
    for result in results {
      #expect(relativeDifference(try result.get().centroids.elements, exact.centroids.elements) < 1e-12)
    }
  }
}
