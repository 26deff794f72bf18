// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// A folder that is named as data: the files in it.
enum DataFolder {
  /// The files in a folder, sorted by name with numbers by value; `nil` if it is none.
  ///
  /// Folders in it are left out, and files that programs leave beside the data: hidden ones, and those whose names begin with `_`.
  ///
  /// - Throws: `LockstepError` with code `.noInput` if there is no such file, or the folder cannot be read.
  static func files(in path: String) throws -> [String]? {
    var status = stat()
    guard stat(path.systemPath, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    guard let folder = opendir(path.systemPath) else {
      throw LockstepError(
        .noInput, "the folder cannot be read", place: .init(file: path), cause: String(cString: strerror(errno)))
    }
    defer { closedir(folder) }
    var files: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(systemPath: $0) }
      }
      let file = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      guard !isLeftOut(file), stat(file.systemPath, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { continue }
      files.append(file)
    }
    guard !files.isEmpty else {
      throw LockstepError(
        .noInput, "the folder has no files of data",
        remedy: "name those in folders of it with a glob, for example '\(path)/*/*.csv'", place: .init(file: path))
    }
    return files.sorted(by: NaturalOrder.isLess)
  }

  /// Whether a file's name says that it is no data: `.part-0.crc`, `_SUCCESS`.
  static func isLeftOut(_ path: String) -> Bool {
    let name = lastComponent(path)
    return name.hasPrefix(".") || name.hasPrefix("_")
  }

  static func lastComponent(_ path: String) -> Substring { path.split(separator: "/").last ?? path[...] }
}
