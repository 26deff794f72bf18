// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepCommunication

/// How long an allGather of 8 bytes takes.
enum Latency {
  static func run(in world: any Communicator) throws {
    let batchCount = 21
    let callCount = 100
    for _ in 0..<callCount { _ = try world.allGather([UInt8](repeating: 1, count: 8)) }
    var microseconds: [Double] = []
    for _ in 0..<batchCount {
      let start = now()
      for _ in 0..<callCount { _ = try world.allGather([UInt8](repeating: 1, count: 8)) }
      microseconds.append((now() - start) / Double(callCount))
    }
    microseconds.sort()
    if world.rank == 0 {
      let median = microseconds[batchCount / 2]
      print(
        "allGather of 8 bytes, \(world.size) processes: median \((median * 10).rounded() / 10) us per call, best \((microseconds[0] * 10).rounded() / 10)"
      )
    }
  }

  /// Microseconds of a steady clock.
  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
  }
}
