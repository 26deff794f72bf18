// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import Synchronization

/// Finds out for a rank that waits whether its message can still come.
///
/// Nothing of this happens before a wait has lasted half a second. Then the rank sends a question to the one it waits for,
/// along a communicator for that purpose, and again in growing intervals. Who computes does not answer. Who has come to the
/// end (``finish()``) answers so. Who waits himself passes the question on to the one he waits for; if it comes back to the
/// rank that asked, all on its way wait in a circle, after Chandy, Misra and Haas, "Distributed Deadlock Detection" (1983).
/// Only the lowest rank of a circle learns of it, and only the first to ask learns at once that a rank has ended, so that
/// one rank ends the job with one message.
/// A message under way must not be mistaken for one that is missing, so messages are counted on both sides: a question tells
/// how many have arrived, and one to a rank that has sent more is dropped.
final class MPIWatch: Sendable {
  /// Nanoseconds before the first question.
  static let patience: UInt64 = 500_000_000
  /// Nanoseconds that a launcher may take to end a job of which a process is gone, before a rank does so itself: mpiexec and mpirun need up
  /// to three seconds, and say best what has happened.
  static let launcherPatience: UInt64 = 4_000_000_000
  private static let longestInterval: UInt64 = 8_000_000_000
  private static let tag: Int32 = 1

  private let control: MPIHandle
  private let rank: Int
  private let size: Int
  private let process: MPIProcess
  private let state = Mutex(State())

  /// Another rank, within one group.
  private struct Peer: Hashable {
    let rank: Int
    let context: Int
  }

  private struct State {
    var sent: [Peer: Int] = [:]
    var received: [Peer: Int] = [:]
    var contextCount = 0
    /// The peer this rank waits for, once it has waited long enough to ask.
    var waitsFor: Peer?
    /// The number of that wait, so that late answers are told from good ones.
    var wait = 0
    /// When to ask again, in nanoseconds of this wait.
    var nextQuestion: UInt64 = 0
    var interval: UInt64 = 0
    /// How often this rank has asked in this wait.
    var questionCount = 0
    /// The processes of all ranks, once they are known.
    var processes: [PeerProcess?] = []
    /// When to see again whether the other processes are there, in nanoseconds of this wait.
    var nextCheck: UInt64 = 0
    /// How long this wait has lasted.
    var elapsed: UInt64 = 0
    var hasEnded = false
    /// The rank that was the first to be told so.
    var firstTold: Int?
  }

  /// What is asked and answered.
  private struct Note {
    enum Kind: Int {
      /// `waiter` waits for message `number` (from 0) of the receiver in group `context`; `origin` wants to know.
      case question
      /// The receiver of the question has come to its end.
      case hasEnded
    }

    static let integerCount = 8
    var kind: Kind
    var origin: Int
    /// The number of the origin's wait.
    var wait: Int
    var waiter: Int
    var context: Int
    var number: Int
    /// How often the origin has asked before.
    var repetition: Int
    /// How often it has been passed on.
    var hops = 0

    var bytes: [UInt8] {
      Integers.bytes(of: [kind.rawValue, origin, wait, waiter, context, number, repetition, hops])
    }
  }

  init(control: MPIHandle, rank: Int, size: Int, process: MPIProcess) {
    self.control = control
    self.rank = rank
    self.size = size
    self.process = process
  }

  /// A number for a new group that no other rank gives.
  func makeContext() -> Int {
    state.withLock { state in
      state.contextCount += 1
      return state.contextCount * size + rank
    }
  }

  func countSent(to peer: Int, on context: Int) {
    state.withLock { $0.sent[Peer(rank: peer, context: context), default: 0] += 1 }
  }

  func countReceived(from peer: Int, on context: Int) {
    state.withLock { $0.received[Peer(rank: peer, context: context), default: 0] += 1 }
  }

  // MARK: Waiting

  /// Asks, if it is time, and reads what others ask and answer; for a rank that waits, again and again.
  ///
  /// - Throws: `LockstepError` if the message cannot come.
  func lookAfter(waitFor source: Int, on context: Int, elapsed: UInt64) throws {
    let question = state.withLock { state -> Note? in
      let peer = Peer(rank: source, context: context)
      if state.waitsFor == nil {
        state.waitsFor = peer
        state.wait += 1
        state.nextQuestion = elapsed
        state.interval = Self.patience
        state.questionCount = 0
        state.nextCheck = elapsed
      }
      state.elapsed = elapsed
      guard elapsed >= state.nextQuestion else { return nil }
      state.nextQuestion = elapsed + state.interval
      state.interval = min(2 * state.interval, Self.longestInterval)
      defer { state.questionCount += 1 }
      return Note(
        kind: .question, origin: rank, wait: state.wait, waiter: rank, context: context,
        number: state.received[peer] ?? 0, repetition: state.questionCount)
    }
    if let question { try send(question, to: source) }
    try readNotes()
  }

  /// Tells where all ranks run.
  func know(_ processes: [PeerProcess?]) {
    state.withLock { $0.processes = processes }
    RemoteWatch.shared.meet(processes.compactMap { $0 })
  }

  private func knownProcess(_ rank: Int) -> PeerProcess? {
    state.withLock { $0.processes.indices.contains(rank) ? $0.processes[rank] : nil }
  }

  /// What MPI's failure to exchange a message with a rank means: if that runs on another machine, it cannot be reached any more.
  ///
  /// MPICH finds that out by itself where a process has ended; then this is faster than questions.
  func explanation(of error: any Error, with rank: Int) -> any Error {
    guard let error = error as? LockstepError, error.code == .communication, let cause = error.cause,
      let process = knownProcess(rank), !process.isVisible(from: Self.own)
    else { return error }
    return LockstepError(
      .lostRank, "rank \(rank) is lost: its process \(process.number) on \(process.host) cannot be reached any more",
      remedy: "the system's log there may tell why; lack of memory is the common reason", cause: cause)
  }

  /// Throws if a rank of a group that waits for a message of `source` is known to be lost on another machine.
  func checkRemote(waitFor source: Int, among members: [Int]) throws {
    RemoteWatch.shared.expect(knownProcess(source))
    guard let loss = RemoteWatch.shared.loss else { return }
    let processes = state.withLock { $0.processes }
    for member in members where processes.indices.contains(member) {
      if let process = processes[member], process.contact?.token == loss.token {
        throw LockstepError.lostPeer(rank: member, process: process, silentSeconds: loss.seconds)
      }
    }
  }

  /// A rank of a group that waits, on this machine, whose process has ended, if there is one; looked for now and then.
  ///
  /// Whether this rank waits for it or for another, the group cannot go on. A message of its last moments may be under way still.
  func lostRank(among members: [Int], elapsed: UInt64) -> (rank: Int, process: PeerProcess)? {
    let processes = state.withLock { state -> [PeerProcess?] in
      guard elapsed >= state.nextCheck else { return [] }
      state.nextCheck = elapsed + Self.patience / 2
      return state.processes
    }
    for member in members where processes.indices.contains(member) {
      if let process = processes[member], process.hasEnded(seenFrom: Self.own) { return (member, process) }
    }
    return nil
  }

  private static let own = PeerProcess.current()

  /// Whom this rank waits for, and for how many seconds, if it has waited long.
  var currentWait: (rank: Int, host: String?, seconds: Int)? {
    state.withLock { state in
      guard let peer = state.waitsFor else { return nil }
      let process = state.processes.indices.contains(peer.rank) ? state.processes[peer.rank] : nil
      return (peer.rank, process?.host, Int(state.elapsed / 1_000_000_000))
    }
  }

  /// Ends the wait, if ``lookAfter(waitFor:on:elapsed:)`` has begun one.
  func endWait() {
    let wasLong = state.withLock { state in
      defer {
        state.waitsFor = nil
        state.nextCheck = 0
      }
      return state.waitsFor != nil
    }
    if wasLong { RemoteWatch.shared.expect(nil) }
  }

  /// Answers, from now on, that this rank has come to its end.
  func end() {
    state.withLock { $0.hasEnded = true }
  }

  /// Reads and answers all that has arrived.
  func readNotes() throws {
    while try process.hasMessage(from: nil, tag: Self.tag, on: control) {
      try handle(try receive())
    }
  }

  private func handle(_ note: Note) throws {
    enum Answer {
      case pass(Note, to: Int)
      case fail(LockstepError)
    }
    let answer = state.withLock { state -> Answer? in
      if note.kind == .hasEnded {
        guard note.wait == state.wait, let peer = state.waitsFor else { return nil }
        return .fail(.endedPeer(rank: peer.rank, waitingRank: rank))
      }
      // A message that has been sent will arrive.
      let asked = Peer(rank: note.waiter, context: note.context)
      guard state.sent[asked] ?? 0 <= note.number else { return nil }
      if state.hasEnded {
        guard note.waiter == note.origin else { return nil }
        state.firstTold = state.firstTold ?? note.origin
        guard state.firstTold == note.origin || note.repetition > 0 else { return nil }
        var reply = note
        reply.kind = .hasEnded
        return .pass(reply, to: note.origin)
      }
      guard let peer = state.waitsFor else { return nil }
      if note.origin == rank {
        return note.wait == state.wait ? .fail(.deadlock(rank: rank, waitsFor: peer.rank)) : nil
      }
      guard note.origin < rank, note.hops < size else { return nil }
      var question = note
      question.waiter = rank
      question.context = peer.context
      question.number = state.received[peer] ?? 0
      question.hops += 1
      return .pass(question, to: peer.rank)
    }
    switch answer {
    case .pass(let note, let destination): try send(note, to: destination)
    case .fail(let error): throw error
    case nil: break
    }
  }

  private func send(_ note: Note, to destination: Int) throws {
    let bytes = note.bytes
    let line = MPIProcess.Line(communicator: control, peer: destination)
    process.keep([try process.startSending(bytes, bytes.indices, on: line, tag: Self.tag)])
  }

  private func receive() throws -> Note {
    let byteCount = Note.integerCount * MemoryLayout<Int>.size
    let buffer = ReceiveBuffer(byteCount: byteCount)
    var request = try process.startReceiving(
      into: buffer.bytes.baseAddress, count: byteCount, from: nil, tag: Self.tag, on: control)
    var pause = Pause()
    while !(try process.test(&request)) { pause.wait() }
    let values = try Integers.integers(of: Array(buffer.bytes), count: Note.integerCount)
    guard let kind = Note.Kind(rawValue: values[0]), (0..<size).contains(values[1]) else {
      throw LockstepError(
        .communication, "a question of another rank is not understood",
        remedy: "check that all processes run the same build")
    }
    return Note(
      kind: kind, origin: values[1], wait: values[2], waiter: values[3], context: values[4], number: values[5],
      repetition: values[6], hops: values[7])
  }

  // MARK: The end

  /// Waits until all ranks have come to their end; collective.
  ///
  /// - Throws: `LockstepError` if messages remain that nobody will receive.
  func finish() throws { try Self.finish([self]) }

  /// Waits until all ranks of several groups have come to their end, answering for all of them meanwhile; collective over each.
  static func finish(_ watches: [MPIWatch]) throws {
    var waiting: [(watch: MPIWatch, request: MPIHandle)] = []
    for watch in watches {
      watch.end()
      var request: MPIHandle = 0
      try watch.process.call("Ibarrier") { $0.ibarrier(watch.control, &request) }
      waiting.append((watch, request))
    }
    var pause = Pause()
    while !waiting.isEmpty {
      var active: [(watch: MPIWatch, request: MPIHandle)] = []
      for (watch, started) in waiting {
        var request = started
        if !(try watch.process.test(&request)) { active.append((watch, request)) }
      }
      waiting = active
      for watch in watches {
        try watch.process.reapKept()
        try watch.readNotes()
      }
      if !waiting.isEmpty {
        pause.wait()
        if pause.elapsed > patience {
          // The rank before a lost one finds out, and tells all others.
          for (watch, _) in waiting {
            try watch.checkRemote(waitFor: (watch.rank + 1) % watch.size, among: Array(0..<watch.size))
          }
        }
      }
    }
    RemoteWatch.shared.expect(nil)
    for watch in watches { try watch.clear() }
  }

  /// Makes sure that nothing is under way any more.
  private func clear() throws {
    try readNotes()
    // All ranks are past their last receive: what is received is received, and needs a moment to be known here.
    var pause = Pause()
    while try process.reapKept() > 0 {
      guard pause.elapsed < 2 * Self.patience else {
        throw LockstepError(
          .communication, "messages of rank \(rank) were never received",
          remedy: "let every rank make the same collective calls in the same order")
      }
      pause.wait()
    }
    try process.cancelInterrupted()
  }
}

extension LockstepError {
  /// A message that cannot come, because its sender's process is gone, or has not answered for some seconds.
  static func lostPeer(rank: Int, process: PeerProcess, silentSeconds: Int = 0) -> LockstepError {
    guard silentSeconds > 0 else {
      return LockstepError(
        .lostRank, "rank \(rank) is lost: its process \(process.number) on \(process.host) has ended without a word",
        remedy: "the system's log may tell why; lack of memory is the common reason")
    }
    return LockstepError(
      .lostRank, "rank \(rank) is lost: its machine \(process.host) has not answered for \(silentSeconds) s",
      remedy: "see whether the machine runs and the network reaches it")
  }

  /// A message that cannot come, because its sender has come to its end.
  static func endedPeer(rank: Int, waitingRank: Int) -> LockstepError {
    LockstepError(
      .communication, "rank \(rank) has returned without sending what rank \(waitingRank) waits for",
      remedy: "let every rank make the same collective calls in the same order")
  }

  /// Ranks that wait for one another in a circle.
  static func deadlock(rank: Int, waitsFor other: Int) -> LockstepError {
    LockstepError(
      .communication, "deadlock: rank \(rank) waits for rank \(other), which waits, directly or not, for rank \(rank)",
      remedy: "let every rank make the same collective calls in the same order")
  }
}
