// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// What models say of rows from anywhere, on all ranks, within a limit of memory.
struct RowValuesTests {
  private static let table = CatalogBatteryTests.table
  private static var features: Table<Double> {
    Table(DenseRows((0..<9000).flatMap { table.rows.row($0).prefix(5) }, columnCount: 5))
  }
  private static let limit = MemoryLimit(windowByteCount: 512)

  private static func numbers(_ rows: some RowSource) throws -> [[Double]] {
    var all: [[Double]] = []
    try rows.forEachChunk { block in all += (0..<block.rowCount).map { block.row($0) } }
    return all
  }

  @Test(arguments: [1, 3], [false, true]) func typedValuesAreThoseOfOneBlock(size: Int, isLimited: Bool) throws {
    let features = Self.features
    let kmeans = try KMeans(clusterCount: 4).fit(features)
    let pca = try PCA(componentCount: 3).fit(features)
    let regression = try LinearRegression().fit(
      SplitSource(
        Table(DenseRows((0..<9000).flatMap { Self.table.rows.row($0).prefix(7) }, columnCount: 7)), responses: 2))
    let results = ThreadRanks.run(size) { communicator in
      let own = 9000 * communicator.rank / size..<9000 * (communicator.rank + 1) / size
      let context = ExecutionContext(communicator: communicator, memoryLimit: isLimited ? Self.limit : nil)
      let source = Elsewhere(features.rows.rows(own), rowCount: 700)
      let scores = try pca.transform(source, in: context)
      // Scores are rows like any others.
      let means = try LowOrderMoments().fit(scores, in: context).mean
      let texts = try String(
        decoding: JSONValue.array(pca.rowValues(of: source, in: context).json()).encoded(), as: UTF8.self)
      return (
        try kmeans.predict(source, in: context), try Self.numbers(scores),
        try Self.numbers(regression.predict(source, in: context)), try scores.inMemory().rowCount == own.count, means,
        texts
      )
    }
    let found = try results.map { try $0.get() }
    #expect(try found.flatMap(\.0) == kmeans.predict(features.rows))
    let scores = try pca.transform(features.rows)
    #expect(found.flatMap(\.1) == scores.rows.map(Array.init))
    #expect(try found.flatMap(\.2) == regression.predict(features.rows).rows.map(Array.init))
    #expect(found.allSatisfy { $0.3 })
    #expect(found.allSatisfy { $0.4.allSatisfy { abs($0) < 0x1p-30 } })
    let own = scores.rows.prefix(9000 / size).map { JSONValue.array($0.map(JSONValue.double)) }
    #expect(try found[0].5 == String(decoding: JSONValue.array(own).encoded(), as: UTF8.self))
  }

  @Test func aRankThatFailsFailsAllWithItsRow() throws {
    let model = try KMeans(clusterCount: 2).fit(Self.features)
    let results = ThreadRanks.run(2) { communicator in
      var rows = [Array(repeating: 1.0, count: 5), Array(repeating: 2.0, count: 5)]
      if communicator.rank == 1 { rows[1][3] = .nan }
      do {
        _ = try model.predict(Table(rows: rows), in: ExecutionContext(communicator: communicator))
        return "no error"
      } catch let error as LockstepError { return "\(error.code.rawValue) \(error.place?.row ?? -1)" }
    }
    #expect(try results.map { try $0.get() } == ["notFinite 1", "notFinite 1"])
  }

  @Test func rowsWithoutValuesAreOfTheModelsKind() throws {
    let none = Table(DenseRows([Double](), columnCount: 5))
    #expect(try KMeans(clusterCount: 2).fit(Self.features).predict(none, in: .local) == [])
    let scores = try PCA(componentCount: 2).fit(Self.features).transform(none, in: .local)
    #expect(scores.rowCount == 0 && scores.columnCount == 2)
  }

  @Test func aTableUnderALimitIsBroughtIntoMemory() throws {
    let table = Self.features
    let runs = stride(from: 0, to: 9000, by: 1000).map { start in
      RowRun(rowCount: 1000) { table.rows.rows(start..<start + 1000) }
    }
    let rows = FileRows<Double>(runs: runs, columnCount: 5)
    #expect(try Self.numbers(rows.inMemory()) == Self.numbers(table))
    #expect(try Self.numbers(rows.table) == Self.numbers(table))
  }
}
