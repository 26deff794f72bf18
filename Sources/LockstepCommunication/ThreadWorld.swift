// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// What the ranks of one ``ThreadRanks/run(_:_:)`` share: mailboxes, and who waits for whom.
///
/// Ranks are numbers in the whole run here; ``ThreadCommunicator`` translates from its group. Each rank has one condition,
/// of its own number, so that a message wakes only the rank it is for.
final class ThreadWorld: Sendable {
  /// The line from one rank to another within one group.
  struct Channel: Hashable {
    let group: Int
    let source: Int
    let destination: Int
  }

  private struct State {
    var mailboxes: [Channel: Mailbox] = [:]
    /// The channel on which each rank sleeps, and which is empty; `nil` for a rank that runs.
    var waiting: [Channel?]
    /// Ranks that will never send again.
    var hasEnded: [Bool]
    /// A deadlock that a rank was in, for it to throw when it wakes.
    var deadlocks: [LockstepError?]
    /// The first failure of any rank.
    var failure: LockstepError?
    /// Set by `abort`: nobody waits any more.
    var isAborted = false
    var groupCount = 1
  }

  /// Messages of one channel, oldest first.
  private struct Mailbox {
    private var messages: [[UInt8]] = []
    private var next = 0

    mutating func append(_ message: [UInt8]) { messages.append(message) }

    mutating func popFirst() -> [UInt8]? {
      guard next < messages.count else { return nil }
      let message = messages[next]
      messages[next] = []
      next += 1
      if next == messages.count {
        messages.removeAll(keepingCapacity: true)
        next = 0
      }
      return message
    }
  }

  private let monitor: Monitor<State>

  init(rankCount: Int) {
    let state = State(
      waiting: Array(repeating: nil, count: rankCount), hasEnded: Array(repeating: false, count: rankCount),
      deadlocks: Array(repeating: nil, count: rankCount))
    monitor = Monitor(state, conditionCount: rankCount)
  }

  /// Numbers for `count` new groups.
  func makeGroups(_ count: Int) -> Int {
    monitor.withLock { state in
      defer { state.groupCount += count }
      return state.groupCount
    }
  }

  func send(_ message: [UInt8], on channel: Channel) {
    monitor.withLock { state in
      state.mailboxes[channel, default: Mailbox()].append(message)
      guard state.waiting[channel.destination] == channel else { return }
      state.waiting[channel.destination] = nil
      monitor.signal(channel.destination)
    }
  }

  func receive(on channel: Channel) throws -> [UInt8] {
    let rank = channel.destination
    var isFirstAttempt = true
    let outcome: Result<[UInt8], LockstepError> = monitor.wait(for: rank) { state in
      precondition(
        !isFirstAttempt || state.waiting[rank] == nil,
        "rank \(rank) receives on two threads at once; a rank communicates on one thread at a time")
      isFirstAttempt = false
      // First of all, or one rank of a deadlock would go on while the others throw.
      if let deadlock = state.deadlocks[rank] {
        state.deadlocks[rank] = nil
        return .failure(deadlock)
      }
      // What has arrived is delivered, whatever became of its sender: a failure may be what it tells.
      if let message = state.mailboxes[channel]?.popFirst() {
        state.waiting[rank] = nil
        return .success(message)
      }
      guard let error = self.reasonNotToWait(on: channel, in: &state) else { return nil }
      state.waiting[rank] = nil
      return .failure(error)
    }
    return try outcome.get()
  }

  /// Ends `rank`, which will not send again, and wakes those who wait for it.
  func end(_ rank: Int, failure: LockstepError? = nil) {
    monitor.withLock { state in
      state.hasEnded[rank] = true
      state.failure = state.failure ?? failure
      for (other, channel) in state.waiting.enumerated() where channel?.source == rank { monitor.signal(other) }
    }
  }

  /// Ends `rank`, and makes every rank that waits, now or later, throw `failure`.
  func abort(_ rank: Int, failure: LockstepError) {
    monitor.withLock { state in
      state.hasEnded[rank] = true
      state.failure = state.failure ?? failure
      state.isAborted = true
      for other in state.waiting.indices { monitor.signal(other) }
    }
  }

  /// Why a message on the empty `channel` cannot come; otherwise `nil`, with the wait entered in the state.
  private func reasonNotToWait(on channel: Channel, in state: inout State) -> LockstepError? {
    let rank = channel.destination
    if state.isAborted, let failure = state.failure { return failure }
    if state.hasEnded[channel.source] {
      return state.failure ?? .endedPeer(channel.source, waitingRank: rank)
    }
    state.waiting[rank] = channel
    // A rank that sleeps waits for exactly one other, so a deadlock is a cycle, and this wait can only close its own.
    var cycle = [rank]
    var next = channel.source
    while next != rank, let further = state.waiting[next] {
      guard !cycle.contains(next) else { return nil }
      cycle.append(next)
      next = further.source
    }
    guard next == rank else { return nil }
    let deadlock = LockstepError.deadlock(cycle)
    state.waiting[rank] = nil
    state.failure = state.failure ?? deadlock
    for other in cycle where other != rank {
      state.deadlocks[other] = deadlock
      state.waiting[other] = nil
      monitor.signal(other)
    }
    return deadlock
  }
}

extension LockstepError {
  /// A message that cannot come, because its sender has returned.
  static func endedPeer(_ rank: Int, waitingRank: Int) -> LockstepError {
    LockstepError(
      .communication, "rank \(rank) has returned without sending what rank \(waitingRank) waits for",
      remedy: "let every rank make the same collective calls in the same order")
  }

  /// Ranks that wait for one another, `ranks[i]` for `ranks[i + 1]` and the last for the first.
  static func deadlock(_ ranks: [Int]) -> LockstepError {
    let waits = ranks.indices.map { "rank \(ranks[$0]) waits for rank \(ranks[($0 + 1) % ranks.count])" }
    return LockstepError(
      .communication, "deadlock: " + waits.joined(separator: ", "),
      remedy: "let every rank make the same collective calls in the same order")
  }
}
