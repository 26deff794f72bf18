// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// A run of a verb on all ranks: what all verbs do before and after their own work.
struct Session {
  let common: CommonOptions
  let context: ExecutionContext
  let progress: ProgressDisplay

  /// Whether this is the rank that writes.
  var isFirst: Bool { context.rank == 0 }

  /// Starts the processes that the options ask for, or runs `body` on those that are there.
  ///
  /// Does not return if an error is thrown: it is printed once, and all processes end with its code.
  static func run(
    _ common: CommonOptions, checkpoint: Checkpoint? = nil, restarts: Int = 0, _ body: (Session) throws -> Void
  ) throws {
    if common.noValues { LockstepError.quotesValues = false }
    try common.startProcesses(restarts: restarts)
    common.limitSilence()
    StopSignals.install(savesOnUser1: checkpoint != nil)
    MPI.endProcessWhereFinalizingHangs()
    Lockstep.run(threadCount: common.threads) { world in
      ProcessMemory.start()
      let progress = ProgressDisplay(.forRank(world.rank, isQuiet: common.quiet))
      defer { progress.end() }
      let context = ExecutionContext(
        communicator: CountingCommunicator(world.communicator), threadCount: world.threadCount,
        isReproducible: !common.irreproducible, memoryLimit: try common.memoryLimit, ledger: world.ledger,
        checkpoint: checkpoint, progress: { progress.show($0) })
      let session = Session(common: common, context: context, progress: progress)
      try session.agreeOnArguments(ProcessStarter.ownArguments(of: Array(ProcessStarter.allArguments.dropFirst())))
      if common.verbose { session.printBanner() }
      do { try body(session) } catch let error as LockstepError { throw try session.describe(error, checkpoint) }
    }
  }

  /// The error that ends the run, with what there is to say of one that a signal caused; collective then.
  private func describe(_ error: LockstepError, _ checkpoint: Checkpoint?) throws -> LockstepError {
    let isStopped = error.code.stoppingSignal != nil
    var error = error
    if error.code == .lostRank, checkpoint != nil {
      // Before the fit, or after it: nothing of this run is kept.
      error.code = .stoppedWithCheckpoint
      error.remedy = "start the same command again"
    }
    guard isStopped || error.code == .stoppedWithCheckpoint else { return error }
    error.message += " at step \(context.ledger.sweepCount)"
    if let checkpoint, isStopped {
      // Before the fit, there is only what an earlier run may have kept; after it, the rest is soon done again.
      let isSaved = try context.saveCheckpoint()
      error.code = .stoppedWithCheckpoint
      error.remedy = "start the same command again" + (isSaved ? " to go on from \(checkpoint.path)" : "")
    }
    return error
  }

  /// Throws on all ranks, before any work, unless all outputs can be written, none of them is a file that is read, and a digest can
  /// be computed.
  ///
  /// - Parameters:
  ///   - models: Files that the first rank writes.
  ///   - rows: Files that all ranks write.
  ///   - request: The data that are read.
  ///   - files: Other files that are read.
  /// - Throws: `LockstepError`: `.outputFailed` for what cannot be written, `.usage` for what is read.
  func checkOutputs(models: [String], rows: [RowFile], data request: DataRequest?, files: [String] = []) throws {
    try context.agree {
      // The report needs a digest, and an hour of computing should not end in its absence.
      if isFirst { _ = try SHA256.libraryName() }
      let parts = try request.map { try DataNames.parts(of: $0, rank: context.rank, size: context.size) } ?? []
      try OutputPlaces(models: models, rows: rows)
        .check(against: parts.compactMap(\.file) + files, rank: context.rank, size: context.size)
    }
  }

  /// Reads this rank's rows.
  ///
  /// Collective.
  func read(
    _ options: DataOptions, columns: ColumnSelection? = nil, roles: ColumnRoles = ColumnRoles(),
    columnCount: Int? = nil, encoding: ColumnEncoding? = nil
  ) throws -> InputRows {
    if common.verbose, isFirst {
      // What cannot be looked at is read all the same, or refused then.
      let table = try? ColumnTable(
        options, columns: columns ?? options.columns ?? .all, roles: roles, encoding: encoding, size: context.size)
      for line in table?.lines ?? [] { StandardError.write(line + "\n") }
    }
    progress.begin("reading")
    let data = try InputRows(
      options, columns: columns ?? options.columns ?? .all, roles: roles, columnCount: columnCount,
      encoding: encoding, in: context)
    progress.begin("computing")
    if isFirst, !common.quiet {
      for note in data.notes { StandardError.write("lockstep: \(PrintableText.of(note, limit: 1200))\n") }
    }
    return data
  }

  /// Writes a report's result to standard output and its notes to standard error, on rank 0.
  func finish(_ report: some Report) throws {
    progress.end()
    guard isFirst else { return }
    if !common.quiet {
      for note in report.notes { StandardError.write("lockstep: \(PrintableText.of(note, limit: 1200))\n") }
      if common.verbose { StandardError.write(report.run.timingTable().joined(separator: "\n") + "\n") }
    }
    if common.json {
      try StandardOutput.write(try JSONValue.object(try report.json()).encoded() + [UInt8(ascii: "\n")])
    } else {
      let format = common.resultFormat
      let lines = try format.writing { try report.lines(format, width: Terminal.width, isBold: Terminal.hasColor) }
        .map { Terminal.hasColor ? $0 : PrintableText.of($0) }
      if !lines.isEmpty { try StandardOutput.write(lines.joined(separator: "\n") + "\n") }
    }
  }

  /// One line on what computes.
  private func printBanner() {
    guard isFirst else { return }
    var words = "lockstep \(LockstepCommand.version): \(count(context.size, "process", "processes"))"
    if context.size > 1 || Launcher.current != nil, let mpi = try? MPI.describe() {
      // Open MPI tells the date of its making, and more.
      words += " (\(mpi.version.prefix { $0 != "," }), \(mpi.path))"
    }
    words += " of \(count(context.threadCount, "thread")), kernels \(CPUKernels.levelName), seed \(common.seed)"
    StandardError.write(words + "\n")
  }
}

/// `1 row`, `2 rows`.
func count(_ number: Int, _ one: String, _ several: String? = nil) -> String {
  number == 1 ? "1 \(one)" : "\(number) \(several ?? one + "s")"
}
