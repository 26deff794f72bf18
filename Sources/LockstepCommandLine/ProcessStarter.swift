// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

/// An MPI launcher that this program can start its own processes with.
struct ProcessStarter: Equatable {
  /// The launcher's file.
  let path: String
  /// Why it was taken, as a clause: "it is the first on $PATH".
  let reason: String

  /// Names the launcher outright.
  static let variable = "LOCKSTEP_LAUNCHER"

  /// The launcher to use.
  ///
  /// - Parameters:
  ///   - variable: Looks up a variable of the environment; replaced in tests.
  ///   - isExecutable: Whether a path can be run; replaced in tests.
  /// - Throws: `LockstepError` with code `.noMPI` and what was tried.
  static func find(
    variable: (String) -> String? = Terminal.environment,
    isExecutable: (String) -> Bool = { access($0, X_OK) == 0 && !isDirectory($0) }
  ) throws -> ProcessStarter {
    let directories = (variable("PATH") ?? "").split(separator: ":").map(String.init)
    func onPath(_ name: String) -> String? {
      name.contains("/") ? (isExecutable(name) ? name : nil) : directories.map { "\($0)/\(name)" }.first(where: isExecutable)
    }
    if let name = variable(Self.variable), !name.isEmpty {
      guard let path = onPath(name) else {
        throw LockstepError(
          .noMPI, "$\(Self.variable) is \"\(name)\", which cannot be run", remedy: "set it to the path of an mpiexec")
      }
      return ProcessStarter(path: path, reason: "$\(Self.variable) names it")
    }
    // The launcher beside a library that is named outright: any other would start worlds of one.
    if let library = variable("LOCKSTEP_MPI_LIBRARY"), library.contains("/") {
      let parts = library.split(separator: "/", omittingEmptySubsequences: false)
      for depth in 2...4 where parts.count > depth {
        let prefix = parts.dropLast(depth).joined(separator: "/")
        for name in ["mpiexec.hydra", "mpiexec", "mpirun"] where isExecutable("\(prefix)/bin/\(name)") {
          return ProcessStarter(path: "\(prefix)/bin/\(name)", reason: "it is beside $LOCKSTEP_MPI_LIBRARY")
        }
      }
    }
    if let environment = variable("VIRTUAL_ENV"), !environment.isEmpty {
      for name in ["mpiexec.hydra", "mpiexec", "mpirun"] where isExecutable("\(environment)/bin/\(name)") {
        return ProcessStarter(path: "\(environment)/bin/\(name)", reason: "it is in $VIRTUAL_ENV")
      }
    }
    for name in names {
      if let path = onPath(name) { return ProcessStarter(path: path, reason: "it is the first of its kind on $PATH") }
    }
    throw LockstepError(
      .noMPI, "no MPI launcher was found; looked on $PATH for " + names.joined(separator: ", "),
      remedy: "install MPICH or Open MPI, or set $\(Self.variable), or leave -n out")
  }

  private static let names = ["mpiexec", "mpirun", "mpiexec.hydra", "mpirun.mpich", "mpirun.openmpi", "orterun", "srun"]

  private static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The settings for the launcher that a user would otherwise be asked to make. What is set already stays.
  static let environment: [(name: String, value: String, isForRoot: Bool)] = [
    // More processes than cores, in Open MPI 4 and 5.
    ("OMPI_MCA_rmaps_base_oversubscribe", "1", false),
    ("PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe", false),
    // Cores are shared by --threads; a process bound to one core could not use its threads.
    ("OMPI_MCA_hwloc_base_binding_policy", "none", false),
    ("PRTE_MCA_hwloc_default_binding_policy", "none", false),
    // Whoever runs this command as root means to.
    ("OMPI_ALLOW_RUN_AS_ROOT", "1", true),
    ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", true),
  ]

  /// Replaces this process by the launcher, which starts the same command `count` times. Its input, output and exit code
  /// are this process's.
  ///
  /// - Throws: `LockstepError` with code `.noMPI` if the launcher cannot be run.
  func start(_ count: Int) throws -> Never {
    for setting in Self.environment where !setting.isForRoot || geteuid() == 0 { setenv(setting.name, setting.value, 0) }
    let arguments = Self.arguments(of: CommandLine.arguments, launcher: path, program: Self.program, count: count)
    var pointers = arguments.map { strdup($0) }
    pointers.append(nil)
    execv(path, &pointers)
    throw LockstepError(.noMPI, "the launcher \(path) cannot be run", cause: String(cString: strerror(errno)))
  }

  /// The arguments of the launcher: this command, marked as started, right after the verb.
  static func arguments(of own: [String], launcher: String, program: String, count: Int) -> [String] {
    [launcher, "-n", String(count), program] + own.dropFirst().prefix(1) + ["--started-by-lockstep"] + own.dropFirst(2)
  }

  private static var program: String {
    guard let resolved = realpath("/proc/self/exe", nil) else { return CommandLine.arguments[0] }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
