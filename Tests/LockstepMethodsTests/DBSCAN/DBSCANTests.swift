// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

@testable import LockstepMethods

/// What scikit-learn makes of generated rows (`Scripts/golden/dbscan.py`).
private struct DBSCANReference: Decodable {
  struct Fitted: Decodable {
    var labels: [Int]
    var cores: [Int]
  }
  var name: String
  var epsilon: Double
  var minPoints: Int
  var rows: GeneratedRows
  var rowsDigest: String
  var plain: Fitted
  var weighted: Fitted
}

/// The definition, pair by pair: −2 − c of border rows of cluster c.
private func definition(
  _ rows: [[Double]], epsilon: Double, minPoints: Int, weights: [Double]? = nil
) -> [Int32] {
  let n = rows.count
  func isNear(_ i: Int, _ j: Int) -> Bool {
    zip(rows[i], rows[j]).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } <= epsilon * epsilon
  }
  let near = (0..<n).map { i in (0..<n).filter { isNear(i, $0) } }
  let isCore = near.map { $0.reduce(0) { $0 + (weights?[$1] ?? 1) } >= Double(minPoints) }
  var cluster = [Int32](repeating: -1, count: n)
  var count: Int32 = 0
  for first in 0..<n where isCore[first] && cluster[first] == -1 {
    var pending = [first]
    cluster[first] = count
    while let i = pending.popLast() {
      for j in near[i] where isCore[j] && cluster[j] == -1 {
        cluster[j] = count
        pending.append(j)
      }
    }
    count += 1
  }
  for i in 0..<n where !isCore[i] {
    if let core = near[i].first(where: { isCore[$0] }) { cluster[i] = -2 - cluster[core] }
  }
  return cluster
}

private func marking(_ epsilon: Double, _ minPoints: Int) -> DBSCAN {
  var estimator = DBSCAN(epsilon: epsilon, minPoints: minPoints)
  estimator.marksBorders = true
  return estimator
}

private func plain(_ marked: [Int32]) -> [Int32] { marked.map { $0 < -1 ? -2 - $0 : $0 } }

/// Rows on a few rings and crosses, with copies and gaps of every kind.
private func shapes(_ rowCount: Int, columnCount: Int, seed: UInt64) -> Table<Double> {
  var source = SplitMix64(state: seed)
  func draw() -> Double { Double(source.next() >> 40) / Double(1 << 24) }
  var elements: [Double] = []
  for i in 0..<rowCount {
    if i % 13 == 12, i > 20 {
      let copied = Int(source.next() % UInt64(i))
      elements += elements[copied * columnCount..<(copied + 1) * columnCount]
      continue
    }
    let group = Double(source.next() % 4)
    for j in 0..<columnCount {
      let bell = draw() + draw() + draw() - 1.5
      elements.append(j == 0 ? 2.5 * group + bell * 1.5 : bell * (1 + group / 2))
    }
  }
  return Table(DenseRows(elements, columnCount: columnCount))
}

@Suite struct DBSCANTests {
  @Test func coresAndNoiseAreScikitLearns() throws {
    let url = try #require(Bundle.module.url(forResource: "Golden/dbscan", withExtension: "json"))
    let references = try JSONDecoder().decode([DBSCANReference].self, from: Data(contentsOf: url))
    #expect(references.count == 7)
    for reference in references {
      let elements = reference.rows.elements()
      #expect(GeneratedRows.digest(elements) == reference.rowsDigest)
      let table = Table(DenseRows(elements, columnCount: reference.rows.columns))
      let weights = DenseRows((0..<table.rowCount).map { Double(1 + $0 % 3) }, columnCount: 1)
      let estimator = marking(reference.epsilon, reference.minPoints)
      for (fitted, expected) in [
        (try estimator.fitAssigning(table), reference.plain),
        (try estimator.fitAssigning(TrainingRows(table, weights: weights)), reference.weighted),
      ] {
        #expect(
          fitted.assignments.indices.filter { fitted.assignments[$0] >= 0 } == expected.cores, "\(reference.name)")
        // Border rows may be in another cluster there: the first that reaches them.
        for (mine, theirs) in zip(fitted.assignments, expected.labels) {
          #expect(mine >= -1 ? Int(mine) == theirs : theirs >= 0, "\(reference.name)")
        }
        #expect(fitted.model.noiseCount == expected.labels.count { $0 == -1 })
        #expect(fitted.model.clusterCount == (expected.labels.max() ?? -1) + 1)
      }
    }
  }

  @Test(arguments: [1, 2, 3, 9, 21]) func isTheDefinition(columnCount: Int) throws {
    let table = shapes(200, columnCount: columnCount, seed: UInt64(columnCount))
    let rows = (0..<table.rowCount).map { table.rows.row($0) }
    let weights = (0..<table.rowCount).map { Double($0 * $0 % 5) / 2 }
    let scale = Double(columnCount).squareRoot()
    for epsilon in [0.1, 0.3, 0.6, 4] {
      for minPoints in [1, 4, 25] {
        let expected = definition(rows, epsilon: epsilon * scale, minPoints: minPoints)
        let found = try marking(epsilon * scale, minPoints).fitAssigning(
          table, in: ExecutionContext(threadCount: minPoints % 2 + 1))
        #expect(found.assignments == expected, "\(epsilon), \(minPoints)")
        let model = found.model
        #expect(model.coreCount == expected.count { $0 >= 0 } && model.borderCount == expected.count { $0 < -1 })
        #expect(model.firstCores == (0..<Int32(model.clusterCount)).map { expected.firstIndex(of: $0) ?? -1 })
        let weighted = try marking(epsilon * scale, minPoints).fitAssigning(
          TrainingRows(table, weights: DenseRows(weights, columnCount: 1)))
        #expect(
          weighted.assignments
            == definition(rows, epsilon: epsilon * scale, minPoints: minPoints, weights: weights),
          "\(epsilon), \(minPoints)")
      }
    }
  }

  @Test(arguments: [0.1, 0.2, 0.45]) func ranksAgree(epsilon: Double) throws {
    let table = shapes(350, columnCount: 2, seed: 8)
    let expected = definition((0..<350).map { table.rows.row($0) }, epsilon: epsilon, minPoints: 4)
    #expect(Set(expected.map { $0 >= 0 ? 1 : $0 == -1 ? 0 : -1 }).count == 3)
    try checkDriversAgree(table) { source, context in
      let (model, mine) = try marking(epsilon, 4).fitAssigning(source, in: context)
      let all = try context.gathered(mine).flatMap(\.self)
      #expect(all == expected)
      return [try model.digest, "\(all)"]
    }
  }

  @Test func manyColumnsAndFloatsAgreeOnRanks() throws {
    let table = shapes(300, columnCount: 12, seed: 9)
    let floats = Table<Float>(DenseRows(table.rows.withUnsafeElements { $0.map(Float.init) }, columnCount: 12))
    try checkDriversAgree(floats) { source, context in
      let (model, mine) = try marking(1.2, 4).fitAssigning(source, in: context)
      return [try model.digest, "\(try context.gathered(mine).flatMap(\.self))"]
    }
  }

  @Test func sparseRowsAreRowsLikeOthers() throws {
    let table = shapes(200, columnCount: 3, seed: 10)
    let sparse = SparseTable(SparseRows(table.rows))
    #expect(try marking(0.3, 4).fitAssigning(sparse).assignments == marking(0.3, 4).fitAssigning(table).assignments)
  }

  @Test func failuresReachAllRanks() throws {
    // The first reading is for blocks that begin on other ranks, then come the sweep, the sample and the redistribution.
    try checkFailuresReachAllRanks(shapes(200, columnCount: 2, seed: 3), readings: 3) { source, context in
      for _ in 0..<2 { _ = try DBSCAN(epsilon: 0.3).fit(source, in: context) }
    }
  }

  @Test func edges() throws {
    let empty = try DBSCAN().fitAssigning(Table(DenseRows<Double>([], columnCount: 3)))
    #expect(empty.model.clusterCount == 0 && empty.model.noiseCount == 0 && empty.assignments.isEmpty)
    #expect(try DBSCAN(epsilon: 1, minPoints: 1).fitAssigning(Table(rows: [[4, 5]])).assignments == [0])
    #expect(try DBSCAN(epsilon: 1, minPoints: 2).fitAssigning(Table(rows: [[4, 5]])).assignments == [-1])
    // As far apart as the distance, and a little farther.
    let line = Table(rows: [[0], [1], [2], [3.0000001], [3.5]])
    #expect(try DBSCAN(epsilon: 1, minPoints: 2).fitAssigning(line).assignments == [0, 0, 0, 1, 1])
    // All rows the same, on ranks whose boxes can only be empty but for one.
    let same = Table(DenseRows([Double](repeating: 7, count: 200), columnCount: 2))
    try checkDriversAgree(same) { source, context in
      try marking(0.1, 100).fitAssigning(source, in: context).model
    }
    #expect(try DBSCAN(epsilon: 0.1, minPoints: 101).fit(same).noiseCount == 100)
  }

  @Test func aBorderRowGoesToTheLowestCoreNearIt() throws {
    // Row 0 lies between two clusters whose nearest cores are rows 4 (of the second) and 5 (of the first).
    let table = Table(rows: [[0], [-2.4], [-1.9], [2.4], [0.95], [-0.95], [-1.4], [1.4], [1.9]])
    let found = try marking(1, 4).fitAssigning(table).assignments
    #expect(found == definition((0..<9).map { table.rows.row($0) }, epsilon: 1, minPoints: 4))
    #expect(found[0] == -2 - found[4] && found[4] != found[5] && found[5] == 0)
  }

  @Test func refusesWhatMakesNoSense() throws {
    let table = Table(rows: [[0, 1], [2, 3]])
    for epsilon in [0, -1, Double.nan, .infinity, 1e-200] {
      let error = #expect(throws: LockstepError.self) { try DBSCAN(epsilon: epsilon).fit(table) }
      #expect(error?.code == .usage)
    }
    #expect(throws: LockstepError.self) { try DBSCAN(epsilon: 1, minPoints: 0).fit(table) }
    let bad = #expect(throws: LockstepError.self) { try DBSCAN(epsilon: 1).fit(Table(rows: [[0, 1], [2, .nan]])) }
    #expect(bad?.code == .notFinite && bad?.place?.row == 1)
    let negative = TrainingRows(table, weights: DenseRows([1, -1.0], columnCount: 1))
    #expect(throws: LockstepError.self) { try DBSCAN(epsilon: 1).fit(negative) }
  }

  @Test func planCountsTheMessages() throws {
    // Two clusters and noise, of which every rank has a part.
    let table = shapes(6000, columnCount: 3, seed: 14)
    let log = CollectiveLog()
    _ = try DBSCAN(epsilon: 0.2).fit(table, in: ExecutionContext(log: log))
    let rowCounts = [1500, 1500, 1500, 1500]
    let plan = MessagePlan(log.steps, rowCounts: rowCounts)
    let results = ThreadRanks.run(4) { communicator in
      let counting = CountingCommunicator(communicator)
      let own = Table(table.rows.rows(1500 * communicator.rank..<1500 * communicator.rank + 1500))
      _ = try DBSCAN(epsilon: 0.2).fit(own, in: ExecutionContext(communicator: counting))
      return counting.sentByteCount + counting.receivedByteCount
    }
    for (rank, result) in results.enumerated() {
      let measured = try result.get()
      #expect(abs(plan.byteCounts[rank] - measured) <= measured / 10, "\(rank): \(plan.byteCounts[rank]), \(measured)")
    }
  }

  @Test func modelsAreReadBack() throws {
    let model = try DBSCAN(epsilon: 0.3).fit(shapes(300, columnCount: 2, seed: 4))
    let file = ModelFile(model, rowCount: 300, parameters: .object([:]))
    #expect(try ModelFile(json: try file.encodedAsJSON(), file: "a model").model.digest == model.digest)
    var fields = model.fields
    fields[1] = ModelField("coreCount", .scalar(model.coreCount + 1))
    #expect(throws: LockstepError.self) {
      try DBSCAN.Model(fields: ModelFields(methodName: "dbscan", fields))
    }
  }
}
