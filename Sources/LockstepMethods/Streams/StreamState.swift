// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// `Online` of an estimator whose type is not told.
protocol StreamState: Sendable {
  var rowCount: Int { get }
  var columnCount: Int { get }
  var pendingLayout: String? { get }
  var isWellFormed: Bool { get }
  mutating func observe(_ rows: any RowBlock) throws
  func merged(with later: any StreamState) throws -> any StreamState
  func widened(to columnCount: Int, places: [Int]) throws -> any StreamState
  func model(in context: ExecutionContext) throws -> any FittedModel
  func encoded() throws -> [UInt8]
}

extension StreamState {
  /// The state of the same rows among all columns, of which they have had some.
  func widened(_ columns: StreamColumns?, to all: StreamColumns) throws -> any StreamState {
    guard let places = columns?.places(in: all) else { return self }
    return try widened(to: all.count, places: places)
  }
}

struct OnlineState<E: CatalogEstimator & OnePassEstimator>: StreamState {
  var online: Online<E>

  var rowCount: Int { online.rowCount }
  var columnCount: Int { online.columnCount }
  var pendingLayout: String? { online.pendingLayout }
  var isWellFormed: Bool { online.isWellFormed }

  init(parameters: JSONValue, columnCount: Int) throws {
    online = Online(try E(parameters: parameters), columnCount: columnCount)
  }

  init(_ pass: E, columnCount: Int, summary: E.Partial, rowCount: Int) {
    online = Online(pass, columnCount: columnCount, summary: summary, rowCount: rowCount)
  }

  init(decoding bytes: [UInt8]) throws {
    online = try PackedDecoder().decode(Online<E>.self, from: bytes)
    try online.pass.validate()
    try online.pass.requireSingleReading()
  }

  mutating func observe(_ rows: any RowBlock) throws {
    // The last rows, which do not fill a block, are summarized when the model is asked for. Who gave rows that cannot be summarized
    // must learn it now: later they are part of the stream.
    let size = online.pass.blockRowCount(columnCount: columnCount)
    let rest = rows.rows(rows.rowCount - min(rows.rowCount, (rowCount + rows.rowCount) % size)..<rows.rowCount)
    var partial = online.pass.makePartial(columnCount: columnCount)
    try online.pass.accumulate(Samples(rest, firstRow: rowCount + rows.rowCount - rest.rowCount), into: &partial)
    try online.observe(rows)
  }

  func merged(with later: any StreamState) throws -> any StreamState {
    guard let later = later as? OnlineState<E> else {
      throw LockstepError(.internalInconsistency, "streams of one method have two types")
    }
    var all = self
    all.online.merge(later.online)
    if let failure = all.online.failure { throw failure }
    return all
  }

  func widened(to columnCount: Int, places: [Int]) throws -> any StreamState {
    var wide = self
    try wide.online.widen(to: columnCount) { partial in
      guard let widenable = partial as? any ColumnWidening,
        let all = try widenable.widened(to: columnCount, places: places) as? E.Partial
      else {
        throw LockstepError(
          .unsupported, "\(E.Model.methodName) cannot take in values of categories that come up later",
          remedy: "read all rows with the values that a model knows")
      }
      return all
    }
    return wide
  }

  func model(in context: ExecutionContext) throws -> any FittedModel { try online.output(in: context) }
  func encoded() throws -> [UInt8] { try PackedEncoder().encode(online) }
}

extension CatalogEstimator where Self: OnePassEstimator {
  /// Fits to the rows of all ranks, and gives the stream that has seen all of them too.
  ///
  /// Collective; the model has the same bits on every rank.
  package func fitWithStream(
    _ rows: any RowSource, in context: ExecutionContext
  ) throws -> (model: any FittedModel, stream: MethodStream) {
    let (pass, partial, stream) = try summarized(rows, in: context)
    // Rank 0 finalizes: what it makes of the summary, all have to the bit.
    return (try context.decide { try pass.finalize(partial) }, stream)
  }

  /// A stream that has seen the rows of all ranks.
  ///
  /// Collective.
  func stream(of rows: any RowSource, in context: ExecutionContext) throws -> MethodStream {
    try summarized(rows, in: context).stream
  }

  private func summarized(
    _ rows: any RowSource, in context: ExecutionContext
  ) throws -> (pass: Self, partial: Partial, stream: MethodStream) {
    let facts = RowFacts(of: rows)
    let (method, pass) = try context.agree {
      guard let method = Catalog.method(named: Model.methodName) else {
        throw LockstepError(.internalInconsistency, "\(Model.methodName) is not in the catalogue")
      }
      try method.roles.requireTaken(rows.roles, by: method.name)
      try validate()
      try requireSingleReading()
      return (method, SummaryPass(estimator: forSingleReading))
    }
    let partial = try context.reduce(pass, over: rows)
    // A rank without rows may not know the columns.
    let shares = try context.gathered(
      SummaryShare(columns: StreamColumns(rows, facts), rowCount: rows.rowCount, skippedRowCount: facts.skippedRowCount)
    )
    let rowCount = shares.reduce(0) { $0 + $1.rowCount }
    var columns = (shares.first { $0.rowCount > 0 } ?? shares[0]).columns
    columns.names =
      columns.names ?? shares.lazy.compactMap(\.columns.names).first { [count = columns.count] in $0.count == count }
    let state = OnlineState(pass.estimator, columnCount: columns.count, summary: partial, rowCount: rowCount)
    let stream = MethodStream(
      method, parameters: parameters.withoutNulls, state, columns: columns,
      skippedRowCount: shares.reduce(0) { $0 + $1.skippedRowCount })
    return (pass.estimator, partial, stream)
  }
}

/// What the ranks tell each other of the rows that they have summarized.
private struct SummaryShare: Codable, Sendable {
  var columns: StreamColumns
  var rowCount: Int
  var skippedRowCount: Int
}

/// A sweep that ends with the summary itself.
private struct SummaryPass<E: OnePassEstimator>: Pass, Codable {
  let estimator: E

  func makePartial(columnCount: Int) -> E.Partial { estimator.makePartial(columnCount: columnCount) }
  func accumulate(_ samples: Samples, into partial: inout E.Partial) throws {
    try estimator.accumulate(samples, into: &partial)
  }
  func finalize(_ partial: E.Partial) -> E.Partial { partial }
  func blockRowCount(columnCount: Int) -> Int { estimator.blockRowCount(columnCount: columnCount) }
}
