// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Synchronization
import Testing

/// Sweeps that end in the middle, and go on from the blocks that were finished.
struct SweepProgressTests {
  /// Sums rows, and fails at one of them.
  private struct Fragile: Pass, Codable {
    struct Partial: Mergeable {
      var sum = 0.0
      mutating func merge(_ later: Self) { sum += later.sum }
    }
    /// What befalls a sweep, by its name: two sweeps of one name are the same to a checkpoint.
    struct Fate: Sendable {
      var failure: (row: Int, error: LockstepError)?
      var blockCount = 0
    }
    static let fates = Mutex<[String: Fate]>([:])
    let name: String

    func blockRowCount(columnCount: Int) -> Int { 16 }
    func makePartial(columnCount: Int) -> Partial { Partial() }
    func accumulate(_ samples: Samples, into partial: inout Partial) throws {
      try Self.fates.withLock { fates in
        fates[name, default: Fate()].blockCount += 1
        if let failure = fates[name]?.failure,
          (samples.firstRow..<samples.firstRow + samples.rowCount).contains(failure.row)
        {
          throw failure.error
        }
      }
      for i in 0..<samples.rowCount { partial.sum += samples.rows.row(i)[0] }
    }
    func finalize(_ partial: Partial) -> Double { partial.sum }
  }

  private static let values: [Double] = {
    var random = SplitMix64(state: 5)
    return (0..<1003).map { _ in Double(random.next() >> 11) / 1e9 }
  }()

  private static func sum(_ name: String, size: Int, threadCount: Int, path: String?) throws -> UInt64 {
    let results = ThreadRanks.run(size) { world in
      let context = ExecutionContext(
        communicator: world, threadCount: threadCount, checkpoint: path.map { Checkpoint(path: $0, interval: .zero) })
      let cut = values.count * world.rank / size..<values.count * (world.rank + 1) / size
      let rows = Table(DenseRows(Array(values[cut]), columnCount: 1))
      return try context.resuming(name, rows) { try $0.reduce(Fragile(name: name), over: rows).bitPattern }
    }
    let bits = try results.map { try $0.get() }
    #expect(Set(bits).count == 1)
    return bits[0]
  }

  @Test(arguments: [LockstepError(.stopped(bySignal: 15), "stopped"), LockstepError(.userCode, "killed")])
  func finishedBlocksAreNotSweptAgain(error: LockstepError) throws {
    let whole = try Self.sum(UUID().uuidString, size: 1, threadCount: 1, path: nil)
    for (sizes, row) in [
      ([1, 1], 900), ([1, 3], 700), ([3, 1], 1002), ([4, 3], 500), ([2, 5], 333), ([5, 8], 250),
    ] {
      let name = UUID().uuidString
      let path = FileManager.default.temporaryDirectory.appending(path: name + ".checkpoint").path
      defer { for file in Self.files(path) { try? FileManager.default.removeItem(atPath: file) } }
      Fragile.fates.withLock { $0[name] = .init(failure: (row, error)) }
      #expect(throws: LockstepError.self) { _ = try Self.sum(name, size: sizes[0], threadCount: 2, path: path) }
      #expect(Self.files(path).count > 1)
      let before = Fragile.fates.withLock { fates in
        defer { fates[name] = .init() }
        return fates[name]?.blockCount ?? 0
      }
      #expect(try Self.sum(name, size: sizes[1], threadCount: 1, path: path) == whole)
      let after = Fragile.fates.withLock { $0[name]?.blockCount ?? 0 }
      // Some of the 63 blocks were begun and not finished; when it is killed, some are on their way into the file.
      #expect(after < 63, "\(before) + \(after), \(sizes)")
      if error.code != .userCode { #expect(before + after < 63 + 20, "\(before) + \(after), \(sizes)") }
      // A third run takes the outcome itself.
      #expect(try Self.sum(name, size: 2, threadCount: 1, path: path) == whole)
      #expect(Fragile.fates.withLock { $0[name]?.blockCount ?? 0 } == after)
    }
  }

  @Test func blocksOfOtherRowsAreOfNoUse() throws {
    let name = UUID().uuidString
    let path = FileManager.default.temporaryDirectory.appending(path: name + ".checkpoint").path
    defer { for file in Self.files(path) { try? FileManager.default.removeItem(atPath: file) } }
    Fragile.fates.withLock { $0[name] = .init(failure: (900, LockstepError(.userCode, "killed"))) }
    #expect(throws: LockstepError.self) { _ = try Self.sum(name, size: 2, threadCount: 1, path: path) }
    Fragile.fates.withLock { $0[name] = .init() }
    // The checkpoint is another's, the blocks remain: they are told apart.
    try FileManager.default.removeItem(atPath: path)
    let rows = Table(DenseRows(Self.values.map { $0 + 1 }, columnCount: 1))
    let context = ExecutionContext(checkpoint: Checkpoint(path: path, interval: .zero))
    let sum = try context.resuming(name, rows) { try $0.reduce(Fragile(name: name), over: rows) }
    #expect(sum == (try ExecutionContext.local.reduce(Fragile(name: name), over: rows)))
    // What a run has left that was killed while it wrote goes, too. No process has such a number.
    for name in [name + ".checkpoint", name + ".checkpoint.blocks-3"] {
      var host = [CChar](repeating: 0, count: 65)
      gethostname(&host, 64)
      let place = FileManager.default.temporaryDirectory
        .appending(path: ".\(name).lockstep-\(String(cString: host))-999999999-0-a")
      try Data().write(to: place)
    }
    #expect(Self.files(path).count > 3)
    try context.endCheckpoint()
    #expect(Self.files(path) == [])
  }

  /// The files of a checkpoint.
  private static func files(_ path: String) -> [String] {
    let place = URL(fileURLWithPath: path)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.deletingLastPathComponent().path)) ?? []
    return names.filter { $0.contains(place.lastPathComponent) }.map {
      place.deletingLastPathComponent().appending(path: $0).path
    }
  }
}
