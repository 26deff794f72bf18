// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a waiting rank does between two looks at its request: nothing, then nap.
///
/// MPICH polls without end in its own waits, so that with more ranks than cores those who wait keep the core from those who
/// work: 10 ms and more per collective. Looking ourselves, and leaving the core in between, makes that some 150 µs. To leave
/// it by `sched_yield` is fine on an idle machine, 20 µs, but lets any busy thread finish its time slice first: 3 to 5 ms,
/// measured beside a compiler. The shortest nap takes some 55 µs, always.
struct Pause {
  /// Looks before the first nap, with a core for each rank, and without.
  private static let spinLimit = 2000
  private static let crowdedSpinLimit = 20
  /// Nanoseconds of the longest nap.
  private static let longestNap: UInt64 = 500_000

  private let spinLimit: Int
  private(set) var count = 0
  private var start: UInt64 = 0
  /// Nanoseconds since the first nap.
  private(set) var elapsed: UInt64 = 0

  /// Starts a wait of a rank, whose machine has more ranks than cores if `isCrowded`.
  init(isCrowded: Bool = true) {
    spinLimit = isCrowded ? Self.crowdedSpinLimit : Self.spinLimit
  }

  /// Waits a little, with naps that grow with the wait if `growing`: not so for a transfer that has begun, which makes
  /// progress only as long as both sides look.
  mutating func wait(growing: Bool = true) {
    count += 1
    guard count > spinLimit else { return }
    if start == 0 { start = Self.now() }
    elapsed = Self.now() - start
    var nap = timespec(tv_sec: 0, tv_nsec: growing ? Int(min(elapsed / 64, Self.longestNap)) + 1 : 1)
    nanosleep(&nap, nil)
  }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
