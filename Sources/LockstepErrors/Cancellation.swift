// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A wish, of Ctrl-C for example, that everything this process computes should stop.
///
/// Sweeps and readings look at it between two blocks and throw `.cancelled`. As any failure does, it reaches the other ranks in the
/// messages that the data would have used, so all ranks stop together and can go on together. A rank that waits for another's
/// message gives it a moment to bring that news, and only then leaves the wait; one that a signal has stopped brings the news itself, with what it would have sent next.
///
/// ```swift
/// Cancellation.request()                                          // from any thread, or from a signal's handler
/// ```
public enum Cancellation {
  /// When it was requested, in nanoseconds of the monotonic clock; 0 if it was not.
  private static let requested = Atomic<UInt64>(0)
  /// The signal that asked for it; 0 if none did.
  private static let signal = Atomic<Int32>(0)
  /// Nanoseconds that a rank goes on waiting for a message.
  private static let grace: UInt64 = 200_000_000

  /// Asks for it, for all work of this process, until ``withdraw()``.
  ///
  /// Safe in a signal's handler once anything of this type has been called before.
  public static func request() {
    _ = requested.compareExchange(expected: 0, desired: now(), ordering: .acquiringAndReleasing)
  }

  /// Asks for it because of a signal, from its handler.
  ///
  /// Ranks that wait go on waiting, however long it takes: the next thing that they bring to the others is the news, so that all
  /// stop together.
  ///
  /// - Parameter number: The signal. The first one is told.
  public static func request(signal number: Int32) {
    _ = signal.compareExchange(expected: 0, desired: number, ordering: .acquiringAndReleasing)
    request()
  }

  /// Takes ``request()`` back.
  public static func withdraw() {
    signal.store(0, ordering: .releasing)
    requested.store(0, ordering: .releasing)
  }

  /// Whether it was requested.
  public static var isRequested: Bool { requested.load(ordering: .relaxed) != 0 }

  /// The signal that asked for it, if one did.
  public static var requestingSignal: Int32? {
    let number = signal.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Throws `LockstepError` with code `.cancelled` if it was requested, or with the signal's own code if a signal did.
  @inline(__always)
  public static func check() throws {
    if isRequested { throw requestedError() }
  }

  @inline(never)
  private static func requestedError() -> LockstepError {
    guard let number = requestingSignal else { return LockstepError(.cancelled, "cancelled") }
    return LockstepError(.stopped(bySignal: number), "stopped by \(LockstepError.Code.signalName(number))")
  }

  /// Throws if it was requested a moment ago: for waits, which are better ended by the message that they wait for.
  public static func checkWaiting() throws {
    let time = requested.load(ordering: .relaxed)
    guard time != 0, requestingSignal == nil, now() &- time > grace else { return }
    throw LockstepError(.cancelled, "cancelled while waiting for another rank")
  }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
