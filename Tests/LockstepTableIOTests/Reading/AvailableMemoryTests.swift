// SPDX-License-Identifier: Apache-2.0

import Foundation
import LockstepErrors
import Testing

@testable import LockstepTableIO

@Suite struct AvailableMemoryTests {
  /// Folders that stand for the system's, with the texts of some files in them.
  private static func system(_ files: [String: String]) throws -> (memory: AvailableMemory, root: String) {
    let root = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    for (name, text) in files {
      let file = URL(filePath: "\(root)/\(name)")
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return (AvailableMemory(processes: "\(root)/proc", groups: "\(root)/groups"), root)
  }

  @Test func theLeastOfAllLimitsCounts() throws {
    let machine = ["proc/meminfo": "MemTotal:  900 kB\nMemAvailable:   800 kB\n"]
    let version2 = [
      "proc/self/cgroup": "0::/job/step\n", "groups/job/memory.max": "700000\n",
      "groups/job/memory.current": "500000\n",
      "groups/job/memory.stat": "anon 400000\ninactive_file 30000\n", "groups/job/step/memory.max": "max\n",
      "groups/job/step/memory.current": "1\n",
    ]
    let version1 = [
      "proc/self/cgroup": "5:cpu:/\n4:memory:/job\n", "groups/memory/job/memory.limit_in_bytes": "1000\n",
      "groups/memory/job/memory.usage_in_bytes": "900\n",
      "groups/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "groups/memory/memory.usage_in_bytes": "5\n",
    ]
    for (files, expected) in [
      ([:], nil), (machine, 800 * 1024), (machine.merging(version2) { $1 }, 230_000),
      (machine.merging(version1) { $1 }, 100), (version1, 100),
    ] as [([String: String], Int?)] {
      let (memory, root) = try Self.system(files)
      defer { try? FileManager.default.removeItem(atPath: root) }
      #expect(memory.byteCount == expected)
    }
    #expect(try #require(AvailableMemory().byteCount) > 0)
  }

  @Test func rowsThatGrowBeyondWhatIsLeftAreAnError() throws {
    let (memory, root) = try Self.system(["proc/meminfo": "MemAvailable: \(100 << 10) kB\n"])
    defer { try? FileManager.default.removeItem(atPath: root) }
    // 100 MiB: the first 64 MiB are given unasked; as much again with as much left behind it is not there.
    var guarded = MemoryGuard(memory)
    let answers = [1 << 20, 1 << 26, 1 << 27].map { guarded.allows($0) }
    #expect(answers == [true, true, false])

    let stream = try CSVStream<Double>(file: Zeros(rowCount: 40_000_000), options: ReadOptions())
    let error = #expect(throws: LockstepError.self) { try stream.read(within: MemoryGuard(memory)) }
    #expect(error?.code == .outOfMemory && error?.place?.file == "zeros")
  }

  /// Rows of one zero.
  private final class Zeros: ByteStream {
    let name = "zeros"
    private var left: Int
    init(rowCount: Int) { left = 2 * rowCount }
    func readNext(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
      let count = min(left, buffer.count)
      for i in 0..<count { buffer[i] = (left - i) % 2 == 0 ? 0x30 : 0x0A }
      left -= count
      return count
    }
  }
}
