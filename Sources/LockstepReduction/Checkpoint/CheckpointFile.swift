// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepTables

/// The files of a checkpoint: that of rank 0 at the path itself, and beside it those of the ranks' finished blocks.
///
/// Each has a line that says what it is, a checksum, a number that tells what it belongs to, and the content.
enum CheckpointFile {
  private static let head = Array("lockstep checkpoint 1\n".utf8)

  static func write(_ content: [UInt8], identity: UInt64 = 0, to path: String) throws {
    var body: [UInt8] = []
    body.reserveCapacity(content.count + 8)
    withUnsafeBytes(of: identity.littleEndian) { body += $0 }
    body += content
    var bytes = head
    bytes.reserveCapacity(head.count + 8 + body.count)
    withUnsafeBytes(of: RowDigest.hash(body).littleEndian) { bytes += $0 }
    try AtomicFile.write(bytes + body, to: path)
  }

  /// The number and the content; `nil` if there is no file.
  static func read(_ path: String) throws -> (identity: UInt64, content: [UInt8])? {
    guard let bytes = try bytes(of: path, atMost: .max) else { return nil }
    guard bytes.starts(with: head), bytes.count >= head.count + 16 else {
      throw unreadable(path, "it is no checkpoint of this release")
    }
    let body = Array(bytes[(head.count + 8)...])
    guard word(bytes, at: head.count) == RowDigest.hash(body) else { throw unreadable(path, "it is damaged") }
    return (word(bytes, at: head.count + 8), Array(body.dropFirst(8)))
  }

  // MARK: Blocks

  /// The file of a rank's blocks.
  static func blocksPath(_ path: String, rank: Int) -> String { path + blocksMark + String(rank) }

  private static let blocksMark = ".blocks-"

  /// All files of blocks that are there, by whatever number of ranks, and the numbers that tell what they belong to.
  static func blockFiles(of path: String) throws -> [(path: String, identity: UInt64)] {
    try blockPaths(of: path).compactMap { path in
      guard let bytes = try bytes(of: path, atMost: head.count + 16) else { return nil }
      guard bytes.starts(with: head), bytes.count == head.count + 16 else {
        throw unreadable(path, "it is no checkpoint of this release")
      }
      return (path, word(bytes, at: head.count + 8))
    }
  }

  /// Removes the files of blocks, and the checkpoint's own too if `includingOwn`.
  static func remove(_ path: String, includingOwn: Bool) throws {
    for path in try blockPaths(of: path) { try AtomicFile.remove(path) }
    try removeUnfinished(path)
    if includingOwn { try AtomicFile.remove(path) }
  }

  /// Removes what runs that were killed while they wrote have left, on this machine.
  static func removeUnfinished(_ path: String) throws {
    let (directory, name) = parts(of: path)
    for file in TemporaryFiles.orphans(in: directory) where file.isFor(name, orNamesThatBeginWith: name + blocksMark) {
      try AtomicFile.remove(file.path)
    }
  }

  private static func parts(of path: String) -> (directory: String, name: String) {
    let cut = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    return (cut == path.startIndex ? "./" : String(path[..<cut]), String(path[cut...]))
  }

  private static func blockPaths(of path: String) throws -> [String] {
    let (directory, own) = parts(of: path)
    guard let stream = opendir(directory.systemPath) else {
      if errno == ENOENT { return [] }
      throw unreadable(path, String(cString: strerror(errno)))
    }
    defer { closedir(stream) }
    let prefix = own + blocksMark
    var found: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(systemPath: $0) }
      }
      if name.hasPrefix(prefix), Int(name.dropFirst(prefix.count)) != nil {
        found.append(path.dropLast(own.count) + name)
      }
    }
    return found.sorted()
  }

  // MARK: Bytes

  private static func bytes(of path: String, atMost limit: Int) throws -> [UInt8]? {
    let descriptor = open(path.systemPath, O_RDONLY | O_CLOEXEC)
    if descriptor < 0, errno == ENOENT { return nil }
    guard descriptor >= 0 else { throw unreadable(path, String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: min(limit, 1 << 20))
    while bytes.count < limit {
      let count = Glibc.read(descriptor, &buffer, min(buffer.count, limit - bytes.count))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(path, String(cString: strerror(errno))) }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return bytes
  }

  private static func word(_ bytes: [UInt8], at place: Int) -> UInt64 {
    bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: UInt64.self)) }
  }

  static func unreadable(_ path: String, _ cause: String) -> LockstepError {
    LockstepError(
      .malformedInput, "the checkpoint cannot be read",
      remedy: "name another file, or begin anew with \(option: .fresh)",
      place: .init(file: path), cause: cause)
  }
}
