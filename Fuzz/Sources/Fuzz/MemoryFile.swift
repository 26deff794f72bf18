// SPDX-License-Identifier: Apache-2.0

import CFuzz
import Glibc

/// A file that is in memory only, with a name that can be opened.
final class MemoryFile {
  private let descriptor: Int32
  /// The name.
  var path: String { "/proc/self/fd/\(descriptor)" }

  init(_ bytes: [UInt8]) {
    descriptor = fuzz_memory_file()
    precondition(descriptor >= 0, "no file in memory can be made")
    precondition(Glibc.write(descriptor, bytes, bytes.count) == bytes.count, "the file in memory cannot be written")
  }

  deinit { close(descriptor) }
}

extension MemoryFile {
  /// The bytes of a small file.
  static func read(_ path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    return Array(unsafeUninitializedCapacity: 1 << 20) { buffer, count in
      count = max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
    }
  }
}
