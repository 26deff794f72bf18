// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import Synchronization

/// A file without a name for rows that do not fit into memory: it is gone when nobody holds it, however the process ends.
package final class ScratchFile: Sendable {
  private let descriptor: Int32
  /// Its name, where it must have one.
  private let path: String?
  /// The directory, for messages.
  private let directory: String
  /// The place behind what was written or taken.
  private let end = Mutex(0)

  /// Makes the file in `directory`.
  ///
  /// - Parameter directory: Default: that of `TMPDIR`, else `/var/tmp`, else `/tmp`, the first that is not itself in memory.
  /// - Throws: `LockstepError` with code `.outputFailed` if there is none that can be written to.
  package init(in directory: String? = nil) throws {
    let candidates = Self.candidates(directory)
    var cause = ""
    for candidate in candidates {
      if let (descriptor, path) = TemporaryFiles.create(for: "scratch", in: candidate + "/") {
        // Some file systems do not remove what is open: there it keeps its name until the end.
        let isGone = unlink(path.systemPath) == 0
        if isGone { TemporaryFiles.forget(path) }
        self.descriptor = descriptor
        self.path = isGone ? nil : path
        self.directory = candidate
        return
      }
      cause = String(cString: strerror(errno))
    }
    throw LockstepError(
      .outputFailed, "there is no directory for rows that do not fit into memory",
      remedy: "name one on a disk with room for them with \(option: .scratch)", place: .init(file: directory),
      cause: cause.isEmpty ? nil : cause)
  }

  deinit {
    close(descriptor)
    if let path { TemporaryFiles.remove(path) }
  }

  /// What mappings begin at a multiple of.
  private static let pageByteCount = Int(sysconf(Int32(_SC_PAGESIZE)))

  /// The directories to try, first things first: the one that is named, or the usual ones but those in memory.
  package static func candidates(_ directory: String?) -> [String] {
    if let directory { return [directory] }
    return [getenv("TMPDIR").map { String(cString: $0) }, "/var/tmp", "/tmp"].compactMap { $0 }
      .filter { !isInMemory($0) }
  }

  /// Whether files of a directory are kept in memory, which is what is short.
  private static func isInMemory(_ directory: String) -> Bool {
    var status = stat()
    guard stat(directory, &status) == 0, let mounts = fopen("/proc/self/mountinfo", "r") else { return false }
    defer { fclose(mounts) }
    // A line: numbers, the device as major:minor, paths and options, " - ", the type of the file system.
    let device = "\((status.st_dev >> 8) & 0xFFF):\((status.st_dev & 0xFF) | ((status.st_dev >> 12) & 0xFFF00))"
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, mounts) > 0, let text = line.map({ String(cString: $0) }) {
      let fields = text.split(separator: " ")
      guard fields.count > 3, fields[2] == device, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else {
        continue
      }
      return ["tmpfs", "ramfs"].contains(fields[dash + 1])
    }
    return false
  }

  /// Another descriptor of the file, for someone who reads it and then closes that.
  ///
  /// - Throws: `LockstepError` with code `.noInput` if there are too many.
  package func duplicatedDescriptor() throws -> Int32 {
    let descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard descriptor >= 0 else {
      throw LockstepError(.noInput, "a scratch file cannot be read", cause: String(cString: strerror(errno)))
    }
    return descriptor
  }

  /// Takes `byteCount` bytes at the end of the file, at a page's beginning, and returns where they are.
  private func place(_ byteCount: Int) -> Int {
    end.withLock { end in
      let start = (end + Self.pageByteCount - 1) / Self.pageByteCount * Self.pageByteCount
      end = start + byteCount
      return start
    }
  }

  /// Writes buffers one after the other, and returns where the first begins.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed`, if the disk is full above all.
  package func append(_ buffers: [UnsafeRawBufferPointer]) throws -> Int {
    let start = place(buffers.reduce(0) { $0 + $1.count })
    var offset = start
    for buffer in buffers {
      var written = 0
      while written < buffer.count {
        let n = pwrite(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written, off_t(offset))
        if n < 0 {
          if errno == EINTR { continue }
          throw failure(errno)
        }
        written += n
        offset += n
      }
    }
    return start
  }

  /// Takes room for `byteCount` bytes that will be written through a mapping, and returns where it is.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed` if the disk is full: later would be too late.
  package func reserve(_ byteCount: Int) throws -> Int {
    let start = place(byteCount)
    let status = posix_fallocate(descriptor, off_t(start), off_t(max(byteCount, 1)))
    guard status == 0 else { throw failure(status) }
    return start
  }

  private func failure(_ number: Int32) -> LockstepError {
    LockstepError(
      .outputFailed, "rows that do not fit into memory cannot be written to \(directory)",
      remedy:
        "make room there, name another directory with \(option: .scratch), or give more memory with \(option: .memory)",
      cause: String(cString: strerror(number)))
  }

  /// Shows `count` elements that were written at `offset`; all of their pages are loaded into memory.
  ///
  /// - Throws: `LockstepError` with code `.outOfMemory` if there is no address space for them.
  package func elements<Element: BitwiseCopyable>(
    at offset: Int, count: Int, of type: Element.Type
  ) throws -> MappedElements<Element> {
    try MappedElements(descriptor, at: offset, count: count, flags: MAP_SHARED | MAP_POPULATE, protection: PROT_READ)
  }

  /// Shows room that ``reserve(_:)`` took, for writing.
  ///
  /// - Throws: `LockstepError` with code `.outOfMemory` if there is no address space for it.
  package func room<Element: BitwiseCopyable>(
    at offset: Int, count: Int, of type: Element.Type
  ) throws -> MappedElements<Element> {
    try MappedElements(descriptor, at: offset, count: count, flags: MAP_SHARED, protection: PROT_READ | PROT_WRITE)
  }
}
