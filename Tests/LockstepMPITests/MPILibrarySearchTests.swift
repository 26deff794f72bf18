// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import Testing

@testable import LockstepMPI

@Suite struct MPILibrarySearchTests {
  private let hydra = Launcher(kind: .hydra, size: 2, rank: 0, localSize: 2, variable: "PMI_RANK")
  private let openMPI = Launcher(kind: .openMPI, size: 2, rank: 0, localSize: 2, variable: "OMPI_COMM_WORLD_SIZE")

  private func names(
    _ environment: [String: String] = [:], launcher: Launcher?, ancestors: [String] = [], loaded: [String] = [],
    files: Set<String> = []
  ) -> [String] {
    MPILibrarySearch(
      environment: environment, launcher: launcher, ancestors: ancestors, loaded: loaded, fileExists: files.contains
    ).candidates().map(\.name)
  }

  @Test func theVariableLeavesNoChoice() {
    #expect(
      names(
        ["LOCKSTEP_MPI_LIBRARY": "/my/libmpi.so"], launcher: hydra, ancestors: ["/usr/bin/hydra_pmi_proxy"],
        loaded: ["/usr/lib/libmpi.so.12"], files: ["/usr/lib/libmpi.so.12"]) == ["/my/libmpi.so"])
  }

  @Test func theLibraryBesideTheNearestLauncherComesFirst() {
    let files: Set = [
      "/a/lib/libmpi_abi.so.1", "/a/lib/libmpi.so.12", "/b/lib64/libmpi.so.12", "/b/lib64/libmpi.so.40",
    ]
    let found = names(
      launcher: hydra, ancestors: ["/bin/bash", "/a/bin/hydra_pmi_proxy", "/b/bin/mpiexec.hydra"], files: files)
    #expect(
      found == [
        "/a/lib/libmpi_abi.so.1", "/a/lib/libmpi.so.12", "/b/lib64/libmpi.so.12", "libmpi_abi.so.1", "libmpi.so.12",
        "libmpich.so.12",
      ])
  }

  @Test func onlyTheLaunchersOwnFamilyIsTried() {
    #expect(names(launcher: openMPI) == ["libmpi_abi.so.1", "libmpi.so.40"])
    #expect(names(launcher: hydra) == ["libmpi_abi.so.1", "libmpi.so.12", "libmpich.so.12"])
    #expect(names(launcher: nil) == ["libmpi_abi.so.1", "libmpi.so.12", "libmpich.so.12", "libmpi.so.40"])
    let pmix = Launcher(kind: .pmix, size: nil, rank: 0, localSize: nil, variable: "PMIX_RANK")
    #expect(names(launcher: pmix) == ["libmpi_abi.so.1", "libmpi.so.40", "libmpi.so.12", "libmpich.so.12"])
  }

  @Test func installationsNamedByVariablesComeAfterTheLaunchers() {
    let found = names(
      ["OPAL_PREFIX": "/o", "I_MPI_ROOT": "/i"], launcher: openMPI, ancestors: ["/p/bin/prterun"],
      files: ["/o/lib/libmpi.so.40", "/p/lib/libmpi.so.40", "/i/lib/libmpi.so.12"])
    #expect(found.prefix(2) == ["/p/lib/libmpi.so.40", "/o/lib/libmpi.so.40"])
    #expect(!found.contains("/i/lib/libmpi.so.12"))
  }

  @Test func intelsReleaseDirectoryIsLookedInto() {
    let intel = Launcher(kind: .intelMPI, size: 2, rank: 0, localSize: 2, variable: "PMI_RANK")
    let found = names(["I_MPI_ROOT": "/i"], launcher: intel, files: ["/i/lib/release/libmpi.so.12"])
    #expect(found.first == "/i/lib/release/libmpi.so.12")
  }

  @Test func whatIsLoadedAlreadyComesFirstAndNothingTwice() {
    let found = names(
      launcher: openMPI, ancestors: ["/a/bin/orterun", "/a/bin/orterun"], loaded: ["/a/lib/libmpi.so.40"],
      files: ["/a/lib/libmpi.so.40"])
    #expect(found == ["/a/lib/libmpi.so.40", "libmpi_abi.so.1", "libmpi.so.40"])
  }

  @Test func everyCandidateTellsWhy() {
    let search = MPILibrarySearch(
      environment: [:], launcher: openMPI, ancestors: ["/a/bin/orterun"], fileExists: { $0 == "/a/lib/libmpi.so.40" })
    #expect(search.candidates()[0].reason == "it is beside the launcher /a/bin/orterun")
    #expect(search.candidates().allSatisfy { !$0.reason.isEmpty })
  }

  @Test(arguments: [
    ("/usr/bin/mpiexec.hydra", true), ("/x/hydra_bstrap_proxy", true), ("/x/prted", true), ("/x/mpirun", true),
    ("/usr/bin/bash", false), ("/usr/bin/python3.11", false), ("/usr/sbin/slurmstepd", false),
  ])
  func launchersAreKnownByTheirNames(path: String, isLauncher: Bool) {
    #expect(MPILibrarySearch.isLauncher(path) == isLauncher)
  }
}
