// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Failures that no call returns, of files that are mapped into memory above all: they are checked before a result goes to the other ranks.
package enum LateFailure {
  private static let isWatched = Atomic<Bool>(false)
  private static let watcher = Mutex<Watcher?>(nil)

  /// A closure by itself would be wrapped anew each time that the lock hands it out.
  private struct Watcher: Sendable { let find: @Sendable () -> LockstepError? }

  /// Has `find` asked from now on what has failed, if anything.
  package static func watch(_ find: @escaping @Sendable () -> LockstepError?) {
    guard !isWatched.load(ordering: .acquiring) else { return }
    watcher.withLock { $0 = Watcher(find: find) }
    isWatched.store(true, ordering: .releasing)
  }

  /// Throws what has failed, if anything.
  package static func check() throws {
    guard isWatched.load(ordering: .acquiring), let watcher = watcher.withLock({ $0 }) else { return }
    if let failure = watcher.find() { throw failure }
  }
}
