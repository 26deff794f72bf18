// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Hands a value from piece to piece of a work in order, while threads work on several pieces at once.
///
/// Audited `@unchecked Sendable`: everything mutable is touched under the lock only.
final class OrderedPieces<Value: Sendable>: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var taken = 0
  private var turn = 0
  private var value: Value
  private let count: Int
  private var isStopped = false

  /// Prepares `count` pieces, the first of which gets `value`.
  init(count: Int, value: Value) {
    self.count = count
    self.value = value
    pthread_mutex_init(lock, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_mutex_destroy(lock)
    pthread_cond_destroy(changed)
    lock.deallocate()
    changed.deallocate()
  }

  /// The next piece that nobody has taken; `nil` when there is none or the work has been stopped.
  func take() -> Int? {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    guard taken < count, !isStopped else { return nil }
    taken += 1
    return taken - 1
  }

  /// Waits for piece `number`'s turn and replaces the value, which is returned as it was.
  ///
  /// Every piece that is taken must come to this, because the later ones wait for it.
  func pass(_ number: Int, _ next: (Value) -> Value) -> Value {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while turn != number { pthread_cond_wait(changed, lock) }
    let current = value
    value = next(current)
    turn += 1
    pthread_cond_broadcast(changed)
    return current
  }

  /// Lets nobody take another piece.
  ///
  /// The pieces taken so far are the first ones, and are finished.
  func stop() {
    pthread_mutex_lock(lock)
    isStopped = true
    pthread_mutex_unlock(lock)
  }

  /// The value after the last turn so far.
  var current: Value {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return value
  }
}
