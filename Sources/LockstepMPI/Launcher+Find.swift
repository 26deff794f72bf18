// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

extension Launcher {
  /// How to start several processes of a program with a launcher of this machine.
  package struct Command: Sendable, Equatable {
    /// The family of the launcher.
    package var family: MPIFamily
    /// The launcher's path and options; the program and its arguments follow.
    package var arguments: [String]
    /// Variables to add to the environment of the launcher.
    package var environment: [String: String]
  }

  /// The variable that names the launcher outright, by path or by a name on PATH.
  package static let variable = "LOCKSTEP_LAUNCHER"

  /// Finds the launcher to start `processCount` processes with: the one that `$LOCKSTEP_LAUNCHER` names, or the first on
  /// PATH.
  ///
  /// A launcher with an MPI library beside it is preferred to one without. More processes than cores are allowed. No process
  /// is bound to a core: Open MPI would bind each of two to one, so that it could use no second thread, and two jobs at a
  /// time to the same ones. Open MPI refuses to run as root unless told twice, which is done, as in a container. A variable
  /// that is set already stays as it is.
  ///
  /// - Throws: `LockstepError` with code `.noMPI` if there is none.
  package static func find(processCount: Int) throws -> Command {
    try find(
      processCount: processCount, environment: ProcessFacts.environment(), isRoot: geteuid() == 0,
      realPath: { access($0, X_OK) == 0 ? ProcessFacts.realPath($0) : nil }, fileExists: { access($0, R_OK) == 0 },
      version: ProcessFacts.firstOutput(ofCommand:))
  }

  /// The names that launchers have, best first: the plain ones are what the administrator or environment has chosen.
  static let executableNames = [
    "mpiexec", "mpirun", "mpiexec.hydra", "mpiexec.mpich", "mpirun.mpich", "mpiexec.openmpi", "mpirun.openmpi",
    "orterun",
    "prterun",
  ]

  /// `find(processCount:)` with the system given: the file behind an executable path, and what a command prints first.
  static func find(
    processCount: Int, environment: [String: String], isRoot: Bool, realPath: (String) -> String?,
    fileExists: @escaping (String) -> Bool, version: ([String]) -> String?
  ) throws -> Command {
    precondition(processCount >= 1, "a launcher starts at least one process, not \(processCount)")
    let directories = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    func paths(_ name: String) -> [String] {
      name.contains("/") ? [name] : directories.map { "\($0)/\(name)" }
    }
    let named = environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    let candidates = (named.map(paths) ?? executableNames.flatMap(paths))
      .compactMap { path in realPath(path).map { (path, $0) } }

    var withoutLibrary: Command?
    for (path, file) in candidates {
      guard let (chosen, family) = identify(path, file: file, version: version) else { continue }
      let executable = realPath(chosen) == nil ? path : chosen
      let command = Command(
        family: family, arguments: [executable, "-n", String(processCount)],
        environment: additions(for: family, isRoot: isRoot).filter { environment[$0.key] == nil })
      let search = MPILibrarySearch(environment: [:], launcher: nil, ancestors: [file], fileExists: fileExists)
      if named != nil || search.candidates().contains(where: { $0.name.hasPrefix("/") }) { return command }
      withoutLibrary = withoutLibrary ?? command
    }
    if let withoutLibrary { return withoutLibrary }
    throw LockstepError(
      .noMPI,
      named.map { "\($0), which $\(variable) names, is not a launcher of MPI processes" }
        ?? "no launcher of MPI processes (\(executableNames.joined(separator: ", "))) is on PATH",
      remedy: "install one, for instance by apt install mpich, or pip install mpich")
  }

  /// The executable to call, and its family; `nil` for what is no launcher.
  private static func identify(
    _ path: String, file: String, version: ([String]) -> String?
  ) -> (executable: String, family: MPIFamily)? {
    if let family = family(ofExecutable: file) ?? family(ofExecutable: path) { return (path, family) }
    guard let text = version([path, "--version"]) else { return nil }
    if text.contains("Open MPI") || text.contains("OpenRTE") { return (path, .openMPI) }
    if text.contains("Intel(R) MPI") {
      // Intel's `mpirun` is a script that calls whichever `mpiexec.hydra` comes first on PATH.
      return (
        file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
          + "/mpiexec.hydra", .mpich
      )
    }
    return text.contains("HYDRA") || text.contains("MPICH") ? (path, .mpich) : nil
  }

  /// What a family's launcher needs to be told.
  ///
  /// Open MPI 4 reads the OMPI names, 5 the PRTE names.
  private static func additions(for family: MPIFamily, isRoot: Bool) -> [String: String] {
    switch family {
    case .mpich:
      // MPICH binds nothing; Intel MPI does.
      return ["I_MPI_PIN": "off"]
    case .openMPI:
      var variables = [
        "OMPI_MCA_rmaps_base_oversubscribe": "1", "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
        "OMPI_MCA_hwloc_base_binding_policy": "none", "PRTE_MCA_hwloc_default_binding_policy": "none",
      ]
      if isRoot {
        variables["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
        variables["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
      }
      return variables
    }
  }
}
