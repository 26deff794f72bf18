// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// Streams whose bytes are not those that were saved.
struct SavedStreamTests {
  private static let names = MethodStreamTests.names
  private static let parameters = JSONValue.object([:])

  private static func rows(_ range: Range<Int>, for method: Method) -> any RowSource {
    MethodStreamTests.piece(range, for: method)
  }

  private static func stream(_ name: String, _ range: Range<Int> = 0..<8) throws -> MethodStream {
    let method = try #require(Catalog.method(named: name))
    return try method.stream(parameters, of: rows(range, for: method), in: .local)
  }

  /// What is saved of a method's pass and a summary, with sizes at will.
  private struct State<P: Codable, Partial: Codable>: Codable {
    var pass: P
    var columnCount: Int
    var rowCount: Int
    var forest = ["nodes": [String]()]
    var streamRowCount = 0
    var earlier: Partial
  }

  /// A saved stream with a summary of another making.
  private static func saved<P: Codable>(
    _ pass: P, _ partial: some Codable, columnCount: Int = 3, rowCount: Int = 5, responseCount: Int = 0
  ) throws -> [UInt8] where P: OnePassEstimator, P.Model: FittedModel {
    let envelope = JSONValue.object([
      "format": .string("lockstep-partial"), "version": .integer(3), "method": .string(P.Model.methodName),
      "parameters": parameters, "rowCount": .integer(rowCount), "skippedRowCount": .integer(0), "rows": .array([]),
      "columnCount": .integer(columnCount), "responseCount": .integer(responseCount),
    ])
    return try envelope.encoded() + [10]
      + PackedEncoder().encode(State(pass: pass, columnCount: columnCount, rowCount: rowCount, earlier: partial))
  }

  private static func code(_ body: () throws -> Void) throws -> LockstepError.Code? {
    do { try body() } catch let error as LockstepError { return error.code }
    return nil
  }

  /// What the summaries hold, with sizes at will.
  private struct Moments: Codable {
    var columnCount = 3
    var rowCount = 5
    var weight = DoubleDouble(5)
    var moments = [Double](repeating: 1, count: 18)
  }
  private struct Shapes: Codable {
    var columnCount = 3
    var skipsMissing = false
    var rowCount = 5
    var weight = DoubleDouble(5)
    var shapes = [Double](repeating: 1, count: 39)
  }
  /// Moments of one kind or the other.
  private struct Summary: Codable {
    var moments: Moments?
    var shapes: Shapes?
  }
  private struct Products: Codable {
    var rowCount = 5
    var weighedRowCount = 5
    var weight = DoubleDouble(5)
    var weightProduct = WeightProduct()
    var responseCount = 1
    var means = [Double](repeating: 1, count: 6)
    var highs = [Double](repeating: 1, count: 6)
    var lows = [Double](repeating: 0, count: 6)
  }
  private struct ClassSums: Codable {
    var columnCount = 3
    var classes: [ClassLabel] = [1, 2]
    var rowCounts = [3, 2]
    var weights = [3.0, 2]
    var sums = [Double](repeating: 1, count: 6)
  }

  private static func changed<Value: Codable>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
    var value = value
    change(&value)
    return value
  }

  /// The codes of what reading such a stream, going on with it and its model throw.
  private static func refusals(_ streams: [[UInt8]]) throws -> [LockstepError.Code?] {
    try streams.map { bytes in
      try code {
        let stream = try MethodStream(decoding: bytes, checksDigest: false)
        var both = stream
        try both.merge(stream)
        _ = try (stream.model(), both.model())
      }
    }
  }

  @Test func refusesMomentsWhoseNumbersDoNotFit() throws {
    #expect(try Self.refusals([Self.saved(LowOrderMoments(), Summary(moments: Moments()))]) == [nil])
    let wrong = [
      Self.changed(Moments()) { $0.moments.removeLast() }, Self.changed(Moments()) { $0.moments = [] },
      Self.changed(Moments()) { $0.columnCount = 2 }, Self.changed(Moments()) { $0.columnCount = -3 },
      Self.changed(Moments()) { $0.columnCount = .max }, Self.changed(Moments()) { $0.rowCount = .max },
      Self.changed(Moments()) { $0.weight = DoubleDouble(-1) }, Self.changed(Moments()) { $0.weight = .zero },
      Self.changed(Moments()) { $0.weight = DoubleDouble(.nan) },
    ]
    #expect(
      Set(try Self.refusals(wrong.map { try Self.saved(LowOrderMoments(), Summary(moments: $0)) })) == [.malformedInput]
    )
    #expect(
      Set(
        try Self.refusals([
          Self.saved(LowOrderMoments(), Summary()),
          Self.saved(LowOrderMoments(), Summary(moments: Moments(), shapes: Shapes())),
        ]))
        == [.malformedInput])
  }

  @Test func refusesShapesWhoseNumbersDoNotFit() throws {
    let estimator = LowOrderMoments(includesShape: true)
    #expect(try Self.refusals([Self.saved(estimator, Summary(shapes: Shapes()))]) == [nil])
    let wrong = [
      Self.changed(Shapes()) { $0.shapes.removeLast() }, Self.changed(Shapes()) { $0.shapes[30] = -1 },
      Self.changed(Shapes()) { $0.columnCount = -3 }, Self.changed(Shapes()) { $0.rowCount = .max },
      Self.changed(Shapes()) { $0.weight = .zero }, Self.changed(Shapes()) { $0.weight = DoubleDouble(.nan) },
    ]
    #expect(Set(try Self.refusals(wrong.map { try Self.saved(estimator, Summary(shapes: $0)) })) == [.malformedInput])
  }

  @Test func refusesProductsWhoseNumbersDoNotFit() throws {
    #expect(try Self.refusals([Self.saved(LinearRegression(), Products(), columnCount: 2, responseCount: 1)]) == [nil])
    let wrong = [
      Self.changed(Products()) { $0.means.removeLast() }, Self.changed(Products()) { $0.means = [] },
      Self.changed(Products()) { $0.highs.removeLast() }, Self.changed(Products()) { $0.lows.removeLast() },
      Self.changed(Products()) { $0.responseCount = 4 }, Self.changed(Products()) { $0.responseCount = -1 },
      Self.changed(Products()) { $0.rowCount = -1 }, Self.changed(Products()) { $0.weight = .zero },
    ]
    #expect(
      Set(try Self.refusals(wrong.map { try Self.saved(LinearRegression(), $0, columnCount: 2, responseCount: 1) }))
        == [.malformedInput])
  }

  @Test func refusesSumsOfClassesWhoseNumbersDoNotFit() throws {
    #expect(try Self.refusals([Self.saved(NaiveBayes(), ClassSums())]) == [nil])
    let wrong = [
      Self.changed(ClassSums()) { $0.sums.removeLast() }, Self.changed(ClassSums()) { $0.weights.append(1) },
      Self.changed(ClassSums()) { $0.rowCounts = [] }, Self.changed(ClassSums()) { $0.classes = [2, 1] },
      Self.changed(ClassSums()) { $0.classes = [1, 1] }, Self.changed(ClassSums()) { $0.columnCount = -3 },
      Self.changed(ClassSums()) { $0.weights[0] = .nan }, Self.changed(ClassSums()) { $0.rowCounts[1] = .max },
    ]
    #expect(Set(try Self.refusals(wrong.map { try Self.saved(NaiveBayes(), $0) })) == [.malformedInput])
  }

  @Test func refusesSummariesOfOtherColumnsThanTheirEnvelopesSay() throws {
    func merged(_ a: [UInt8], _ b: [UInt8]) throws -> LockstepError.Code? {
      try Self.code {
        var all = try MethodStream(decoding: a, checksDigest: false)
        try all.merge(MethodStream(decoding: b, checksDigest: false))
      }
    }
    let three = try Self.saved(LowOrderMoments(), Summary(moments: Moments()))
    #expect(try merged(three, Self.stream("moments").encoded()) == .shapeMismatch)
    let exact = try Self.saved(LinearRegression(), Products(), columnCount: 2, responseCount: 1)
    let other = try Self.saved(
      LinearRegression(), Self.changed(Products()) { $0.responseCount = 2 }, columnCount: 2, responseCount: 1)
    #expect(try merged(exact, other) == .shapeMismatch)
    // Sums in double, of more columns at first, make sums in double.
    let rounded = try Self.saved(
      LinearRegression(), Self.changed(Products()) { $0.lows = [] }, columnCount: 2, responseCount: 1)
    #expect(try merged(exact, rounded) == nil && merged(rounded, exact) == nil)
    let wrong = try Self.saved(LowOrderMoments(), Moments(), columnCount: 4)
    #expect(try Self.code { _ = try MethodStream(decoding: wrong, checksDigest: false) } == .malformedInput)
  }

  @Test(arguments: names) func streamsWithoutRowsAddNothing(name: String) throws {
    let method = try #require(Catalog.method(named: name))
    let empty = try method.stream(Self.parameters)
    let full = try Self.stream(name, 0..<9)
    var merged = empty
    try merged.merge(full)
    try merged.merge(MethodStream(decoding: empty.encoded()))
    #expect(try merged.model().digest == full.model().digest && merged.rowCount == 9 && merged.columnCount == 5)
    #expect(try MethodStream(decoding: empty.encoded()).rowCount == 0)
  }

  @Test func refusesParametersThatMakeNoSenseAndOtherVersions() throws {
    let stream = try Self.stream("pca")
    let text = String(decoding: try stream.encoded().prefix { $0 != 10 }, as: UTF8.self)
    let rest = Array(try stream.encoded().drop { $0 != 10 })
    func code(_ change: (String) -> String) throws -> LockstepError.Code? {
      let changed = change(text)
      #expect(changed != text)
      return try Self.code { _ = try MethodStream(decoding: Array(changed.utf8) + rest, checksDigest: false) }
    }
    #expect(try code { $0.replacing("\"parameters\":{", with: "\"parameters\":{\"componentCount\":-1,") } == .usage)
    #expect(try code { $0.replacing("\"version\":3", with: "\"version\":1") } == .malformedInput)
    #expect(try code { $0.replacing("\"rowCount\":8", with: "\"rowCount\":9") } == .malformedInput)
    #expect(try code { $0.replacing("\"columnCount\":5", with: "\"columnCount\":-1") } == .malformedInput)
    #expect(
      try code { $0.replacing("\"responseCount\":0", with: "\"responseCount\":9223372036854775807") } == .malformedInput
    )
  }

  @Test(arguments: names, [false, true]) func anyChangedByteIsReadOrRefused(name: String, checksDigest: Bool) throws {
    let method = try #require(Catalog.method(named: name))
    var stream = try method.stream(Self.parameters)
    try stream.observe(Self.rows(0..<8, for: method))
    var other = try method.stream(Self.parameters)
    try other.observe(Self.rows(2..<6, for: method))
    try stream.merge(other)
    try stream.observe(Self.rows(8..<12, for: method))
    let bytes = try stream.encoded()
    var third = try method.stream(Self.parameters)
    try third.observe(Self.rows(0..<3, for: method))
    var refusedCount = 0
    for i in bytes.indices {
      var changed = bytes
      changed[i] ^= [0x01, 0x80, 0xFF][i % 3]
      let code = try Self.code {
        var stream = try MethodStream(decoding: changed, checksDigest: checksDigest)
        try stream.observe(Self.rows(12..<14, for: method))
        try stream.merge(third)
        _ = try stream.model()
      }
      if code != nil { refusedCount += 1 }
    }
    #expect(checksDigest ? refusedCount == bytes.count : refusedCount > 0)
  }
}
