// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// The files that a user means, and which process reads what of them.
///
/// - One file is shared by all processes, each a part of its bytes.
/// - Several files, or globs (`'day*.csv'`, sorted by name with numbers by value): each process reads a run of consecutive files,
///   with bytes as even as whole files allow. Where there are fewer files than processes, consecutive processes share a file.
/// - A name with `{rank}` (or `{}`, `{rank+1}`, `{rank:03}` for three digits): each process reads the file of its own number.
/// - A name with a table's name behind it (`x.h5:/group/table`): that table of an HDF5 or NPZ file; also behind globs and
///   patterns.
/// - `-`: standard input, alone and for one process only. A file of that name, or one that a glob finds, is `./-`.
///
/// What a glob finds is a file, whatever its name looks like. A query is no name: ``DataRequest/query(_:)``.
///
/// Rows keep the order of the files, so the table as a whole does not depend on the number of processes.
public enum DataNames {
  /// The parts that process `rank` of `size` reads of what was asked for, in order.
  ///
  /// - Parameters:
  ///   - request: Names, or a query.
  ///   - rank: The number of the process, from 0.
  ///   - size: The number of processes.
  /// - Returns: At least one part.
  /// - Throws: `LockstepError`: `.usage` for names that do not go together; `.noInput` for a file that is missing, unreadable
  ///   or empty, or a glob without a match.
  public static func parts(of request: DataRequest, rank: Int, size: Int) throws -> [DataPart] {
    precondition(size >= 1 && rank >= 0 && rank < size, "there is no rank \(rank) of \(size)")
    switch request {
    case .names(let names): return try parts(of: names, rank: rank, size: size)
    case .namesOf(let format, let names):
      let own = try parts(of: names, rank: rank, size: size)
      for part in own { try format.require(of: part.source) }
      return own
    case .query(let query): return [DataPart(.query(query), shard: FileShard(index: rank, count: size))]
    }
  }

  /// The parts that process `rank` of `size` reads, in order.
  ///
  /// The result depends on the arguments and the file system only; every process finds its own parts without asking another.
  ///
  /// - Parameters:
  ///   - names: What the user wrote.
  ///   - rank: The number of the process, from 0.
  ///   - size: The number of processes.
  /// - Returns: At least one part.
  /// - Throws: `LockstepError`: `.usage` for names that do not go together; `.noInput` for a file that is missing, unreadable
  ///   or empty, or a glob without a match.
  public static func parts(of names: [String], rank: Int, size: Int) throws -> [DataPart] {
    precondition(size >= 1 && rank >= 0 && rank < size, "there is no rank \(rank) of \(size)")
    guard !names.isEmpty else {
      throw LockstepError(.usage, "no data is named", remedy: "give a file, a glob in quotes, or - for standard input")
    }
    guard !names.contains(where: { $0.utf8.contains(0) }) else { throw InputFile.nulInName }
    if names.contains("-") {
      guard names.count == 1, size == 1 else {
        let message = size > 1 ? "\(size) processes cannot share standard input" : "standard input is read alone"
        throw LockstepError(.usage, message, remedy: "write it to a file first")
      }
      return [DataPart(.standardInput)]
    }
    let own = names.map { RankPattern($0) }
    if own.contains(where: { $0.dependsOnRank }) {
      guard own.allSatisfy({ $0.dependsOnRank }) else {
        throw LockstepError(
          .usage, "some names contain {rank} and some do not", remedy: "use {rank} in all of them or in none")
      }
      return try own.map { pattern in
        let path = pattern.name(for: rank)
        _ = try byteCount(of: path)
        return DataPart(path)
      }
    }
    let paths = try names.flatMap { try files(matching: $0) }
    let byteCounts = try paths.map { try byteCount(of: $0) }
    if size == 1 { return paths.map { DataPart($0) } }
    if paths.count >= size {
      return FileDealing.runs(byteCounts: byteCounts, count: size)[rank].map { DataPart(paths[$0]) }
    }
    var first = 0
    for (path, count) in zip(paths, FileDealing.processCounts(byteCounts: byteCounts, total: size)) {
      if rank < first + count { return [DataPart(path, shard: FileShard(index: rank - first, count: count))] }
      first += count
    }
    preconditionFailure("\(paths.count) files were dealt to \(first) of \(size) processes")
  }

  /// The files that a name stands for: itself if there is such a file, otherwise the matches of the glob that it is.
  private static func files(matching name: String) throws -> [String] {
    guard !FileMember.exists(name), name.contains(where: { "*?[".contains($0) }) else { return [name] }
    for (pattern, suffix) in FileMember.globs(name) {
      var found = glob_t()
      defer { globfree(&found) }
      guard glob(pattern, GLOB_NOSORT, nil, &found) == 0, let paths = found.gl_pathv else { continue }
      let matches = (0..<Int(found.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }
      return matches.sorted(by: NaturalOrder.isLess).map { $0 + suffix }
    }
    throw LockstepError(.noInput, "no file matches \(name)", remedy: "check the pattern and the directory")
  }

  /// The size of a file that must be there and not be empty; 0 for a pipe.
  private static func byteCount(of path: String) throws -> Int {
    // Opening each of thousands of files, on each process, would take as long as reading them.
    var status = stat()
    if stat(FileMember(path).path, &status) == 0 {
      let kind = status.st_mode & S_IFMT
      if kind == S_IFREG, status.st_size > 0 { return Int(status.st_size) }
      // A named pipe is opened once, by who reads it: its writer would be gone the second time.
      if kind != S_IFREG, kind != S_IFDIR { return 0 }
    }
    let file = try InputFile(FileMember(path).path)
    guard let byteCount = file.byteCount else { return 0 }
    guard byteCount > 0 else { throw LockstepError(.noInput, "the file is empty", place: .init(file: path)) }
    return byteCount
  }
}

/// A name in which `{}`, `{rank}` or `{rank+1}` stand for the number of a process.
///
/// `:03` before the closing brace fills the number up with zeros to three digits.
public struct RankPattern: Hashable, Sendable {
  private enum Piece: Hashable, Sendable {
    case text(String)
    case rank(plus: Int, width: Int)
  }

  private let pieces: [Piece]

  /// Reads a pattern.
  ///
  /// Braces around anything else are text.
  public init(_ name: String) {
    var pieces: [Piece] = []
    var text = ""
    var rest = name[...]
    while let character = rest.first {
      if character == "{", let end = rest.firstIndex(of: "}"),
        let piece = RankPattern.placeholder(rest[rest.index(after: rest.startIndex)..<end])
      {
        pieces += [.text(text), piece]
        text = ""
        rest = rest[rest.index(after: end)...]
      } else {
        text.append(character)
        rest.removeFirst()
      }
    }
    self.pieces = pieces + [.text(text)]
  }

  private static func placeholder(_ content: Substring) -> Piece? {
    if content.isEmpty { return .rank(plus: 0, width: 0) }
    guard content.hasPrefix("rank") else { return nil }
    var rest = content.dropFirst(4)
    func number(after mark: Character) -> Int?? {
      guard rest.first == mark else { return .some(nil) }
      let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
      guard let value = Int(digits), value < 1 << 32 else { return nil }
      rest = rest.dropFirst(1 + digits.count)
      return value
    }
    guard let plus = number(after: "+"), let width = number(after: ":"), rest.isEmpty, width ?? 0 <= 20 else {
      return nil
    }
    return .rank(plus: plus ?? 0, width: width ?? 0)
  }

  /// Whether the name differs from process to process.
  public var dependsOnRank: Bool { pieces.count > 1 }

  /// The name for process `rank`.
  public func name(for rank: Int) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): return text
      case .rank(let plus, let width):
        let digits = String(rank + plus)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
      }
    }.joined()
  }
}
