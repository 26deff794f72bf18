// SPDX-License-Identifier: Apache-2.0

import LockstepCommunication
import LockstepErrors
import Testing

/// Bytes that tell their sender and position apart.
private func pattern(_ count: Int, seed: Int) -> [UInt8] {
  var bytes = (0..<min(count, 251)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ seed &* 7) }
  while bytes.count < count { bytes += bytes.prefix(count - bytes.count) }
  return bytes
}

@Suite struct CollectivesTests {
  @Test(arguments: 1...9) func broadcastGivesEveryRankTheBytesOfRankZero(size: Int) throws {
    let results = ThreadRanks.run(size) { world in
      try world.broadcast(world.rank == 0 ? pattern(1000, seed: 5) : [UInt8(world.rank)])
    }
    #expect(results.count == size)
    for result in results { #expect(try result.get() == pattern(1000, seed: 5)) }
  }

  @Test(arguments: 1...9) func gatherGivesRankZeroAllPartsInRankOrder(size: Int) throws {
    let results = ThreadRanks.run(size) { world in try world.gather(pattern(world.rank * 3, seed: world.rank)) }
    #expect(try results[0].get() == (0..<size).map { pattern($0 * 3, seed: $0) })
    for result in results.dropFirst() { #expect(try result.get() == []) }
  }

  @Test(arguments: 1...9) func allGatherGivesEveryRankAllPartsInRankOrder(size: Int) throws {
    let results = ThreadRanks.run(size) { world in try world.allGather(pattern(10 - world.rank, seed: world.rank)) }
    for result in results { #expect(try result.get() == (0..<size).map { pattern(10 - $0, seed: $0) }) }
  }

  @Test(arguments: [0, 1, 7, 8, 65_535, 65_536, 65_537, 5_000_000]) func messagesOfAnyLengthArriveWhole(count: Int)
    throws
  {
    let results = ThreadRanks.run(3) { world in try world.allGather(pattern(count, seed: world.rank)) }
    for result in results { #expect(try result.get() == (0..<3).map { pattern(count, seed: $0) }) }
  }

  @Test(arguments: 1...9) func noRankLeavesABarrierBeforeAllHaveEntered(size: Int) throws {
    let entered = Counter()
    let results = ThreadRanks.run(size) { world in
      var counts: [Int] = []
      for round in 1...20 {
        entered.increment()
        try world.barrier()
        counts.append(entered.value - round * size)
        try world.barrier()
      }
      return counts.allSatisfy { $0 == 0 }
    }
    for result in results { #expect(try result.get()) }
  }

  @Test func collectivesOfOneRankNeedNoMessages() throws {
    let solo = SoloCommunicator()
    #expect(try solo.broadcast([1, 2]) == [1, 2])
    #expect(try solo.gather([3]) == [[3]])
    #expect(try solo.allGather([]) == [[]])
    try solo.send([7], to: 0)
    #expect(try solo.receive(from: 0) == [7])
    #expect(throws: LockstepError.self) { try solo.receive(from: 0) }
    #expect(try solo.duplicate().size == 1)
    #expect(try solo.split(color: 4, key: 0)?.size == 1)
    #expect(try solo.split(color: nil, key: 0) == nil)
  }

  @Test(arguments: [
    [], [1, 0, 0], [UInt8](repeating: 0xFF, count: 8), [2, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1],
  ])
  func aMessageThatEndsEarlyIsAnError(bytes: [UInt8]) throws {
    let results = ThreadRanks.run(2) { world in
      // Rank 1 sends bytes that are not a frame where `gather` expects one.
      if world.rank == 1 { try world.send(bytes, to: 0) } else { _ = try world.gather([]) }
    }
    #expect(throws: LockstepError.self) { try results[0].get() }
    #expect(throws: Never.self) { try results[1].get() }
  }
}
