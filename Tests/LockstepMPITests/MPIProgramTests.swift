// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LockstepMPI

/// Whether a launcher of that name is on PATH.
private func isInstalled(_ name: String) -> Bool {
  ProcessFacts.firstOutput(ofCommand: ["/bin/sh", "-c", "command -v \(name)"]) != nil
}

/// Runs the conformance program, which this package builds beside the tests, on three processes.
private func runConformance(launcher: String) throws -> String? {
  let directory = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false).dropLast()
  let program = directory.joined(separator: "/") + "/MPIConformance"
  return ProcessFacts.firstOutput(ofCommand: [
    "/usr/bin/env", "LOCKSTEP_LAUNCHER=\(launcher)", program, "start", "3", "checks",
  ])
}

/// `Scripts/mpi-conformance` does more: other numbers of processes, other versions, failures.
@Suite(.serialized) struct MPIProgramTests {
  @Test(.enabled(if: isInstalled("mpirun.mpich"), "mpirun.mpich (Debian's mpich) is not installed"))
  func theCommunicatorWorksUnderMPICH() throws {
    let output = try #require(try runConformance(launcher: "mpirun.mpich"))
    #expect(output.contains("33 passed, 0 failed"))
  }

  @Test(.enabled(if: isInstalled("mpirun.openmpi"), "mpirun.openmpi (Debian's openmpi-bin) is not installed"))
  func theCommunicatorWorksUnderOpenMPI() throws {
    let output = try #require(try runConformance(launcher: "mpirun.openmpi"))
    #expect(output.contains("33 passed, 0 failed"))
  }
}
