// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Lockstep

@Suite struct ProcessorQuotaTests {
  private func quota(_ group: String, _ files: [String: String]) throws -> Int? {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder.appending(path: "a/b"), withIntermediateDirectories: true)
    try FileManager.default.createDirectory(at: folder.appending(path: "cpu/a"), withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
    try Data(group.utf8).write(to: folder.appending(path: "group"))
    return ProcessorQuota(process: folder.path + "/group", groups: folder.path).coreCount
  }

  @Test func theLeastOfAllGroupsCounts() throws {
    #expect(try quota("0::/a/b\n", ["a/b/cpu.max": "max 100000\n", "a/cpu.max": "150000 100000\n"]) == 2)
    #expect(try quota("0::/a/b\n", ["a/b/cpu.max": "50000 100000\n", "a/cpu.max": "400000 100000\n"]) == 1)
    #expect(try quota("0::/a/b\n", ["a/b/cpu.max": "max 100000\n"]) == nil)
    #expect(
      try quota("4:cpu,cpuacct:/a\n", ["cpu/a/cpu.cfs_quota_us": "300000\n", "cpu/a/cpu.cfs_period_us": "100000\n"])
        == 3)
    #expect(
      try quota("4:cpu,cpuacct:/a\n", ["cpu/a/cpu.cfs_quota_us": "-1\n", "cpu/a/cpu.cfs_period_us": "100000\n"]) == nil)
    #expect(try quota("", [:]) == nil)
  }
}
