// SPDX-License-Identifier: Apache-2.0

import LockstepCommunication
import LockstepErrors
import Testing

@testable import LockstepMPI

@Suite struct MPILibraryTests {
  @Test(arguments: [
    ("/v/lib/libmpi_abi.so.1", false, MPIABI.standard), ("/v/lib/libmpi.so.12", false, .mpich),
    ("/usr/lib/x86_64-linux-gnu/libmpich.so.12.2.2", false, .mpich), ("/v/lib/libmpi.so.40", true, .openMPI),
    ("/future/libmpi_abi.so.1", true, .openMPI),
  ])
  func theABIFollowsFromOneSymbolAndTheFileName(path: String, isOpenMPI: Bool, abi: MPIABI) {
    #expect(MPILibrary.abi(path: path, isOpenMPI: isOpenMPI) == abi)
  }

  @Test func constantsOfTheABIs() {
    // mpi.h of MPICH 4.0.2 and mpi_abi.h of MPICH 5.0.2.
    let mpich = MPIConstants.mpich
    #expect(mpich.commWorld == 0x4400_0000 && mpich.byte == 0x4c00_010d && mpich.errorsReturn == 0x5400_0001)
    #expect(mpich.statusIgnore == 1 && mpich.anySource == -2 && mpich.threadSerialized == 2)
    let standard = MPIConstants.standard
    #expect(standard.commWorld == 0x101 && standard.byte == 0x247 && standard.errorsReturn == 0x143)
    #expect(standard.statusIgnore == 0 && standard.anySource == -1 && standard.threadSerialized == 2048)
    #expect(mpich.undefined == -32766 && standard.undefined == -32766)
    #expect(standard.threadLevelName(4096) == "MULTIPLE" && mpich.threadLevelName(2) == "SERIALIZED")
    #expect(mpich.threadLevelName(1) == "FUNNELED" && mpich.threadLevelName(0) == "SINGLE")
  }

  @Test func handlesOfOpenMPIAreAddressesOfSymbols() {
    var asked: [String] = []
    let constants = MPIConstants.openMPI { name in
      asked.append(name)
      return 1000 + asked.count
    }
    #expect(asked == ["ompi_mpi_comm_world", "ompi_mpi_byte", "ompi_mpi_errors_return"])
    #expect(constants.commWorld == 1001 && constants.byte == 1002 && constants.errorsReturn == 1003)
    #expect(constants.anySource == -1 && constants.statusIgnore == 0)
  }

  @Test func theErrorTellsWhatWasTriedAndWhyItFailed() throws {
    let launcher = Launcher(kind: .hydra, size: 4, rank: 0, localSize: 4, variable: "PMI_RANK")
    let candidates = [
      MPILibraryCandidate(name: "/nowhere/libmpi.so.12", reason: "a test asks for it"),
      MPILibraryCandidate(name: "libm.so.6", reason: "a test asks for it"),
    ]
    let error = #expect(throws: LockstepError.self) { try MPI.firstLibrary(of: candidates, launcher: launcher) }
    let text = try #require(error?.description)
    #expect(error?.code == .noMPI)
    #expect(text.hasPrefix("started by Hydra (MPICH) as one of 4 processes, but no MPI library was found: "))
    #expect(
      text.contains("/nowhere/libmpi.so.12 (tried because a test asks for it): /nowhere/libmpi.so.12: cannot open"))
    #expect(text.contains("libm.so.6 is not an MPI library: ") && text.contains("MPI_Init_thread"))
    #expect(text.hasSuffix("set LOCKSTEP_MPI_LIBRARY to the path of the launcher's libmpi.so"))
  }

  @Test(arguments: [
    ("/usr/lib/libmpi.so.40.30.4", true), ("/usr/lib/libmpich.so.12", true), ("/v/libmpi_abi.so.1", true),
    ("/usr/lib/libmpi_cxx.so.40", false), ("/usr/lib/libmpifort.so.12", false), ("/usr/lib/libm.so.6", false),
  ])
  func mpiLibrariesAreKnownByTheirNames(path: String, isMPI: Bool) {
    #expect(ProcessFacts.isMPILibrary(path) == isMPI)
  }

  @Test func aProcessStartedAloneIsAlone() throws {
    let world = try MPI.start()
    #expect(world is SoloCommunicator)
    #expect(try MPI.start().size == 1)
    #expect(throws: Never.self) { try MPI.finish() }
    #expect(throws: LockstepError.self) { try MPICommunicator(adopting: 0x4400_0000) }
    #expect(MPI.speaksForAll)
  }

  @Test(arguments: [
    ([], 0), (["3"], 2), (["1", "2"], 2), (["1", "1"], 1), (["ffffffff,ffffffff"], 64),
    (["00000000,00000001", "00000001,00000000"], 2),
  ])
  func coresOfSeveralMasksCountOnce(masks: [String], count: Int) {
    #expect(ProcessFacts.coreCount(ofMasks: masks.map { Array($0.utf8) }) == count)
  }

  @Test func theSystemTellsOfThisProcess() {
    #expect(ProcessFacts.environment()["PATH"] != nil)
    #expect(!ProcessFacts.ancestors().isEmpty)
    #expect(ProcessFacts.usableCoreCount() >= 1)
    #expect(!ProcessFacts.machineIdentity().isEmpty)
    #expect(ProcessFacts.firstOutput(ofCommand: ["/bin/echo", "yes"]) == "yes\n")
    #expect(ProcessFacts.firstOutput(ofCommand: ["/bin/false"]) == nil)
    #expect(ProcessFacts.firstOutput(ofCommand: ["/nowhere/at/all"]) == nil)
  }
}
