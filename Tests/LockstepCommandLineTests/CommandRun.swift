// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A run of the built command, and what came of it.
struct CommandRun {
  let output: String
  let errors: String
  let code: Int32

  /// The command that was built with the tests.
  static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appending(
    path: "lockstep"
  ).path

  /// Runs the command in a directory, alone or behind the words of a launcher, and waits for its end.
  ///
  /// What tests are run under a launcher themselves must not make the command believe that it is one of many.
  init(_ arguments: [String], launcher: [String] = [], in directory: ScratchDirectory, input: String = "") throws {
    let process = Process()
    let words = launcher + [Self.program] + arguments
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
    process.environment = ProcessInfo.processInfo.environment
      .filter { !["OMPI_", "PMI_", "PMIX_", "SLURM_", "LOCKSTEP_"].contains(where: $0.key.hasPrefix) }
      .merging(
        [
          "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
          "OMPI_MCA_rmaps_base_oversubscribe": "1",
          "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
        ]) { _, new in new }
    // Files, not pipes: nobody has to read while the command writes.
    let name = UUID().uuidString
    func file(_ kind: String, _ text: String = "") throws -> URL {
      let url = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(name).\(kind)")
      try Data(text.utf8).write(to: url)
      return url
    }
    let (input, output, errors) = (try file("in", input), try file("out"), try file("err"))
    defer { for url in [input, output, errors] { try? FileManager.default.removeItem(at: url) } }
    process.standardInput = try FileHandle(forReadingFrom: input)
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    // The threads of tests block signals, and a process inherits that; one that a shell starts blocks none.
    var (none, blocked) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &blocked)
    defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
    try process.run()
    process.waitUntilExit()
    self.output = String(decoding: try Data(contentsOf: output), as: UTF8.self)
    self.errors = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
    code = process.terminationStatus
  }

  /// The lines of standard error that the command itself has written; launchers add theirs.
  var messages: [String] { errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix("lockstep: ") } }
}

/// A directory with data, gone when the test is over.
final class ScratchDirectory: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ text: String, to name: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: file(name))) }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: file(name))), as: UTF8.self)
  }

  var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }
}

/// Three groups of points on a grid, so that all sums are exact and snapshots hold on every CPU.
enum ThreeGroups {
  static let header = "height,weight\n"

  /// `count` rows from row `first`.
  static func rows(_ first: Int = 0, _ count: Int = 60) -> String {
    (first..<first + count).map { i in
      let (x, y) = [(0.0, 0.0), (64.0, 8.0), (-32.0, 100.0)][i % 3]
      return "\(x + Double(i % 7) / 4),\(y - Double(i % 5) / 2)\n"
    }.joined()
  }

  /// One file of 60 rows, and the same rows in four files of different lengths, the third without a header's company.
  static func write(to scratch: ScratchDirectory) throws {
    try scratch.write(header + rows(), to: "all.csv")
    for (i, range) in [(0, 7), (7, 1), (8, 30), (38, 22)].enumerated() {
      try scratch.write(header + rows(range.0, range.1), to: "part\(i).csv")
    }
  }
}
