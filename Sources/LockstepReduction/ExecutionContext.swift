// SPDX-License-Identifier: Apache-2.0

import LockstepCommunication
import LockstepErrors
import LockstepTables

/// Where a computation runs: the only type that knows about ranks.
///
/// ```swift
/// let context = ExecutionContext(communicator: communicator, threadCount: 2)
/// let model = try Moments().fit(table, in: context)          // collective: every rank calls it, every rank gets it
/// ```
/// All functions that take a context are collective: every rank of its communicator calls them in the same order. If one
/// rank throws inside ``agree(_:)``, ``reduce(_:over:)`` or ``align(_:blockRowCount:)``, every rank throws the same error.
public struct ExecutionContext: Sendable {
  /// The ranks.
  public let communicator: any Communicator
  /// How many threads sweep this rank's rows.
  ///
  /// Results do not depend on it.
  public let threadCount: Int
  /// Whether results have the same bits for any number of ranks and any cut of the rows.
  ///
  /// Default `true`; `false` is there to measure what it costs.
  public let isReproducible: Bool
  /// How much memory rows may take; `nil` for as much as they need.
  ///
  /// Results do not depend on it.
  public let memoryLimit: MemoryLimit?
  /// Where the time went.
  public let ledger: TimeLedger
  /// Told of every collective's message sizes, if this process is alone; `nil` in ordinary runs.
  package let log: CollectiveLog?
  /// What is kept of the computation, so that a later run can go on from there; `nil` for nothing.
  package let checkpoint: Checkpoint?
  /// Told of every step of an iterative fit, on every rank, between collectives.
  public let progress: (@Sendable (ProgressStep) -> Void)?

  /// A context of the ranks of `communicator`.
  package init(
    communicator: any Communicator = SoloCommunicator(), threadCount: Int = 1, isReproducible: Bool = true,
    memoryLimit: MemoryLimit? = nil, ledger: TimeLedger = TimeLedger(),
    log: CollectiveLog? = nil, checkpoint: Checkpoint? = nil, progress: (@Sendable (ProgressStep) -> Void)? = nil
  ) {
    precondition(threadCount > 0, "a context of \(threadCount) threads")
    self.communicator = communicator
    self.threadCount = threadCount
    self.isReproducible = isReproducible
    self.memoryLimit = memoryLimit
    self.ledger = ledger
    self.log = log
    self.checkpoint = checkpoint
    self.progress = progress
  }

  /// The same context with a checkpoint.
  package init(_ context: ExecutionContext, checkpoint: Checkpoint?) {
    self.init(
      communicator: context.communicator, threadCount: context.threadCount, isReproducible: context.isReproducible,
      memoryLimit: context.memoryLimit, ledger: context.ledger, log: context.log, checkpoint: checkpoint,
      progress: context.progress)
  }

  /// This process alone, one thread.
  public static let local = ExecutionContext()

  /// This process's number, from 0.
  public var rank: Int { communicator.rank }
  /// The number of ranks.
  public var size: Int { communicator.size }

  /// Runs `body` on every rank and returns what it returned here; if it throws on any rank, every rank throws that error.
  ///
  /// Collective. Anything that one rank may fail at while the others succeed, opening its file above all, belongs into it.
  public func agree<T>(_ body: () throws -> T) throws -> T {
    var mine: T?
    let outcome = Contribution<Bool>(rank: rank, of: size) {
      mine = try body()
      return true
    }
    _ = try reduce(outcome, merging: { _, _ in true }, finalize: { $0 })
    guard let mine else { throw LockstepError(.internalInconsistency, "ranks agreed on a value that is not there") }
    return mine
  }

  /// Runs `body` on rank 0 and gives what it returns, or throws, to every rank.
  ///
  /// Collective.
  public func decide<T: Codable & Sendable>(_ body: () throws -> T) throws -> T {
    try reduce(Contribution(rank: rank, of: size) { true }, merging: { _, _ in true }, finalize: { _ in try body() })
  }

  /// Merges what each rank contributes, in rank order along a binomial tree, finalizes on rank 0, and gives the output's bits to
  /// every rank.
  func reduce<Value: Codable & Sendable, Output: Codable & Sendable>(
    _ contribution: Contribution<Value>, isLogged: Bool = true, merging merge: (Value, Value) throws -> Value,
    finalize: (Value) throws -> Output
  ) throws -> Output {
    var mine = contribution
    var bit = 1
    while bit < size {
      if rank & bit != 0 {
        try ledger.measure(\.communicate) { try communicator.send(try mine.packed(tellsWish: true), to: rank - bit) }
        break
      }
      if rank + bit < size {
        let bytes = try ledger.measure(\.communicate) { try communicator.receive(from: rank + bit) }
        let theirs = try Contribution<Value>(unpacking: bytes)
        let earlier = mine
        mine = Contribution(rank: rank, of: size) { try merge(try earlier.get(), try theirs.get()) }
      }
      bit <<= 1
    }
    guard size > 1 else {
      let output = try finalize(try mine.get())
      if let log, isLogged {
        log.record(
          .init(
            fixedByteCount: Double(try mine.packed().count),
            outputByteCount: Double(try PackedEncoder().encode(output).count + 1)))
      }
      return output
    }
    let output = rank == 0 ? Contribution<Output>(rank: 0, of: size) { try finalize(try mine.get()) } : nil
    let bytes = try ledger.measure(\.communicate) { try communicator.broadcast(try output?.packed() ?? []) }
    // Rank 0 too reads the message: all ranks hold what a reader makes of the same bytes.
    return try Contribution<Output>(unpacking: bytes).get()
  }

  /// Every rank's value merged into one, in rank order, on every rank.
  ///
  /// Collective. If a value or merging throws, every rank throws what it threw.
  public func merged<Value: Codable & Sendable>(
    _ value: @autoclosure () throws -> Value, _ merge: (_ earlier: Value, _ later: Value) throws -> Value
  ) throws -> Value {
    try reduce(Contribution(rank: rank, of: size) { try value() }, merging: merge, finalize: { $0 })
  }

  /// Every rank's value, in rank order, on every rank.
  ///
  /// Collective.
  public func gathered<Value: Codable & Sendable>(_ value: Value) throws -> [Value] {
    if size == 1 { try log?.recordGathering(value) }
    return try reduce(
      Contribution(rank: rank, of: size) { [value] }, isLogged: false, merging: { $0 + $1 }, finalize: { $0 })
  }
}

/// A step of an iterative fit, for progress lines and logs.
public struct ProgressStep: Sendable {
  /// What is being done: `k-means++`, `Lloyd`.
  public let phase: String
  /// The number of steps done in this phase.
  public let step: Int
  /// The number of steps there will be at most.
  public let stepLimit: Int
  /// Figures of interest, by name, in the order to show them.
  public let figures: [(name: String, value: Double)]

  /// A step with its figures.
  public init(phase: String, step: Int, stepLimit: Int, figures: [(name: String, value: Double)] = []) {
    self.phase = phase
    self.step = step
    self.stepLimit = stepLimit
    self.figures = figures
  }
}
