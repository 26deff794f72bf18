// SPDX-License-Identifier: Apache-2.0

import Lockstep
import Testing

@Suite(.serialized) struct DoctorCommandTests {
  let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  @Test func tellsWhatThereIs() throws {
    let run = try CommandRun(["doctor"], in: scratch)
    #expect(run.code == 0 && run.errors == "")
    let names = run.output.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
    for name in [
      "lockstep", "machine", "cores", "kernels", "SHA-256", "LAPACK", "MPI", "launcher", "processes", "advice",
    ] {
      #expect(names.contains(name), "\(name)")
    }
    #expect(run.output.contains("none: this process was started alone"))
  }

  @Test func worksWithoutMPI() throws {
    let run = try CommandRun(
      ["doctor"], launcher: ["env", "LOCKSTEP_MPI_LIBRARY=/nowhere/libmpi.so", "LOCKSTEP_LAUNCHER=/nowhere/mpiexec"],
      in: scratch)
    #expect(run.code == 0 && run.errors == "")
    #expect(run.output.contains("none: no MPI library was found"))
    #expect(run.output.contains("/nowhere/libmpi.so"))
    #expect(run.output.contains("nothing: /nowhere/mpiexec, which $LOCKSTEP_LAUNCHER names"))
    #expect(run.output.contains("computing alone needs neither"))
  }

  @Test func printsJSON() throws {
    let run = try CommandRun(["doctor", "--json"], in: scratch)
    let json = try JSONValue(parsing: Array(run.output.utf8))
    #expect(json["lockstep"]?.string == LockstepRelease.version && json["kernels"]?.string != nil)
    guard case .array? = json["advice"] else {
      Issue.record("no advice")
      return
    }
  }
}
