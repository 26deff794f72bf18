// SPDX-License-Identifier: Apache-2.0

/// Which MPI this process uses, and how it was found.
package struct MPIDescription: Sendable, Equatable, CustomStringConvertible {
  /// The library's file.
  package var path: String
  /// What the library says it is.
  package var version: String
  /// The library's binary interface.
  package var abi: MPIABI
  /// Why this library was taken, as a clause: "it is beside the launcher /usr/bin/orterun".
  package var reason: String
  /// What started this process; `nil` if it was started alone.
  package var launcher: Launcher?
  /// The number of processes of the job; `nil` before MPI is initialized.
  package var size: Int?
  /// The thread level that MPI was initialized with, without `MPI_THREAD_`; `nil` before.
  package var threadLevel: String?
  /// Whether the program, not this library, initialized MPI.
  package var isAdopted: Bool

  /// Several lines, each with a name and a value.
  package var description: String {
    var lines = ["library: \(path)", "version: \(version)", "ABI: \(abi.rawValue)", "chosen because \(reason)"]
    lines.append("launcher: " + (launcher.map { "\($0.kind.rawValue), from $\($0.variable)" } ?? "none"))
    if let size { lines.append("processes: \(size)") }
    if let threadLevel { lines.append("thread level: \(threadLevel)") }
    if isAdopted { lines.append("initialized by the program, which finalizes it") }
    return lines.joined(separator: "\n")
  }
}
