// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepCommunication
import LockstepErrors
import Synchronization

/// A group of processes connected by MPI.
///
/// Works on a communicator of its own, a duplicate, so that its messages never meet the program's. The program's own MPI
/// communicator, for instance from mpi4py, is wrapped by ``init(adopting:)``.
///
/// `send` waits until the message is delivered if the receiver is about to take it, but never for long: where the receiver
/// is itself sending to this rank, or takes more than a second, the bytes are kept and delivered during later calls. So
/// ranks may send to each other before they receive, whatever the length.
///
/// A rank that has waited for half a second asks whom it waits for what he is doing, and throws if the message cannot
/// come, because he has ended the job on his side or waits for this rank, directly or through others; because the process of a
/// rank on the same machine is gone; or because one on another machine does not answer any more (``RemoteWatch``).
package final class MPICommunicator: Communicator {
  /// The number of this rank in its group, from 0.
  package let rank: Int
  /// The number of ranks in the group.
  package var size: Int { members.count }
  /// The number of ranks of the group on this machine, this one included.
  package let localSize: Int
  /// MPI's own handle of the communicator.
  package let handle: MPIHandle

  let process: MPIProcess
  let watch: MPIWatch
  /// The ranks of the group by their numbers in the communicator that it descends from.
  private let members: [Int]
  /// A number for the machine of each rank.
  private let machines: [Int]
  /// Whether the ranks of the whole job on this machine are more than the cores they may use.
  private let isCrowded: Bool
  /// The number of the group among those of `watch`, the same on all its ranks.
  private let context: Int
  /// What this rank has sent to itself.
  private let ownMail = Mutex<[[UInt8]]>([])

  static let tag: Int32 = 0

  init(
    handle: MPIHandle, rank: Int, members: [Int], machines: [Int], isCrowded: Bool, context: Int, process: MPIProcess,
    watch: MPIWatch
  ) throws {
    self.handle = handle
    self.rank = rank
    self.members = members
    self.machines = machines
    self.isCrowded = isCrowded
    self.context = context
    self.process = process
    self.watch = watch
    localSize = machines.count { $0 == machines[rank] }
    try process.call("Comm_set_errhandler") { $0.commSetErrhandler(handle, process.constants.errorsReturn) }
  }

  // MARK: Sending

  /// Sends `bytes` to another rank, or to this one.
  ///
  /// - Throws: `LockstepError` with code `.communication` and MPI's words as cause, or `.cancelled` after ``MPI/cancel()``.
  package func send(_ bytes: [UInt8], to destination: Int) throws {
    requireMember(destination)
    guard destination != rank else { return ownMail.withLock { $0.append(bytes) } }
    try process.reapKept()
    watch.countSent(to: members[destination], on: context)

    let line = MPIProcess.Line(communicator: handle, peer: destination)
    let frame = Self.frame(bytes)
    var sends: [MPIProcess.Outgoing] = []
    do {
      sends.append(try process.startSending(frame, frame.indices, on: line, tag: Self.tag))
      for piece in MessageFrame.pieces(byteCount: bytes.count) {
        sends.append(try process.startSending(bytes, piece, on: line, tag: Self.tag))
      }
      try settle(&sends, on: line)
      process.keep(sends)
    } catch {
      process.keep(sends)
      throw watch.explanation(of: error, with: members[destination])
    }
  }

  /// The first MPI message of a message.
  private static func frame(_ bytes: [UInt8]) -> [UInt8] {
    let count = min(bytes.count, MessageFrame.firstByteCount)
    return Array(unsafeUninitializedCapacity: MessageFrame.prefixByteCount + count) { buffer, initializedCount in
      let target = UnsafeMutableRawBufferPointer(buffer)
      target.storeBytes(of: MessageFrame.prefix(byteCount: bytes.count), as: UInt64.self)
      bytes.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(rebasing: target[MessageFrame.prefixByteCount...])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count]))
      }
      initializedCount = MessageFrame.prefixByteCount + count
    }
  }

  /// Nanoseconds after which a send is left to itself if a message of any rank has arrived.
  private static let sendPatience: UInt64 = 5_000_000
  /// Nanoseconds after which a send is left to itself.
  private static let longestSend: UInt64 = 1_000_000_000

  /// Waits until `sends` are complete, or should rather be kept: those that are not remain in `sends`.
  ///
  /// To leave at once would be simpler, but MPI moves bytes only during calls: were this rank to compute next, the receiver
  /// would have to wait for it. To stay would be a deadlock where ranks send to each other. So this rank stays, unless
  /// earlier messages to the receiver are still under way, the receiver has sent something itself that this rank is to
  /// take first, or it has become long.
  private func settle(_ sends: inout [MPIProcess.Outgoing], on line: MPIProcess.Line) throws {
    var pause = makePause()
    let isQueued = process.keepsSend(on: line)
    while true {
      try process.reap(&sends)
      guard !sends.isEmpty, !isQueued, pause.elapsed < Self.longestSend else { return }
      if pause.count % 16 == 15 {
        let source = pause.elapsed < Self.sendPatience ? line.peer : nil
        if try process.hasMessage(from: source, tag: Self.tag, on: handle) { return }
      }
      try Cancellation.checkWaiting()
      pause.wait(growing: false)
    }
  }

  // MARK: Receiving

  /// Waits for the next message of `source`.
  ///
  /// - Throws: `LockstepError` with code `.communication` if MPI fails (its words are the cause) or the message cannot come,
  ///   or `.cancelled` after ``MPI/cancel()``; a message that comes later is not lost then.
  package func receive(from source: Int) throws -> [UInt8] {
    requireMember(source)
    guard source != rank else { return try receiveOwn() }
    try process.reapKept()
    let line = MPIProcess.Line(communicator: handle, peer: source)
    var incoming = try process.resume(on: line) ?? startReceiving(from: source)
    do {
      try waitForArrival(&incoming.request, from: source)
    } catch {
      process.interrupt(incoming, on: line)
      throw watch.explanation(of: error, with: members[source])
    }
    watch.countReceived(from: members[source], on: context)

    let first = UnsafeRawBufferPointer(incoming.buffer.bytes)
    let count = try MessageFrame.byteCount(ofMessageIn: first)
    let firstCount = min(count, MessageFrame.firstByteCount)
    let payload = UnsafeRawBufferPointer(rebasing: first[MessageFrame.prefixByteCount...].prefix(firstCount))
    return try Array(unsafeUninitializedCapacity: count) { buffer, initializedCount in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(from: payload)
      for piece in MessageFrame.pieces(byteCount: count) {
        try receive(into: buffer.baseAddress.map { $0 + piece.lowerBound }, count: piece.count, from: source)
      }
      initializedCount = count
    }
  }

  private func receiveOwn() throws -> [UInt8] {
    try ownMail.withLock { mail in
      guard !mail.isEmpty else { throw LockstepError.deadlock(rank: members[rank], waitsFor: members[rank]) }
      return mail.removeFirst()
    }
  }

  private func startReceiving(from source: Int) throws -> MPIProcess.Incoming {
    let buffer = ReceiveBuffer(byteCount: MessageFrame.bufferByteCount)
    let request = try process.startReceiving(
      into: buffer.bytes.baseAddress, count: buffer.bytes.count, from: source, tag: Self.tag, on: handle)
    return MPIProcess.Incoming(request: request, buffer: buffer)
  }

  private func waitForArrival(_ request: inout MPIHandle, from source: Int) throws {
    var pause = makePause()
    var lost: LostPeer?
    defer { watch.endWait() }
    while !(try process.test(&request)) {
      try Cancellation.checkWaiting()
      if pause.count % 256 == 255 { try process.reapKept() }
      if pause.elapsed > MPIWatch.patience {
        try watch.lookAfter(waitFor: members[source], on: context, elapsed: pause.elapsed)
        try checkPeers(waitFor: source, elapsed: pause.elapsed, &lost)
      }
      pause.wait()
    }
  }

  /// Throws if a rank of the group is lost, a moment after it was first seen to be.
  private func checkPeers(waitFor source: Int, elapsed: UInt64, _ lost: inout LostPeer?) throws {
    try watch.checkRemote(waitFor: members[source], among: members)
    // What it sent before its end may take a moment to be seen here, and the launcher's end of the job comes first.
    if let lost, elapsed - lost.time > MPIWatch.launcherPatience {
      throw LockstepError.lostPeer(rank: lost.rank, process: lost.process)
    }
    if lost == nil, let (rank, process) = watch.lostRank(among: members, elapsed: elapsed) {
      lost = LostPeer(rank: rank, process: process, time: elapsed)
    }
  }

  /// A rank whose process is gone, and when in a wait that was seen.
  private struct LostPeer {
    let rank: Int
    let process: PeerProcess
    let time: UInt64
  }

  /// Receives a piece of a message whose beginning has arrived, so that the rest is on its way.
  private func receive(into bytes: UnsafeMutableRawPointer?, count: Int, from source: Int) throws {
    var request = try process.startReceiving(into: bytes, count: count, from: source, tag: Self.tag, on: handle)
    var pause = makePause()
    var lost: LostPeer?
    defer { if pause.elapsed > MPIWatch.patience { RemoteWatch.shared.expect(nil) } }
    while !(try process.test(&request)) {
      // The machine may be lost in the middle of a message.
      if pause.elapsed > MPIWatch.patience { try checkPeers(waitFor: source, elapsed: pause.elapsed, &lost) }
      pause.wait(growing: false)
    }
  }

  private func makePause() -> Pause { Pause(isCrowded: isCrowded) }

  private func requireMember(_ other: Int) {
    precondition(members.indices.contains(other), "rank \(other) is not in a group of \(size)")
  }

  // MARK: Groups

  /// A group of the same ranks whose messages never meet this group's; collective.
  package func duplicate() throws -> any Communicator {
    let number = try broadcast(rank == 0 ? Integers.bytes(of: [watch.makeContext()]) : [])
    var duplicate: MPIHandle = 0
    try process.call("Comm_dup") { $0.commDup(handle, &duplicate) }
    return try MPICommunicator(
      handle: duplicate, rank: rank, members: members, machines: machines, isCrowded: isCrowded,
      context: try Integers.integers(of: number, count: 1)[0], process: process, watch: watch)
  }

  /// The group of all ranks that give the same `color`, ordered by `key`, ties by rank; `nil` for `nil`; collective.
  package func split(color: Int?, key: Int) throws -> (any Communicator)? {
    let entries = try allGather(Integers.bytes(of: [color == nil ? 0 : 1, color ?? 0, key, watch.makeContext()]))
      .map { try Integers.integers(of: $0, count: 4) }
    let colors = Set(entries.filter { $0[0] == 1 }.map { $0[1] }).sorted()
    let ranks = entries.indices.filter { color != nil && entries[$0][0] == 1 && entries[$0][1] == color }
      .sorted { (entries[$0][2], $0) < (entries[$1][2], $1) }
    let newRank = ranks.firstIndex(of: rank)
    // MPI's colors and keys are C ints: it gets the positions instead of the numbers.
    let position = color.flatMap { colors.firstIndex(of: $0) }.map { Int32($0) } ?? process.constants.undefined
    var part: MPIHandle = 0
    try process.call("Comm_split") { $0.commSplit(handle, position, Int32(newRank ?? 0), &part) }
    guard let newRank else { return nil }
    return try MPICommunicator(
      handle: part, rank: newRank, members: ranks.map { members[$0] }, machines: ranks.map { machines[$0] },
      isCrowded: isCrowded,
      context: entries[ranks[0]][3], process: process, watch: watch)
  }

  /// Gives the communicator back to MPI; collective, and the last use of it.
  ///
  /// Programs that make thousands of communicators need it, as MPI has a few thousand at a time. Otherwise the end of MPI
  /// frees them all. Every message must have been received.
  package func free() throws {
    try barrier()
    var handle = self.handle
    try process.call("Comm_free") { $0.commFree(&handle) }
  }

  /// Ends every process of the job at once, with `exitCode`.
  package func abort(exitCode: Int32) -> Never { process.abort(exitCode: exitCode) }
}

/// Integers as bytes of a message.
enum Integers {
  static func bytes(of integers: [Int]) -> [UInt8] {
    integers.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
  }

  static func integers(of bytes: [UInt8], count: Int) throws -> [Int] {
    guard bytes.count == count * MemoryLayout<Int>.size else {
      throw LockstepError(
        .communication, "a message has \(bytes.count) bytes instead of \(count * MemoryLayout<Int>.size)",
        remedy: "check that all processes run the same build")
    }
    return bytes.withUnsafeBytes { buffer in
      (0..<count).map { Int(littleEndian: buffer.loadUnaligned(fromByteOffset: $0 * 8, as: Int.self)) }
    }
  }
}
