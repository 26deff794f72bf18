// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// The options that every verb has.
struct CommonOptions: ParsableArguments {
  @Option(
    name: [.customShort("n"), .long],
    help: ArgumentHelp(
      "Start this many processes with the MPI launcher that is found. Not inside a launcher. (default: this one alone)",
      valueName: "n"))
  var processes: Int?

  @Option(
    help: ArgumentHelp(
      "Threads for each process. (default: the cores it may use, divided by the processes on this machine)",
      valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "The memory that each process may use for its rows, as in 512M or 2G; what is more goes to a scratch file. (default: as much "
        + "as the rows need)", valueName: "size"))
  var memory: String?

  @Option(
    help: ArgumentHelp(
      "The directory of the scratch file, on a disk with room for the rows. (default: $TMPDIR, /var/tmp or /tmp)",
      valueName: "directory"))
  var scratch: String?

  @Option(
    help: ArgumentHelp(
      "End the run when a process on another machine, for which this one waits, has not answered for so long, as in 30s or 5m; "
        + "0s for never. (default: $LOCKSTEP_PEER_TIMEOUT, or 60s)", valueName: "time"))
  var peerTimeout: String?

  @Option(help: ArgumentHelp("The seed of all random draws.", valueName: "n"))
  var seed: UInt64 = Catalog.defaultSeed

  @OptionGroup var form: FormatOptions

  @Flag(name: .shortAndLong, help: "No progress, no notes: only results and errors.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "More detail: the libraries in use, and where the time of each process went.")
  var verbose = false

  @Flag(help: "Errors tell the place of a wrong value, and do not quote it: for logs that others read.")
  var noValues = false

  @Flag(
    help: ArgumentHelp(
      "Sum in whatever order is at hand, to measure what the same bits on any number of processes cost.",
      visibility: .hidden))
  var irreproducible = false

  /// Set in the processes that `-n` has started.
  @Flag(name: .customLong("started-by-lockstep"), help: .private)
  var isStartedByLockstep = false

  func validate() throws {
    if let processes, processes < 1 { throw ValidationError("\(processes) processes; start 1 or more with -n.") }
    if let threads, threads < 1 { throw ValidationError("\(threads) threads; give 1 or more with --threads.") }
    _ = try checkUsage { try memoryLimit }
    if let peerTimeout, Duration(parsing: peerTimeout) == nil {
      throw ValidationError("\"\(peerTimeout)\" is no duration; give one as in 30s, 5m or 1h with --peer-timeout.")
    }
    if scratch != nil, memory == nil {
      throw ValidationError("--scratch is for what --memory does not hold; give both.")
    }
    if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other.") }
    if processes != nil, !isStartedByLockstep, let launcher = Launcher.current {
      throw ValidationError(
        "-n inside a launcher (\(launcher.kind.rawValue), by $\(launcher.variable)); leave it out: "
          + "the launcher has started the processes.")
    }
  }

  /// The form of the result.
  var resultFormat: ReportFormat { form.resultFormat }

  /// Whether the result is one JSON object.
  var json: Bool { resultFormat == .json }

  /// Throws if the result is asked for in a form that a verb does not have.
  func requireFormat(_ forms: ReportFormat...) throws {
    guard let format = form.format, !forms.contains(format) else { return }
    throw LockstepError(
      .usage, "--format \(format.rawValue): this result has no such form",
      remedy: "choose one of " + forms.map(\.rawValue).joined(separator: ", "))
  }

  /// The limit of memory that the options ask for, if any.
  var memoryLimit: MemoryLimit? {
    get throws { try memory.map { try MemoryLimit(parsing: $0, scratchDirectory: scratch) } }
  }

  /// Has lost machines noticed after the time that the options say.
  func limitSilence() {
    if let timeout = peerTimeout.flatMap({ Duration(parsing: $0) }) { MPI.limitSilence(to: timeout) }
  }

  /// Turns this process into the launcher of the processes that `-n` asks for, if it asks; otherwise returns.
  ///
  /// - Parameter restarts: How often to start them again after a loss.
  /// - Throws: `LockstepError` with code `.noMPI` if there is no launcher.
  func startProcesses(restarts: Int = 0) throws {
    guard !isStartedByLockstep else { return }
    if restarts > 0 {
      guard let processes else {
        throw ValidationError("--restarts is for processes that -n starts; without it, start the same command again.")
      }
      try ProcessStarter.start(processes, restarts: restarts, isQuiet: quiet)
    }
    guard let processes, processes > 1 else { return }
    try ProcessStarter.start(processes)
  }
}

/// Runs a check of the library's while arguments are parsed: what it refuses is wrong usage.
func checkUsage<T>(_ body: () throws -> T) throws -> T {
  do { return try body() } catch let error as LockstepError { throw ValidationError(error.description) }
}
