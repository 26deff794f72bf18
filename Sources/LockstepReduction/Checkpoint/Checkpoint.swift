// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import Synchronization

/// The progress of a computation, kept in a file so that the same computation can go on from there.
///
/// ```swift
/// let context = ExecutionContext(communicator: world, checkpoint: Checkpoint(path: "fit.checkpoint"))
/// let model = try context.resuming("k-means of these rows", rows) { try KMeans(clusterCount: 10).fit(rows, in: $0) }
/// ```
/// A computation is a sequence of sweeps whose outputs have the same bits on every rank, and of steps that these outputs decide. So it
/// is enough to keep the outputs, or, of a loop, what its next step begins with: started again on any number of ranks, the program runs
/// through the same sequence, takes what is kept instead of sweeping, and comes to the same bits. Of a long sweep each rank keeps the
/// summaries of the blocks that are finished.
///
/// Rank 0 writes, between two steps, when the interval is over, and a hundred times the time that the last writing took: to another
/// name in the same directory, which is then renamed. During a sweep each rank writes its blocks so to a file of its own, beside. Every
/// rank has an object of its own.
public final class Checkpoint: Sendable {
  /// The file.
  public let path: String
  /// The least time between two writings.
  public let interval: Duration
  /// Whether to begin anew, whatever the file holds.
  public let isFresh: Bool
  /// Whether the file stays when the computation has come to its end.
  public let isKept: Bool
  private let onFailure: @Sendable (LockstepError) -> Void
  private let state = Mutex(CheckpointState())

  /// A checkpoint in a file that may be there already.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - interval: The least time between two writings; zero writes after every step, whatever that costs.
  ///   - isFresh: Whether to begin anew, whatever the file holds.
  ///   - isKept: Whether the file stays when the computation has come to its end.
  ///   - onFailure: Told, once on a rank, that the file cannot be written. The computation goes on.
  public init(
    path: String, interval: Duration = .seconds(180), isFresh: Bool = false, isKept: Bool = false,
    onFailure: @escaping @Sendable (LockstepError) -> Void = { _ in }
  ) {
    self.path = path
    self.interval = interval
    self.isFresh = isFresh
    self.isKept = isKept
    self.onFailure = onFailure
  }

  /// Whether a computation is under way whose progress is kept.
  package var isOpen: Bool { state.withLock { $0.content != nil } }

  // MARK: Beginning and end

  /// What rank 0 finds at the beginning, for all ranks.
  struct Opening: Codable, Sendable {
    var content: CheckpointContent
    /// What the files of blocks belong to.
    var blockIdentities: [UInt64] = []
  }

  /// Reads the files, on rank 0, and writes the checkpoint, so that one that cannot be written is known before the work begins.
  ///
  /// - Parameter expected: The computation, without anything that is kept of it.
  /// - Returns: What is kept of it.
  /// - Throws: `LockstepError` if a file is damaged, or that of another computation.
  func begin(_ expected: CheckpointContent) throws -> Opening {
    try CheckpointFile.removeUnfinished(path)
    if isFresh {
      try CheckpointFile.remove(path, includingOwn: false)
    } else if let (_, bytes) = try CheckpointFile.read(path) {
      let found: CheckpointContent
      do { found = try PackedDecoder().decode(from: bytes) } catch {
        throw CheckpointFile.unreadable(path, "it is no checkpoint of this release")
      }
      try found.requireFit(to: expected, path: path)
      return Opening(content: found, blockIdentities: try CheckpointFile.blockFiles(of: path).map(\.identity))
    }
    try CheckpointFile.write(try PackedEncoder().encode(expected), to: path)
    return Opening(content: expected)
  }

  /// Begins a computation, with what is kept of it if there is something.
  func open(_ opening: Opening) { state.withLock { $0 = CheckpointState(opening) } }

  /// Ends the computation on rank 0: removes the files, unless they are to stay.
  func end() throws {
    if isKept {
      try write()
      try CheckpointFile.remove(path, includingOwn: false)
    } else {
      try CheckpointFile.remove(path, includingOwn: true)
    }
  }

  func close() { state.withLock { $0 = CheckpointState() } }

  // MARK: Sweeps

  /// What the sweep that comes next came to before, if it is kept.
  func keptOutput(digest: UInt64) -> [UInt8]? { state.withLock { $0.keptOutput(digest: digest) } }

  /// Keeps what the sweep came to, on rank 0; elsewhere counts it.
  func keep(digest: UInt64, rank: Int, _ bytes: () throws -> [UInt8]) rethrows {
    let bytes = rank == 0 ? try bytes() : nil
    state.withLock { $0.keep(digest: digest, bytes) }
    if rank == 0 { writeIfDue() }
  }

  // MARK: Milestones

  /// The place in the sequence where a loop or a part begins, and what is kept of it.
  func beginMilestone(_ key: String) -> (start: Int, kept: [UInt8]?) { state.withLock { $0.beginMilestone(key) } }

  /// Keeps a milestone in place of all that was kept since `start`.
  func keep(_ key: String, since start: Int, rank: Int, _ bytes: @escaping @Sendable () throws -> [UInt8]) {
    state.withLock { $0.keep(key, since: start, rank == 0 ? bytes : nil) }
    if rank == 0 { writeIfDue() }
  }

  // MARK: Writing

  private func writeIfDue() {
    let isWished = SavingRequest.takeForOutputs()
    let isDue = state.withLock { $0.hasChanged && (isWished || $0.outputWriting.isDue(interval)) }
    guard isDue else { return }
    writeOrTell()
  }

  /// Writes the file, on rank 0, and tells if that fails: the one before is there still.
  func writeOrTell() {
    do { try write() } catch { tell(error) }
  }

  /// Writes the file, on rank 0, if anything is kept that it does not hold.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed`; the file is as it was then.
  func write() throws {
    try state.withLock { state in
      guard let content = try state.contentToWrite() else { return }
      try state.outputWriting.measure { try CheckpointFile.write(try PackedEncoder().encode(content), to: path) }
      state.hasChanged = false
    }
  }

  private func tell(_ error: any Error) {
    if state.withLock({ $0.isFirstFailure() }) { onFailure(LockstepError(wrapping: error)) }
  }

  // MARK: Blocks

  /// What tells the sweep that comes next from all others of all computations.
  func identity(ofSweep digest: UInt64) -> UInt64 { state.withLock { $0.identity(ofSweep: digest) } }

  /// Whether there are finished blocks of that sweep; the same on all ranks.
  func knowsBlocks(of identity: UInt64) -> Bool { state.withLock { $0.blockIdentities.contains(identity) } }

  /// The contents of the files of that sweep's blocks, on rank 0.
  func blocks(of identity: UInt64) throws -> [[UInt8]] {
    try CheckpointFile.blockFiles(of: path).filter { $0.identity == identity }.compactMap {
      try CheckpointFile.read($0.path)?.content
    }
  }

  /// Begins to measure the time of a sweep.
  func beginBlocks() { state.withLock { $0.blockWriting.begin() } }

  /// Writes this rank's finished blocks if it is time to and no other thread does so.
  func writeBlocksIfDue(_ identity: UInt64, rank: Int, _ bytes: () throws -> [UInt8]) {
    let isWished = SavingRequest.takeForBlocks()
    guard state.withLock({ $0.takeTurnToWriteBlocks(isWished: isWished, interval) }) else { return }
    do { try writeBlocks(identity, rank: rank, bytes) } catch { tell(error) }
  }

  /// Writes this rank's finished blocks when the computation stops; what goes wrong is told by ``requireBlocksWritten()``.
  func writeLastBlocks(_ identity: UInt64, rank: Int, _ bytes: () throws -> [UInt8]) {
    do { try writeBlocks(identity, rank: rank, bytes) } catch {
      state.withLock { $0.blockFailure = LockstepError(wrapping: error) }
    }
  }

  /// Throws if this rank's blocks could not be written when the computation stopped.
  func requireBlocksWritten() throws { if let failure = state.withLock({ $0.blockFailure }) { throw failure } }

  /// Writes this rank's finished blocks.
  private func writeBlocks(_ identity: UInt64, rank: Int, _ bytes: () throws -> [UInt8]) throws {
    let start = ContinuousClock.now
    defer { state.withLock { $0.endTurnToWriteBlocks(since: start) } }
    try CheckpointFile.write(try bytes(), identity: identity, to: CheckpointFile.blocksPath(path, rank: rank))
  }
}

/// A wish, of SIGUSR1 for example, that what is kept should be written now.
package enum SavingRequest {
  private static let ofOutputs = Atomic<Bool>(false)
  private static let ofBlocks = Atomic<Bool>(false)

  /// Asks for it; on any rank, and safe in a signal's handler once anything of this type has been called before.
  package static func request() {
    ofOutputs.store(true, ordering: .relaxed)
    ofBlocks.store(true, ordering: .relaxed)
  }

  /// Makes what a handler must not make.
  package static func prepare() { _ = ofOutputs.load(ordering: .relaxed) || ofBlocks.load(ordering: .relaxed) }

  /// Whether outputs and milestones were asked for since the last call; a rank that is not the first tells the first.
  static func takeForOutputs() -> Bool {
    ofOutputs.load(ordering: .relaxed) && ofOutputs.exchange(false, ordering: .relaxed)
  }

  /// Whether this rank's blocks were asked for since the last call.
  static func takeForBlocks() -> Bool {
    ofBlocks.load(ordering: .relaxed) && ofBlocks.exchange(false, ordering: .relaxed)
  }

  /// Asks for the outputs alone, as another rank wishes.
  static func requestOutputs() { ofOutputs.store(true, ordering: .relaxed) }
}
