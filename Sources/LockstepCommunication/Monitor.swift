// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A state, the lock that guards it, and conditions to wait for.
///
/// `@unchecked Sendable`, because the compiler cannot see that `state` is touched only between `lock` and `unlock`: the
/// three methods below are the only code that reaches it. Synchronization's `Mutex` has no condition to wait on.
final class Monitor<State>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let conditions: UnsafeMutablePointer<pthread_cond_t>
  private let conditionCount: Int
  // Behind a pointer, so that no access to it is open while a thread sleeps in `wait`.
  private let state: UnsafeMutablePointer<State>

  init(_ initial: sending State, conditionCount: Int) {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    conditions = .allocate(capacity: conditionCount)
    conditions.initialize(repeating: pthread_cond_t(), count: conditionCount)
    for index in 0..<conditionCount { pthread_cond_init(conditions + index, nil) }
    self.conditionCount = conditionCount
    state = .allocate(capacity: 1)
    state.initialize(to: initial)
  }

  deinit {
    for index in 0..<conditionCount { pthread_cond_destroy(conditions + index) }
    conditions.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Gives `body` the state, alone.
  func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&state.pointee)
  }

  /// Calls `attempt` under the lock, at once and after every signal of `condition`, until it returns a value.
  func wait<Result>(for condition: Int, _ attempt: (inout State) -> Result?) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = attempt(&state.pointee) { return result }
      pthread_cond_wait(conditions + condition, mutex)
    }
  }

  /// Wakes those who wait for `condition`; to be called with the lock held, after the change they wait for.
  func signal(_ condition: Int) {
    pthread_cond_broadcast(conditions + condition)
  }
}
