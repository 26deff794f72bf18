// SPDX-License-Identifier: Apache-2.0

/// What belongs to each row of a source besides the columns that a method computes on.
public struct RowRoles: Codable, Hashable, Sendable {
  /// The number of responses.
  public var responseCount: Int
  /// Whether each row has a weight.
  public var hasWeights: Bool
  /// Whether each row has a class.
  public var hasLabels: Bool

  /// Rows with these besides their columns; with nothing by default.
  public init(responseCount: Int = 0, hasWeights: Bool = false, hasLabels: Bool = false) {
    self.responseCount = responseCount
    self.hasWeights = hasWeights
    self.hasLabels = hasLabels
  }
}

/// This process's rows, which can be read from first to last as often as needed.
///
/// A source knows nothing of ranks: its rows are the ones that this process contributes, in order.
public protocol RowSource: Sendable {
  /// The number of columns; 0 for a source without rows that does not know.
  var columnCount: Int { get }
  /// The columns' names, if the data has them.
  var columnNames: [String]? { get }
  /// What belongs to each row besides its columns.
  var roles: RowRoles { get }
  /// How the rows are stored, as ``RowBlock/layout`` says it.
  var layout: String { get }
  /// The number of rows on this process.
  var rowCount: Int { get }
  /// Calls `body` with all rows in order, in as many runs as the source likes. Each run is valid for as long as it is held.
  func forEachChunk(_ body: (any RowBlock) throws -> Void) throws
  /// Calls `body` with the rows of `range` in order, in as many runs as the source likes.
  ///
  /// A source that brings its rows from elsewhere brings no more than these; by default all are looked at.
  func forEachChunk(of range: Range<Int>, _ body: (any RowBlock) throws -> Void) throws
}

extension RowSource {
  /// No names.
  public var columnNames: [String]? { nil }

  /// Nothing.
  public var roles: RowRoles { RowRoles() }

  /// Looks at all rows, and shows those of `range`.
  public func forEachChunk(of range: Range<Int>, _ body: (any RowBlock) throws -> Void) throws {
    var start = 0
    try forEachChunk { chunk in
      let part = range.clamped(to: start..<start + chunk.rowCount)
      if !part.isEmpty { try body(chunk.rows(part.lowerBound - start..<part.upperBound - start)) }
      start += chunk.rowCount
    }
  }

  /// The rows of `range`, a copy only where they lie in more than one of the source's runs.
  public func rows(_ range: Range<Int>) throws -> (any RowBlock)? {
    var found: [any RowBlock] = []
    try forEachChunk(of: range) { found.append($0) }
    return found.concatenated
  }
}
