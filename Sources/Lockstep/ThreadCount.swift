// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Int {
  /// The number of threads for each process of `world`: its share of the cores that it may use, at least 1.
  ///
  /// Where a launcher has bound the processes to cores, only the processes that share this one's cores divide them.
  public static func forProcesses(on world: any Communicator) -> Int {
    let usable = ProcessFacts.usableCoreCount()
    let online = Swift.max(usable, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    return Swift.max(1, usable / Swift.max(1, world.localSize * usable / online))
  }
}
