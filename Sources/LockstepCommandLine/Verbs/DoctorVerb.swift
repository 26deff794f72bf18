// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Lockstep

/// `lockstep doctor`.
struct DoctorVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Tell what was found here: MPI, launcher, cores, kernels; try a few messages; give advice.",
    discussion: """
      Run it the way that you run your work. Alone it tells what there is; among several processes it also sends messages \
      around all of them and times them. Without any MPI it says so; that is no error.

      Examples:
        lockstep doctor
        lockstep doctor -n 4
        mpirun -n 4 lockstep doctor
        lockstep doctor --clean results/
      """)

  @OptionGroup(title: "Common") var common: CommonOptions

  @Flag(
    help: ArgumentHelp(
      "Remove what killed runs have left: files that were not complete, of processes of this machine that do not run any more. In the "
        + "directories given, or in this one and those of scratch files."))
  var clean = false

  @Argument(help: ArgumentHelp("The directories to clean.", valueName: "directory"))
  var directories: [String] = []

  func validate() throws {
    if !directories.isEmpty, !clean { throw ValidationError("Directories are for --clean.") }
  }

  func run() throws {
    if clean { return try removeOrphans() }
    try common.startProcesses()
    common.limitSilence()
    let world: any Communicator
    do { world = try MPI.start() } catch {
      // The processes do not know each other; one of them describes what is wrong.
      let failure = LockstepError(wrapping: error)
      if MPI.speaksForAll {
        try print(Diagnosis(failure: failure))
      }
      throw ExitCode(failure.code.exitCode)
    }
    do {
      let context = ExecutionContext(
        communicator: world, threadCount: common.threads ?? .forProcesses(on: world))
      let diagnosis = try Diagnosis(in: context)
      if context.rank == 0 { try print(diagnosis) }
      try MPI.finish()
    } catch {
      endProcess(with: error, in: world)
    }
  }

  private func removeOrphans() throws {
    let places = directories.isEmpty ? ["."] + ScratchFile.candidates(common.scratch) : directories
    var lines: [String] = []
    var failure: LockstepError?
    for orphan in Set(places).sorted().flatMap(TemporaryFiles.orphans) {
      guard unlink(orphan.path) == 0 else {
        failure = LockstepError(
          .outputFailed, "the file cannot be removed", place: .init(file: orphan.path),
          cause: String(cString: strerror(errno)))
        continue
      }
      let job = orphan.job == "0" ? "" : " of job \(orphan.job)"
      lines.append("removed \(orphan.path), \(orphan.byteCount) bytes, left by process \(orphan.process)\(job)")
    }
    if lines.isEmpty, failure == nil {
      lines = ["nothing was left behind in \(Set(places).sorted().joined(separator: ", "))"]
    }
    if !lines.isEmpty { try StandardOutput.write(lines.joined(separator: "\n") + "\n") }
    if let failure { throw failure }
  }

  private func print(_ diagnosis: Diagnosis) throws {
    if common.json {
      try StandardOutput.write(try diagnosis.json.encoded() + [UInt8(ascii: "\n")])
    } else {
      try StandardOutput.write(diagnosis.lines.joined(separator: "\n") + "\n")
    }
  }
}
