// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Int {
  /// The number of threads for each process of `world`: its share of the cores that it may use, at least 1.
  ///
  /// Where a launcher has bound the processes to cores, only the processes that share this one's cores divide them. What Slurm gives each
  /// process (`SLURM_CPUS_PER_TASK`), and the time that a control group is given, are limits, too.
  package static func forProcesses(on world: any Communicator) -> Int {
    let usable = ProcessFacts.usableCoreCount()
    let online = Swift.max(usable, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    let share = usable / Swift.max(1, world.localSize * usable / online)
    let quota = ProcessorQuota().coreCount.map { $0 / Swift.max(1, world.localSize) }
    let task = getenv("SLURM_CPUS_PER_TASK").flatMap { Int(String(cString: $0)) }
    return Swift.max(1, [share, quota, task].compactMap { $0 }.min() ?? 1)
  }
}

/// The time on processors that the control groups of this process are given.
struct ProcessorQuota {
  /// The folders that the system's figures are read from.
  var process = "/proc/self/cgroup"
  var groups = "/sys/fs/cgroup"

  /// How many cores it makes up, rounded up; `nil` without a limit.
  var coreCount: Int? {
    var least: Int?
    for line in text(process).split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let isVersion2 = fields[1].isEmpty
      guard isVersion2 || fields[1].split(separator: ",").contains("cpu") else { continue }
      var path = fields[2].split(separator: "/")[...]
      while true {
        // In a container the process's own path may not be there; the root then stands for it.
        let folder = ([isVersion2 ? groups : "\(groups)/cpu"] + path.map(String.init)).joined(separator: "/")
        let words =
          isVersion2
          ? text("\(folder)/cpu.max").split { " \n".contains($0) }
          : (text("\(folder)/cpu.cfs_quota_us") + " " + text("\(folder)/cpu.cfs_period_us")).split {
            " \n".contains($0)
          }
        if words.count == 2, let quota = Int(words[0]), let period = Int(words[1]), quota > 0, period > 0 {
          least = Swift.min(least ?? .max, Swift.max(1, (quota + period - 1) / period))
        }
        guard !path.isEmpty else { break }
        path.removeLast()
      }
    }
    return least
  }

  /// What one of the system's small files says; nothing if it is not there.
  private func text(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    return String(unsafeUninitializedCapacity: 1 << 14) { Swift.max(0, read(descriptor, $0.baseAddress, $0.count)) }
  }
}
