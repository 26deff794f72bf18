// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// Values of categorical columns that come up while rows arrive.
struct CategoryStreamTests {
  /// Rows of a category, two numbers, a target and a class, as a reader gives them.
  private struct Piece: RowSource {
    let letters: [String]
    let numbers: [Double]
    let noise: [Double]
    /// The values of the category, in order, that the piece has or is told.
    let values: [String]
    let method: Method

    init(_ letters: [String], from start: Int, values: [String]? = nil, for method: Method) {
      self.letters = letters
      numbers = letters.indices.map { Double((start + $0) * 37 % 11) }
      noise = letters.indices.map { Double((start + $0) * (start + $0) % 7) }
      self.values = values ?? Set(letters).sorted()
      self.method = method
    }

    var facts: RowFacts {
      RowFacts(
        encoding: ColumnEncoding([.init(name: "x"), .init(name: "g", values: values), .init(name: "z")]),
        skippedRowCount: 1)
    }
    var columnCount: Int { values.count + 2 }
    var columnNames: [String]? { facts.encoding?.columnNames }
    var rowCount: Int { letters.count }
    var roles: RowRoles {
      RowRoles(
        responseCount: method.roles.targets == .none ? 0 : 1, hasLabels: method.roles.label == .required)
    }
    var layout: String { (try? block)?.layout ?? "" }

    private var block: SupervisedRows {
      get throws {
        let features = letters.indices.flatMap { i -> [Double] in
          [numbers[i]] + values.map { $0 == letters[i] ? 1.0 : 0 } + [numbers[i] * numbers[i]]
        }
        return SupervisedRows(
          features: DenseRows(features, columnCount: columnCount),
          responses: roles.responseCount > 0
            ? DenseRows(
              letters.indices.map { numbers[$0] * 3 + Double(letters[$0].utf8.first ?? 0) + noise[$0] },
              columnCount: 1) : nil,
          labels: roles.hasLabels ? RowLabels(letters.indices.map { Int(numbers[$0]) % 2 }) : nil)
      }
    }

    func forEachChunk(_ body: (any RowBlock) throws -> Void) throws { try body(try block) }
  }

  private static let letters: [[String]] = [
    (0..<90).map { ["b", "d"][$0 % 2] }, (0..<70).map { ["a", "b", "c"][$0 % 3] }, (0..<40).map { ["d", "e"][$0 % 2] },
  ]

  private static func numbers(_ model: any FittedModel) -> [Double] {
    model.fields.flatMap { field -> [Double] in
      switch field.value {
      case .doubles(let elements, _): elements
      case .integers(let elements, _): elements.map(Double.init)
      default: []
      }
    }
  }

  private static func isNear(_ a: any FittedModel, _ b: any FittedModel) -> Bool {
    let (a, b) = (numbers(a), numbers(b))
    return a.count == b.count
      && zip(a, b).allSatisfy { $0 == $1 || abs($0 - $1) <= 0x1p-30 * max(1, abs($1)) || $0.isNaN && $1.isNaN }
  }

  @Test(arguments: MethodStreamTests.names) func valuesThatComeUpLaterExtendAStream(name: String) throws {
    let method = try #require(Catalog.method(named: name))
    let parameters = JSONValue.object([:])
    let whole = Piece(Self.letters.flatMap { $0 }, from: 0, for: method)
    let expected = try method.stream(parameters, of: whole, in: .local).model()
    let starts = [0, 90, 160]

    // One stream, saved between two pieces.
    var stream = try method.stream(parameters)
    for (letters, start) in zip(Self.letters, starts) {
      let piece = Piece(letters, from: start, for: method)
      try stream.observe(piece, piece.facts)
      stream = try MethodStream(decoding: stream.encoded())
    }
    #expect(stream.columnNames == ["x", "g=a", "g=b", "g=c", "g=d", "g=e", "z"])
    #expect(try Self.isNear(stream.model(), expected) && stream.rowCount == 200 && stream.skippedRowCount == 3)
    // Values that go back leave nothing behind.
    let again = Piece(["d", "b"], from: 3, for: method)
    try stream.observe(again, again.facts)
    #expect(stream.columnCount == 7)

    // Streams of days, and of ranks.
    var days: [MethodStream] = []
    for (letters, start) in zip(Self.letters, starts) {
      var day = try method.stream(parameters)
      let piece = Piece(letters, from: start, for: method)
      try day.observe(piece, piece.facts)
      days.append(day)
    }
    var merged = days[0]
    for day in days.dropFirst() { try merged.merge(day) }
    #expect(try Self.isNear(merged.model(), expected))
    let parts = days
    let results = ThreadRanks.run(3) { communicator in
      try parts[communicator.rank].modelFile(in: ExecutionContext(communicator: communicator))
    }
    for result in results {
      let file = try result.get()
      #expect(Self.isNear(file.model, expected) && file.rowCount == 200 && file.encoding == merged.encoding)
    }

    // With all values known from the beginning, the bits are those of one sweep.
    var known = try method.stream(parameters)
    for (letters, start) in zip(Self.letters, starts) {
      let piece = Piece(letters, from: start, values: ["a", "b", "c", "d", "e"], for: method)
      try known.observe(piece, piece.facts)
    }
    #expect(try known.model().digest == expected.digest)
  }

  @Test func otherColumnsAreRefused() throws {
    let method = try #require(Catalog.method(named: "moments"))
    var stream = try method.stream(.object([:]))
    let piece = Piece(["a", "b"], from: 0, for: method)
    try stream.observe(piece, piece.facts)
    for encoding in [
      ColumnEncoding([.init(name: "y"), .init(name: "g", values: ["a", "b"]), .init(name: "z")]),
      ColumnEncoding([
        .init(name: "x"), .init(name: "g", values: ["a", "b"]), .init(name: "z", mean: 3), .init(name: "w"),
      ]),
    ] {
      let table = Table(
        DenseRows(Array(repeating: 1.0, count: encoding.columnCount), columnCount: encoding.columnCount))
      let error = #expect(throws: LockstepError.self) { try stream.observe(table, RowFacts(encoding: encoding)) }
      #expect(error?.code == .shapeMismatch)
    }
    let plain = #expect(throws: LockstepError.self) { try stream.observe(Table(rows: [[1.0, 2, 3]])) }
    #expect(plain?.code == .shapeMismatch && stream.rowCount == 2)
    // Means that stand for missing values are those of one piece.
    var filled = piece.facts
    filled.encoding?.columns[0].mean = 4
    try stream.observe(piece, filled)
    filled.encoding?.columns[0].mean = 5
    let means = #expect(throws: LockstepError.self) { try stream.observe(piece, filled) }
    #expect(means?.message.contains("means that stand for missing values of \"x\"") == true)
  }
}
