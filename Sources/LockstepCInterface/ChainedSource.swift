// SPDX-License-Identifier: Apache-2.0
// The functions are documented in lockstep.h.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CLockstepInterface
import Lockstep

/// The rows of several sources, one after the other.
struct ChainedSource: RowSource {
  let sources: [any RowSource]

  /// - Throws: `LockstepError` with code `.shapeMismatch` unless all have the same columns in the same form.
  init(_ sources: [any RowSource]) throws {
    for (i, source) in sources.enumerated() {
      guard source.columnCount == sources[0].columnCount, source.layout == sources[0].layout else {
        throw LockstepError(
          .shapeMismatch,
          "piece \(i) has \(source.columnCount) columns of \(source.layout) rows, piece 0 has "
            + "\(sources[0].columnCount) of \(sources[0].layout) rows", remedy: "give every piece the same columns")
      }
    }
    self.sources = sources
  }

  var columnCount: Int { sources[0].columnCount }
  var columnNames: [String]? { sources.lazy.compactMap(\.columnNames).first }
  var roles: RowRoles { sources[0].roles }
  var layout: String { sources[0].layout }
  var rowCount: Int { sources.reduce(0) { $0 + $1.rowCount } }

  func forEachChunk(_ body: (any RowBlock) throws -> Void) throws {
    for source in sources where source.rowCount > 0 { try source.forEachChunk(body) }
  }
}

@c @implementation
public func lockstep_rows_chained(
  _ pieces: UnsafePointer<OpaquePointer?>, _ piece_count: Int64, _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    let boxes = try UnsafeBufferPointer(start: pieces, count: Int(max(0, piece_count))).compactMap { piece in
      try piece.map { try RowsBox.at($0) }
    }
    guard !boxes.isEmpty else { throw LockstepError(.usage, "there are no pieces to chain") }
    return RowsBox(
      try ChainedSource(boxes.map(\.source)), responseNames: boxes[0].responseNames,
      skippedRowCount: boxes.reduce(0) { $0 + $1.skippedRowCount },
      missing: MissingCount.sums(boxes.map(\.missing)),
      encoding: boxes.allSatisfy { $0.encoding == boxes[0].encoding } ? boxes[0].encoding : nil
    ).handedOver()
  }
}
