// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// The files that a user means, and which process reads what of them.
///
/// - One file is shared by all processes, each a part of its bytes.
/// - Several files, or globs (`'day*.csv'`, sorted by name with numbers by value): each process reads a run of consecutive files,
///   with bytes as even as whole files allow. Where there are fewer files than processes, consecutive processes share a file.
/// - A name with `{rank}` (or `{}`, `{rank+1}`, `{rank:03}` for three digits): each process reads the file of its own number.
///   Doubled braces, `{{rank}}`, are those of a file's name.
/// - A name with a table's name behind it (`x.h5:/group/table`): that table of an HDF5 or NPZ file; also behind globs and
///   patterns.
/// - A folder: the files in it, in the order of a glob, without those whose names begin with `.` or `_` (`_SUCCESS`).
/// - `-`: standard input, alone and for one process only. A file of that name, or one that a glob finds, is `./-`.
///
/// What a glob finds is a file, whatever its name looks like. A query is no name: ``DataRequest/query(_:)``.
///
/// A file of no bytes among others has no rows.
///
/// Rows keep the order of the files, so the table as a whole does not depend on the number of processes.
package enum DataNames {
  /// The parts that process `rank` of `size` reads of what was asked for, in order.
  ///
  /// - Parameters:
  ///   - request: Names, or a query.
  ///   - rank: The number of the process, from 0.
  ///   - size: The number of processes.
  /// - Returns: At least one part.
  /// - Throws: `LockstepError`: `.usage` for names that do not go together; `.noInput` for a file that is missing or unreadable,
  ///   a glob or folder without files, or if no file has any bytes.
  package static func parts(of request: DataRequest, rank: Int, size: Int) throws -> [DataPart] {
    try parts(of: request, listed: listing(of: request, processCount: size), rank: rank, size: size)
  }

  /// The parts that process `rank` of `size` reads, in order.
  ///
  /// - Parameters:
  ///   - names: What the user wrote.
  ///   - rank: The number of the process, from 0.
  ///   - size: The number of processes.
  /// - Returns: At least one part.
  /// - Throws: `LockstepError`: `.usage` for names that do not go together; `.noInput` for a file that is missing or unreadable,
  ///   a glob or folder without files, or if no file has any bytes.
  package static func parts(of names: [String], rank: Int, size: Int) throws -> [DataPart] {
    try parts(of: .names(names), rank: rank, size: size)
  }

  /// The parts that process `rank` of `size` reads of files that one process has listed for all.
  ///
  /// - Parameters:
  ///   - request: Names, or a query.
  ///   - listing: What ``listing(of:processCount:)`` gave for the same request.
  ///   - rank: The number of the process, from 0.
  ///   - size: The number of processes.
  /// - Returns: At least one part.
  /// - Throws: As ``parts(of:rank:size:)-(DataRequest,_,_)`` does.
  package static func parts(
    of request: DataRequest, listed listing: DataListing?, rank: Int, size: Int
  ) throws -> [DataPart] {
    precondition(size >= 1 && rank >= 0 && rank < size, "there is no rank \(rank) of \(size)")
    switch request {
    case .query(let query): return [DataPart(.query(query), shard: FileShard(index: rank, count: size))]
    case .names(let names), .namesOf(_, let names):
      let own =
        try listing?.parts(rank: rank, size: size)
        ?? (names == ["-"] ? [DataPart(.standardInput)] : ownParts(names, rank: rank, size: size))
      if case .namesOf(let format, _) = request { for part in own { try format.require(of: part.source) } }
      return own
    }
  }

  /// The files that all processes share; `nil` where each has its own, and for what is no file.
  ///
  /// It depends on the names and the file system only: one process makes it for all, since a file may look different elsewhere.
  ///
  /// - Parameters:
  ///   - request: Names, or a query.
  ///   - processCount: The number of processes.
  /// - Returns: The files.
  /// - Throws: As ``parts(of:rank:size:)-(DataRequest,_,_)`` does.
  package static func listing(of request: DataRequest, processCount: Int) throws -> DataListing? {
    let names: [String]
    switch request {
    case .query: return nil
    case .names(let all), .namesOf(_, let all): names = all
    }
    guard !names.isEmpty else {
      throw LockstepError(.usage, "no data is named", remedy: "give a file, a glob in quotes, or - for standard input")
    }
    guard !names.contains(where: { $0.utf8.contains(0) }) else { throw InputFile.nulInName }
    if names.contains("-") {
      guard names.count == 1, processCount == 1 else {
        let message =
          processCount > 1 ? "\(processCount) processes cannot share standard input" : "standard input is read alone"
        throw LockstepError(.usage, message, remedy: "write it to a file first")
      }
      return nil
    }
    let patterns = names.map { RankPattern($0) }
    guard patterns.contains(where: { $0.dependsOnRank }) else {
      return try DataListing(
        patterns.map { $0.name(for: 0) }.flatMap { try files(matching: $0) }, processCount: processCount)
    }
    guard patterns.allSatisfy({ $0.dependsOnRank }) else {
      throw LockstepError(
        .usage, "some names contain {rank} and some do not",
        remedy: "use {rank} in all of them or in none; a brace of the name itself is doubled: {{rank}}")
    }
    return nil
  }

  /// The files of process `rank` of `size` where each has its own.
  private static func ownParts(_ names: [String], rank: Int, size: Int) throws -> [DataPart] {
    let patterns = names.map { RankPattern($0) }
    let paths = patterns.map { $0.name(for: rank) }
    let full = try paths.filter { try DataListing.byteCount(of: $0) != 0 }
    if !full.isEmpty { return full.map { DataPart($0) } }
    // Files of no bytes have no rows, of the columns that those of other processes have.
    for other in 0..<size {
      for path in patterns.map({ $0.name(for: other) }) where FileStamp(FileMember(path).path)?.byteCount ?? 0 > 0 {
        return [DataPart(path, shard: .none)]
      }
    }
    throw DataListing.emptyFile(paths[0])
  }

  /// What a user may want to know of the files of process `rank` where each has its own.
  package static func notes(on request: DataRequest, rank: Int) -> [String] {
    switch request {
    case .query: return []
    case .names(let names), .namesOf(_, let names):
      let patterns = names.map { RankPattern($0) }.filter(\.dependsOnRank)
      let empty = patterns.map { $0.name(for: rank) }.filter { FileStamp(FileMember($0).path)?.byteCount == 0 }
      return DataListing.note(onEmpty: empty)
    }
  }

  /// The files that a name stands for: itself if there is such a file, those in it if it is a folder, otherwise the matches of the
  /// glob that it is.
  private static func files(matching name: String) throws -> [String] {
    if let inside = try DataFolder.files(in: name) { return inside }
    guard !FileMember.exists(name), name.contains(where: { "*?[".contains($0) }) else { return [name] }
    for (pattern, suffix) in FileMember.globs(name) {
      var found = glob_t()
      defer { globfree(&found) }
      guard glob(pattern.systemPath, GLOB_NOSORT, nil, &found) == 0, let paths = found.gl_pathv else { continue }
      var matches = (0..<Int(found.gl_pathc)).compactMap { paths[$0].map { String(systemPath: $0) } }
      // A glob of everything does not mean what programs leave beside the data.
      if DataFolder.lastComponent(pattern).hasPrefix("*") { matches.removeAll { DataFolder.isLeftOut($0) } }
      guard !matches.isEmpty else { continue }
      return matches.sorted(by: NaturalOrder.isLess).map { $0 + suffix }
    }
    throw LockstepError(.noInput, "no file matches \(name)", remedy: "check the pattern and the directory")
  }
}
