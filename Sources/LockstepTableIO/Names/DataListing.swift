// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// The files that several processes share, as one of them sees them.
///
/// Files grow, and copies of them on other hosts may be old. So one process lists the files for all, and each holds its own view of
/// those that it reads against the list: it reads no more bytes of them than the list says, and refuses a file that is another one.
package struct DataListing: Codable, Sendable {
  /// A file that is there.
  private struct File: Codable, Sendable {
    var path: String
    /// `nil` of a pipe.
    var stamp: FileStamp?
  }

  private let files: [File]
  /// What a user may want to know of the files.
  package let notes: [String]

  /// Up to so many files, their beginnings and ends are compared; of more, sizes and times only: opening them all takes long.
  private static let comparedCount = 256

  /// Lists files, of which those of no bytes have no rows.
  ///
  /// - Throws: `LockstepError` with code `.noInput` if a file is missing, or none has any bytes.
  init(_ paths: [String], processCount: Int) throws {
    let hasDigests = processCount > 1 && paths.count <= max(Self.comparedCount, processCount)
    var files: [File] = []
    var empty: [String] = []
    for path in paths {
      guard try DataListing.byteCount(of: path) != 0 else {
        empty.append(path)
        continue
      }
      let own = FileMember(path).path
      let stamp = FileStamp(own)
      files.append(File(path: path, stamp: hasDigests ? try stamp?.withDigest(of: own) : stamp))
    }
    guard !files.isEmpty else { throw DataListing.emptyFile(paths[0]) }
    self.files = files
    notes = DataListing.note(onEmpty: empty)
  }

  /// The parts that process `rank` of `size` reads, in order.
  func parts(rank: Int, size: Int) -> [DataPart] {
    if size == 1 { return files.map { DataPart($0.path, stamp: $0.stamp) } }
    let byteCounts = files.map { $0.stamp?.byteCount ?? 0 }
    if files.count >= size {
      return FileDealing.runs(byteCounts: byteCounts, count: size)[rank].map {
        DataPart(files[$0].path, stamp: files[$0].stamp)
      }
    }
    var first = 0
    for (file, count) in zip(files, FileDealing.processCounts(byteCounts: byteCounts, total: size)) {
      if rank < first + count {
        return [DataPart(file.path, shard: FileShard(index: rank - first, count: count), stamp: file.stamp)]
      }
      first += count
    }
    preconditionFailure("\(files.count) files were dealt to \(first) of \(size) processes")
  }

  /// The size of a file that must be there; `nil` for a pipe.
  static func byteCount(of path: String) throws -> Int? {
    // Opening each of thousands of files would take as long as reading them.
    var status = stat()
    if stat(FileMember(path).path.systemPath, &status) == 0 {
      let kind = status.st_mode & S_IFMT
      if kind == S_IFREG { return Int(status.st_size) }
      // A named pipe is opened once, by who reads it: its writer would be gone the second time.
      if kind != S_IFDIR { return nil }
    }
    return try InputFile(FileMember(path).path).byteCount
  }

  static func emptyFile(_ path: String) -> LockstepError {
    LockstepError(.noInput, "the file is empty", place: .init(file: path))
  }

  /// What is said of files of no bytes among others.
  static func note(onEmpty paths: [String]) -> [String] {
    guard let first = paths.first else { return [] }
    let others = paths.count == 1 ? "has" : paths.count == 2 ? "and another have" : "and \(paths.count - 1) others have"
    return ["\(first) \(others) no bytes, and so no rows"]
  }
}

/// A file that a process sees with more bytes than the listing says: it grows, or is another one.
package struct GrownFile: Codable, Sendable {
  /// The file.
  package let path: String
  /// The size that is seen.
  package let byteCount: Int
  private let viewer: String

  /// Holds the files of parts against the listing that they are from.
  ///
  /// - Parameters:
  ///   - parts: The parts that this process will read.
  ///   - rank: Its number.
  /// - Returns: The files with more bytes than listed, of which the others are the beginning.
  /// - Throws: `LockstepError`: `.malformedInput` for a file that is not the listed one, `.noInput` for one that is missing.
  package static func check(_ parts: [DataPart], rank: Int) throws -> [GrownFile] {
    var grown: [GrownFile] = []
    for part in parts {
      guard let listed = part.stamp, let path = part.file else { continue }
      guard let seen = FileStamp(path) else {
        _ = try InputFile(path)
        throw differs(path, "\(viewer(rank)) sees no file, rank 0 one of \(listed.byteCount) bytes")
      }
      guard seen.byteCount >= listed.byteCount else { throw differs(path, seen, listed, viewer(rank)) }
      if let digest = listed.digest, try listed.withDigest(of: path).digest != digest {
        if seen.byteCount != listed.byteCount { throw differs(path, seen, listed, viewer(rank)) }
        throw differs(path, "\(viewer(rank)) sees other bytes than rank 0 in a file of \(seen.byteCount)")
      }
      if seen.byteCount > listed.byteCount {
        grown.append(GrownFile(path: path, byteCount: seen.byteCount, viewer: viewer(rank)))
      } else if seen.modified != listed.modified, !listed.isOutgrown(by: path) {
        let seconds = abs(seen.modified - listed.modified) / 1_000_000_000
        throw differs(
          path,
          "\(viewer(rank)) sees a file \(seconds > 0 ? "\(seconds) s" : "a moment") "
            + "\(seen.modified < listed.modified ? "older" : "newer") than rank 0 does")
      }
    }
    return grown
  }

  /// Throws, on the process that listed the files, unless it sees as many bytes by now: those of a file that grows.
  package static func check(_ grown: [GrownFile]) throws {
    for file in grown {
      guard let now = FileStamp(file.path), now.byteCount < file.byteCount else { continue }
      throw differs(file.path, "\(file.viewer) sees \(file.byteCount) bytes, rank 0 \(now.byteCount)")
    }
  }

  private static func viewer(_ rank: Int) -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "rank \(rank)" }
    return name.withUnsafeBufferPointer { name in
      name.baseAddress.map { "rank \(rank) (\(String(cString: $0)))" } ?? "rank \(rank)"
    }
  }

  private static func differs(_ path: String, _ seen: FileStamp, _ listed: FileStamp, _ viewer: String) -> LockstepError
  {
    differs(path, "\(viewer) sees \(seen.byteCount) bytes, rank 0 \(listed.byteCount)")
  }

  private static func differs(_ path: String, _ message: String) -> LockstepError {
    LockstepError(
      .malformedInput, message,
      remedy:
        "wait until the file is written and the same on all hosts (cp -p keeps its time), or give each process its own with {rank}",
      place: .init(file: path))
  }
}
