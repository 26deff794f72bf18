// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepReduction
import LockstepTables
import Synchronization

/// What signals do to a program that ``install(graceSeconds:savesOnUser1:)`` was called in.
///
/// SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 and SIGXCPU, on any rank, stop all ranks together: sweeps look for the signal between two
/// blocks, and what they throw then reaches the other ranks in the messages that the data would have used. The program ends as by any
/// error, with everything in order and the exit code 128 + signal. A second signal, or a program that does not come to an end within
/// the time given, ends at once; outputs that are not complete are removed then, too.
///
/// A file that grows over the limit of the process is an error, as a full disk is, and no signal.
/// With a checkpoint (``ExecutionContext/resuming(_:_:_:)``), its progress is written first, and the exit code is 75.
public enum StopSignals {
  private static let signals: [Int32] = [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU]
  /// Nanoseconds in which further signals are echoes of the first: a terminal signals the launcher and its processes, and the launcher
  /// passes its own on to them.
  private static let echoNanoseconds: UInt64 = 500_000_000
  private static let firstTime = Atomic<UInt64>(0)
  private static let first = Atomic<Int32>(0)
  private static let graceSeconds = Atomic<UInt32>(30)
  private static let savesOnUser1 = Atomic<Bool>(false)
  /// When this process began to end because of an error; 0 if it did not.
  private static let endingTime = Atomic<UInt64>(0)
  private static let endingCode = Atomic<Int32>(0)
  /// Nanoseconds from then on in which a signal may be an echo still, and another rank has not spoken yet.
  private static let endingNanoseconds: UInt64 = 50_000_000

  /// Handles the signals from now on.
  ///
  /// A signal that is ignored, as SIGHUP under `nohup`, stays so.
  ///
  /// - Parameters:
  ///   - graceSeconds: The time after the first signal.
  ///   - savesOnUser1: Whether SIGUSR1 has the checkpoint written, and the program goes on.
  public static func install(graceSeconds: Int = 30, savesOnUser1: Bool = false) {
    Self.savesOnUser1.store(savesOnUser1, ordering: .relaxed)
    SavingRequest.prepare()
    Self.graceSeconds.store(UInt32(graceSeconds), ordering: .relaxed)
    // Now, because nothing may be initialized inside a handler.
    TemporaryFiles.prepare()
    _ = Cancellation.isRequested
    _ = Cancellation.requestingSignal
    _ = firstTime.load(ordering: .relaxed) + UInt64(first.load(ordering: .relaxed)) + now() + echoNanoseconds
    _ = endingTime.load(ordering: .relaxed) + UInt64(endingCode.load(ordering: .relaxed)) + endingNanoseconds
    var handled = sigset_t()
    sigemptyset(&handled)
    for signal in signals + [SIGALRM] {
      var found = sigaction()
      guard sigaction(signal, nil, &found) == 0,
        unsafeBitCast(found.__sigaction_handler.sa_handler, to: UInt.self) != unsafeBitCast(SIG_IGN, to: UInt.self)
      else { continue }
      var ours = sigaction()
      // A call that the signal meets goes on: what is being written shall not fail.
      ours.sa_flags = SA_RESTART
      ours.__sigaction_handler.sa_handler = { signal in StopSignals.handle(signal) }
      sigaction(signal, &ours, nil)
      sigaddset(&handled, signal)
    }
    // A process inherits what the thread blocked that started it.
    pthread_sigmask(SIG_UNBLOCK, &handled, nil)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// From now on a signal ends this process at once with an exit code: an error has ended the program, and where another rank has told
  /// of it and ended the job, the launcher signals the rest.
  package static func beginEnding(exitCode: Int32) {
    endingCode.store(exitCode, ordering: .relaxed)
    endingTime.store(now(), ordering: .releasing)
  }

  private static func handle(_ number: Int32) {
    if number == SIGUSR1, savesOnUser1.load(ordering: .relaxed) { return SavingRequest.request() }
    let time = now()
    let ending = endingTime.load(ordering: .acquiring)
    if ending != 0, time > ending + endingNanoseconds {
      TemporaryFiles.removeAll()
      _exit(endingCode.load(ordering: .relaxed))
    }
    let (isFirst, start) = firstTime.compareExchange(expected: 0, desired: time, ordering: .acquiringAndReleasing)
    if isFirst {
      first.store(number, ordering: .relaxed)
      Cancellation.request(signal: number)
      alarm(graceSeconds.load(ordering: .relaxed))
    } else if time - start > echoNanoseconds {
      TemporaryFiles.removeAll()
      _exit(128 + first.load(ordering: .relaxed))
    }
  }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
