// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

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
  /// A source that loads its rows loads no more than these; by default all are visited.
  func forEachChunk(of range: Range<Int>, _ body: (any RowBlock) throws -> Void) throws
}

/// A source whose rows come from files, and which can tell where one of them is.
package protocol LocatedSource: RowSource {
  /// What the rows come from, in order.
  var origins: [RowOrigin] { get }

  /// Where row `row` of a file is, counted from 0 among the rows that were kept of it; the file may be read again for that.
  ///
  /// - Parameters:
  ///   - row: The number of the row in the file.
  ///   - origin: The file, as one of ``origins``.
  ///   - column: The number of the feature, from 1, if it is one.
  /// - Returns: The place, as far as it is known.
  /// - Throws: What reading the file again throws.
  func place(ofRow row: Int, origin: Int, column: Int?) throws -> LockstepError.Place
}

/// A file, or a part of one, that rows come from.
package struct RowOrigin: Codable, Sendable {
  /// Its name.
  package var file: String
  /// The number of rows that were kept of the part.
  package var rowCount: Int
  /// Whether it begins where the file does.
  package var isStart: Bool

  /// An origin.
  package init(file: String, rowCount: Int, isStart: Bool) {
    self.file = file
    self.rowCount = rowCount
    self.isStart = isStart
  }
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
