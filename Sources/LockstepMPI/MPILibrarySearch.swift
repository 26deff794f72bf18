// SPDX-License-Identifier: Apache-2.0

/// A library to try, and why.
struct MPILibraryCandidate: Sendable, Equatable {
  /// A path, or a name for the system's loader to find.
  var name: String
  /// Why it is tried, as a clause: "it is beside the launcher /usr/bin/orterun".
  var reason: String
}

/// Where the MPI library may be that belongs to the launcher of this process.
///
/// Several MPIs on one machine are the rule. A library that does not belong to the launcher does not fail: it makes every
/// process a world of its own. So the search begins at the launcher itself, among the ancestors of this process.
struct MPILibrarySearch {
  /// The variable that names the library outright.
  static let variable = "LOCKSTEP_MPI_LIBRARY"

  var environment: [String: String]
  var launcher: Launcher?
  /// The executables of the parent, grandparent and so on.
  var ancestors: [String]
  /// MPI libraries that the process has loaded already, say because it links one.
  var loaded: [String] = []
  /// Whether a file exists; replaced in tests.
  var fileExists: (String) -> Bool

  /// The libraries to try, in order.
  ///
  /// With the variable set there is no other choice.
  func candidates() -> [MPILibraryCandidate] {
    if let name = environment[Self.variable], !name.isEmpty {
      return [MPILibraryCandidate(name: name, reason: "$\(Self.variable) names it")]
    }
    var candidates = loaded.map { MPILibraryCandidate(name: $0, reason: "it is loaded already") }
    for executable in ancestors where Self.isLauncher(executable) {
      candidates += installation(
        prefix: Self.prefix(ofExecutable: executable),
        families: Launcher.family(ofExecutable: executable).map { [$0] } ?? families,
        reason: "it is beside the launcher \(executable)")
    }
    for (variable, family) in [("OPAL_PREFIX", MPIFamily.openMPI), ("I_MPI_ROOT", .mpich)] {
      guard let prefix = environment[variable], !prefix.isEmpty, families.contains(family) else { continue }
      candidates += installation(prefix: prefix, families: [family], reason: "$\(variable) is \(prefix)")
    }
    for family in families {
      for name in Self.fileNames(of: family) where !candidates.contains(where: { $0.name == name }) {
        candidates.append(MPILibraryCandidate(name: name, reason: "the system's loader may know it"))
      }
    }
    var seen: Set<String> = []
    return candidates.filter { seen.insert($0.name).inserted }
  }

  /// The families to look for: the launcher's own, or both.
  private var families: [MPIFamily] {
    if let family = launcher?.family { return [family] }
    // PMIx is Open MPI's own protocol, and MPICH's is the older PMI.
    return launcher?.kind == .pmix ? [.openMPI, .mpich] : [.mpich, .openMPI]
  }

  /// The file names of a family, best first.
  ///
  /// The standard ABI comes first where it exists; Debian's MPICH has `libmpich.so.12` only, others `libmpi.so.12`.
  static func fileNames(of family: MPIFamily) -> [String] {
    switch family {
    case .mpich: ["libmpi_abi.so.1", "libmpi.so.12", "libmpich.so.12"]
    case .openMPI: ["libmpi_abi.so.1", "libmpi.so.40"]
    }
  }

  /// The libraries of an installation that exist.
  private func installation(prefix: String, families: [MPIFamily], reason: String) -> [MPILibraryCandidate] {
    families.flatMap { family in
      Self.directories.flatMap { directory in
        Self.fileNames(of: family).map { "\(prefix)/\(directory)/\($0)" }
      }
    }
    .filter(fileExists)
    .map { MPILibraryCandidate(name: $0, reason: reason) }
  }

  #if arch(arm64)
    private static let directories = ["lib", "lib/release", "lib/aarch64-linux-gnu", "lib64"]
  #else
    private static let directories = ["lib", "lib/release", "lib/x86_64-linux-gnu", "lib64"]
  #endif

  /// Whether an executable is one that starts MPI processes.
  static func isLauncher(_ path: String) -> Bool {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return Launcher.family(ofExecutable: path) != nil || name.hasPrefix("mpiexec") || name.hasPrefix("mpirun")
  }

  /// `/usr` for `/usr/bin/mpiexec`.
  private static func prefix(ofExecutable path: String) -> String {
    path.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
  }
}
