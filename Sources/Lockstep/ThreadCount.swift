// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Int {
  /// The number of threads for each process of `world`: the cores that this process may use, divided by the processes that
  /// share them, at least 1.
  public static func forProcesses(on world: any Communicator) -> Int { Swift.max(1, usableCores / world.localSize) }

  /// The number of cores that this process may run on, by its affinity mask.
  ///
  /// A launcher that binds each process to its own core leaves one.
  public static var usableCores: Int {
    var mask = cpu_set_t()
    guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &mask) == 0 else {
      return Swift.max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }
    return Swift.max(1, withUnsafeBytes(of: mask) { $0.reduce(0) { $0 + $1.nonzeroBitCount } })
  }
}
