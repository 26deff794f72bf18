// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// Files that are read in one piece, and places where one will be written.
package enum WholeFile {
  /// The bytes of a file.
  ///
  /// - Throws: `LockstepError` with code `.noInput` and the system's words.
  package static func read(_ path: String) throws -> [UInt8] {
    let descriptor = open(path.systemPath, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw LockstepError(
        .noInput, errno == ENOENT ? "there is no such file" : "the file cannot be opened", place: .init(file: path),
        cause: errno == ENOENT ? nil : String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw LockstepError(
          .noInput, "reading failed", place: .init(file: path), cause: String(cString: strerror(errno)))
      }
      bytes += chunk[..<count]
    }
  }

  /// Throws unless a file can be written at `path`: before hours of work, not after.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed` if its directory is missing, is no directory or may not be written
  ///   to, if there is a directory at `path`, or a file that may not be replaced.
  package static func checkWritable(_ path: String) throws {
    let directory = directory(of: path)
    var status = stat()
    guard stat(directory.systemPath, &status) == 0 else {
      throw failure("its directory \"\(directory)\" cannot be used", path, remedy: "create it first")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw LockstepError(.outputFailed, "\"\(directory)\" is not a directory", place: .init(file: path))
    }
    guard access(directory.systemPath, W_OK | X_OK) == 0 else {
      throw failure("its directory \"\(directory)\" cannot be written to", path)
    }
    guard stat(path.systemPath, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      throw LockstepError(
        .outputFailed, "there is a \(isDirectory ? "directory" : "pipe or a device") of that name",
        remedy: "name a file", place: .init(file: path))
    }
    guard access(path.systemPath, W_OK) == 0 else { throw failure("the file that is there is protected", path) }
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func failure(_ message: String, _ path: String, remedy: String? = nil) -> LockstepError {
    LockstepError(
      .outputFailed, message, remedy: remedy, place: .init(file: path), cause: String(cString: strerror(errno)))
  }
}
