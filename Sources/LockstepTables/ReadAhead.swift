// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import Synchronization

/// Makes the next of some things on a thread of its own while the one before is worked on.
enum ReadAhead {
  /// A thing that is being made.
  private final class Pending<Made: Sendable>: Startable, Sendable {
    private let result = Mutex<Result<Made, any Error>?>(nil)
    private let thread = Mutex<pthread_t?>(nil)
    private let make: @Sendable () throws -> Made

    init(_ make: @escaping @Sendable () throws -> Made) { self.make = make }

    /// Begins on another thread; where there is none to be had, ``wait()`` does the work.
    func start() {
      var thread = pthread_t()
      let pending = Unmanaged.passRetained(self as AnyObject)
      let status = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          (Unmanaged<AnyObject>.fromOpaque(argument).takeRetainedValue() as? any Startable)?.work()
          return nil
        }, pending.toOpaque())
      guard status == 0 else { return pending.release() }
      self.thread.withLock { $0 = thread }
    }

    func work() {
      let made = Result { try make() }
      result.withLock { $0 = made }
    }

    /// What was made, when it is.
    func wait() throws -> Made {
      if let thread = thread.withLock({ $0.take() }) { pthread_join(thread, nil) }
      if let made = result.withLock({ $0.take() }) { return try made.get() }
      return try make()
    }
  }

  /// Calls `body` with `count` things in order.
  ///
  /// - Parameters:
  ///   - count: How many there are.
  ///   - isNear: Whether a thing is at hand, so that it need not be made beforehand.
  ///   - make: Makes one.
  ///   - body: What is done with each.
  /// - Throws: The first error of either.
  static func forEach<Made: Sendable>(
    _ count: Int, isNear: (Int) -> Bool, make: @escaping @Sendable (Int) throws -> Made, _ body: (Made) throws -> Void
  ) throws {
    var pending: Pending<Made>?
    for i in 0..<count {
      let made = try pending?.wait() ?? make(i)
      pending = nil
      if i + 1 < count, !isNear(i + 1) {
        let next = Pending { try make(i + 1) }
        next.start()
        pending = next
      }
      do { try body(made) } catch {
        // What was begun ends before its sources may go; that it failed too is of no interest any more.
        _ = try? pending?.wait()
        throw error
      }
    }
  }
}

/// What another thread does.
private protocol Startable: AnyObject {
  func work()
}
