// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How much memory this process can still take before the system ends it.
///
/// Linux promises more memory than there is, and kills a process that uses what it was promised. Who does not know how much
/// it will need, as a compressed text does not tell, therefore asks here before taking more.
struct AvailableMemory: Sendable {
  /// The folders that the system's figures are read from.
  private let processes: String
  private let groups: String

  /// The figures of this system, or, in tests, of the folders in place of `/proc` and `/sys/fs/cgroup`.
  init(processes: String = "/proc", groups: String = "/sys/fs/cgroup") {
    self.processes = processes
    self.groups = groups
  }

  /// The number of bytes; `nil` if the system does not tell.
  ///
  /// The least of what the machine has left, and what the limits of the control groups that the process is in leave to it.
  var byteCount: Int? {
    let machine = number("MemAvailable:", in: text("\(processes)/meminfo")).map { $0 * 1024 }
    return ([machine] + groupLimits()).compactMap { $0 }.min()
  }

  /// Whether so many bytes can be taken now, of which a file that claims them has shown nothing yet.
  static func has(_ byteCount: Int) -> Bool {
    if let left = MemoryLedger.current.byteCount { return byteCount < left }
    guard byteCount > 1 << 26, let left = AvailableMemory().byteCount else { return true }
    return byteCount < left
  }

  /// What the process's control groups leave, of either version, from its own group to the root.
  private func groupLimits() -> [Int?] {
    var limits: [Int?] = []
    for line in text("\(processes)/self/cgroup").split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let isVersion2 = fields[1].isEmpty
      guard isVersion2 || fields[1].split(separator: ",").contains("memory") else { continue }
      let root = isVersion2 ? groups : "\(groups)/memory"
      var path = fields[2].split(separator: "/")[...]
      while true {
        // In a container the process's own path may not be there; the root then stands for it.
        let folder = ([root] + path.map(String.init)).joined(separator: "/")
        limits.append(
          isVersion2
            ? left(folder, "memory.max", "memory.current", "inactive_file")
            : left(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"))
        guard !path.isEmpty else { break }
        path.removeLast()
      }
    }
    return limits
  }

  /// What a group's limit leaves: pages of files that nobody uses are given back when they are needed.
  private func left(_ folder: String, _ limit: String, _ usage: String, _ inactive: String) -> Int? {
    guard let most = Int(word(text("\(folder)/\(limit)"))), most < 1 << 60,
      let used = Int(word(text("\(folder)/\(usage)")))
    else { return nil }
    return max(0, most - used + (number(inactive, in: text("\(folder)/memory.stat")) ?? 0))
  }

  private func word(_ text: String) -> Substring { text.split { $0 == "\n" || $0 == " " }.first ?? "" }

  /// The number behind a word at the beginning of a line.
  private func number(_ name: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count > 1, words[0] == name { return Int(words[1]) }
    }
    return nil
  }

  /// What one of the system's small files says; nothing if it is not there.
  private func text(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    return String(unsafeUninitializedCapacity: 1 << 14) { max(0, read(descriptor, $0.baseAddress, $0.count)) }
  }
}

/// Lets memory be taken only as long as enough is left.
struct MemoryGuard: Sendable {
  /// How much is asked for at a time, and how much must be left behind it.
  private static var step: Int { 1 << 26 }

  private let available: AvailableMemory
  private var allowedByteCount = MemoryGuard.step

  init(_ available: AvailableMemory = AvailableMemory()) { self.available = available }

  /// Whether `byteCount` bytes in all can be taken, of which some have been taken already.
  mutating func allows(_ byteCount: Int) -> Bool {
    guard byteCount > allowedByteCount else { return true }
    let next = byteCount + MemoryGuard.step
    guard let left = available.byteCount, left < next - allowedByteCount + MemoryGuard.step else {
      allowedByteCount = next
      return true
    }
    return false
  }
}
