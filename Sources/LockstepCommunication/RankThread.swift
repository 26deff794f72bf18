// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A thread with a stack as large as a process's main thread has by default.
struct RankThread: Sendable {
  /// What Linux gives a main thread by default.
  ///
  /// A secondary thread may get much less (musl, small `ulimit -s`).
  private static let stackByteCount = 8 << 20

  private let thread: pthread_t

  /// Starts `body` on a new thread; `nil`, with `errno`'s value in `status`, where the system refuses.
  init?(status: inout Int32, _ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, Self.stackByteCount)
    var thread = pthread_t()
    let closure = Unmanaged.passRetained(Closure(body))
    status = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Closure>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, closure.toOpaque())
    guard status == 0 else {
      closure.release()
      return nil
    }
    self.thread = thread
  }

  /// Waits until the thread has ended.
  func join() { pthread_join(thread, nil) }

  /// Lets the thread go: nobody will join it.
  func detach() { pthread_detach(thread) }

  private final class Closure: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
