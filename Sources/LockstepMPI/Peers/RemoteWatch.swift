// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Finds out whether processes of the job that cannot be seen from here, on other machines above all, are still there.
///
/// MPI does not tell: a message from a machine that is cut off is awaited for ever. So a thread of each process answers
/// questions, in datagrams, however long the process computes. Only a rank that waits asks, and only the one it waits for: whatever
/// waits, waits in the end for one that computes, or that is lost. The first to find a process lost tells all others, so that they
/// do not have to find out one after another.
///
/// Datagrams may be kept away from one machine by another's firewall. Silence counts only where an answer has once been heard: all
/// machines are asked in the first ten seconds.
final class RemoteWatch: Sendable {
  /// That of this process.
  static let shared = RemoteWatch()

  /// The variable that sets ``timeout`` where no option does.
  static let variable = "LOCKSTEP_PEER_TIMEOUT"
  /// The nanoseconds of silence after which a process is lost; 0 for never.
  static let timeout = Atomic<UInt64>(
    nanoseconds(getenv(variable).flatMap { Duration(parsing: String(cString: $0)) } ?? .seconds(60)))

  static func nanoseconds(_ duration: Duration) -> UInt64 { UInt64(max(0, duration / .nanoseconds(1))) }

  /// A process that is lost.
  struct Loss: Sendable, Equatable {
    let token: UInt64
    /// For how many seconds it has not answered; 0 if it is gone, from a machine that answers.
    let seconds: Int
  }

  fileprivate struct Peer {
    let machine: String
    let host: String
    let token: UInt64
    let addresses: [DatagramAddress]
  }

  /// The process that this one waits for.
  fileprivate struct Target {
    let token: UInt64
    /// Nanoseconds without an answer, as far as this thread ran in them.
    var silence: UInt64 = 0
    /// Nanoseconds in which its machine has said that the process is not there.
    var absence: UInt64?
    var nextQuestion: UInt64 = 0
    var questionCount = 0
  }

  fileprivate struct State {
    var isRunning = false
    var isStopped = false
    var timeout: UInt64 = 0
    var peers: [UInt64: Peer] = [:]
    /// For each other machine, the number of the address that has answered; `nil` for none as yet.
    var machines: [String: Int?] = [:]
    /// Until when machines are asked that have not answered yet.
    var helloEnd: UInt64 = 0
    var nextHello: UInt64 = 0
    var target: Target?
    var loss: Loss?
    /// How often the loss is still to be told.
    var tellingCount = 0
    var lastTick: UInt64 = 0
  }

  private let socket: DatagramSocket?
  /// Where this process answers; `nil` if it cannot, or is not to.
  let contact: PeerContact?
  private let state = Mutex(State())

  /// The nanoseconds between two questions while all is well, and between looks at the clock.
  fileprivate static let interval: UInt64 = 500_000_000
  private static let helloTime: UInt64 = 10_000_000_000
  /// Questions without an answer that make a silence, however short the timeout.
  fileprivate static let leastQuestionCount = 4

  /// Opens a port, unless the timeout is 0.
  init(timeout: UInt64 = timeout.load(ordering: .relaxed), addresses: [String] = DatagramSocket.ownAddresses()) {
    guard timeout > 0, let socket = DatagramSocket() else {
      (self.socket, contact) = (nil, nil)
      return
    }
    self.socket = socket
    contact = PeerContact(token: .random(in: 1 ... .max), port: socket.port, addresses: addresses)
    state.withLock { $0.timeout = timeout }
  }

  /// Ends the thread, and closes the port.
  func stop() { state.withLock { $0.isStopped = true } }

  // MARK: For the ranks

  /// Learns of the processes of a group; those that are seen from here are not its business.
  func meet(_ processes: [PeerProcess], from mine: PeerProcess = .current()) {
    guard let socket, let own = contact else { return }
    let isNew = state.withLock { state in
      let count = state.peers.count
      for process in processes where !process.isVisible(from: mine) {
        guard let contact = process.contact, contact.token != own.token else { continue }
        let addresses = contact.addresses.compactMap { socket.address($0, port: contact.port) }
        state.peers[contact.token] = Peer(
          machine: process.machine, host: process.host, token: contact.token, addresses: addresses)
        if state.machines[process.machine] == nil { state.machines[process.machine] = .some(nil) }
      }
      guard state.peers.count > count else { return false }
      state.helloEnd = Self.now() + Self.helloTime
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if isNew { startThread() }
  }

  /// Has the process watched that this one waits for from now on, or none.
  func expect(_ process: PeerProcess?) {
    guard let token = process?.contact?.token else { return state.withLock { $0.target = nil } }
    state.withLock { state in
      if state.target?.token != token, state.peers[token] != nil { state.target = Target(token: token) }
    }
  }

  /// A process that is lost, if one is.
  var loss: Loss? { state.withLock { $0.loss } }

  /// For how many seconds the process that is waited for has not answered; `nil` if it has never been heard of.
  var silentSeconds: Int? {
    state.withLock { state in
      guard let target = state.target, state.isHeard(target.token) else { return nil }
      return Int(target.silence / 1_000_000_000)
    }
  }

  /// The names of other machines that answer, and of those that do not; waits a moment for answers.
  func machines() -> (heard: [String], unheard: [String]) {
    for _ in 0..<20 {
      let isComplete = state.withLock { state in state.machines.values.allSatisfy { $0 != nil } }
      if isComplete { break }
      usleep(100_000)
    }
    return state.withLock { state in
      var hosts: [String: String] = [:]
      for peer in state.peers.values { hosts[peer.machine] = peer.host }
      func names(isHeard: Bool) -> [String] {
        state.machines.filter { ($0.value != nil) == isHeard }.compactMap { hosts[$0.key] }.sorted()
      }
      return (names(isHeard: true), names(isHeard: false))
    }
  }

  // MARK: The thread

  private func startThread() {
    let watch = Unmanaged.passRetained(self)
    var thread = pthread_t()
    var all = sigset_t()
    var before = sigset_t()
    // Signals are for the threads that compute.
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let watch = Unmanaged<RemoteWatch>.fromOpaque(argument).takeRetainedValue()
        while !watch.state.withLock({ $0.isStopped }) { watch.turn() }
        watch.socket?.close()
        return nil
      }, watch.toOpaque())
    pthread_sigmask(SIG_SETMASK, &before, nil)
    if status == 0 { pthread_detach(thread) } else { watch.release() }
  }

  /// Sends what is due, waits a moment, and reads and answers what has arrived.
  private func turn() {
    guard let socket else { return }
    for (datagram, address) in state.withLock({ $0.due(at: Self.now()) }) { socket.send(datagram.bytes, to: address) }
    socket.wait(milliseconds: Int32(Self.interval / 1_000_000))
    while true {
      switch socket.receive() {
      case .datagram(let bytes, let sender):
        if let datagram = PeerDatagram(bytes: bytes) { handle(datagram, from: sender) }
      case .refused(let all):
        for bytes in all { if let datagram = PeerDatagram(bytes: bytes) { state.withLock { $0.refused(datagram) } } }
      case .undelivered: break
      case .nothing: return
      }
    }
  }

  private func handle(_ datagram: PeerDatagram, from sender: DatagramAddress) {
    guard let socket, let contact else { return }
    switch datagram.kind {
    case .question:
      guard datagram.token == contact.token else { return }
      var answer = datagram
      answer.kind = .answer
      socket.send(answer.bytes, to: sender)
    case .answer: state.withLock { $0.answered(datagram) }
    case .loss:
      guard datagram.token == contact.token else { return }
      state.withLock { $0.loss = $0.loss ?? Loss(token: datagram.subject, seconds: datagram.seconds) }
    }
  }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

extension RemoteWatch.State {
  fileprivate func isHeard(_ token: UInt64) -> Bool {
    guard let peer = peers[token], let address = machines[peer.machine] else { return false }
    return address != nil
  }

  /// What is to be sent now.
  fileprivate mutating func due(at time: UInt64) -> [(PeerDatagram, DatagramAddress)] {
    // Time in which this process was stopped is no silence of another.
    let passed = lastTick == 0 ? 0 : min(time - lastTick, 2 * RemoteWatch.interval)
    lastTick = time
    var list: [(PeerDatagram, DatagramAddress)] = []
    if time < helloEnd, time >= nextHello {
      nextHello = time + RemoteWatch.interval
      var asked: Set<String> = []
      for peer in peers.values where machines[peer.machine] == .some(nil) && asked.insert(peer.machine).inserted {
        list += questions(to: peer)
      }
    }
    judge(passed)
    if var target, loss == nil, time >= target.nextQuestion, let peer = peers[target.token] {
      target.nextQuestion = time + RemoteWatch.interval
      target.questionCount += 1
      self.target = target
      list += questions(to: peer)
    }
    if tellingCount > 0, let loss {
      tellingCount -= 1
      for peer in peers.values where peer.token != loss.token {
        let datagram = PeerDatagram(token: peer.token, kind: .loss, subject: loss.token, seconds: loss.seconds)
        list += addresses(of: peer).map { (datagram, peer.addresses[$0]) }
      }
    }
    return list
  }

  /// The addresses to use: the one that has answered, or all.
  private func addresses(of peer: RemoteWatch.Peer) -> [Int] {
    if let known = machines[peer.machine] ?? nil, peer.addresses.indices.contains(known) { return [known] }
    return Array(peer.addresses.indices)
  }

  private func questions(to peer: RemoteWatch.Peer) -> [(PeerDatagram, DatagramAddress)] {
    addresses(of: peer).map {
      (PeerDatagram(token: peer.token, kind: .question, subject: UInt64($0)), peer.addresses[$0])
    }
  }

  /// Counts silence, and finds a process lost.
  private mutating func judge(_ passed: UInt64) {
    guard var target, loss == nil, isHeard(target.token) else { return }
    target.silence += passed
    target.absence = target.absence.map { $0 + passed }
    self.target = target
    if let absence = target.absence {
      if absence > MPIWatch.launcherPatience { loss = RemoteWatch.Loss(token: target.token, seconds: 0) }
    } else if timeout > 0, target.silence >= timeout, target.questionCount >= RemoteWatch.leastQuestionCount {
      loss = RemoteWatch.Loss(token: target.token, seconds: max(1, Int(target.silence / 1_000_000_000)))
    }
    if loss != nil { tellingCount = 3 }
  }

  fileprivate mutating func answered(_ datagram: PeerDatagram) {
    guard let peer = peers[datagram.token], let address = Int(exactly: datagram.subject),
      peer.addresses.indices.contains(address)
    else { return }
    if machines[peer.machine] == .some(nil) { machines[peer.machine] = .some(address) }
    if target?.token == datagram.token {
      target?.silence = 0
      target?.absence = nil
    }
  }

  /// A machine has said that there is nobody.
  fileprivate mutating func refused(_ datagram: PeerDatagram) {
    guard datagram.kind == .question, let peer = peers[datagram.token], target?.token == datagram.token,
      let known = machines[peer.machine] ?? nil, datagram.subject == UInt64(known)
    else { return }
    let absence = target?.absence ?? 0
    target?.absence = absence
  }
}
