// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a waiting rank does between two looks at its request: nothing, then yield its core, then sleep.
///
/// MPICH polls without end in its own waits, so that with more ranks than cores those who wait keep the core from those who
/// work, 10 ms and more per collective. Looking ourselves and yielding in between makes that some 100 µs.
struct Pause {
  /// Looks before the first yield, with a core for each rank and without.
  private static let spinLimit = 2000
  private static let crowdedSpinLimit = 50
  /// After so long, a nap of 50 µs costs little, and leaves the core to threads of other ranks.
  private static let napAfter: UInt64 = 2_000_000

  private let spinLimit: Int
  private(set) var count = 0
  private var start: UInt64 = 0
  /// Nanoseconds since the first yield, to within a few looks.
  private(set) var elapsed: UInt64 = 0

  /// Starts a wait of one of `localSize` ranks that share `coreCount` cores.
  init(localSize: Int, coreCount: Int) {
    spinLimit = localSize > coreCount ? Self.crowdedSpinLimit : Self.spinLimit
  }

  /// Waits a little; longer naps only if `mayNap`: a large transfer makes progress only as long as both sides look.
  mutating func wait(mayNap: Bool = true) {
    count += 1
    guard count > spinLimit else { return }
    if start == 0 { start = Self.now() }
    if count % 16 == 0 || elapsed > Self.napAfter { elapsed = Self.now() - start }
    if mayNap && elapsed > Self.napAfter {
      usleep(50)
    } else {
      sched_yield()
    }
  }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
