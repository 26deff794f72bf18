// SPDX-License-Identifier: Apache-2.0

/// A file, or a part of one, that a process reads.
public struct DataPart: Codable, Hashable, Sendable, CustomStringConvertible {
  /// What it is a part of.
  public let source: DataSource
  /// The part.
  public let shard: FileShard

  /// Creates a part of a file, or of a table in it (`x.h5:/group/table`).
  public init(_ path: String, shard: FileShard = .whole) { self.init(.file(path), shard: shard) }

  /// Creates a part.
  public init(_ source: DataSource, shard: FileShard = .whole) {
    self.source = source
    self.shard = shard
  }

  /// The file, or a table in it, or the query, as messages call it.
  public var path: String { source.description }

  /// The file itself, without the name of a table in it that may follow; `nil` for what is no file.
  public var file: String? { if case .file(let path) = source { FileMember(path).path } else { nil } }

  /// `data.csv`, or `data.csv (part 2 of 4)` counting from 1.
  public var description: String { shard == .whole ? path : "\(path) (part \(shard.index + 1) of \(shard.count))" }
}
