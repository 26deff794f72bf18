// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import Testing

@testable import LockstepMPI

@Suite struct LauncherTests {
  @Test func aProcessWithoutTracesWasStartedAlone() {
    #expect(Launcher.detect(environment: ["PATH": "/usr/bin", "HOME": "/root"]) == nil)
  }

  @Test func openMPIIsKnownByItsOwnVariables() {
    let environment = [
      "OMPI_COMM_WORLD_SIZE": "8", "OMPI_COMM_WORLD_RANK": "5", "OMPI_COMM_WORLD_LOCAL_SIZE": "4", "PMIX_RANK": "5",
    ]
    #expect(
      Launcher.detect(environment: environment)
        == Launcher(kind: .openMPI, size: 8, rank: 5, localSize: 4, variable: "OMPI_COMM_WORLD_SIZE"))
  }

  @Test func hydraIsKnownByPMI() {
    let environment = ["PMI_RANK": "1", "PMI_SIZE": "3", "PMI_FD": "6", "MPI_LOCALNRANKS": "2"]
    #expect(
      Launcher.detect(environment: environment)
        == Launcher(kind: .hydra, size: 3, rank: 1, localSize: 2, variable: "PMI_RANK"))
  }

  @Test(arguments: ["I_MPI_MPIRUN", "I_MPI_HYDRA_UUID", "I_MPI_HYDRA_TOPOLIB"])
  func intelMPIIsHydraWithVariablesOfItsOwn(name: String) {
    let launcher = Launcher.detect(environment: ["PMI_RANK": "0", "PMI_SIZE": "2", name: "x"])
    #expect(launcher?.kind == .intelMPI && launcher?.size == 2)
  }

  @Test func pmixTellsNoSize() {
    #expect(
      Launcher.detect(environment: ["PMIX_RANK": "3"])
        == Launcher(kind: .pmix, size: nil, rank: 3, localSize: nil, variable: "PMIX_RANK"))
  }

  @Test(arguments: [(0, 4), (1, 4), (2, 3), (3, 1), (4, nil)] as [(Int, Int?)])
  func slurmStepsTellTheTasksOfEachNode(node: Int, tasks: Int?) {
    let launcher = Launcher.detect(environment: [
      "SLURM_PROCID": "9", "SLURM_STEP_NUM_TASKS": "12", "SLURM_NODEID": String(node),
      "SLURM_STEP_TASKS_PER_NODE": "4(x2),3,1",
    ])
    #expect(
      launcher == Launcher(kind: .slurm, size: 12, rank: 9, localSize: tasks, variable: "SLURM_STEP_NUM_TASKS"))
  }

  @Test func slurmServesOpenMPIByPMIx() {
    let environment = [
      "SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "4", "SLURM_NODEID": "0", "SLURM_STEP_TASKS_PER_NODE": "4",
      "PMIX_RANK": "1",
    ]
    #expect(
      Launcher.detect(environment: environment)
        == Launcher(kind: .pmix, size: 4, rank: 1, localSize: 4, variable: "SLURM_STEP_NUM_TASKS"))
  }

  @Test func aBatchScriptOfSlurmStartsProcessesThatAreAlone() {
    #expect(Launcher.detect(environment: ["SLURM_PROCID": "0", "SLURM_NTASKS": "4", "SLURM_JOB_ID": "77"]) == nil)
  }

  @Test func mpirunWithinSlurmCountsAndNotTheStepAround() {
    let launcher = Launcher.detect(environment: [
      "SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1", "OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "2",
    ])
    #expect(launcher?.kind == .openMPI && launcher?.size == 4)
  }

  @Test(arguments: [("/usr/bin/hydra_pmi_proxy", 3), ("/usr/bin/orterun", 2), ("/opt/bin/prterun", 2)])
  func ofTwoLaunchersTheNearerCounts(nearest: String, size: Int) {
    let environment = [
      "OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0", "PMI_RANK": "1", "PMI_SIZE": "3",
    ]
    let ancestors = ["/usr/bin/bash", nearest, "/usr/bin/bash", "/usr/bin/orterun", "/usr/bin/mpiexec.hydra"]
    #expect(Launcher.detect(environment: environment, ancestors: ancestors)?.size == size)
  }

  @Test func numbersThatAreNoneAreNotThere() {
    let launcher = Launcher.detect(environment: ["OMPI_COMM_WORLD_SIZE": "many"])
    #expect(launcher?.kind == .openMPI && launcher?.size == nil && launcher?.rank == nil)
  }
}
