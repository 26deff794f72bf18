// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep
import Synchronization

/// The memory of this process, as the system counts it.
enum ProcessMemory {
  private static let atStart = Atomic(0)

  /// Notes what the process has before its work begins: the program, its libraries, and those of MPI.
  static func start() { atStart.store(field("VmRSS:"), ordering: .relaxed) }

  /// What it had then.
  static var startByteCount: Int { atStart.load(ordering: .relaxed) }
  /// The most that it has had.
  static var peakByteCount: Int { field("VmHWM:") }

  /// A field of the system's report, 0 where there is none.
  private static func field(_ name: String) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, file) > 0, let text = line.map({ String(cString: $0) }) {
      guard text.hasPrefix(name) else { continue }
      let number = text.dropFirst(name.count).split { $0 == " " || $0 == "\t" }.first.flatMap { Int($0) }
      return (number ?? 0) << 10
    }
    return 0
  }
}

/// Numbers of bytes for people.
enum ByteText {
  /// In megabytes, with three digits at least: `0.00123`, `0.52`, `812`.
  static func megabytes(_ byteCount: Int) -> String {
    let megabytes = Double(byteCount) / 1e6
    return NumberText.fixed(megabytes, decimals: megabytes < 0.1 ? 5 : megabytes < 10 ? 2 : 0)
  }
}
