// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
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
      """)

  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    try common.startProcesses()
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

  private func print(_ diagnosis: Diagnosis) throws {
    if common.json {
      try StandardOutput.write(try diagnosis.json.encoded() + [UInt8(ascii: "\n")])
    } else {
      try StandardOutput.write(diagnosis.lines.joined(separator: "\n") + "\n")
    }
  }
}
