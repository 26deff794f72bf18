// SPDX-License-Identifier: Apache-2.0

import Lockstep
import Testing

@testable import LockstepCommandLine

struct ProcessStarterTests {
  private func find(_ environment: [String: String], _ files: Set<String>) throws -> ProcessStarter {
    try ProcessStarter.find(variable: { environment[$0] }, isExecutable: { files.contains($0) })
  }

  private let path = ["PATH": "/opt/mpi/bin:/usr/bin"]

  @Test func takesTheFirstOnThePath() throws {
    #expect(try find(path, ["/usr/bin/mpiexec", "/opt/mpi/bin/mpirun"]).path == "/usr/bin/mpiexec")
    #expect(try find(path, ["/usr/bin/mpiexec", "/opt/mpi/bin/mpiexec"]).path == "/opt/mpi/bin/mpiexec")
    #expect(try find(path, ["/usr/bin/srun", "/usr/bin/mpirun.mpich"]).path == "/usr/bin/mpirun.mpich")
  }

  @Test func aVariableNamesIt() throws {
    let files: Set = ["/usr/bin/mpiexec", "/usr/bin/mpirun.openmpi", "/my/launcher"]
    #expect(try find(path.merging(["LOCKSTEP_LAUNCHER": "/my/launcher"]) { $1 }, files).path == "/my/launcher")
    let named = try find(path.merging(["LOCKSTEP_LAUNCHER": "mpirun.openmpi"]) { $1 }, files)
    #expect(named.path == "/usr/bin/mpirun.openmpi" && named.reason == "$LOCKSTEP_LAUNCHER names it")
    let error = #expect(throws: LockstepError.self) {
      try find(path.merging(["LOCKSTEP_LAUNCHER": "/gone"]) { $1 }, files)
    }
    #expect(error?.code == .noMPI)
  }

  @Test func belongsToTheLibraryThatIsNamed() throws {
    let files: Set = ["/usr/bin/mpiexec", "/opt/intel/bin/mpiexec.hydra", "/usr/local/bin/mpirun"]
    for (library, launcher) in [
      ("/opt/intel/lib/libmpi.so.12", "/opt/intel/bin/mpiexec.hydra"),
      ("/opt/intel/lib/release/libmpi.so.12", "/opt/intel/bin/mpiexec.hydra"),
      ("/usr/local/lib64/libmpi.so.40", "/usr/local/bin/mpirun"), ("/elsewhere/lib/libmpi.so.40", "/usr/bin/mpiexec"),
    ] {
      #expect(try find(path.merging(["LOCKSTEP_MPI_LIBRARY": library]) { $1 }, files).path == launcher)
    }
  }

  @Test func aVirtualEnvironmentComesBeforeThePath() throws {
    let files: Set = ["/usr/bin/mpiexec", "/venv/bin/mpiexec"]
    #expect(try find(path.merging(["VIRTUAL_ENV": "/venv"]) { $1 }, files).path == "/venv/bin/mpiexec")
  }

  @Test func saysWhatWasLookedFor() {
    let error = #expect(throws: LockstepError.self) { try find(path, []) }
    #expect(error?.code == .noMPI)
    #expect(error?.message.contains("mpiexec, mpirun, mpiexec.hydra") == true)
  }

  @Test func marksTheCommandRightAfterTheVerb() {
    #expect(
      ProcessStarter.arguments(
        of: ["lockstep", "kmeans", "-n", "4", "--", "-x.csv"], launcher: "/bin/mpiexec", program: "/bin/lockstep", count: 4)
        == ["/bin/mpiexec", "-n", "4", "/bin/lockstep", "kmeans", "--started-by-lockstep", "-n", "4", "--", "-x.csv"])
  }
}
