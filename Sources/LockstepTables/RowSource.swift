// SPDX-License-Identifier: Apache-2.0

/// This process's rows, which can be read from first to last as often as needed.
///
/// A source knows nothing of ranks: its rows are the ones that this process contributes, in order.
public protocol RowSource: Sendable {
  /// The number of columns; 0 for a source without rows that does not know.
  var columnCount: Int { get }
  /// The columns' names, if the data has them.
  var columnNames: [String]? { get }
  /// The number of rows on this process.
  var rowCount: Int { get }
  /// Calls `body` with all rows in order, in as many runs as the source likes. Each run is valid for as long as it is held.
  func forEachChunk(_ body: (any RowBlock) throws -> Void) throws
}

extension RowSource {
  public var columnNames: [String]? { nil }
}
