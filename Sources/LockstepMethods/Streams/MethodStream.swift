// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTableIO
import LockstepTables

/// What a method of one sweep has learned of some rows: it takes in rows that arrive in pieces, can be merged with what was learned of
/// others, saved, and asked for its model at any time.
///
/// ```swift
/// var stream = try Catalog.method(named: "moments")?.stream(parameters)
/// try stream?.observe(piece)                                      // as often as there are pieces, on any rank
/// let model = try stream?.model(in: world)                        // collective
///
/// var week = try MethodStream(reading: "day1.part")               // what --partial or another stream has written
/// try week.merge(MethodStream(reading: "day2.part"))
/// try week.write(to: "week.part")
/// ```
/// A value. Categories are the stream's: a piece, or a stream that is merged, may have values of a categorical column that have not come
/// up before; they were then 0 in all rows before. The rows of a stream are known by random names, so that none is counted twice.
public struct MethodStream: Sendable {
  /// The method.
  public let method: Method
  /// The method's parameters, all of them but those that are left open.
  public let parameters: JSONValue
  /// What is known of the columns; `nil` before the first rows.
  var columns: StreamColumns?
  var state: (any StreamState)?
  /// The random names of the runs of rows that were taken in, wherever that was.
  var runNames: [String] = []
  /// Whether the last of the names is that of the rows that this stream itself takes in.
  private var isNamed = false
  /// The number of rows that reading left out because a value was missing, on this rank.
  public internal(set) var skippedRowCount = 0

  /// The number of rows seen on this rank.
  public var rowCount: Int { state?.rowCount ?? 0 }
  /// The number of columns; `nil` before the first rows.
  public var columnCount: Int? { columns?.count }
  /// The names of the columns, if they have any.
  public var columnNames: [String]? { columns?.names }
  /// The names of the responses, if there are any and they have names.
  public var responseNames: [String]? { columns?.responseNames }
  /// How the columns that were read became those of the rows, if it is not one for one.
  public var encoding: ColumnEncoding? { columns?.encoding }
  /// How the rows that wait for the next ones are stored, as ``RowBlock/layout`` says it; `nil` if there are none.
  public var layout: String? { state?.pendingLayout }

  init<E: CatalogEstimator & OnePassEstimator>(_ method: Method, _ estimator: E) throws {
    self.method = method
    parameters = estimator.parameters.withoutNulls
    try estimator.validate()
    try estimator.requireSingleReading()
  }

  /// Takes in the rows that arrive next; those of an empty source change nothing.
  ///
  /// - Throws: `LockstepError` with code `.shapeMismatch` for rows of other columns or another kind than the first, `.usage` for rows
  ///   with something that the method does not take, and what the sweep throws; the stream is then as it was.
  public mutating func observe(_ rows: any RowSource) throws { try observe(rows, RowFacts(of: rows)) }

  /// Takes in rows of which more is known than they tell.
  package mutating func observe(_ rows: any RowSource, _ facts: RowFacts) throws {
    try method.roles.requireTaken(rows.roles, by: method.name)
    guard rows.rowCount > 0 else {
      skippedRowCount += facts.skippedRowCount
      return
    }
    let piece = StreamColumns(rows, facts)
    let all = try columns?.joined(with: piece, named: ("before", "now")) ?? piece
    if let layout, rows.layout != layout {
      throw LockstepError(
        .shapeMismatch, "\(rows.layout) rows in a stream of \(layout) rows", remedy: "give every piece in the same form"
      )
    }
    var next = try state?.widened(columns, to: all) ?? method.makeState(parameters, columnCount: all.count)
    let places = piece.places(in: all)
    try rows.forEachChunk { chunk in
      guard chunk.rowCount > 0 else { return }
      try next.observe(places.map { try chunk.widened(to: all.count, places: $0) } ?? chunk)
    }
    (state, columns) = (next, all)
    skippedRowCount += facts.skippedRowCount
    if !isNamed { runNames.append(Self.randomName()) }
    isNamed = true
  }

  /// Takes in a stream whose rows come after this one's.
  ///
  /// - Throws: `LockstepError` with code `.usage` for another method or parameters, or rows that were taken in already;
  ///   `.shapeMismatch` for other columns. The stream is then as it was.
  public mutating func merge(_ later: MethodStream) throws {
    try requireSameMaking(later)
    try Self.requireDistinct([runNames, later.runNames])
    let all =
      try columns.map { mine in
        try later.columns.map { try mine.joined(with: $0, named: ("before", "now")) } ?? mine
      } ?? later.columns
    var joined = self
    switch (state, later.state) {
    case (let mine?, let theirs?):
      guard let all else { preconditionFailure("rows without columns") }
      joined.state = try mine.widened(columns, to: all).merged(with: theirs.widened(later.columns, to: all))
    case (nil, let theirs): joined.state = theirs
    case (_, nil): break
    }
    joined.columns = all
    joined.runNames = runNames + later.runNames
    // Further rows are a run of their own.
    joined.isNamed = false
    joined.skippedRowCount += later.skippedRowCount
    self = joined
  }

  private func requireSameMaking(_ later: MethodStream) throws {
    func differ(_ what: String, _ mine: String, _ theirs: String) -> LockstepError {
      LockstepError(
        .usage, "\(what) \(theirs) cannot continue \(what) \(mine)", remedy: "merge what was made with the same options"
      )
    }
    guard later.method.name == method.name else { throw differ("the method", method.name, later.method.name) }
    guard later.parameters == parameters else {
      throw differ(
        "the parameters", String(decoding: try parameters.encoded(), as: UTF8.self),
        String(decoding: try later.parameters.encoded(), as: UTF8.self))
    }
  }

  /// The model of everything seen so far on every rank.
  ///
  /// Collective. The stream goes on as if nobody had asked.
  ///
  /// - Throws: `LockstepError` with code `.shapeMismatch` if ranks saw different columns, `.usage` if some saw the same rows, and what
  ///   the method's `finalize` throws.
  public func model(in context: ExecutionContext = .local) throws -> any FittedModel {
    try summary(in: context).model
  }

  /// The model of everything seen so far on every rank, with what is known of the rows.
  ///
  /// Collective.
  package func modelFile(in context: ExecutionContext = .local) throws -> ModelFile {
    let (model, columns, rowCount) = try summary(in: context)
    return ModelFile(
      model, rowCount: rowCount, columnNames: columns?.names, responseNames: columns?.responseNames,
      encoding: columns?.encoding, parameters: parameters)
  }

  private func summary(
    in context: ExecutionContext
  ) throws -> (model: any FittedModel, columns: StreamColumns?, rowCount: Int) {
    let shares = try context.gathered(Share(columns: columns, runNames: runNames, rowCount: rowCount))
    let (state, all) = try context.agree {
      try Self.requireDistinct(shares.map(\.runNames))
      let all = try StreamColumns.joined(ofRanks: shares.map(\.columns))
      let state = try self.state ?? method.makeState(parameters, columnCount: all?.count ?? 0)
      return (try all.map { try state.widened(columns, to: $0) } ?? state, all)
    }
    return (try state.model(in: context), all, shares.reduce(0) { $0 + $1.rowCount })
  }

  /// What ranks must know of each other's streams.
  private struct Share: Codable, Sendable {
    var columns: StreamColumns?
    var runNames: [String]
    var rowCount: Int
  }
}

// MARK: The names of rows

extension MethodStream {
  /// A name that no other rows have.
  private static func randomName() -> String {
    (0..<2).map { _ in
      let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// Throws if some rows are in two of the streams.
  private static func requireDistinct(_ names: [[String]]) throws {
    var seen: Set<String> = []
    for name in names.joined() where !seen.insert(name).inserted {
      throw LockstepError(
        .usage, "rows would be counted twice: they are in both streams", remedy: "give each rows once")
    }
  }

  /// A stream of rows that were summarized together.
  init(_ method: Method, parameters: JSONValue, _ state: any StreamState, columns: StreamColumns, skippedRowCount: Int)
  {
    (self.method, self.parameters, self.state, self.columns) = (method, parameters, state, columns)
    runNames = [Self.randomName()]
    self.skippedRowCount = skippedRowCount
  }

  /// A stream that was saved.
  init(
    _ method: Method, parameters: JSONValue, _ state: (any StreamState)?, columns: StreamColumns?, runNames: [String]
  ) {
    (self.method, self.parameters, self.state, self.columns) = (method, parameters, state, columns)
    self.runNames = runNames
  }
}
