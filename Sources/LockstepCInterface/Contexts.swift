// SPDX-License-Identifier: Apache-2.0
// The functions are documented in lockstep.h.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CLockstepInterface
import Glibc
import Lockstep
import Synchronization

/// The world, once it has been asked for.
private let world = Mutex<(any Communicator)?>(nil)

private func makeContext(_ communicator: any Communicator, threadCount: Int32) throws -> OpaquePointer {
  guard threadCount >= 0 else {
    throw LockstepError(.usage, "\(threadCount) threads", remedy: "give 1 or more, or 0 for the cores that are there")
  }
  let count = threadCount > 0 ? Int(threadCount) : .forProcesses(on: communicator)
  return ContextBox(ExecutionContext(communicator: communicator, threadCount: count)).handedOver()
}

@c @implementation
public func lockstep_context_solo(_ thread_count: Int32, _ error: FailureOut) -> OpaquePointer? {
  attempt(error) { try makeContext(SoloCommunicator(), threadCount: thread_count) }
}

@c @implementation
public func lockstep_context_world(_ thread_count: Int32, _ error: FailureOut) -> OpaquePointer? {
  attempt(error) {
    let communicator = try MPI.start()
    MPI.finishAtExit()
    world.withLock { $0 = communicator }
    return try makeContext(communicator, threadCount: thread_count)
  }
}

@c @implementation
public func lockstep_context_adopt(
  _ handle: UnsafeRawPointer, _ handle_size: Int64, _ thread_count: Int32, _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    let value: MPIHandle
    switch handle_size {
    case 4: value = MPIHandle(handle.loadUnaligned(as: Int32.self))
    case 8: value = MPIHandle(handle.loadUnaligned(as: Int.self))
    default: throw LockstepError(.usage, "an MPI communicator of \(handle_size) bytes", remedy: "give 4 or 8")
    }
    let communicator = try MPICommunicator(adopting: value)
    // The way to end the job, should this process fail.
    world.withLock { $0 = $0 ?? communicator }
    return try makeContext(communicator, threadCount: thread_count)
  }
}

/// The context behind a pointer that a caller is sure of; nil for anything else.
private func context(_ object: OpaquePointer) -> ExecutionContext? { try? ContextBox.at(object).context }

@c @implementation
public func lockstep_rank(_ object: OpaquePointer) -> Int64 { Int64(context(object)?.rank ?? -1) }

@c @implementation
public func lockstep_size(_ object: OpaquePointer) -> Int64 { Int64(context(object)?.size ?? -1) }

@c @implementation
public func lockstep_thread_count(_ object: OpaquePointer) -> Int64 { Int64(context(object)?.threadCount ?? -1) }

@c @implementation
public func lockstep_agree(_ context: OpaquePointer, _ trouble: UnsafePointer<CChar>?, _ error: FailureOut) -> Int32 {
  attemptStatus(error) {
    let context = try ContextBox.at(context).context
    let trouble = trouble.map { String(cString: $0) }
    try Interrupts.guarding {
      try context.agree { if let trouble { throw LockstepError(.usage, trouble) } }
    }
  }
}

/// What a rank is about to call, or why it cannot.
private struct Call: Codable, Sendable {
  let words: String
  let rank: Int
  let trouble: String?
}

@c @implementation
public func lockstep_agree_on(
  _ context: OpaquePointer, _ call: UnsafePointer<CChar>, _ trouble: UnsafePointer<CChar>?, _ error: FailureOut
) -> Int32 {
  attemptStatus(error) {
    let context = try ContextBox.at(context).context
    let mine = Call(
      words: String(cString: call), rank: context.rank, trouble: trouble.map { String(cString: $0) })
    let agreed = try Interrupts.guarding {
      try context.merged(mine) { earlier, later in
        if earlier.trouble != nil { return earlier }
        if later.trouble != nil { return later }
        guard earlier.words == later.words else {
          throw LockstepError(
            .usage, "rank \(later.rank) calls \(later.words), rank \(earlier.rank) \(earlier.words)",
            remedy: "call the same with the same parameters on all processes")
        }
        return earlier
      }
    }
    if let trouble = agreed.trouble {
      throw LockstepError(.usage, trouble, rank: context.size > 1 ? agreed.rank : nil)
    }
  }
}

@c @implementation
public func lockstep_finish(_ error: FailureOut) -> Int32 { attemptStatus(error) { try MPI.finish() } }

@c @implementation
public func lockstep_leave(_ error: FailureOut) -> Int32 {
  attemptStatus(error) { try MPI.leave() }
}

@c @implementation
public func lockstep_abort(_ exit_code: Int32) {
  guard let world = world.withLock({ $0 }), world.size > 1 else { exit(exit_code) }
  endProcess(exitCode: exit_code, in: world)
}
