// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// A method's one sweep over rows that arrive in pieces, behind JSON and bytes: `Online` of any estimator.
///
/// ```swift
/// let method = Catalog.method(named: "moments")
/// var stream = try method?.stream(parameters)
/// try stream?.observe(piece)                                      // as often as there are pieces, on any rank
/// let model = try stream?.model(in: world)                        // collective
/// ```
/// A value: it can be copied, saved to bytes, merged, and read at any time.
public struct MethodStream: Sendable {
  /// The name of the method.
  public let methodName: String
  /// The method's parameters.
  public let parameters: JSONValue
  /// The number of rows seen on this rank.
  public var rowCount: Int { state?.rowCount ?? 0 }
  /// The number of columns; `nil` before the first rows.
  public var columnCount: Int? { state?.columnCount }
  /// How the rows are stored, as ``RowBlock/layout`` says it; `nil` before the first rows.
  public private(set) var layout: String?

  private var state: (any StreamState)?
  private let start: any StreamState.Type

  init<E: CatalogEstimator & OnePassEstimator>(_ estimator: E.Type, parameters: JSONValue) throws {
    methodName = E.Model.methodName
    self.parameters = parameters
    start = OnlineState<E>.self
    try E(parameters: parameters).validate()
  }

  /// Takes in the rows that arrive next; those of an empty source change nothing.
  ///
  /// - Throws: `LockstepError` with code `.shapeMismatch` for rows of another number of columns or another kind than the first, and
  ///   what the sweep throws; the stream is then as it was.
  public mutating func observe(_ rows: any RowSource) throws {
    guard rows.rowCount > 0 else { return }
    if let columnCount, rows.columnCount != columnCount {
      throw LockstepError(
        .shapeMismatch, "rows of \(rows.columnCount) columns in a stream of \(columnCount)",
        remedy: "give every piece the same columns")
    }
    if let layout, rows.layout != layout {
      throw LockstepError(
        .shapeMismatch, "\(rows.layout) rows in a stream of \(layout) rows", remedy: "give every piece in the same form"
      )
    }
    var next = try state ?? start.init(parameters: parameters, columnCount: rows.columnCount)
    try rows.forEachChunk { if $0.rowCount > 0 { try next.observe($0) } }
    state = next
    layout = rows.layout
  }

  /// Takes in a stream whose rows come after this one's.
  ///
  /// - Throws: `LockstepError` with code `.usage` for another method or parameters, `.shapeMismatch` for other columns.
  public mutating func merge(_ later: MethodStream) throws {
    guard later.methodName == methodName, later.parameters == parameters else {
      throw LockstepError(
        .usage, "a stream of \(later.methodName) cannot continue one of \(methodName) with other parameters",
        remedy: "merge streams of the same making")
    }
    guard let theirs = later.state else { return }
    guard var mine = state else {
      (state, layout) = (theirs, later.layout)
      return
    }
    try Self.requireSameShape([shape, later.shape])
    try mine.merge(theirs)
    state = mine
  }

  /// The model of everything seen so far on every rank.
  ///
  /// Collective. The stream goes on as if nobody had asked.
  ///
  /// - Throws: `LockstepError` with code `.shapeMismatch` if ranks saw different columns, and what the method's `finalize` throws.
  public func model(in context: ExecutionContext = .local) throws -> any FittedModel {
    let shapes = try context.gathered(shape)
    let columnCount = try context.agree { try Self.requireSameShape(shapes) }
    let state = try context.agree { try self.state ?? start.init(parameters: parameters, columnCount: columnCount) }
    return try state.model(in: context)
  }

  /// What must be the same in streams whose summaries are merged.
  private struct Shape: Codable, Sendable {
    var columnCount: Int
    /// The layout without the type of the elements, which summaries know nothing of.
    var companions: String
  }

  private var shape: Shape? {
    guard let columnCount, let layout else { return nil }
    let companions = layout.range(ofWord: " with ").map { String(layout[$0...]) }
    return Shape(columnCount: columnCount, companions: companions ?? "")
  }

  /// The number of columns that all streams with rows share.
  @discardableResult
  private static func requireSameShape(_ shapes: [Shape?]) throws -> Int {
    guard let first = shapes.firstIndex(where: { $0 != nil }), let expected = shapes[first] else { return 0 }
    for case (let number, let shape?) in shapes.enumerated()
    where shape.columnCount != expected.columnCount || shape.companions != expected.companions {
      throw LockstepError(
        .shapeMismatch,
        "stream \(number) has \(shape.columnCount) columns\(shape.companions), stream \(first) has "
          + "\(expected.columnCount)\(expected.companions)", remedy: "give every stream the same columns")
    }
    return expected.columnCount
  }
}

extension String {
  /// Where `word` begins.
  fileprivate func range(ofWord word: String) -> Index? {
    indices.first { self[$0...].hasPrefix(word) }
  }
}

// MARK: Bytes

extension MethodStream {
  private static let format = "lockstep-stream"
  private static let version = 1

  /// The stream as bytes, with its method and parameters.
  public func encoded() throws -> [UInt8] {
    let envelope = JSONValue.object([
      "format": .string(Self.format), "version": .integer(Self.version), "method": .string(methodName),
      "parameters": parameters, "layout": layout.map(JSONValue.string) ?? .null,
    ])
    return try envelope.encoded() + [UInt8(ascii: "\n")] + (try state?.encoded() ?? [])
  }

  /// The stream that ``encoded()`` saved.
  ///
  /// - Throws: `LockstepError` with code `.malformedInput` for bytes that are no stream.
  public init(decoding bytes: [UInt8]) throws {
    let refusal = LockstepError(
      .malformedInput, "these bytes are not a stream of rows that this release knows",
      remedy: "give what a stream was saved as")
    guard bytes.first == UInt8(ascii: "{"), let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
      let envelope = try? JSONValue(parsing: Array(bytes[..<end])), envelope["format"]?.string == Self.format,
      envelope["version"] == .integer(Self.version), let name = envelope["method"]?.string,
      let method = Catalog.method(named: name), let parameters = envelope["parameters"]
    else { throw refusal }
    self = try method.stream(parameters)
    guard let layout = envelope["layout"]?.string else { return }
    let decoded: any StreamState
    do { decoded = try start.init(decoding: Array(bytes[(end + 1)...])) } catch { throw refusal }
    guard decoded.isWellFormed(layout: layout) else { throw refusal }
    (state, self.layout) = (decoded, layout)
  }
}

// MARK: The estimator's type, hidden

/// `Online` of an estimator whose type is not told.
private protocol StreamState: Sendable {
  var rowCount: Int { get }
  var columnCount: Int { get }
  init(parameters: JSONValue, columnCount: Int) throws
  init(decoding bytes: [UInt8]) throws
  func isWellFormed(layout: String) -> Bool
  mutating func observe(_ rows: any RowBlock) throws
  mutating func merge(_ later: any StreamState) throws
  func model(in context: ExecutionContext) throws -> any FittedModel
  func encoded() throws -> [UInt8]
}

private struct OnlineState<E: CatalogEstimator & OnePassEstimator>: StreamState {
  var online: Online<E>

  var rowCount: Int { online.rowCount }
  var columnCount: Int { online.columnCount }

  init(parameters: JSONValue, columnCount: Int) throws {
    online = Online(try E(parameters: parameters).forSingleReading, columnCount: columnCount)
  }

  init(decoding bytes: [UInt8]) throws {
    online = try PackedDecoder().decode(Online<E>.self, from: bytes)
    try online.pass.validate()
  }

  func isWellFormed(layout: String) -> Bool { online.isWellFormed && online.pendingLayout ?? layout == layout }

  mutating func observe(_ rows: any RowBlock) throws {
    // The last rows, which do not fill a block, are summarized when the model is asked for. Who gave rows that cannot be summarized
    // must learn it now: later they are part of the stream.
    let size = online.pass.blockRowCount(columnCount: columnCount)
    let rest = rows.rows(rows.rowCount - min(rows.rowCount, (rowCount + rows.rowCount) % size)..<rows.rowCount)
    var partial = online.pass.makePartial(columnCount: columnCount)
    try online.pass.accumulate(Samples(rest, firstRow: rowCount + rows.rowCount - rest.rowCount), into: &partial)
    try online.observe(rows)
  }

  mutating func merge(_ later: any StreamState) throws {
    guard let later = later as? OnlineState<E> else {
      throw LockstepError(.internalInconsistency, "streams of one method have two types")
    }
    online.merge(later.online)
  }

  func model(in context: ExecutionContext) throws -> any FittedModel { try online.output(in: context) }
  func encoded() throws -> [UInt8] { try PackedEncoder().encode(online) }
}
