// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// Summaries of rows whose bytes are not those that were saved.
struct PartialFileTests {
  private static let names = Catalog.methods.filter { $0.sweep != nil }.map(\.name)
  private static let parameters = JSONValue.object([:])

  private static func rows(_ range: Range<Int>) -> any RowSource {
    SplitSource(Table(CatalogBatteryTests.table.rows.rows(range)), responses: 2, hasWeights: true, hasLabels: true)
  }

  private static func part(_ name: String, _ summary: [UInt8], rowCount: Int = 8, columnCount: Int = 5) throws
    -> PartialFile
  {
    let method = try #require(Catalog.method(named: name))
    return PartialFile(summary, method: method, parameters: parameters, rowCount: rowCount, columnCount: columnCount)
  }

  private static func summary(_ name: String, _ range: Range<Int> = 0..<8) throws -> [UInt8] {
    let sweep = try #require(Catalog.method(named: name)?.sweep)
    return try sweep.summary(parameters, of: rows(range), in: .local)
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
  private struct Products: Codable {
    var rowCount = 5
    var weighedRowCount = 5
    var weight = DoubleDouble(5)
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

  private static func changed<Value: Codable>(_ value: Value, _ change: (inout Value) -> Void) throws -> [UInt8] {
    var value = value
    change(&value)
    return try PackedEncoder().encode(value)
  }

  private static func refusals(_ name: String, _ summaries: [[UInt8]]) throws -> [LockstepError.Code?] {
    try summaries.flatMap { summary in
      let part = try part(name, summary)
      return [
        try code { _ = try part.model() }, try code { _ = try PartialFile(merging: [part, part]) },
      ]
    }
  }

  @Test func refusesMomentsWhoseNumbersDoNotFit() throws {
    #expect(try Self.refusals("moments", [Self.changed(Moments()) { _ in }]) == [nil, nil])
    let wrong = try [
      Self.changed(Moments()) { $0.moments.removeLast() }, Self.changed(Moments()) { $0.moments = [] },
      Self.changed(Moments()) { $0.columnCount = 2 }, Self.changed(Moments()) { $0.columnCount = -3 },
      Self.changed(Moments()) { $0.columnCount = .max }, Self.changed(Moments()) { $0.rowCount = .max },
      Self.changed(Moments()) { $0.weight = DoubleDouble(-1) }, Self.changed(Moments()) { $0.weight = .zero },
      Self.changed(Moments()) { $0.weight = DoubleDouble(.nan) },
    ]
    #expect(Set(try Self.refusals("moments", wrong)) == [.malformedInput])
  }

  @Test func refusesProductsWhoseNumbersDoNotFit() throws {
    #expect(try Self.refusals("linear-regression", [Self.changed(Products()) { _ in }]) == [nil, nil])
    let wrong = try [
      Self.changed(Products()) { $0.means.removeLast() }, Self.changed(Products()) { $0.means = [] },
      Self.changed(Products()) { $0.highs.removeLast() }, Self.changed(Products()) { $0.lows.removeLast() },
      Self.changed(Products()) { $0.responseCount = 4 }, Self.changed(Products()) { $0.responseCount = -1 },
      Self.changed(Products()) { $0.rowCount = -1 }, Self.changed(Products()) { $0.weight = .zero },
    ]
    #expect(Set(try Self.refusals("linear-regression", wrong)) == [.malformedInput])
  }

  @Test func refusesSumsOfClassesWhoseNumbersDoNotFit() throws {
    #expect(try Self.refusals("naive-bayes", [Self.changed(ClassSums()) { _ in }]) == [nil, nil])
    let wrong = try [
      Self.changed(ClassSums()) { $0.sums.removeLast() }, Self.changed(ClassSums()) { $0.weights.append(1) },
      Self.changed(ClassSums()) { $0.rowCounts = [] }, Self.changed(ClassSums()) { $0.classes = [2, 1] },
      Self.changed(ClassSums()) { $0.classes = [1, 1] }, Self.changed(ClassSums()) { $0.columnCount = -3 },
      Self.changed(ClassSums()) { $0.weights[0] = .nan }, Self.changed(ClassSums()) { $0.rowCounts[1] = .max },
    ]
    #expect(Set(try Self.refusals("naive-bayes", wrong)) == [.malformedInput])
  }

  @Test func refusesPartsWhoseNumbersAreOfOtherColumnsThanTheirEnvelopesSay() throws {
    let three = try Self.part("moments", Self.changed(Moments()) { _ in })
    let five = try Self.part("moments", Self.summary("moments"))
    #expect(try Self.code { _ = try PartialFile(merging: [three, five]) } == .shapeMismatch)
    let exact = try Self.part("linear-regression", Self.changed(Products()) { _ in })
    let rounded = try Self.part("linear-regression", Self.changed(Products()) { $0.lows = [] })
    #expect(try Self.code { _ = try PartialFile(merging: [exact, rounded]) } == .shapeMismatch)
    let other = try Self.part("linear-regression", Self.changed(Products()) { $0.responseCount = 2 })
    #expect(try Self.code { _ = try PartialFile(merging: [exact, other]) } == .shapeMismatch)
  }

  @Test(arguments: names) func partsOfNoRowsAddNothing(name: String) throws {
    let method = try #require(Catalog.method(named: name))
    let nothing = try #require(method.sweep).summary(
      Self.parameters, of: Table(DenseRows([Double](), columnCount: 0)), in: .local)
    let empty = try Self.part(name, nothing, rowCount: 0, columnCount: 0)
    let full = try Self.part(name, Self.summary(name, 0..<9), rowCount: 9)
    let merged = try PartialFile(merging: [empty, full, empty])
    #expect(try merged.model().digest == full.model().digest && merged.rowCount == 9 && merged.columnCount == 5)
    #expect(try PartialFile(merging: [empty, empty]).rowCount == 0)
  }

  @Test func refusesParametersThatMakeNoSenseAndSizesThatCannotBe() throws {
    let method = try #require(Catalog.method(named: "pca"))
    let part = PartialFile(
      try Self.summary("pca"), method: method, parameters: .object(["componentCount": .integer(-1)]), rowCount: 8,
      columnCount: 5)
    #expect(try Self.code { _ = try part.model() } == .usage)
    for size in ["rowCount", "columnCount", "responseCount"] {
      let huge = PartialFile(
        [], method: method, parameters: Self.parameters, rowCount: size == "rowCount" ? .max : 1,
        columnCount: size == "columnCount" ? -1 : 1, responseCount: size == "responseCount" ? .max : 1)
      #expect(
        try Self.code { _ = try PartialFile(decoding: huge.encoded(), file: "part") } == .malformedInput, "\(size)")
    }
  }

  @Test(arguments: names) func anyChangedByteOfASummaryIsReadOrRefused(name: String) throws {
    let summary = try Self.summary(name)
    var refusedCount = 0
    for i in summary.indices {
      var changed = summary
      changed[i] ^= [0x01, 0x80, 0xFF][i % 3]
      let part = try Self.part(name, changed)
      if try Self.code({ _ = try PartialFile(merging: [part, part]).model() }) != nil { refusedCount += 1 }
    }
    #expect(refusedCount > 0)
  }

  @Test(arguments: names) func anyChangedByteOfAStreamIsReadOrRefused(name: String) throws {
    let method = try #require(Catalog.method(named: name))
    var stream = try method.stream(Self.parameters)
    try stream.observe(Self.rows(0..<8))
    try stream.merge(stream)
    try stream.observe(Self.rows(8..<12))
    let bytes = try stream.encoded()
    var refusedCount = 0
    for i in bytes.indices {
      var changed = bytes
      changed[i] ^= [0x01, 0x80, 0xFF][i % 3]
      let code = try Self.code {
        var stream = try MethodStream(decoding: changed)
        try stream.observe(Self.rows(12..<14))
        try stream.merge(stream)
        _ = try stream.model()
      }
      if code != nil { refusedCount += 1 }
    }
    #expect(refusedCount > 0)
  }
}
