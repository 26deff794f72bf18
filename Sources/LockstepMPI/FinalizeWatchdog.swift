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
        guard !FinalizeWatchdog.isOver.load(ordering: .acquiring) else { return nil }
        FinalizeWatchdog.endJobOfHydra()
        _exit(0)
      }, nil)
    if status == 0 { pthread_detach(thread) }
  }

  static func stop() { isOver.store(true, ordering: .releasing) }

  /// Asks Hydra, in its own protocol (PMI), to end the job with the code 0.
  ///
  /// It reports an error of its own where processes leave while it answers those that still wait for one another. `MPI_Abort` would do
  /// the same as this, and print a line.
  private static func endJobOfHydra() {
    guard let number = getenv("PMI_FD").flatMap({ Int32(String(cString: $0)) }), !MPI.isTaskOfSlurm else { return }
    let line = Array("cmd=abort exitcode=0\n".utf8)
    if write(number, line, line.count) == line.count { sleep(2) }
  }
}

/// Ends this process where `MPI_Abort` does not: it waits for an answer that cannot come if the network is cut.
enum AbortWatchdog {
  private static let exitCode = Atomic<Int32>(0)

  /// Ends the process after a few seconds.
  static func start(exitCode: Int32) {
    self.exitCode.store(exitCode, ordering: .relaxed)
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { _ in
        sleep(5)
        _exit(AbortWatchdog.exitCode.load(ordering: .relaxed))
      }, nil)
  }
}
