// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

/// Where a run will write, held against what it reads.
struct OutputPlaces {
  /// Files that the first process writes.
  var models: [String] = []
  /// Files that all processes write, together or each its own.
  var rows: [RowFile] = []

  /// A file, whatever it is called.
  private struct Identity: Hashable {
    let device: dev_t
    let number: ino_t

    /// The file at the end of all links; `nil` if there is none.
    init?(_ path: String) {
      var status = stat()
      guard stat(path.systemPath, &status) == 0 else { return nil }
      (device, number) = (status.st_dev, status.st_ino)
    }
  }

  /// A path whose folder has one name only, for files that may not be there yet.
  private static func canonical(_ path: String) -> String {
    let cut = path.lastIndex(of: "/")
    let folder = cut.map { path[...$0] } ?? "./"
    guard let resolved = realpath(String(folder).systemPath, nil) else { return path }
    defer { free(resolved) }
    return String(systemPath: resolved) + "/" + (cut.map { path[path.index(after: $0)...] } ?? path[...])
  }

  /// Throws unless all outputs can be written, and none of them is a file that is read, or another output.
  ///
  /// - Parameters:
  ///   - inputs: The files that this process reads.
  ///   - rank: The number of this process.
  ///   - size: The number of processes.
  /// - Throws: `LockstepError`: `.outputFailed` for what cannot be written, `.usage` for what is read.
  func check(against inputs: [String], rank: Int, size: Int) throws {
    if rank == 0 { for path in models { try WholeFile.checkWritable(path) } }
    for file in rows { try WholeFile.checkWritable(file.path(rank: rank)) }
    let own = Dictionary(inputs.compactMap { path in Identity(path).map { ($0, path) } }) { first, _ in first }
    let all = models + rows.flatMap { file in file.isPerRank ? (0..<size).map { file.path(rank: $0) } : [file.name] }
    var seen: Set<String> = []
    for path in all {
      guard seen.insert(Self.canonical(path)).inserted else {
        throw LockstepError(
          .usage, "two results are to be written to one file", remedy: "give each a name of its own",
          place: .init(file: path))
      }
      guard let input = Identity(path).flatMap({ own[$0] }) else { continue }
      throw LockstepError(
        .usage, "the result would replace \(input), which is read", remedy: "give it another name",
        place: .init(file: path))
    }
  }
}
