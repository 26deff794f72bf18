// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// What tells one state of a file from another: its size, when it was changed, and its first and last bytes.
package struct FileStamp: Codable, Hashable, Sendable {
  /// The size in bytes.
  package let byteCount: Int
  /// When the content was changed last, in nanoseconds since 1970.
  let modified: Int64
  /// A hash of the first and the last 4 KiB; `nil` if nobody has asked for it.
  private(set) var digest: UInt64?

  /// The state of a file without its digest; `nil` if there is none, or it is no regular file, such as a pipe.
  init?(_ path: String) {
    var status = stat()
    guard stat(path.systemPath, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    self.init(status)
  }

  init(_ status: stat) {
    byteCount = Int(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
  }

  /// The same with the digest of the first `byteCount` bytes of a file.
  ///
  /// - Throws: `LockstepError` with code `.noInput` if the file cannot be read.
  func withDigest(of path: String) throws -> FileStamp {
    let file = try InputFile(path)
    let count = min(byteCount, 4096)
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for start in Set([0, byteCount - count]).sorted() {
      let bytes: [UInt8] = try Array(unsafeUninitializedCapacity: count) { buffer, filled in
        filled = try file.read(at: start, into: UnsafeMutableRawBufferPointer(buffer))
      }
      // FNV-1a: no one is to be deceived here, only states to be told apart.
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      hash = (hash ^ UInt64(bytes.count)) &* 0x100_0000_01B3
    }
    var copy = self
    copy.digest = hash
    return copy
  }

  /// Whether a file goes on growing after it had this state: its size may lag a moment behind its time.
  func isOutgrown(by path: String) -> Bool {
    for wait: UInt32 in [0, 20_000, 200_000] {
      if wait > 0 { usleep(wait) }
      guard let now = FileStamp(path) else { return false }
      if now.byteCount > byteCount { return true }
    }
    return false
  }
}
