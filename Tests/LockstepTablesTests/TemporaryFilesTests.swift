// SPDX-License-Identifier: Apache-2.0

import Foundation
import LockstepErrors
import Testing

@testable import LockstepTables

struct TemporaryFilesTests {
  private func directory() throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  @Test func aFileIsItsOwnersAloneAndNew() throws {
    let place = try directory()
    defer { try? FileManager.default.removeItem(atPath: place) }
    let first = try #require(TemporaryFiles.create(for: "q.npy", in: place + "/"))
    let second = try #require(TemporaryFiles.create(for: "q.npy", in: place + "/"))
    defer { for file in [first, second] { close(file.descriptor) } }
    #expect(first.path != second.path)
    var status = stat()
    #expect(fstat(first.descriptor, &status) == 0 && status.st_mode & 0o777 == 0o600)
    // Its maker runs, so it is no orphan.
    #expect(TemporaryFiles.orphans(in: place) == [])
    let name = try #require(first.path.split(separator: "/").last.map(String.init))
    #expect(name.hasPrefix(".q.npy.lockstep-"))
    #expect(TemporaryFiles.maker(ofFileNamed: name)?.process == getpid())
    TemporaryFiles.remove(first.path)
    #expect(access(first.path, F_OK) != 0)
    TemporaryFiles.removeAll()
    #expect(access(second.path, F_OK) != 0)
    TemporaryFiles.forget(second.path)
  }

  @Test func whatADeadProcessHasLeftIsFound() throws {
    let place = try directory()
    defer { try? FileManager.default.removeItem(atPath: place) }
    let (descriptor, path) = try #require(TemporaryFiles.create(for: "u.csv", in: place + "/"))
    defer { close(descriptor) }
    TemporaryFiles.forget(path)
    // No process has such a number.
    let dead = path.replacing("-\(getpid())-", with: "-999999999-")
    #expect(rename(path, dead) == 0)
    // Files of others, and of other machines, are none of ours.
    for name in [
      ".u.csv", "u.csv.lockstep-host-1-0-a", ".u.lockstep-elsewhere-999999999-0-a", ".u.lockstep-999999999-0",
    ] {
      FileManager.default.createFile(atPath: place + "/" + name, contents: Data())
    }
    #expect(TemporaryFiles.orphans(in: place).map(\.path) == [dead])
    #expect(TemporaryFiles.orphans(in: place).map(\.process) == [999_999_999])
    #expect(TemporaryFiles.orphans(in: place + "/none") == [])
  }

  @Test func makersAreReadFromNames() {
    #expect(TemporaryFiles.maker(ofFileNamed: ".a.lockstep-x.lockstep-hpc-3-12-45-z")?.host == "hpc-3")
    #expect(TemporaryFiles.maker(ofFileNamed: ".a.lockstep-hpc-12-45-z")?.job == "45")
    #expect(TemporaryFiles.maker(ofFileNamed: ".a.lockstep-hpc--12-z") == nil)
    #expect(TemporaryFiles.maker(ofFileNamed: "a.lockstep-hpc-12-45-z") == nil)
  }
}
