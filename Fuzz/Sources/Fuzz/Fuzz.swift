// SPDX-License-Identifier: Apache-2.0

import CFuzz
import Glibc
import Lockstep
import Synchronization

/// Feeds bytes that libFuzzer makes up to one of the readers, which must read them or throw a `LockstepError`.
///
///     Fuzz list                              the readers' names
///     Fuzz seeds READER DIRECTORY            writes small files that the reader accepts
///     Fuzz READER [libFuzzer's arguments]    makes up files from those
///
/// A trap, a report of a sanitizer, another error, or reading in parts that gives other rows than reading the whole, ends the
/// program; libFuzzer then leaves the input in a file, which as the only further argument runs it again.
@main enum Fuzz {
  static func main() {
    var arguments = CommandLine.arguments
    guard arguments.count > 1 else { fail("usage: Fuzz list | seeds READER DIRECTORY | READER [ARGUMENT...]") }
    if arguments[1] == "list" { return print(Target.all.map(\.name).joined(separator: "\n")) }
    if arguments[1] == "seeds", arguments.count == 4 {
      for (i, seed) in target(arguments[2]).seeds().enumerated() { write(seed, to: "\(arguments[3])/seed\(i)") }
      return
    }
    let reader = target(arguments.remove(at: 1))
    chosen.withLock { $0 = reader }
    var pointers = arguments.map { strdup($0) }
    pointers.append(nil)
    var count = Int32(arguments.count)
    pointers.withUnsafeMutableBufferPointer { buffer in
      guard var start = buffer.baseAddress else { return }
      exit(
        LLVMFuzzerRunDriver(&count, &start) { bytes, count in
          Fuzz.chosen.withLock { $0 }?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
          return 0
        })
    }
  }

  /// What is fed, where a function of C finds it.
  private static let chosen = Mutex<Target?>(nil)

  private static func target(_ name: String) -> Target {
    guard let found = Target.all.first(where: { $0.name == name }) else { fail("there is no reader \(name)") }
    return found
  }

  private static func write(_ bytes: [UInt8], to path: String) {
    do { try AtomicFile.write(bytes, to: path) } catch { fail("\(error)") }
  }

  private static func fail(_ message: String) -> Never {
    let line = Array("fuzz: \(message)\n".utf8)
    _ = Glibc.write(2, line, line.count)
    exit(64)
  }
}
