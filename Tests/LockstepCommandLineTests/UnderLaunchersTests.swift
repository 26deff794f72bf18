// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import Testing

/// The launchers that may be on this machine, each a suite of its own so that one that is missing is skipped by name.
@Suite(.serialized) struct UnderLaunchersTests {
  @Suite(.serialized, .enabled(if: LauncherRun.isFound("mpirun.mpich"), "mpirun.mpich is not on PATH"))
  struct MPICH {
    let runs: LauncherRun
    init() throws { runs = try LauncherRun("mpirun.mpich") }
    @Test(arguments: [1, 2, 4]) func fits(_ size: Int) throws { try runs.checkFit(size) }
    @Test(arguments: [1, 3]) func predicts(_ size: Int) throws { try runs.checkPredictions(size) }
    @Test func fails() throws { try runs.checkFailures() }
    @Test(arguments: 0..<3) func stops(rank: Int) throws { try runs.checkSignal(to: rank) }
    @Test func answers() throws { try runs.checkAnswers() }
    @Test func startsProcesses() throws { try runs.checkStarting() }
    @Test func sendsWhatWasPlanned() throws { try runs.checkPlan() }
  }

  @Suite(.serialized, .enabled(if: LauncherRun.isFound("mpirun.openmpi"), "mpirun.openmpi is not on PATH"))
  struct OpenMPI {
    let runs: LauncherRun
    init() throws { runs = try LauncherRun("mpirun.openmpi") }
    @Test(arguments: [1, 2, 4]) func fits(_ size: Int) throws { try runs.checkFit(size) }
    @Test(arguments: [1, 3]) func predicts(_ size: Int) throws { try runs.checkPredictions(size) }
    @Test func fails() throws { try runs.checkFailures() }
    @Test(arguments: 0..<3) func stops(rank: Int) throws { try runs.checkSignal(to: rank) }
    @Test func answers() throws { try runs.checkAnswers() }
    @Test func startsProcesses() throws { try runs.checkStarting() }
    @Test func sendsWhatWasPlanned() throws { try runs.checkPlan() }
  }
}

/// What must hold under any launcher.
struct LauncherRun {
  let launcher: String
  let scratch: ScratchDirectory

  init(_ launcher: String) throws {
    self.launcher = launcher
    scratch = try ScratchDirectory()
    try ThreeGroups.write(to: scratch)
  }

  static func isFound(_ name: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
    }
  }

  private func run(_ size: Int, _ arguments: String...) throws -> CommandRun {
    try CommandRun(arguments, launcher: [launcher, "-n", "\(size)"], in: scratch)
  }

  /// The same table, assignments and model file as alone, whatever the cut of the rows.
  func checkFit(_ size: Int) throws {
    for data in size == 4 ? ["all.csv", "part*.csv", "part{rank}.csv"] : ["all.csv", "part*.csv"] {
      let fit = try run(
        size, "kmeans", "--clusters", "3", "-o", "model.json", "--assignments", "fit.csv", data)
      #expect(fit.output == KMeansCommandTests.table && fit.messages == [] && fit.code == 0, "\(fit.errors)")
      #expect(try scratch.read("fit.csv") == (0..<60).map { "\([0, 2, 1][$0 % 3])\n" }.joined())
      #expect(try ModelFile(reading: scratch.file("model.json")).rowCount == 60)
    }
  }

  func checkPredictions(_ size: Int) throws {
    let expected = (0..<60).map { "\([0, 2, 1][$0 % 3])\n" }.joined()
    let fit = try CommandRun(["kmeans", "--clusters", "3", "-o", "model.json", "all.csv"], in: scratch)
    try #require(fit.code == 0)
    let predicted = try run(size, "predict", "model.json", "all.csv")
    #expect(predicted.output == expected && predicted.code == 0, "\(predicted.errors)")
    let written = try run(size, "predict", "model.json", "--rows", "rows{rank}.csv", "part*.csv")
    #expect(written.code == 0)
    #expect(try (0..<size).map { try scratch.read("rows\($0).csv") }.joined() == expected)
    let json = try run(size, "predict", "model.json", "--json", "all.csv")
    guard case .array(let values)? = try JSONValue(parsing: Array(json.output.utf8))["values"] else {
      Issue.record("no values: \(json.output) \(json.errors)")
      return
    }
    #expect(values.count == 60 && values[1] == .integer(2))
  }

  /// One message and one code, whichever rank fails.
  func checkFailures() throws {
    for rank in 0..<3 {
      for other in 0..<3 {
        let bad = other == rank ? "1,abc\n" : "1,1\n"
        try scratch.write(ThreeGroups.header + "0,0\n" + bad, to: "bad\(other).csv")
        try scratch.write(ThreeGroups.rows(other * 4, 4), to: "have\(rank)-\(other).csv")
      }
      try FileManager.default.removeItem(atPath: scratch.file("have\(rank)-\(rank).csv"))
      let bad = try run(3, "kmeans", "--clusters", "2", "bad{rank}.csv")
      #expect(bad.code == 65 && bad.output == "")
      #expect(bad.messages.count == 1, "\(bad.errors)")
      #expect(
        bad.messages.first?.hasPrefix(
          "lockstep: bad\(rank).csv:3, column 2 (\"weight\"): \"abc\" is not a number (rank \(rank))") == true)
      let gone = try run(3, "kmeans", "--clusters", "2", "have\(rank)-{rank}.csv")
      #expect(gone.code == 66 && gone.messages.count == 1, "\(gone.errors)")
      #expect(gone.messages.first == "lockstep: have\(rank)-\(rank).csv: there is no such file (rank \(rank))")
    }
    let usage = try run(3, "kmeans", "all.csv")
    #expect(usage.code == 64 && usage.messages == ["lockstep: Missing expected option '--clusters <k>'"])
    let nested = try run(2, "kmeans", "-n", "2", "--clusters", "3", "all.csv")
    #expect(nested.code == 64 && nested.messages.count == 1)
    #expect(nested.messages.first?.hasPrefix("lockstep: -n inside a launcher") == true)
    let piped = try run(2, "kmeans", "--clusters", "3", "-")
    #expect(piped.code == 64 && piped.messages.count == 1)
    let unwritable = try run(2, "kmeans", "--clusters", "3", "-o", "gone/model.json", "all.csv")
    #expect(unwritable.code == 73 && unwritable.messages.count == 1)
  }

  /// One message and the signal's code, whichever rank it reaches, and nothing left behind.
  func checkSignal(to rank: Int) throws {
    // More rounds than are over in a second.
    let (rowCount, columnCount) = (300_000, 4)
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rowCount), \(columnCount)), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    var file = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8))
    var state: UInt64 = 1
    let values = (0..<rowCount * columnCount).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40)
    }
    values.withUnsafeBytes { file.append(contentsOf: $0) }
    try file.write(to: URL(fileURLWithPath: scratch.file("many.npy")))
    let names = try scratch.names
    // One process of the job signals itself, a moment after it has begun to handle SIGUSR2, and so all of them.
    let script = #"""
      if [ "${PMI_RANK:-$OMPI_COMM_WORLD_RANK}" = \#(rank) ]; then
        ( until [ $((0x$(sed -n 's/^SigCgt:[^0-9a-f]*//p' /proc/$$/status) & 0x800)) -ne 0 ]; do sleep 0.05; done
          sleep 1; kill -TERM $$ ) &
      fi
      exec "$0" "$@"
      """#
    let stopped = try CommandRun(
      [
        "kmeans", "--clusters", "300", "--max-iterations", "100000", "-o", "model.json", "--assignments", "fit.npy",
        "many.npy",
      ], launcher: [launcher, "-n", "3", "sh", "-c", script], in: scratch)
    #expect(stopped.code == 128 + SIGTERM && stopped.output == "", "\(stopped.errors)")
    #expect(stopped.messages.count == 1, "\(stopped.errors)")
    #expect(stopped.messages.first?.hasPrefix("lockstep: stopped by SIGTERM at step ") == true)
    #expect(try scratch.names == names)
  }

  /// What only one process may say.
  func checkAnswers() throws {
    let version = try run(3, "--version")
    #expect(version.output.hasPrefix("lockstep \(LockstepRelease.version) (") && version.code == 0)
    // Not this process's kernels: other tests choose those at the same time.
    #expect(try version.output == CommandRun(["--version"], in: scratch).output)
    let help = try run(2, "kmeans", "--help")
    #expect(help.code == 0 && help.output.components(separatedBy: "USAGE:").count == 2)
    let doctor = try run(3, "doctor")
    #expect(doctor.code == 0 && doctor.messages == [])
    #expect(doctor.output.contains("3 processes on this machine"))
    #expect(doctor.output.contains("all arrived whole"))
    let verbose = try run(2, "kmeans", "--clusters", "3", "-v", "all.csv")
    #expect(verbose.output == KMeansCommandTests.table)
    #expect(verbose.errors.contains("lockstep \(LockstepRelease.version): 2 processes ("))
    #expect(verbose.errors.contains("imbalance"))
  }

  /// Messages, collective by collective, are those that a plan has said.
  func checkPlan() throws {
    func numbers(_ run: CommandRun, _ key: String) throws -> [Int] {
      guard run.code == 0, case .array(let list)? = try JSONValue(parsing: Array(run.output.utf8))[key] else {
        Issue.record("\(run.errors)")
        return []
      }
      return list.compactMap { if case .integer(let number) = $0 { number } else { nil } }
    }
    for words in [
      ["moments", "-o", "m.json"], ["pca", "--components", "2", "--report", "r.html"], ["qr", "--q", "q{rank}.npy"],
      ["linear-regression", "--partial", "p.part"], ["kmeans", "--clusters", "3", "--assignments", "fit.csv"],
    ] {
      let plan = try CommandRun(["plan"] + words + ["-n", "3", "--json", "all.csv"], in: scratch)
      let fit = try CommandRun(words + ["--json", "all.csv"], launcher: [launcher, "-n", "3"], in: scratch)
      let (planned, sent) = (try numbers(plan, "messageByteCounts"), try numbers(fit, "messageByteCounts"))
      #expect(planned.count == 3 && sent.count == 3)
      // Names of files, times and errors take a few bytes more or less.
      for (a, b) in zip(planned, sent) { #expect(abs(a - b) <= b / 20 + 40, "\(words): \(planned), then \(sent)") }
    }
    #expect(try Set(scratch.names).isSuperset(of: ["m.json", "fit.csv"]))
  }

  /// The processes that `-n` starts.
  func checkStarting() throws {
    func started(_ arguments: String...) throws -> CommandRun {
      try CommandRun(arguments, launcher: ["env", "LOCKSTEP_LAUNCHER=\(launcher)"], in: scratch)
    }
    let fit = try started("kmeans", "-n", "3", "--clusters", "3", "--json", "all.csv")
    let json = try JSONValue(parsing: Array(fit.output.utf8))
    #expect(json["processCount"] == .integer(3) && fit.code == 0)
    #expect(KMeansCommandTests.table.contains(json["digest"]?.string ?? "no digest"))
    let bad = try started("kmeans", "-n", "3", "--clusters", "3", "gone.csv")
    #expect(bad.code == 66 && bad.messages.count == 1)
    let one = try started("kmeans", "-n", "1", "--clusters", "3", "all.csv")
    #expect(one.output == KMeansCommandTests.table)
  }
}
