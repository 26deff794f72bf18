// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepCommunication
import LockstepErrors
import LockstepMPI

/// The checks, each on several communicators, and their count.
struct ConformanceChecks {
  let world: any Communicator

  /// A check: what it is called, and whether this rank saw what it should.
  private struct Check: Sendable {
    let name: String
    let body: @Sendable (any Communicator) throws -> Bool
  }

  /// No payload, the least, around the size of the first MPI message, and several pieces of any eager limit.
  private static let byteCounts = [0, 1, 65_535, 65_536, 65_537, 5_000_000]

  /// Runs each check on the world, a duplicate and a part, and prints one line for each on rank 0.
  ///
  /// - Throws: `LockstepError` if any failed on any rank, or was left out.
  func runAll() throws {
    var passed = 0
    var failed = 0
    func record(_ name: String, _ isGood: Bool) throws {
      let bad = try world.allGather([isGood ? 1 : 0]).enumerated().filter { $0.element != [1] }.map(\.offset)
      if bad.isEmpty { passed += 1 } else { failed += 1 }
      guard world.rank == 0 else { return }
      print(bad.isEmpty ? "passed  \(name)" : "FAILED  \(name), on ranks \(bad)")
    }

    try record("the world has the launcher's size and ranks", worldFitsLauncher())
    let part = try world.split(color: world.rank % 2, key: -world.rank)
    guard let part else { throw LockstepError(.internalInconsistency, "a rank that gave a color has no part") }
    let groups: [(String, any Communicator)] = [
      ("world", world), ("duplicate", try world.duplicate()), ("part", part),
    ]
    for (groupName, group) in groups {
      for check in Self.checks { try record("\(check.name), \(groupName)", try check.body(group)) }
    }
    try record("a part has its color's ranks in the order of the keys", try partIsOrdered(part))
    try record("a rank without a color has no part", try ranksMayStayOut())
    try record("messages of a duplicate never meet those of the original", try duplicatesAreApart())
    try record("groups talk at once without meeting", try groupsAreIndependent())
    try record("a wait that is cancelled loses no message", try cancellationLosesNothing())
    if world.rank == 0 { print("\(passed) passed, \(failed) failed") }
    guard failed == 0 else { throw LockstepError(.internalInconsistency, "\(failed) checks failed") }
  }

  private static let checks: [Check] = [
    Check(name: "messages of a pair arrive in order") { group in
      let next = (group.rank + 1) % group.size
      let previous = (group.rank + group.size - 1) % group.size
      for number in 0..<100 { try group.send(bytes(number * 700, seed: number), to: next) }
      for number in 0..<100 where try group.receive(from: previous) != bytes(number * 700, seed: number) {
        return false
      }
      return true
    },
    Check(name: "broadcast") { group in
      for count in byteCounts {
        let mine = group.rank == 0 ? bytes(count, seed: 3) : [9]
        guard try group.broadcast(mine) == bytes(count, seed: 3) else { return false }
      }
      return true
    },
    Check(name: "gather") { group in
      for count in byteCounts {
        let parts = try group.gather(bytes(count, seed: group.rank))
        guard parts == (group.rank == 0 ? (0..<group.size).map { bytes(count, seed: $0) } : []) else { return false }
      }
      return true
    },
    Check(name: "allGather of unequal parts") { group in
      for count in byteCounts {
        let parts = try group.allGather(bytes(count / (group.rank + 1), seed: group.rank))
        guard parts == (0..<group.size).map({ bytes(count / ($0 + 1), seed: $0) }) else { return false }
      }
      return true
    },
    Check(name: "all ranks send to all before they receive") { group in
      for count in byteCounts {
        for other in 0..<group.size { try group.send(bytes(count, seed: group.rank), to: other) }
        for other in 0..<group.size where try group.receive(from: other) != bytes(count, seed: other) { return false }
      }
      return true
    },
    Check(name: "the sender may change its bytes at once") { group in
      guard group.size > 1, group.rank < 2 else { return true }
      var mine = bytes(5_000_000, seed: group.rank)
      try group.send(mine, to: 1 - group.rank)
      for index in stride(from: 0, to: mine.count, by: 4096) { mine[index] ^= 0xFF }
      return try group.receive(from: 1 - group.rank) == bytes(5_000_000, seed: 1 - group.rank) && mine[0] != 0
    },
    Check(name: "rows go to the ranks that want them, in the order of all rows") { try Redistribution.arrives(in: $0) },
    Check(name: "a rank that fails to hand out rows fails all") { try Redistribution.failsAlike(in: $0) },
    Check(name: "a barrier passes many times") { group in
      for _ in 0..<100 { try group.barrier() }
      return true
    },
  ]

  private func worldFitsLauncher() -> Bool {
    guard let launcher = Launcher.current else { return world.size == 1 && world.rank == 0 }
    return (launcher.size ?? world.size) == world.size && (launcher.rank ?? world.rank) == world.rank
      && (launcher.localSize ?? world.localSize) == world.localSize
  }

  private func partIsOrdered(_ part: any Communicator) throws -> Bool {
    let ranks = try part.allGather([UInt8(world.rank)]).map { Int($0[0]) }
    let expected = (0..<world.size).filter { $0 % 2 == world.rank % 2 }.reversed()
    return ranks == Array(expected) && ranks[part.rank] == world.rank && part.localSize == part.size
  }

  private func ranksMayStayOut() throws -> Bool {
    let color = world.rank == world.size - 1 ? nil : Int.max - world.rank / 2
    guard let part = try world.split(color: color, key: Int.min) else { return color == nil }
    return color != nil && part.size <= 2 && part.rank == world.rank % 2
  }

  private func duplicatesAreApart() throws -> Bool {
    let other = try world.duplicate()
    guard world.size > 1, world.rank < 2 else { return true }
    if world.rank == 0 {
      try world.send([1], to: 1)
      try other.send([2], to: 1)
      return true
    }
    return try other.receive(from: 0) == [2] && world.receive(from: 0) == [1]
  }

  private func groupsAreIndependent() throws -> Bool {
    guard let half = try world.split(color: world.rank < world.size / 2 ? 0 : 1, key: 0) else { return false }
    for round in 0..<50 {
      let parts = try half.allGather([UInt8(world.rank), UInt8(round)])
      guard parts.count == half.size, parts.allSatisfy({ $0[1] == UInt8(round) }) else { return false }
    }
    return try (half as? MPICommunicator).map { group in
      try group.free()
      return true
    } ?? true
  }

  private func cancellationLosesNothing() throws -> Bool {
    guard world.size > 1 else { return true }
    let aside = try world.duplicate()
    var wasCancelled = true
    if world.rank == 1 {
      MPI.cancel()
      do {
        // Rank 0 sends after the barrier below.
        _ = try world.receive(from: 0)
        wasCancelled = false
      } catch let error as LockstepError {
        wasCancelled = error.code == .cancelled
      }
      MPI.resume()
    }
    try aside.barrier()
    if world.rank == 0 { try world.send([42], to: 1) }
    return try world.rank != 1 || (wasCancelled && world.receive(from: 0) == [42])
  }
}

/// Bytes that tell sender and position apart, quickly made in a debug build, too.
func bytes(_ count: Int, seed: Int) -> [UInt8] {
  var bytes = (0..<min(count, 251)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ seed &* 13) }
  while bytes.count < count { bytes += bytes.prefix(count - bytes.count) }
  return bytes
}
