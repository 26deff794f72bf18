// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import Synchronization

/// Files that have a name for a while only: outputs until they are complete, and scratch files where a file without a name cannot be.
///
/// Their names tell who made them, `.NAME.lockstep-HOST-PROCESS-JOB-RANDOM`, so that what a killed process leaves is found. A process
/// that ends by a signal removes its own.
package enum TemporaryFiles {
  // A signal's handler may read these: the table is made once, and its entries are pointers that are never freed.
  private struct Table: ~Copyable, @unchecked Sendable {
    let entries: UnsafeMutablePointer<Atomic<UInt>>
    static let count = 256

    init() {
      entries = .allocate(capacity: Self.count)
      for index in 0..<Self.count { (entries + index).initialize(to: Atomic(0)) }
    }
  }
  private static let table = Table()

  /// Makes a new file for this user alone, and remembers it.
  ///
  /// - Parameters:
  ///   - name: The file that it is for.
  ///   - directory: With a slash at its end, or empty for the current one.
  /// - Returns: The descriptor, and the path; `nil` with `errno` set if it cannot be made.
  package static func create(for name: String, in directory: String) -> (descriptor: Int32, path: String)? {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<100 {
      let suffix = String(UInt32.random(in: .min ... .max, using: &random), radix: 36)
      let path = "\(directory).\(kept(name))\(mark)\(owner)-\(suffix)"
      let descriptor = open(path.systemPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      if descriptor >= 0 {
        remember(path)
        return (descriptor, path)
      }
      if errno != EEXIST { return nil }
    }
    return nil
  }

  /// Has a file removed if a signal ends this process.
  package static func remember(_ path: String) {
    let pointer = UInt(bitPattern: strdup(path.systemPath))
    for index in 0..<Table.count
    where table.entries[index].compareExchange(expected: 0, desired: pointer, ordering: .acquiringAndReleasing)
      .exchanged
    {
      return
    }
  }

  /// Takes ``remember(_:)`` back: the file has another name now, or is gone.
  package static func forget(_ path: String) {
    let name = path.systemPath
    for index in 0..<Table.count {
      let value = table.entries[index].load(ordering: .acquiring)
      guard value != 0, let text = UnsafePointer<CChar>(bitPattern: value), strcmp(text, name) == 0 else { continue }
      // The text stays: a handler may be reading it.
      _ = table.entries[index].compareExchange(expected: value, desired: 0, ordering: .acquiringAndReleasing)
    }
  }

  /// Removes a file, and forgets it.
  package static func remove(_ path: String) {
    unlink(path.systemPath)
    forget(path)
  }

  /// Makes the table, so that nothing is initialized inside a handler.
  package static func prepare() { _ = table.entries[0].load(ordering: .relaxed) }

  /// Removes all that this process has made and not forgotten.
  ///
  /// Safe in a signal's handler after ``prepare()``.
  package static func removeAll() {
    for index in 0..<Table.count {
      let value = table.entries[index].load(ordering: .acquiring)
      if value != 0, let text = UnsafePointer<CChar>(bitPattern: value) { unlink(text) }
    }
  }

  // MARK: What others have left

  /// A file that a process has left behind.
  package struct Orphan: Hashable, Sendable {
    package var path: String
    package var byteCount: Int
    package var process: Int32
    package var job: String
    /// The name of the file that it was for; the beginning of a long one.
    var name: String

    /// Whether it was for a file of this name, or one that begins so.
    package func isFor(_ name: String, orNamesThatBeginWith prefix: String) -> Bool {
      self.name == TemporaryFiles.kept(name) || self.name.hasPrefix(TemporaryFiles.kept(prefix))
    }
  }

  /// The part of a file's name that the name of its temporary file holds: names have 255 bytes at most.
  fileprivate static func kept(_ name: String) -> String { String(decoding: name.utf8.prefix(120), as: UTF8.self) }

  /// The files of a directory whose makers on this machine do not run any more.
  package static func orphans(in directory: String) -> [Orphan] {
    guard let stream = opendir(directory.systemPath) else { return [] }
    defer { closedir(stream) }
    var found: [Orphan] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(systemPath: $0) }
      }
      guard let maker = maker(ofFileNamed: name), maker.host == host, kill(maker.process, 0) != 0, errno == ESRCH else {
        continue
      }
      var status = stat()
      let path = directory + (directory.hasSuffix("/") ? "" : "/") + name
      guard lstat(path.systemPath, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      found.append(
        Orphan(
          path: path, byteCount: Int(status.st_size), process: maker.process, job: maker.job, name: maker.file))
    }
    return found.sorted { $0.path < $1.path }
  }

  /// Who made a file of this name; `nil` if it is none of these files.
  static func maker(ofFileNamed name: String) -> (file: String, host: String, process: Int32, job: String)? {
    guard name.hasPrefix("."), let start = name.lastRange(of: mark) else { return nil }
    let parts = name[start...].dropFirst(mark.count).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, let process = Int32(parts[parts.count - 3]), process > 0 else { return nil }
    return (
      String(name[..<start].dropFirst()), parts.dropLast(3).joined(separator: "-"), process,
      String(parts[parts.count - 2])
    )
  }

  private static let mark = ".lockstep-"
  private static let host: String = {
    var name = [CChar](repeating: 0, count: 65)
    gethostname(&name, 64)
    let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.isEmpty ? "unknown" : String(text.map { $0 == "/" ? "_" : $0 })
  }()
  private static let job: String = {
    for name in ["SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID"] {
      if let value = getenv(name) {
        let text = String(cString: value).filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        if !text.isEmpty { return text }
      }
    }
    return "0"
  }()
  private static var owner: String { "\(host)-\(getpid())-\(job)" }
}

extension String {
  /// Where the last occurrence of `text` begins.
  fileprivate func lastRange(of text: String) -> Index? {
    var position = endIndex
    while position > startIndex {
      position = index(before: position)
      if self[position...].hasPrefix(text) { return position }
    }
    return nil
  }
}
