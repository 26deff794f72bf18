// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Synchronization
import Testing

/// A rank that dies at some message, and computations that go on from what was kept.
struct CheckpointTests {
  /// Ends the whole run, as SIGKILL would, at its n-th message.
  private final class Mortal: Communicator {
    let base: any Communicator
    private let left: Atomic<Int>
    init(_ base: any Communicator, dyingAt messageCount: Int) {
      self.base = base
      left = Atomic(messageCount)
    }
    var rank: Int { base.rank }
    var size: Int { base.size }
    var localSize: Int { base.localSize }
    private func live() throws {
      guard left.wrappingSubtract(1, ordering: .relaxed).newValue >= 0 else {
        throw LockstepError(.communication, "killed")
      }
    }
    func send(_ bytes: [UInt8], to destination: Int) throws {
      try live()
      try base.send(bytes, to: destination)
    }
    func receive(from source: Int) throws -> [UInt8] {
      try live()
      return try base.receive(from: source)
    }
    func duplicate() throws -> any Communicator { try base.duplicate() }
    func split(color: Int?, key: Int) throws -> (any Communicator)? { try base.split(color: color, key: key) }
    func abort(exitCode: Int32) -> Never { base.abort(exitCode: exitCode) }
  }

  private static let rowCount = 3000
  private static let columnCount = 3

  /// Overlapping groups, so that k-means takes many steps.
  private static func table(from start: Int, to end: Int) -> Table<Double> {
    var elements: [Double] = []
    for i in start..<end {
      var word = UInt64(i) &* 0x9E37_79B9_7F4A_7C15
      for j in 0..<columnCount {
        word = (word ^ (word >> 31)) &* 0xBF58_476D_1CE4_E5B9
        elements.append(Double(word >> 40) / Double(1 << 24) + Double((i * (j + 3)) % 5) / 4)
      }
    }
    return Table(DenseRows(elements, columnCount: columnCount))
  }

  /// Fits on `size` ranks; `nil` if a rank was killed.
  private static func digest(
    of method: Method, _ parameters: JSONValue, size: Int, path: String, killing victim: Int? = nil,
    atMessage message: Int = 0
  ) throws -> String? {
    let results = ThreadRanks.run(size) { world in
      let checkpoint = Checkpoint(path: path, interval: .zero)
      let mortal: any Communicator = world.rank == victim ? Mortal(world, dyingAt: message) : world
      let context = ExecutionContext(communicator: mortal, checkpoint: checkpoint)
      let table = CatalogBatteryTests.table.rows
      let cut = table.rowCount * world.rank / size..<table.rowCount * (world.rank + 1) / size
      let rows = SplitSource(
        Table<Double>(table.rows(cut)), responses: 2, hasWeights: true, hasLabels: true, for: method)
      return try context.resuming(method.name, rows) { try method.fit(parameters, to: rows, in: $0).digest }
    }
    do {
      let digests = try results.map { try $0.get() }
      #expect(Set(digests).count == 1)
      return digests[0]
    } catch {
      guard victim != nil else { throw error }
      return nil
    }
  }

  private static func scratch() -> String {
    FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString).checkpoint").path
  }

  @Test(arguments: Catalog.methods.map(\.name)) func anyMethodGoesOnToTheSameBits(name: String) throws {
    let method = try #require(Catalog.method(named: name))
    let parameters = JSONValue.object([:])
    let path = Self.scratch()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let whole = try #require(try Self.digest(of: method, parameters, size: 1, path: path + ".none"))
    try? FileManager.default.removeItem(atPath: path + ".none")
    var random = SystemRandomNumberGenerator()
    var killCount = 0
    for _ in 0..<3 {
      var attempt = 0
      while true {
        attempt += 1
        let size = [2, 3, 5].randomElement(using: &random) ?? 2
        let message = Int.random(in: 0..<(12 * attempt), using: &random)
        let victim = Int.random(in: 0..<size, using: &random)
        if let digest = try Self.digest(
          of: method, parameters, size: size, path: path, killing: victim, atMessage: message)
        {
          #expect(digest == whole)
          break
        }
        killCount += 1
      }
      try? FileManager.default.removeItem(atPath: path)
    }
    #expect(killCount > 0)
  }

  @Test func lloydTakesOnlyTheStepsThatAreLeft() throws {
    let method = try #require(Catalog.method(named: "kmeans"))
    let path = Self.scratch()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let parameters = JSONValue.object(["clusterCount": .integer(7)])
    func fit() throws -> (digest: String, sweeps: Int) {
      let context = ExecutionContext(checkpoint: Checkpoint(path: path, interval: .zero))
      let rows = Self.table(from: 0, to: Self.rowCount)
      let digest = try context.resuming("k-means", rows) { try method.fit(parameters, to: rows, in: $0).digest }
      return (digest, context.ledger.sweepCount)
    }
    let first = try fit()
    let again = try fit()
    #expect(first.digest == again.digest)
    // Neither the start nor the steps but the last are taken again.
    #expect(again.sweeps < 10 && first.sweeps > 20)
  }

  /// What was kept and not written yet is written when another rank is lost.
  @Test func aLostRankIsAReasonToGoOn() throws {
    let method = try #require(Catalog.method(named: "kmeans"))
    let path = Self.scratch()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let parameters = JSONValue.object(["clusterCount": .integer(7)])
    func fit(isLosing: Bool) throws -> Int {
      let context = ExecutionContext(checkpoint: Checkpoint(path: path, interval: .seconds(3600)))
      let rows = Self.table(from: 0, to: Self.rowCount)
      try context.resuming("k-means", rows) {
        _ = try method.fit(parameters, to: rows, in: $0)
        if isLosing { throw LockstepError(.lostRank, "rank 1 is lost") }
      }
      return context.ledger.sweepCount
    }
    let error = #expect(throws: LockstepError.self) { try fit(isLosing: true) }
    #expect(error?.code == .stoppedWithCheckpoint && error?.message == "rank 1 is lost")
    #expect(error?.remedy?.contains(path) == true)
    #expect(try fit(isLosing: false) < 10)
  }

  @Test func theCheckpointOfAnotherComputationIsRefused() throws {
    let path = Self.scratch()
    defer { try? FileManager.default.removeItem(atPath: path) }
    func fit(_ subject: String, _ rows: Table<Double>, isFresh: Bool = false) throws {
      let context = ExecutionContext(checkpoint: Checkpoint(path: path, interval: .zero, isFresh: isFresh))
      _ = try context.resuming(subject, rows) { try LowOrderMoments().fit(rows, in: $0) }
    }
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "nothing"
    }
    let rows = Self.table(from: 0, to: 1000)
    try fit("moments", rows)
    #expect(message { try fit("moments", rows) } == "nothing")
    #expect(
      message { try fit("covariance", rows) }.contains("that of another computation: moments, and this is covariance"))
    #expect(
      message { try fit("moments", Self.table(from: 0, to: 999)) }.contains("1000 × 3 numbers, and these are 999 × 3"))
    #expect(message { try fit("moments", Self.table(from: 1, to: 1001)) }.contains("that of other rows"))
    try fit("moments", Self.table(from: 1, to: 1001), isFresh: true)
    // Any damage is seen, whatever the byte.
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for place in [0, 25, bytes.count / 2, bytes.count - 1] {
      var damaged = bytes
      damaged[place] ^= 1
      try damaged.write(to: URL(fileURLWithPath: path))
      #expect(message { try fit("moments", Self.table(from: 1, to: 1001)) }.contains("cannot be read"))
    }
    try bytes.prefix(bytes.count - 1).write(to: URL(fileURLWithPath: path))
    #expect(message { try fit("moments", Self.table(from: 1, to: 1001)) }.contains("cannot be read"))
  }
}
