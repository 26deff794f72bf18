// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// A directory for the files of one test, removed with all in it when the test ends.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/lockstep-tests.XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) })
  }

  deinit {
    for name in names where unlink(path + "/" + name) != 0 {
      // A folder with files in it.
      for inner in names(in: name) { unlink("\(path)/\(name)/\(inner)") }
      rmdir(path + "/" + name)
    }
    rmdir(path)
  }

  /// The names of the files in it.
  var names: [String] { names(in: ".") }

  private func names(in folder: String) -> [String] {
    guard let directory = opendir("\(path)/\(folder)") else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Makes a folder in it.
  func makeFolder(_ name: String) throws { try #require(mkdir(path + "/" + name, 0o755) == 0) }

  /// Writes a file and returns its path.
  func write(_ bytes: some Sequence<UInt8>, to name: String = "data.csv") throws -> String {
    let file = path + "/" + name
    let bytes = Array(bytes)
    let stream = try #require(fopen(file, "wb"))
    defer { fclose(stream) }
    try #require(fwrite(bytes, 1, bytes.count, stream) == bytes.count)
    return file
  }

  /// Writes a text and returns its path.
  func write(_ text: String, to name: String = "data.csv") throws -> String { try write(Array(text.utf8), to: name) }

  /// The bytes of a file.
  func read(_ name: String) throws -> [UInt8] {
    let stream = try #require(fopen(path + "/" + name, "rb"))
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    while case let byte = fgetc(stream), byte >= 0 { bytes.append(UInt8(byte)) }
    return bytes
  }
}
