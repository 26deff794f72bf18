// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import Testing

@testable import LockstepMPI

/// A machine with these executables (path to the file behind it), libraries and answers to `--version`.
private struct Machine {
  var files: [String: String]
  var libraries: Set<String> = []
  var versions: [String: String] = [:]
  var isRoot = false

  func find(_ environment: [String: String]) throws -> Launcher.Command {
    try Launcher.find(
      processCount: 4, environment: environment, isRoot: isRoot, realPath: { files[$0] },
      fileExists: libraries.contains, version: { versions[$0[0]] })
  }
}

@Suite struct LauncherFindTests {
  private let debian = Machine(
    files: [
      "/usr/bin/mpiexec": "/usr/bin/orterun", "/usr/bin/mpirun": "/usr/bin/orterun",
      "/usr/bin/mpirun.mpich": "/usr/bin/mpiexec.hydra", "/usr/bin/mpirun.openmpi": "/usr/bin/orterun",
    ],
    libraries: ["/usr/lib/x86_64-linux-gnu/libmpi.so.40", "/usr/lib/x86_64-linux-gnu/libmpich.so.12"])

  @Test func thePlainNameComesFirstAndItsFamilyIsThatOfTheFileBehindIt() throws {
    let command = try debian.find(["PATH": "/bin:/usr/bin"])
    #expect(command.family == .openMPI)
    #expect(command.arguments == ["/usr/bin/mpiexec", "-n", "4"])
    #expect(command.environment["OMPI_MCA_rmaps_base_oversubscribe"] == "1")
    #expect(command.environment["OMPI_MCA_hwloc_base_binding_policy"] == "none")
    #expect(command.environment["OMPI_ALLOW_RUN_AS_ROOT"] == nil)
  }

  @Test func theVariableNamesAnotherByNameOrPath() throws {
    for name in ["mpirun.mpich", "/usr/bin/mpirun.mpich"] {
      let command = try debian.find(["PATH": "/usr/bin", "LOCKSTEP_LAUNCHER": name])
      #expect(command.family == .mpich && command.arguments == ["/usr/bin/mpirun.mpich", "-n", "4"])
    }
    #expect(throws: LockstepError.self) { try debian.find(["PATH": "/usr/bin", "LOCKSTEP_LAUNCHER": "none"]) }
  }

  @Test func rootMustBeAllowedAndWhatIsSetStays() throws {
    var machine = debian
    machine.isRoot = true
    let command = try machine.find(["PATH": "/usr/bin", "OMPI_MCA_hwloc_base_binding_policy": "core"])
    #expect(command.environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] == "1")
    #expect(command.environment["OMPI_MCA_hwloc_base_binding_policy"] == nil)
  }

  @Test func aLauncherWithALibraryBesideItIsPreferred() throws {
    let machine = Machine(
      files: ["/a/bin/mpiexec": "/a/bin/mpiexec", "/b/bin/mpiexec": "/b/bin/mpiexec"],
      libraries: ["/b/lib/libmpi_abi.so.1"],
      versions: ["/a/bin/mpiexec": "HYDRA build details:", "/b/bin/mpiexec": "mpirun (Open MPI) 5.0.11"])
    #expect(try machine.find(["PATH": "/a/bin:/b/bin"]).arguments[0] == "/b/bin/mpiexec")
    let bare = Machine(files: machine.files, versions: machine.versions)
    #expect(try bare.find(["PATH": "/a/bin:/b/bin"]).arguments[0] == "/a/bin/mpiexec")
  }

  @Test func intelsScriptIsPassedOver() throws {
    let machine = Machine(
      files: ["/i/bin/mpirun": "/i/bin/mpirun", "/i/bin/mpiexec.hydra": "/i/bin/mpiexec.hydra"],
      libraries: ["/i/lib/libmpi.so.12"], versions: ["/i/bin/mpirun": "Intel(R) MPI Library for Linux* OS"])
    let command = try machine.find(["PATH": "/i/bin"])
    #expect(command.arguments[0] == "/i/bin/mpiexec.hydra" && command.environment == ["I_MPI_PIN": "off"])
  }

  @Test func withoutALauncherTheErrorNamesWhatWasLookedFor() throws {
    let machine = Machine(files: ["/x/mpiexec": "/x/mpiexec"], versions: ["/x/mpiexec": "something else"])
    let error = #expect(throws: LockstepError.self) { try machine.find(["PATH": "/x"]) }
    #expect(error?.code == .noMPI && error?.message.contains("mpiexec.hydra") == true)
  }
}
