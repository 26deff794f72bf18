// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import Synchronization

/// MPI in this process: the library, who initialized it, and the requests that are under way.
///
/// Every call goes through one lock, because MPI is initialized for one call at a time (`MPI_THREAD_SERIALIZED`).
final class MPIProcess: Sendable {
  let library: MPILibrary
  /// Whether this library initialized MPI, and so has to finalize it.
  let isOwner: Bool
  let threadLevel: Int32
  /// How the library was found.
  let reason: String
  private let requests: Mutex<Requests>

  /// A send that may be under way, with the bytes that MPI reads.
  struct Outgoing {
    var request: MPIHandle
    /// Held until the send is complete: an array's storage does not move or change as long as someone else holds it.
    let bytes: [UInt8]
    let line: Line
  }

  /// A receive, with the buffer that MPI writes to.
  struct Incoming {
    var request: MPIHandle
    let buffer: ReceiveBuffer
  }

  /// A communicator and a peer of this rank in it.
  struct Line: Hashable {
    let communicator: MPIHandle
    let peer: Int
  }

  private struct Requests {
    var outgoing: [Outgoing] = []
    /// Receives that were given up while waiting; the next receive on the line takes them up, so that nothing is lost.
    var interrupted: [Line: Incoming] = [:]
  }

  init(library: MPILibrary, isOwner: Bool, threadLevel: Int32, reason: String) {
    self.library = library
    self.isOwner = isOwner
    self.threadLevel = threadLevel
    self.reason = reason
    requests = Mutex(Requests())
  }

  var constants: MPIConstants { library.constants }
  private var statusIgnore: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: constants.statusIgnore) }

  /// Calls MPI, alone, and throws what it reports; `name` without "MPI_".
  func call(_ name: String, _ body: (MPIFunctions) -> Int32) throws {
    let status = requests.withLock { _ in body(library.functions) }
    try library.check(status, "MPI_" + name)
  }

  /// Ends every process of the job.
  func abort(exitCode: Int32) -> Never {
    fflush(nil)
    // Launchers drop output that they have not yet passed on when the end comes: one time in 25 with MPICH's.
    usleep(100_000)
    if let loss = RemoteWatch.shared.loss, loss.seconds > 0 { StuckLauncher.endLater() }
    AbortWatchdog.start(exitCode: exitCode)
    // Without the lock: whoever holds it must not keep the job from ending.
    _ = library.functions.abort(constants.commWorld, exitCode)
    _exit(exitCode)
  }

  // MARK: Sending

  /// Starts to send a range of `bytes`, which the result holds.
  func startSending(_ bytes: [UInt8], _ range: Range<Int>, on line: Line, tag: Int32) throws -> Outgoing {
    var send = Outgoing(request: 0, bytes: bytes, line: line)
    try bytes.withUnsafeBytes { pointer in
      try call("Isend") {
        $0.isend(
          pointer.baseAddress.map { $0 + range.lowerBound }, Int32(range.count), constants.byte, Int32(line.peer), tag,
          line.communicator, &send.request)
      }
    }
    return send
  }

  /// Drops the sends that are complete from `sends`.
  func reap(_ sends: inout [Outgoing]) throws {
    var active: [Outgoing] = []
    for var send in sends {
      if !(try test(&send.request)) { active.append(send) }
    }
    sends = active
  }

  /// Keeps sends alive until they are complete.
  func keep(_ sends: [Outgoing]) {
    guard !sends.isEmpty else { return }
    requests.withLock { $0.outgoing += sends }
  }

  /// Whether a kept send on this line was not complete when last looked at.
  func keepsSend(on line: Line) -> Bool {
    requests.withLock { $0.outgoing.contains { $0.line == line } }
  }

  /// Drops the kept sends that are complete, and tells how many are not.
  @discardableResult func reapKept() throws -> Int {
    let status = requests.withLock { requests -> (Int32, Int) in
      var active: [Outgoing] = []
      var failure: Int32 = 0
      for var send in requests.outgoing {
        var flag: Int32 = 0
        let status = library.functions.test(&send.request, &flag, statusIgnore)
        if status != 0 { failure = status }
        if flag == 0 && status == 0 { active.append(send) }
      }
      requests.outgoing = active
      return (failure, active.count)
    }
    try library.check(status.0, "MPI_Test of a send")
    return status.1
  }

  // MARK: Receiving

  /// Whether a message of `source` (any rank if `nil`) has arrived.
  func hasMessage(from source: Int?, tag: Int32, on communicator: MPIHandle) throws -> Bool {
    var flag: Int32 = 0
    let from = source.map { Int32($0) } ?? constants.anySource
    try call("Iprobe") { $0.iprobe(from, tag, communicator, &flag, statusIgnore) }
    return flag != 0
  }

  /// Starts to receive, from any rank if `source` is `nil`.
  func startReceiving(
    into bytes: UnsafeMutableRawPointer?, count: Int, from source: Int?, tag: Int32, on communicator: MPIHandle
  ) throws -> MPIHandle {
    var request: MPIHandle = 0
    let from = source.map { Int32($0) } ?? constants.anySource
    try call("Irecv") { $0.irecv(bytes, Int32(count), constants.byte, from, tag, communicator, &request) }
    return request
  }

  /// Whether a request is complete; it is gone then.
  func test(_ request: inout MPIHandle) throws -> Bool {
    var flag: Int32 = 0
    try call("Test") { $0.test(&request, &flag, statusIgnore) }
    return flag != 0
  }

  /// Keeps a receive that is given up for now.
  func interrupt(_ receive: Incoming, on line: Line) {
    requests.withLock { $0.interrupted[line] = receive }
  }

  /// The receive that was given up on a line, if any.
  func resume(on line: Line) -> Incoming? {
    requests.withLock { $0.interrupted.isEmpty ? nil : $0.interrupted.removeValue(forKey: line) }
  }

  /// Cancels the receives that were given up for good.
  func cancelInterrupted() throws {
    let receives = requests.withLock { requests in
      defer { requests.interrupted = [:] }
      return Array(requests.interrupted.values)
    }
    for var receive in receives {
      try call("Cancel") { $0.cancel(&receive.request) }
      var pause = Pause()
      while !(try test(&receive.request)) { pause.wait() }
    }
  }
}

/// Memory for MPI to write a message to.
///
/// `@unchecked Sendable`: the memory has one user at a time, first MPI, until the request is complete, then the receiver.
final class ReceiveBuffer: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer

  init(byteCount: Int) { bytes = .allocate(byteCount: byteCount, alignment: 16) }

  deinit { bytes.deallocate() }
}
