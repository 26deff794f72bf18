// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// Small files that stand for more than there is memory for: each is read within the limit, or is an error.
@Suite struct BombsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// What is said where so many bytes of memory are left.
  private func failure(of path: String, left: Int, _ options: ReadOptions = ReadOptions()) throws -> LockstepError? {
    try MemoryLedger.$current.withValue(MemoryLedger(byteCount: left)) {
      #expect(throws: LockstepError.self, "\(path)") { try parts(of: path, options) }
    }
  }

  @Test(arguments: ["compressed.npz", "types-zstd.arrow", "types-lz4.arrow"]) func whatIsUnpackedIsClaimedFirst(
    _ name: String
  ) throws {
    let options = ReadOptions(columns: [0], missing: .skipRow)
    let path = try Fixture.path(name) + (name.hasSuffix("npz") ? ":x" : "")
    #expect(try parts(of: path, options)[0].rowCount > 0)
    #expect(try failure(of: path, left: 8, options)?.code == .outOfMemory)
  }

  @Test func claimsAddUp() throws {
    try MemoryLedger.$current.withValue(MemoryLedger(byteCount: 1000)) {
      let first = try #require(MemoryClaim(600))
      #expect(MemoryClaim(600) == nil)
      withExtendedLifetime(first) {}
    }
  }

  /// All rows, wherever they are.
  private func rows(of path: String, _ options: ReadOptions) throws -> [[Double]] {
    var rows: [[Double]] = []
    for loaded in try parts(of: path, options) {
      try loaded.rows.forEachChunk { chunk in rows += (0..<chunk.rowCount).map { chunk.row($0) } }
    }
    return rows
  }

  @Test(arguments: ["x", "swapped", "columns"]) func archivesAreUnpackedToAScratchFileUnderALimit(
    _ member: String
  ) throws {
    let path = try Fixture.path("compressed.npz") + ":" + member
    let limit = MemoryLimit(windowByteCount: 16, scratchDirectory: directory.path)
    let found = try MemoryLedger.$current.withValue(MemoryLedger(byteCount: 100)) {
      try rows(of: path, ReadOptions(memoryLimit: limit))
    }
    #expect(found == HDF5Tests.expected)
  }

  @Test(arguments: ["types-zstd.arrow", "types-lz4.arrow"]) func batchesAreUnpackedToAScratchFileUnderALimit(
    _ name: String
  ) throws {
    let path = try Fixture.path(name)
    let limit = MemoryLimit(windowByteCount: 1, scratchDirectory: directory.path)
    var options = ReadOptions(columns: [0], missing: .skipRow)
    let expected = try rows(of: path, options)
    options.memoryLimit = limit
    let found = try MemoryLedger.$current.withValue(MemoryLedger(byteCount: 100)) { try rows(of: path, options) }
    #expect(found == expected)
    // Without a directory there is none.
    options.memoryLimit = MemoryLimit(windowByteCount: 1, scratchDirectory: directory.path + "/none")
    #expect(throws: LockstepError.self) { try rows(of: path, options) }
  }

  @Test func framesAboveAWindowAreUnpackedAsTheyAreRead() throws {
    let text = "a\n" + String(repeating: "1\n", count: 2000)
    let path = try DecompressionTests.compressed("zstd", text, in: directory)
    var bytes = try directory.read("data.csv.zst")
    bytes += bytes
    _ = try directory.write(bytes, to: "data.csv.zst")
    let file = try InputFile(path)
    let all = try FrameIndex(file, byteCount: bytes.count, .zstd)
    #expect(all?.frames.count == 2)
    #expect(try FrameIndex(file, byteCount: bytes.count, .zstd, largestFrame: 4000) == nil)
  }
}

/// HDF5 files whose chunks are larger than memory, where the library is here; skipped elsewhere.
@Suite(.enabled(if: HDF5Library.isHere, "no libhdf5, nor LOCKSTEP_HDF5")) struct HDF5BombsTests {
  @Test func chunksAreHeldAgainstMemory() throws {
    let path = try Fixture.path("one.h5")
    let error = try MemoryLedger.$current.withValue(MemoryLedger(byteCount: 40)) {
      #expect(throws: LockstepError.self) { try parts(of: path) }
    }
    #expect(error?.code == .outOfMemory && error?.message.contains("chunks of 3 rows") == true)
    let limit = MemoryLimit(windowByteCount: 4)
    let limited = #expect(throws: LockstepError.self) { try parts(of: path, ReadOptions(memoryLimit: limit)) }
    #expect(limited?.code == .outOfMemory)
  }
}
