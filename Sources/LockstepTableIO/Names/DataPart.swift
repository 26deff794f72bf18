// SPDX-License-Identifier: Apache-2.0

/// A file, or a part of one, that a process reads.
public struct DataPart: Codable, Hashable, Sendable, CustomStringConvertible {
  /// The file, or a table in it (`x.h5:/group/table`); `-` is standard input.
  public let path: String
  /// The part of the file.
  public let shard: FileShard

  /// Creates a part.
  public init(_ path: String, shard: FileShard = .whole) {
    self.path = path
    self.shard = shard
  }

  /// The file itself, without the name of a table in it that may follow.
  public var file: String { FileMember(path).path }

  /// `data.csv`, or `data.csv (part 2 of 4)` counting from 1.
  public var description: String { shard == .whole ? path : "\(path) (part \(shard.index + 1) of \(shard.count))" }
}
