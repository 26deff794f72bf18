// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepCommunication
import LockstepErrors
import Testing

private struct Boom: Error, Equatable, CustomStringConvertible {
  var description: String { "boom" }
}

private func failure<Value>(of result: Result<Value, any Error>) -> LockstepError? {
  guard case .failure(let error) = result else { return nil }
  return error as? LockstepError
}

@Suite struct ThreadFailureTests {
  @Test(arguments: 0..<5) func aRankThatThrowsWakesAllThatWait(failing: Int) throws {
    let results = ThreadRanks.run(5) { world in
      if world.rank == failing { throw Boom() }
      try world.barrier()
    }
    for (rank, result) in results.enumerated() {
      if rank == failing {
        #expect(throws: Boom()) { try result.get() }
      } else {
        let error = try #require(failure(of: result))
        #expect(error.code == .communication && error.rank == failing)
        #expect(error.description == "rank \(failing) failed: boom (rank \(failing))")
      }
    }
  }

  @Test func aRankThatWaitsLaterThrowsToo() throws {
    let results = ThreadRanks.run(2) { world in
      if world.rank == 1 { throw Boom() }
      // Waiting again after the error must not hang either.
      #expect(throws: LockstepError.self) { try world.receive(from: 1) }
      _ = try world.receive(from: 1)
    }
    #expect(failure(of: results[0])?.message == "rank 1 failed")
  }

  @Test func whatWasSentBeforeAFailureIsDelivered() throws {
    let results = ThreadRanks.run(2) { world -> [UInt8] in
      if world.rank == 1 {
        try world.send([1], to: 0)
        try world.send([2], to: 0)
        throw Boom()
      }
      return try world.receive(from: 1) + world.receive(from: 1)
    }
    #expect(try results[0].get() == [1, 2])
  }

  @Test func aRankThatNeedsNothingOfTheFailedOneRunsToItsEnd() throws {
    let results = ThreadRanks.run(3) { world -> [UInt8] in
      switch world.rank {
      case 0: throw Boom()
      case 1:
        try world.send([9], to: 2)
        return []
      default: return try world.receive(from: 1)
      }
    }
    #expect(try results[2].get() == [9])
  }

  @Test func aFailureTravelsThroughRanksInBetween() throws {
    // Rank 3 waits for 2, 2 for 1, and 1 for 0, which fails.
    let results = ThreadRanks.run(4) { world in
      if world.rank == 0 { throw Boom() }
      try world.send(try world.receive(from: world.rank - 1), to: (world.rank + 1) % 4)
    }
    for result in results.dropFirst() { #expect(failure(of: result)?.message == "rank 0 failed") }
  }

  @Test func aRankThatReturnsWakesThoseWhoWaitForIt() throws {
    let results = ThreadRanks.run(3) { world in
      if world.rank != 2 { _ = try world.receive(from: 2) }
    }
    #expect(throws: Never.self) { try results[2].get() }
    for rank in 0...1 {
      #expect(failure(of: results[rank])?.code == .communication)
    }
    let messages = results.compactMap { failure(of: $0)?.message }
    #expect(messages.contains { $0.hasPrefix("rank 2 has returned without sending what rank") })
  }

  @Test func ranksThatWaitForEachOtherThrow() throws {
    let results = ThreadRanks.run(2) { world in _ = try world.receive(from: 1 - world.rank) }
    for result in results {
      let message = try #require(failure(of: result)?.message)
      #expect(message.hasPrefix("deadlock: ") && message.contains("rank 0 waits for rank 1"))
    }
  }

  @Test func aDeadlockIsFoundWhileOthersStillRun() throws {
    let results = ThreadRanks.run(5) { world -> [UInt8] in
      switch world.rank {
      case 0...2: return try world.receive(from: (world.rank + 1) % 3)
      case 3:
        // Tells rank 4 only after the others have thrown: were they to hang, so would this.
        return try world.receive(from: 4)
      default:
        #expect(throws: LockstepError.self) { try world.receive(from: 0) }
        try world.send([4], to: 3)
        return []
      }
    }
    for result in results[0...2] { #expect(failure(of: result)?.message.hasPrefix("deadlock: ") == true) }
    #expect(try results[3].get() == [4])
  }

  @Test func waitingForOneselfIsADeadlock() throws {
    let results = ThreadRanks.run(1) { world in try world.receive(from: 0) }
    #expect(failure(of: results[0])?.message == "deadlock: rank 0 waits for rank 0")
  }

  @Test func aDeadlockCaughtLeavesTheGroupUsable() throws {
    let results = ThreadRanks.run(2) { world -> [UInt8] in
      do {
        return try world.receive(from: 1 - world.rank)
      } catch {
        try world.send([UInt8(world.rank)], to: 1 - world.rank)
        return try world.receive(from: 1 - world.rank)
      }
    }
    #expect(throws: Never.self) { try results.forEach { _ = try $0.get() } }
  }

  @Test func abortEndsTheRunAndNotTheProcess() throws {
    let woken = Counter()
    let results = ThreadRanks.run(4) { world in
      switch world.rank {
      case 0, 1:
        // Nobody waits for rank 2, rank 3 is alive, and still these two must wake.
        defer { woken.increment() }
        _ = try world.receive(from: 3)
      case 2: world.abort(exitCode: 7)
      default:
        while woken.value < 2 { sched_yield() }
        _ = try world.receive(from: 0)
      }
    }
    for result in results { #expect(failure(of: result)?.message == "rank 2 ended the run with exit code 7") }
  }

  @Test func failuresInAPartNameRanksOfTheWholeRun() throws {
    let results = ThreadRanks.run(4) { world in
      guard let part = try world.split(color: world.rank % 2, key: 0) else { return }
      if world.rank == 3 { throw Boom() }
      if part.rank == 0 && world.rank == 1 { _ = try part.receive(from: 1) }
    }
    #expect(failure(of: results[1])?.message == "rank 3 failed")
    #expect(throws: Never.self) { try results[0].get() }
    #expect(throws: Never.self) { try results[2].get() }
  }

  @Test func manyRunsWithFailuresNeverHang() throws {
    for round in 0..<200 {
      let size = 2 + round % 7
      let failing = round % size
      let results = ThreadRanks.run(size) { world in
        for step in 0..<5 {
          if world.rank == failing && step == round % 5 { throw Boom() }
          _ = try world.allGather([UInt8(step)])
        }
      }
      for (rank, result) in results.enumerated() where rank != failing {
        #expect(failure(of: result)?.rank == failing)
      }
    }
  }
}
