// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a waiting rank does between two tests of its request: spin, then sleep.
///
/// With a core for each rank, those who wait keep nobody from working: they look on for a millisecond, so that what comes in time is
/// seen at once. With more ranks than cores they leave the core after a few microseconds: MPICH polls without end in its own waits,
/// and so takes 10 ms and more for a collective. To leave it by `sched_yield` is fine on an idle machine, but lets any busy thread
/// finish its time slice first: 3 to 5 ms, measured beside a compiler. A short sleep lasts some 55 µs because Linux lets its timers be late
/// by 50 µs; a thread that asks for punctual ones sleeps for 5 to 10 µs.
struct Pause {
  /// Nanoseconds of testing before the first sleep, with a core for each rank, and without.
  private static let spinTime: UInt64 = 1_000_000
  private static let crowdedSpinTime: UInt64 = 4_000
  /// Nanoseconds of the longest sleep.
  private static let longestSleep: UInt64 = 500_000

  private let spinTime: UInt64
  private(set) var count = 0
  private var start: UInt64 = 0
  private var sleeps = false
  /// Nanoseconds since the first look, as of the last one.
  private(set) var elapsed: UInt64 = 0

  /// Starts a wait of a rank, whose machine has more ranks than cores if `isCrowded`.
  init(isCrowded: Bool = true) {
    spinTime = isCrowded ? Self.crowdedSpinTime : Self.spinTime
  }

  /// Waits a little, with sleeps that grow with the wait if `growing`: not so for a transfer that has begun, which makes
  /// progress only as long as both sides look.
  mutating func wait(growing: Bool = true) {
    count += 1
    let time = Self.now()
    if start == 0 { start = time }
    elapsed = time - start
    guard elapsed > spinTime else { return }
    if !sleeps {
      sleeps = true
      PunctualTimers.askFor()
    }
    var duration = timespec(tv_sec: 0, tv_nsec: growing ? Int(min(elapsed / 32, Self.longestSleep)) + 1 : 1)
    nanosleep(&duration, nil)
  }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

/// Sleeps of this thread that end on time, not up to 50 µs later.
private enum PunctualTimers {
  private static let setTimerSlack: Int32 = 29  // PR_SET_TIMERSLACK
  private typealias Control = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
  /// `prctl`, which Swift does not import because its arguments vary.
  private static let control = dlsym(nil, "prctl").map { unsafeBitCast($0, to: Control.self) }

  static func askFor() { _ = control?(setTimerSlack, 1, 0, 0, 0) }
}
