// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepCommunication
import LockstepErrors
import Synchronization

/// The beginning and the end of MPI in this process.
///
/// ```swift
/// let world = try MPI.start()
/// // … the program; an error that leaves it ends in world.abort(exitCode:), never in finish()
/// try MPI.finish()
/// ```
/// MPI is finalized on the clean path only: it waits for all ranks, so a failing rank that finalizes hangs the job.
package enum MPI {
  private enum State {
    case notStarted
    /// Alone, without MPI.
    case solo
    case running(MPIProcess, MPICommunicator)
    case finished
  }

  private static let state = Mutex(State.notStarted)
  /// Those of all groups that were made of a communicator, and not of another group.
  static let watches = Mutex<[MPIWatch]>([])
  private static let finishesAtExit = Atomic<Bool>(false)

  /// The group of all processes that were started together.
  ///
  /// A process that was started alone gets a ``SoloCommunicator``, and no library is loaded, unless the program has
  /// initialized MPI itself. Under a launcher the MPI library that belongs to it is found, loaded and initialized. MPI that
  /// the program has initialized is adopted, and never finalized. Later calls return the same group.
  ///
  /// - Throws: `LockstepError` with code `.noMPI` if no library is found under a launcher of several processes (what was
  ///   tried, and why it failed, is the cause), if the library does not belong to the launcher, or after MPI's end. As there
  ///   is no group then, every process throws: print if ``speaksForAll``. The others come two seconds later, so that they
  ///   do not end the job before its message is out.
  package static func start() throws -> any Communicator {
    do {
      return try state.withLock { state in
        switch state {
        case .solo: return SoloCommunicator()
        case .running(_, let world): return world
        case .finished: throw LockstepError(.noMPI, "MPI has been finished in this process, and cannot start again")
        case .notStarted:
          guard let (process, world) = try begin() else {
            state = .solo
            return SoloCommunicator()
          }
          state = .running(process, world)
          if process.isOwner { abortOnEarlyExit() }
          return world
        }
      }
    } catch {
      if !speaksForAll { sleep(2) }
      throw error
    }
  }

  /// Whether this process is the one to print an error that ``start()`` threw.
  package static var speaksForAll: Bool { Launcher.current?.rank ?? 0 == 0 }

  /// Ends communication, on the clean path; collective.
  ///
  /// Waits until all ranks have come here. One that waits for a message of a rank that is here throws. Finalizes MPI if
  /// ``start()`` has initialized it.
  ///
  /// - Throws: `LockstepError` with code `.communication` if messages remain that nobody has received.
  package static func finish() throws {
    let process = try state.withLock { state -> MPIProcess? in
      guard case .running(let process, _) = state else { return nil }
      try finishWatches()
      state = .finished
      return process
    }
    guard let process, process.isOwner else { return }
    FinalizeWatchdog.start()
    try process.call("Finalize") { $0.finalize() }
    FinalizeWatchdog.stop()
  }

  /// Whether Slurm has started this process itself, by `srun`, without a launcher of an MPI in between.
  ///
  /// Slurm answers `MPI_Abort` by SIGKILL, and so by the exit code 137, whatever the program has to say.
  package static let isTaskOfSlurm: Bool = {
    let environment = ProcessFacts.environment()
    return environment["SLURM_STEP_ID"] != nil && environment["SLURM_STEP_NUM_TASKS"] != nil
      && !ProcessFacts.ancestors().contains { Launcher.family(ofExecutable: $0) != nil }
  }()

  /// Whether all ranks come here within a time, because an error has ended the program on each; collective for those that do.
  package static func allEnd(within milliseconds: Int) -> Bool {
    guard case .running(let process, let world) = state.withLock({ $0 }) else { return false }
    var request: MPIHandle = 0
    var pause = Pause()
    do {
      try process.call("Ibarrier") { $0.ibarrier(world.handle, &request) }
      while !(try process.test(&request)) {
        guard pause.elapsed < UInt64(milliseconds) * 1_000_000 else { return false }
        pause.wait()
      }
      return true
    } catch {
      // The job ends by force, with the error that it ends for.
      return false
    }
  }

  /// Ends MPI in good order because of an error, where that keeps an exit code that `MPI_Abort` would lose: under `srun`.
  ///
  /// Collective, after ``allEnd(within:)``.
  ///
  /// - Parameter exitCode: That of this process, which is ended with it if MPI does not come to its end.
  /// - Returns: Whether MPI has ended, and the process may exit.
  package static func finishInsteadOfAborting(exitCode: Int32) -> Bool {
    guard isTaskOfSlurm, case .running(let process, _) = state.withLock({ $0 }), process.isOwner else { return false }
    state.withLock { $0 = .finished }
    AbortWatchdog.start(exitCode: exitCode)
    do { try process.call("Finalize") { $0.finalize() } } catch {
      // Its own error is of no interest beside that of the program.
    }
    return true
  }

  /// Whom this rank has waited for longer than a moment, and where that rank is, for those who tell how far the work is.
  package static var currentWait: (rank: Int, host: String?, seconds: Int)? {
    watches.withLock { $0 }.lazy.compactMap(\.currentWait).first
  }

  /// For how many seconds the machine has not answered of the rank that is waited for, if it is another one and has answered before.
  package static var silentSeconds: Int? { RemoteWatch.shared.silentSeconds }

  /// Has a rank that waits take a rank on another machine for lost when it has not answered for some time; zero for never.
  ///
  /// To be called before ``start()``. Without it, the variable LOCKSTEP_PEER_TIMEOUT counts, or a minute.
  package static func limitSilence(to duration: Duration) {
    RemoteWatch.timeout.store(RemoteWatch.nanoseconds(duration), ordering: .relaxed)
  }

  /// The other machines of the job: those whose loss would be seen, and those that keep questions or answers away.
  package static var otherMachines: (answering: [String], silent: [String]) {
    let (heard, unheard) = RemoteWatch.shared.machines()
    return (heard, unheard)
  }

  /// What a program whose own MPI was adopted calls before it finalizes that; collective over every group that was made of it.
  ///
  /// A rank that waits for a message of one that has come here throws. Does nothing if MPI is this library's, or not used.
  package static func leave() throws {
    let isAdopted = state.withLock { state in
      switch state {
      case .running(let process, _): !process.isOwner
      case .notStarted, .solo: true
      case .finished: false
      }
    }
    if isAdopted { try finishWatches() }
  }

  private static func finishWatches() throws {
    let all = watches.withLock { watches in
      defer { watches = [] }
      return watches
    }
    try MPIWatch.finish(all)
  }

  /// Makes an exit of this process with the code 0 the clean path, which calls ``finish()``.
  ///
  /// For interpreters, whose programs end without a word. With any other code the job ends, as always.
  package static func finishAtExit() {
    finishesAtExit.store(true, ordering: .relaxed)
    FinalizeWatchdog.allow()
  }

  /// Has ``finish()`` end this process with the code 0 if MPI does not let it go within ten seconds: for programs that have nothing more
  /// to do then.
  package static func endProcessWhereFinalizingHangs() { FinalizeWatchdog.allow() }

  /// Makes every sweep and every wait of this process for a message throw `.cancelled`, from any thread, until ``resume()``.
  ///
  /// The same as `Cancellation.request()`.
  package static func cancel() { Cancellation.request() }

  /// Takes ``cancel()`` back.
  package static func resume() { Cancellation.withdraw() }

  /// The cores that this process may run on: those of the machine, less what the launcher's affinity mask takes away.
  package static var usableCoreCount: Int { ProcessFacts.usableCoreCount() }

  /// Which MPI this process uses, or would use: the library of the launcher if there is one, or the first that is found.
  ///
  /// Loads the library, but does not initialize it.
  ///
  /// - Throws: `LockstepError` with code `.noMPI`, and what was tried as cause.
  package static func describe() throws -> MPIDescription {
    let launcher = Launcher.current
    let running = state.withLock { state -> (MPIProcess, MPICommunicator)? in
      if case .running(let process, let world) = state { (process, world) } else { nil }
    }
    if let (process, world) = running {
      return MPIDescription(
        path: process.library.path, version: process.library.versionText(), abi: process.library.abi,
        reason: process.reason, launcher: launcher, size: world.size,
        threadLevel: process.constants.threadLevelName(process.threadLevel), isAdopted: !process.isOwner)
    }
    let (library, reason) = try findLibrary(for: launcher)
    return MPIDescription(
      path: library.path, version: library.versionText(), abi: library.abi, reason: reason, launcher: launcher,
      isAdopted: false)
  }
}

// MARK: Leaving without finish

extension MPI {
  /// Makes `exit`, called before ``finish()``, end the whole job.
  ///
  /// Open MPI's launcher treats such an end as a failure. MPICH's ends the other ranks, too, but if the code is 0 it reports
  /// success.
  private static func abortOnEarlyExit() {
    on_exit(
      { status, _ in
        // `exit` may have been called inside `start` or `finish`, with the lock held: there is nothing to add then.
        guard let state = MPI.state.withLockIfAvailable({ $0 }), case .running(let process, let world) = state else {
          return
        }
        if status == 0, MPI.finishesAtExit.load(ordering: .relaxed) {
          do { return try MPI.finish() } catch {
            let line = Array("lockstep: \(LockstepError(wrapping: error).seen(byRank: world.rank))\n".utf8)
            write(STDERR_FILENO, line, line.count)
            process.abort(exitCode: LockstepError(wrapping: error).code.exitCode)
          }
        }
        if status == 0 {
          let line = Array("rank \(world.rank) exited before MPI.finish(), so the job ends\n".utf8)
          write(STDERR_FILENO, line, line.count)
        }
        process.abort(exitCode: status == 0 ? LockstepError.Code.communication.exitCode : status)
      }, nil)
  }
}

// MARK: Finding and initializing

extension MPI {
  /// MPI as the program has initialized it, or as ``start()`` has.
  static func initializedProcess() throws -> MPIProcess {
    let running = state.withLock { state -> MPIProcess? in
      if case .running(let process, _) = state { process } else { nil }
    }
    if let process = try running ?? adopted() { return process }
    throw LockstepError(.noMPI, "MPI is not initialized in this process, so there is no communicator to adopt")
  }

  /// The world, or `nil` for a process that is alone.
  private static func begin() throws -> (MPIProcess, MPICommunicator)? {
    if let process = try adopted() {
      return (process, try MPICommunicator(duplicating: process.constants.commWorld, process: process))
    }
    guard let launcher = Launcher.current else { return nil }
    let library: MPILibrary
    let reason: String
    do {
      (library, reason) = try findLibrary(for: launcher)
    } catch {
      // A launcher of one process needs no MPI.
      if launcher.size == 1 { return nil }
      throw error
    }
    let process = try initialize(library, reason: reason)
    var size: Int32 = 0
    try process.call("Comm_size") { $0.commSize(process.constants.commWorld, &size) }
    if let expected = launcher.size, expected != Int(size) {
      let error = mismatch(launcher, library: library, size: Int(size))
      // A world of one may be left in good order, which spares the launcher's complaints.
      if size == 1 { try process.call("Finalize") { $0.finalize() } }
      throw error
    }
    return (process, try MPICommunicator(duplicating: process.constants.commWorld, process: process))
  }

  /// MPI that the program has initialized, or `nil`.
  private static func adopted() throws -> MPIProcess? {
    for path in ProcessFacts.loadedMPILibraries() {
      guard let library = try? MPILibrary(opening: path, onlyIfLoaded: true) else { continue }
      let (isInitialized, isFinalized) = try stage(of: library)
      guard isInitialized else { continue }
      if isFinalized {
        throw LockstepError(.noMPI, "MPI (\(path)) has been finalized in this process, and cannot start again")
      }
      var level: Int32 = 0
      try library.check(library.functions.queryThread(&level), "MPI_Query_thread")
      return MPIProcess(library: library, isOwner: false, threadLevel: level, reason: "the program has initialized it")
    }
    return nil
  }

  private static func stage(of library: MPILibrary) throws -> (isInitialized: Bool, isFinalized: Bool) {
    var isInitialized: Int32 = 0
    var isFinalized: Int32 = 0
    try library.check(library.functions.initialized(&isInitialized), "MPI_Initialized")
    try library.check(library.functions.finalized(&isFinalized), "MPI_Finalized")
    return (isInitialized != 0, isFinalized != 0)
  }

  /// Initializes MPI, which this library then has to finalize.
  private static func initialize(_ library: MPILibrary, reason: String) throws -> MPIProcess {
    var level: Int32 = 0
    let status = library.functions.initThread(nil, nil, library.constants.threadSerialized, &level)
    try library.check(status, "MPI_Init_thread")
    let process = MPIProcess(library: library, isOwner: true, threadLevel: level, reason: reason)
    // So that a failing MPI_Comm_dup is thrown as well.
    try process.call("Comm_set_errhandler") {
      $0.commSetErrhandler(process.constants.commWorld, process.constants.errorsReturn)
    }
    return process
  }

  /// The first library of the search that loads.
  static func findLibrary(for launcher: Launcher?) throws -> (MPILibrary, reason: String) {
    let search = MPILibrarySearch(
      environment: ProcessFacts.environment(), launcher: launcher, ancestors: ProcessFacts.ancestors(),
      loaded: ProcessFacts.loadedMPILibraries(), fileExists: { access($0, R_OK) == 0 })
    return try firstLibrary(of: search.candidates(), launcher: launcher)
  }

  /// The first of `candidates` that loads.
  ///
  /// - Throws: `LockstepError` with code `.noMPI`, whose cause lists each candidate and what became of it.
  static func firstLibrary(
    of candidates: [MPILibraryCandidate], launcher: Launcher?
  ) throws -> (MPILibrary, reason: String) {
    var failures: [String] = []
    for candidate in candidates {
      do throws(MPILibrary.Failure) {
        return (try MPILibrary(opening: candidate.name), candidate.reason)
      } catch {
        switch error {
        case .notLoaded(let words): failures.append("\(candidate.name) (tried because \(candidate.reason)): \(words)")
        case .notMPI(let words): failures.append("\(candidate.name) is not an MPI library: \(words)")
        }
      }
    }
    let occasion = launcher.map { launcher in
      "started by \(launcher.kind.rawValue)" + (launcher.size.map { " as one of \($0) processes" } ?? "") + ", but "
    }
    throw LockstepError(
      .noMPI, (occasion ?? "") + "no MPI library was found",
      remedy: "set \(MPILibrarySearch.variable) to the path of the launcher's libmpi.so",
      cause: failures.joined(separator: "; "))
  }

  /// A library that did not find the processes that the launcher has started.
  static func mismatch(_ launcher: Launcher, library: MPILibrary, size: Int) -> LockstepError {
    let expected = launcher.size ?? 0
    var remedy = "use the mpiexec of that library, or set \(MPILibrarySearch.variable) to the library of that launcher"
    if launcher.variable == "SLURM_STEP_NUM_TASKS" {
      remedy = "pass srun the --mpi type that the library was built for (srun --mpi=list shows them), or " + remedy
    }
    return LockstepError(
      .noMPI,
      "\(launcher.kind.rawValue) has started \(expected) processes, but \(library.versionText()) (\(library.path)) sees \(size)",
      remedy: remedy)
  }
}
