// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Ends this process, as if all were well, where `MPI_Finalize` does not return.
///
/// MPICH's hangs at the end of some jobs on several machines, when all results are there and all ranks have agreed on the end. For
/// programs that do nothing after it only.
enum FinalizeWatchdog {
  private static let isWanted = Atomic<Bool>(false)
  private static let isOver = Atomic<Bool>(false)
  private static let secondCount = Atomic<UInt32>(0)

  /// Has ``start(seconds:)`` watch.
  static func allow() { isWanted.store(true, ordering: .relaxed) }

  /// Ends the process if ``stop()`` is not called in time.
  static func start(seconds: UInt32 = 10) {
    guard isWanted.load(ordering: .relaxed) else { return }
    fflush(nil)
    secondCount.store(seconds, ordering: .relaxed)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { _ in
        sleep(FinalizeWatchdog.secondCount.load(ordering: .relaxed))
        if !FinalizeWatchdog.isOver.load(ordering: .acquiring) { _exit(0) }
        return nil
      }, nil)
    if status == 0 { pthread_detach(thread) }
  }

  static func stop() { isOver.store(true, ordering: .releasing) }
}
