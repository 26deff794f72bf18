// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// A file, and the name of a table in it: `x.h5:/group/table`, `x.npz:x`.
///
/// A file whose own name is written so comes first.
struct FileMember: Equatable {
  let path: String
  /// What follows the colon, if a table is named.
  let member: String?

  /// Finds the file that a name begins with.
  init(_ name: String) {
    var status = stat()
    if stat(name.systemPath, &status) != 0 {
      for colon in name.indices where name[colon] == ":" {
        let path = String(name[..<colon])
        if stat(path.systemPath, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
          self.path = path
          member = String(name[name.index(after: colon)...])
          return
        }
      }
    }
    path = name
    member = nil
  }

  /// Whether there is such a file.
  static func exists(_ name: String) -> Bool {
    var status = stat()
    return stat(FileMember(name).path.systemPath, &status) == 0
  }

  /// A glob's two parts, `day*.h5` and `/x` of `day*.h5:/x`, at each colon from the right; a glob without a table at last.
  static func globs(_ name: String) -> [(glob: String, suffix: String)] {
    [(name, "")]
      + name.indices.reversed().filter { name[$0] == ":" }.map { (String(name[..<$0]), String(name[$0...])) }
  }

  /// Makes sure that no table is named in a file that is one.
  func requireNone() throws {
    guard let member else { return }
    throw LockstepError(
      .usage, "the file has no parts with names, and \"\(member)\" is asked for", remedy: "give its name alone",
      place: .init(file: path))
  }
}
