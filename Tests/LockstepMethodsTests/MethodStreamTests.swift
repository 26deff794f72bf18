// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

struct MethodStreamTests {
  private static let table = CatalogBatteryTests.table
  private static func piece(_ range: Range<Int>) -> any RowSource {
    SplitSource(Table(table.rows.rows(range)), responses: 2, hasWeights: true, hasLabels: true)
  }
  private static let names = Catalog.methods.filter { $0.sweep != nil }.map(\.name)

  @Test(arguments: names) func agreesWithASummaryOfAllRows(name: String) throws {
    let method = try #require(Catalog.method(named: name))
    let sweep = try #require(method.sweep)
    let parameters = JSONValue.object([:])
    let expected = try sweep.model(parameters, of: try sweep.summary(parameters, of: Self.piece(0..<9000), in: .local))
    var stream = try method.stream(parameters)
    for start in stride(from: 0, to: 9000, by: 1234) {
      try stream.observe(Self.piece(start..<min(start + 1234, 9000)))
      stream = try MethodStream(decoding: try stream.encoded())
    }
    #expect(try stream.model().digest == expected.digest)
    #expect(stream.rowCount == 9000 && stream.columnCount == 5)
  }

  @Test(arguments: names) func streamsOfRanksOfWhichOneSawNothing(name: String) throws {
    let method = try #require(Catalog.method(named: name))
    let digests = ThreadRanks.run(3) { communicator in
      var stream = try method.stream(.object([:]))
      if communicator.rank != 1 {
        try stream.observe(Self.piece(communicator.rank * 400..<communicator.rank * 400 + 400))
      }
      return try stream.model(in: ExecutionContext(communicator: communicator)).digest
    }
    #expect(Set(try digests.map { try $0.get() }).count == 1)
  }

  @Test func mergesInOrder() throws {
    let method = try #require(Catalog.method(named: "moments"))
    var (first, second) = (try method.stream(.object([:])), try method.stream(.object([:])))
    try first.merge(second)
    try second.observe(Self.piece(0..<100))
    try first.merge(second)
    try first.merge(second)
    #expect(first.rowCount == 200)
    #expect(try first.model().columnCount == 5)
  }

  @Test func refusesOtherColumnsAndStaysAsItWas() throws {
    var stream = try #require(Catalog.method(named: "covariance")).stream(.object([:]))
    try stream.observe(Table(rows: [[1.0, 2], [2, 5], [4, 1]]))
    let before = try stream.model().digest
    let wider = #expect(throws: LockstepError.self) { try stream.observe(Table(rows: [[1.0, 2, 3]])) }
    #expect(wider?.code == .shapeMismatch)
    let other = #expect(throws: LockstepError.self) { try stream.observe(Table<Float>(rows: [[1, 2]])) }
    #expect(other?.code == .shapeMismatch)
    let bad = #expect(throws: LockstepError.self) { try stream.observe(Table(rows: [[1.0, 2], [3, .nan]])) }
    #expect(bad?.code == .notFinite && bad?.place?.row == 4)
    #expect(try stream.model().digest == before && stream.rowCount == 3)
  }

  @Test func ranksThatSawDifferentColumnsAllThrow() throws {
    let method = try #require(Catalog.method(named: "moments"))
    let results = ThreadRanks.run(2) { communicator in
      var stream = try method.stream(.object([:]))
      try stream.observe(Table(rows: [Array(repeating: 1.0, count: communicator.rank + 2)]))
      do { return try stream.model(in: ExecutionContext(communicator: communicator)).digest } catch let error
        as LockstepError
      {
        return error.code.rawValue
      }
    }
    #expect(try results.map { try $0.get() } == ["shapeMismatch", "shapeMismatch"])
  }

  @Test func refusesWhatNeedsSeveralSweepsAndWhatIsNoStream() throws {
    let kmeans = try #require(Catalog.method(named: "kmeans"))
    #expect(throws: LockstepError.self) { try kmeans.stream(.object([:])) }
    #expect(throws: LockstepError.self) { try MethodStream(decoding: Array("{}\n".utf8)) }
    let bytes = try #require(Catalog.method(named: "moments")).stream(.object([:])).encoded()
    #expect(try MethodStream(decoding: bytes).rowCount == 0)
  }
}
