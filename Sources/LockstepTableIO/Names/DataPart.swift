// SPDX-License-Identifier: Apache-2.0

/// A file, or a part of one, that a process reads.
package struct DataPart: Codable, Hashable, Sendable, CustomStringConvertible {
  /// What it is a part of.
  package let source: DataSource
  /// The part.
  package let shard: FileShard
  /// What the process that listed the files for all has seen of it; `nil` if no one has.
  package private(set) var stamp: FileStamp?

  /// Creates a part of a file, or of a table in it (`x.h5:/group/table`).
  package init(_ path: String, shard: FileShard = .whole) { self.init(.file(path), shard: shard) }

  /// A part of a file that has been listed.
  init(_ path: String, shard: FileShard = .whole, stamp: FileStamp?) {
    self.init(.file(path), shard: shard)
    self.stamp = stamp
  }

  /// Whether two parts are the same part of the same source, whenever that was seen.
  package static func == (a: DataPart, b: DataPart) -> Bool { a.source == b.source && a.shard == b.shard }

  /// Hashes what ``==(_:_:)`` compares.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(source)
    hasher.combine(shard)
  }

  /// Creates a part.
  package init(_ source: DataSource, shard: FileShard = .whole) {
    self.source = source
    self.shard = shard
  }

  /// The file, or a table in it, or the query, as messages call it.
  package var path: String { source.description }

  /// The file itself, without the name of a table in it that may follow; `nil` for what is no file.
  package var file: String? { if case .file(let path) = source { FileMember(path).path } else { nil } }

  /// `data.csv`, or `data.csv (part 2 of 4)` counting from 1.
  package var description: String {
    shard == .whole || shard == .none ? path : "\(path) (part \(shard.index + 1) of \(shard.count))"
  }
}
