// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// A file that comes into being all at once: written under another name in the same directory, then renamed.
///
/// Whoever reads `path` sees the old content or the new, never a part, even if the machine stops in between. Several processes
/// can write it together, each its own bytes: one creates it, all write, and when all have written, one commits it. It is
/// `Codable` so that the one can tell the others.
///
/// A file keeps the permissions of the one that it replaces. A link at `path` is replaced, never followed; a pipe or a device is neither
/// replaced nor written to.
package struct AtomicFile: Codable, Hashable, Sendable {
  /// The name that the file gets.
  package let path: String
  /// The name that it has until then.
  package let temporaryPath: String

  /// Creates an empty file that will be `path`.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed` if the directory does not exist or cannot be written to, or something at
  ///   `path` is no file.
  package init(creating path: String) throws {
    self.path = path
    guard !path.utf8.contains(0) else {
      throw LockstepError(.outputFailed, "a name has a character NUL", remedy: "leave it out")
    }
    let cut = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    var status = stat()
    if stat(path.systemPath, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      throw LockstepError(
        .outputFailed, "this is a \(isDirectory ? "directory" : "pipe or a device"), which a file would replace",
        remedy: "name a file", place: .init(file: path))
    }
    guard let (descriptor, temporary) = TemporaryFiles.create(for: String(path[cut...]), in: String(path[..<cut]))
    else {
      throw AtomicFile.failure("the file cannot be created", path: path)
    }
    temporaryPath = temporary
    close(descriptor)
  }

  /// Writes bytes at `offset`, and returns when they are stored safely.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed`.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    try write(bytes, at: offset, isStoppable: true)
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, isStoppable: Bool) throws {
    let descriptor = try opened()
    defer { close(descriptor) }
    try AtomicFile.write(bytes, at: offset, to: descriptor, path: path, isStoppable: isStoppable)
    try AtomicFile.store(descriptor, path: path)
  }

  /// Gives the file its name.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed`.
  package func commit() throws {
    let descriptor = try opened()
    defer { close(descriptor) }
    // Until now it was for its owner alone; it is to be like the file before it, or any other.
    var status = stat()
    let replaced: mode_t? =
      lstat(path.systemPath, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? status.st_mode & 0o777 : nil
    let mask = umask(0)
    umask(mask)
    fchmod(descriptor, replaced ?? 0o666 & ~mask)
    try AtomicFile.store(descriptor, path: path)
    guard rename(temporaryPath.systemPath, path.systemPath) == 0 else {
      throw AtomicFile.failure("the file cannot be renamed", path: path)
    }
    TemporaryFiles.forget(temporaryPath)
    // The new name is a change of the directory. Some file systems cannot store one by itself, and need not.
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let directoryDescriptor = open(directory.systemPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directoryDescriptor >= 0 {
      fsync(directoryDescriptor)
      close(directoryDescriptor)
    }
  }

  /// Removes what was written so far.
  package func discard() { TemporaryFiles.remove(temporaryPath) }

  /// Writes a whole file, even while a signal stops what else is computed.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed`; what was there before is unchanged then.
  package static func write(_ bytes: [UInt8], to path: String) throws {
    let file = try AtomicFile(creating: path)
    do {
      try bytes.withUnsafeBytes { try file.write($0, at: 0, isStoppable: false) }
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
  }

  /// Removes a file, if it is there.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed`.
  package static func remove(_ path: String) throws {
    guard unlink(path.systemPath) == 0 || errno == ENOENT else {
      throw failure("the file cannot be removed", path: path)
    }
  }

  package func opened() throws -> Int32 {
    let descriptor = open(temporaryPath.systemPath, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw AtomicFile.failure("the file cannot be opened for writing", path: path) }
    return descriptor
  }

  package static func write(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, to descriptor: Int32, path: String, isStoppable: Bool = true
  ) throws {
    var written = 0
    while written < bytes.count {
      // Piece by piece, so that a signal does not wait for gigabytes.
      if isStoppable { try Cancellation.check() }
      let count = min(bytes.count - written, 16 << 20)
      let n = pwrite(descriptor, bytes.baseAddress.map { $0 + written }, count, offset + written)
      if n < 0, errno == EINTR { continue }
      guard n > 0 else { throw failure("writing failed", path: path) }
      written += n
    }
  }

  package static func store(_ descriptor: Int32, path: String) throws {
    guard fsync(descriptor) == 0 else { throw failure("writing failed", path: path) }
  }

  private static func failure(_ message: String, path: String) -> LockstepError {
    LockstepError(.outputFailed, message, place: .init(file: path), cause: String(cString: strerror(errno)))
  }
}
