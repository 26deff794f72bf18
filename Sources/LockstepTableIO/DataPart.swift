// SPDX-License-Identifier: Apache-2.0

/// A file, or a part of one, that a process reads.
public struct DataPart: Codable, Hashable, Sendable, CustomStringConvertible {
  /// The file; `-` is standard input.
  public let path: String
  /// The part of the file.
  public let shard: FileShard

  /// Creates a part.
  public init(_ path: String, shard: FileShard = .whole) {
    self.path = path
    self.shard = shard
  }

  /// `data.csv`, or `data.csv (part 2 of 4)` counting from 1.
  public var description: String { shard == .whole ? path : "\(path) (part \(shard.index + 1) of \(shard.count))" }
}
