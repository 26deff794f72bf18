// SPDX-License-Identifier: Apache-2.0

import LockstepCommunication
import LockstepErrors
import Testing

@Suite struct ThreadCommunicatorTests {
  @Test func ranksKnowTheirNumberAndShareOneMachine() throws {
    let results = ThreadRanks.run(5) { world in [world.rank, world.size, world.localSize] }
    for (rank, result) in results.enumerated() { #expect(try result.get() == [rank, 5, 5]) }
  }

  @Test func messagesOfAPairArriveInTheOrderSent() throws {
    let results = ThreadRanks.run(3) { world -> [UInt8] in
      let next = (world.rank + 1) % 3
      let previous = (world.rank + 2) % 3
      for number in 0..<200 { try world.send([UInt8(number)], to: next) }
      return try (0..<200).flatMap { _ in try world.receive(from: previous) }
    }
    for result in results { #expect(try result.get() == (0..<200).map { UInt8($0) }) }
  }

  @Test func aRankMayReceiveFromOthersInAnyOrderAndFromItself() throws {
    let results = ThreadRanks.run(4) { world -> [UInt8] in
      for other in 0..<4 { try world.send([UInt8(world.rank * 10 + other)], to: other) }
      return try (0..<4).reversed().flatMap { try world.receive(from: $0) }
    }
    for (rank, result) in results.enumerated() {
      #expect(try result.get() == (0..<4).reversed().map { UInt8($0 * 10 + rank) })
    }
  }

  @Test func messagesOfADuplicateNeverMeetThoseOfTheOriginal() throws {
    let results = ThreadRanks.run(2) { world -> [[UInt8]] in
      let first = try world.duplicate()
      let second = try first.duplicate()
      guard world.rank == 1 else {
        try world.send([0], to: 1)
        try first.send([1], to: 1)
        try second.send([2], to: 1)
        return []
      }
      return [try second.receive(from: 0), try first.receive(from: 0), try world.receive(from: 0)]
    }
    #expect(try results[1].get() == [[2], [1], [0]])
  }

  @Test func splitGroupsByColorAndOrdersByKeyThenRank() throws {
    let colors: [Int?] = [7, -3, nil, 7, -3, 7, nil, 7]
    let keys = [2, 0, 0, 1, -1, 1, 5, 2]
    let results = ThreadRanks.run(8) { world -> [UInt8]? in
      guard let part = try world.split(color: colors[world.rank], key: keys[world.rank]) else { return nil }
      let ranks = try part.allGather([UInt8(world.rank)]).flatMap { $0 }
      guard ranks[part.rank] == world.rank, part.size == part.localSize else { return [] }
      return ranks
    }
    let expected: [[UInt8]?] = [[3, 5, 0, 7], [4, 1], nil, [3, 5, 0, 7], [4, 1], [3, 5, 0, 7], nil, [3, 5, 0, 7]]
    for (result, ranks) in zip(results, expected) { #expect(try result.get() == ranks) }
  }

  @Test func groupsOfASplitCanBeSplitAgainAndTalkAtOnce() throws {
    let results = ThreadRanks.run(8) { world -> [UInt8] in
      guard let half = try world.split(color: world.rank / 4, key: 0),
        let pair = try half.split(color: half.rank % 2, key: -half.rank)
      else { return [] }
      let inPair = try pair.allGather([UInt8(world.rank)]).flatMap { $0 }
      let inHalf = try half.allGather([UInt8(world.rank)]).flatMap { $0 }
      return inPair + inHalf
    }
    #expect(try results[0].get() == [2, 0, 0, 1, 2, 3])
    #expect(try results[3].get() == [3, 1, 0, 1, 2, 3])
    #expect(try results[5].get() == [7, 5, 4, 5, 6, 7])
  }

  @Test func runsAreIndependentAndMayBeNested() throws {
    let results = ThreadRanks.run(3) { world -> Int in
      let inner = ThreadRanks.run(2) { pair in try pair.allGather([UInt8(pair.rank)]).count }
      return try inner.reduce(0) { try $0 + $1.get() } + world.allGather([]).count
    }
    for result in results { #expect(try result.get() == 7) }
  }
}
