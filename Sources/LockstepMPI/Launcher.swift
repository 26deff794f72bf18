// SPDX-License-Identifier: Apache-2.0

/// What started this process, as its environment tells: known before any MPI library is loaded.
package struct Launcher: Sendable, Equatable {
  /// The kinds of launcher that leave different traces.
  package enum Kind: String, Sendable {
    /// `mpirun` of Open MPI (`orterun`, `prterun`).
    case openMPI = "Open MPI"
    /// Hydra, the `mpiexec` of MPICH, or anything else that speaks its PMI protocol (Flux, Cray PALS, `srun --mpi=pmi2`).
    case hydra = "Hydra (MPICH)"
    /// Intel MPI's `mpiexec.hydra`.
    case intelMPI = "Intel MPI"
    /// A PMIx server that is none of the others.
    case pmix = "PMIx"
    /// Slurm's `srun`.
    case slurm = "Slurm"
  }

  /// The kind of launcher.
  package var kind: Kind
  /// The number of processes it started; `nil` if it does not say.
  package var size: Int?
  /// This process's number; `nil` if it does not say.
  package var rank: Int?
  /// The number of its processes on this machine; `nil` if it does not say.
  package var localSize: Int?
  /// The variable that gave it away.
  package var variable: String

  /// Creates a description of a launcher.
  package init(kind: Kind, size: Int?, rank: Int?, localSize: Int?, variable: String) {
    self.kind = kind
    self.size = size
    self.rank = rank
    self.localSize = localSize
    self.variable = variable
  }

  /// The launcher of this process, or `nil` if it was started alone.
  package static var current: Launcher? {
    detect(environment: ProcessFacts.environment(), ancestors: ProcessFacts.ancestors())
  }

  /// The launcher that a process with this environment was started by, or `nil`.
  ///
  /// - Parameters:
  ///   - environment: The environment of the process.
  ///   - ancestors: The executables of its parent, grandparent and so on. They decide where one launcher was started under
  ///     another, so that the traces of both are there: the nearest counts.
  /// - Returns: The launcher, or `nil` if nothing tells of one.
  package static func detect(environment: [String: String], ancestors: [String] = []) -> Launcher? {
    let found = [
      openMPI(environment), hydra(environment), slurm(environment), pmix(environment),
    ].compactMap { $0 }
    guard found.count > 1 else { return found.first }
    guard let nearest = ancestors.lazy.compactMap(family(ofExecutable:)).first else { return found.first }
    return found.first { $0.family == nearest } ?? found.first
  }

  /// The family of MPI libraries that belongs to the launcher, if only one does.
  var family: MPIFamily? {
    switch kind {
    case .openMPI: .openMPI
    case .hydra, .intelMPI: .mpich
    case .pmix, .slurm: nil
    }
  }

  private static func openMPI(_ environment: [String: String]) -> Launcher? {
    guard let size = environment["OMPI_COMM_WORLD_SIZE"] else { return nil }
    return Launcher(
      kind: .openMPI, size: Int(size), rank: environment["OMPI_COMM_WORLD_RANK"].flatMap { Int($0) },
      localSize: environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap { Int($0) }, variable: "OMPI_COMM_WORLD_SIZE")
  }

  private static func hydra(_ environment: [String: String]) -> Launcher? {
    guard let rank = environment["PMI_RANK"] else { return nil }
    let isIntel = ["I_MPI_MPIRUN", "I_MPI_HYDRA_UUID", "I_MPI_HYDRA_TOPOLIB"].contains { environment[$0] != nil }
    return Launcher(
      kind: isIntel ? .intelMPI : .hydra, size: environment["PMI_SIZE"].flatMap { Int($0) }, rank: Int(rank),
      localSize: environment["MPI_LOCALNRANKS"].flatMap { Int($0) } ?? slurmLocalSize(environment),
      variable: "PMI_RANK")
  }

  private static func pmix(_ environment: [String: String]) -> Launcher? {
    guard let rank = environment["PMIX_RANK"] else { return nil }
    return Launcher(kind: .pmix, size: nil, rank: Int(rank), localSize: nil, variable: "PMIX_RANK")
  }

  /// A step of `srun`.
  ///
  /// A script of `sbatch` has SLURM_PROCID, too, but no step: what it starts itself is alone.
  private static func slurm(_ environment: [String: String]) -> Launcher? {
    guard let rank = environment["SLURM_PROCID"], let size = environment["SLURM_STEP_NUM_TASKS"].flatMap({ Int($0) })
    else { return nil }
    // Slurm serves Open MPI by PMIx, and says so to each process.
    return Launcher(
      kind: environment["PMIX_RANK"] == nil ? .slurm : .pmix, size: size, rank: Int(rank),
      localSize: slurmLocalSize(environment),
      variable: "SLURM_STEP_NUM_TASKS")
  }

  /// The tasks on this node, from a list such as `4(x2),3`: two nodes with four tasks, then one with three.
  private static func slurmLocalSize(_ environment: [String: String]) -> Int? {
    guard let list = environment["SLURM_STEP_TASKS_PER_NODE"],
      var node = environment["SLURM_NODEID"].flatMap({ Int($0) })
    else { return nil }
    for item in list.split(separator: ",") {
      let parts = item.split(separator: "(")
      guard let tasks = parts.first.flatMap({ Int($0) }) else { return nil }
      let nodes = parts.count == 2 ? Int(parts[1].dropFirst().dropLast()) : 1
      guard let nodes else { return nil }
      if node < nodes { return tasks }
      node -= nodes
    }
    return nil
  }

  /// The family that an executable starts processes of, from its name; `nil` if it is no launcher, or could be any.
  static func family(ofExecutable path: String) -> MPIFamily? {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if name.hasPrefix("hydra_") || name.hasPrefix("mpiexec.hydra") || name.hasSuffix(".mpich") { return .mpich }
    let openMPI = ["orterun", "orted", "prterun", "prted", "prte"]
    return openMPI.contains(name) || name.hasSuffix(".openmpi") ? .openMPI : nil
  }
}

/// The families of MPI that differ in launchers and file names.
package enum MPIFamily: String, Sendable {
  /// MPICH and Intel MPI.
  case mpich = "MPICH"
  /// Open MPI.
  case openMPI = "Open MPI"
}
