// SPDX-License-Identifier: Apache-2.0
// The functions are documented in lockstep.h.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CLockstepInterface
import Glibc
import Lockstep
import Synchronization

/// Ctrl-C while something computes.
///
/// An interpreter's own handler only takes a note, which nobody reads before the call is over. So for as long as it lasts, ours stands
/// before it: it asks for `Cancellation`, and then calls the interpreter's.
enum Interrupts {
  /// The address of the handler that stood there before, for ours to call.
  private static let earlier = Atomic<UInt>(0)
  private static let earlierTakesInformation = Atomic<Bool>(false)
  private static let wasInterrupted = Atomic<Bool>(false)
  private static let guards = Mutex(Guards())

  private struct Guards {
    /// The computations that are under way, in all threads and inside one another.
    var count = 0
    /// What to put back after the last of them.
    var found: sigaction?
  }

  /// Runs `body`; SIGINT stops it, if somebody else handles the signal at all.
  static func guarding<Result>(_ body: () throws -> Result) rethrows -> Result {
    guards.withLock { guards in
      if guards.count == 0 { guards.found = install() }
      guards.count += 1
    }
    defer {
      guards.withLock { guards in
        guards.count -= 1
        guard guards.count == 0, var found = guards.found else { return }
        sigaction(SIGINT, &found, nil)
        if wasInterrupted.exchange(false, ordering: .relaxed) { Cancellation.withdraw() }
      }
    }
    return try body()
  }

  /// Puts our handler before the one that is there, and returns that; nil if there is none.
  private static func install() -> sigaction? {
    var found = sigaction()
    guard sigaction(SIGINT, nil, &found) == 0 else { return nil }
    let address = unsafeBitCast(found.__sigaction_handler.sa_handler, to: UInt.self)
    // By default the signal ends the process, as it should; and it may be ignored.
    guard address > 1 else { return nil }
    earlier.store(address, ordering: .relaxed)
    earlierTakesInformation.store(found.sa_flags & SA_SIGINFO != 0, ordering: .relaxed)
    wasInterrupted.store(false, ordering: .relaxed)
    // Now, because nothing may be initialized inside a handler.
    _ = Cancellation.isRequested
    var ours = found
    ours.sa_flags |= SA_SIGINFO
    ours.__sigaction_handler.sa_sigaction = { signal, information, context in
      Interrupts.wasInterrupted.store(true, ordering: .relaxed)
      Cancellation.request()
      Interrupts.callEarlier(signal, information, context)
    }
    return sigaction(SIGINT, &ours, nil) == 0 ? found : nil
  }

  private static func callEarlier(
    _ signal: Int32, _ information: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?
  ) {
    let address = earlier.load(ordering: .relaxed)
    if earlierTakesInformation.load(ordering: .relaxed) {
      typealias Handler = @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void
      unsafeBitCast(address, to: Handler.self)(signal, information, context)
    } else {
      unsafeBitCast(address, to: (@convention(c) (Int32) -> Void).self)(signal)
    }
  }
}

@c @implementation
public func lockstep_cancel() { Cancellation.request() }

@c @implementation
public func lockstep_resume() { Cancellation.withdraw() }
