// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

struct MethodStreamTests {
  private static let table = CatalogBatteryTests.table
  static func piece(_ range: Range<Int>, for method: Method) -> any RowSource {
    SplitSource(Table(table.rows.rows(range)), responses: 2, hasWeights: true, hasLabels: true, for: method)
  }
  static let names = Catalog.methods.filter(\.isStreamable).map(\.name)

  @Test(arguments: names) func agreesWithASummaryOfAllRows(name: String) throws {
    let method = try #require(Catalog.method(named: name))
    let parameters = JSONValue.object([:])
    let expected = try method.stream(parameters, of: Self.piece(0..<9000, for: method), in: .local).model()
    var stream = try method.stream(parameters)
    for start in stride(from: 0, to: 9000, by: 1234) {
      try stream.observe(Self.piece(start..<min(start + 1234, 9000), for: method))
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
        let start = communicator.rank * 400
        try stream.observe(Self.piece(start..<start + 400, for: method))
      }
      return try stream.model(in: ExecutionContext(communicator: communicator)).digest
    }
    #expect(Set(try digests.map { try $0.get() }).count == 1)
  }

  @Test func mergesInOrder() throws {
    let method = try #require(Catalog.method(named: "moments"))
    var (first, second) = (try method.stream(.object([:])), try method.stream(.object([:])))
    try first.merge(second)
    try second.observe(Self.piece(0..<100, for: method))
    try first.merge(second)
    var third = try method.stream(.object([:]))
    try third.observe(Self.piece(0..<100, for: method))
    try first.merge(third)
    #expect(first.rowCount == 200)
    #expect(try first.model().columnCount == 5)
  }

  @Test func rowsAreTakenInOnce() throws {
    let method = try #require(Catalog.method(named: "moments"))
    var (first, second) = (try method.stream(.object([:])), try method.stream(.object([:])))
    try first.observe(Self.piece(0..<100, for: method))
    try second.observe(Self.piece(100..<300, for: method))
    var both = first
    try both.merge(second)
    // What was saved and read again, what has gone on since, and what is part of another are the same rows still.
    let saved = try MethodStream(decoding: second.encoded())
    var longer = second
    try longer.observe(Self.piece(300..<310, for: method))
    for again in [second, saved, longer, both] {
      var joined = both
      let error = #expect(throws: LockstepError.self) { try joined.merge(again) }
      #expect(error?.code == .usage && error?.message.contains("twice") == true)
      #expect(joined.rowCount == 300)
    }
    var restored = saved
    try restored.observe(Self.piece(0..<1, for: method))
    #expect(throws: LockstepError.self) { try both.merge(restored) }
    let whole = both
    let results = ThreadRanks.run(2) { communicator in
      do { return try whole.model(in: ExecutionContext(communicator: communicator)).digest } catch let error
        as LockstepError
      { return error.code.rawValue }
    }
    #expect(try results.map { try $0.get() } == ["usage", "usage"])
  }

  @Test(arguments: Catalog.methods.map(\.name)) func whatAMethodDoesNotTakeIsRefused(name: String) throws {
    let method = try #require(Catalog.method(named: name))
    let rows = Table(Self.table.rows.rows(0..<50))
    for (need, source, word) in [
      (method.roles.weights, SplitSource(rows, responses: 0, hasWeights: true), "weights"),
      (method.roles.targets, SplitSource(rows, responses: 1), "targets"),
      (method.roles.label, SplitSource(rows, responses: 0, hasLabels: true), "labels"),
    ] where need == .none {
      let results = ThreadRanks.run(2) { communicator in
        do {
          return try method.fit(.object([:]), to: source, in: ExecutionContext(communicator: communicator)).digest
        } catch let error as LockstepError { return error.message }
      }
      #expect(try results.map { try $0.get() } == Array(repeating: "\(name) takes no \(word)", count: 2))
      if method.isStreamable {
        var stream = try method.stream(.object([:]))
        #expect(throws: LockstepError.self) { try stream.observe(source) }
      }
    }
  }

  @Test func estimatorsThatTakeNoWeightsRefuseThem() {
    let rows = SplitSource(Table(Self.table.rows.rows(0..<50)), responses: 0, hasWeights: true)
    #expect(throws: LockstepError.self) { try QRDecomposition().fit(rows) }
    #expect(throws: LockstepError.self) { try SVD(componentCount: 2).fit(rows) }
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
