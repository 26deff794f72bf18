// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// Ranks that are threads of this process: for tests of distributed programs, and for machines without MPI.
///
/// Made by ``ThreadRanks/run(_:_:)``. Messages cost no copy, `send` never waits, and a rank that waits for what cannot come
/// throws instead of hanging: see ``receive(from:)``.
///
/// A rank communicates on one thread at a time, on all of its communicators together.
public struct ThreadCommunicator: Communicator {
  /// The number of this rank in its group, from 0.
  public let rank: Int
  /// The number of ranks in the group.
  public var size: Int { members.count }
  /// All ranks of the group: they share one machine.
  public var localSize: Int { members.count }

  /// The ranks of the group by their numbers in the whole run.
  private let members: [Int]
  private let group: Int
  private let world: ThreadWorld
  private let job: any ThreadJob

  init(rank: Int, members: [Int], group: Int, world: ThreadWorld, job: any ThreadJob) {
    self.rank = rank
    self.members = members
    self.group = group
    self.world = world
    self.job = job
  }

  /// Puts `bytes` into the mailbox of `destination`, without a copy and without waiting.
  public func send(_ bytes: [UInt8], to destination: Int) throws {
    requireMember(destination)
    world.send(bytes, on: .init(group: group, source: members[rank], destination: members[destination]))
  }

  /// Waits for the next message of `source`.
  ///
  /// - Throws: `LockstepError` with code `.communication`, naming ranks by their numbers in the whole run, if the message
  ///   cannot come: `source` has ended by an error (the first failure of the run is told, with its words as cause), has
  ///   returned, waits for this rank in turn (directly or around a longer cycle), or any rank has called
  ///   ``abort(exitCode:)``. A message that was sent before is delivered all the same.
  public func receive(from source: Int) throws -> [UInt8] {
    requireMember(source)
    return try world.receive(on: .init(group: group, source: members[source], destination: members[rank]))
  }

  /// A group of the same ranks whose messages never meet this group's; collective.
  public func duplicate() throws -> any Communicator {
    let number = try broadcast(rank == 0 ? Self.bytes(of: [world.makeGroups(1)]) : [])
    return ThreadCommunicator(
      rank: rank, members: members, group: try Self.integers(of: number, count: 1)[0], world: world, job: job)
  }

  /// The group of all ranks that give the same `color`, ordered by `key`, ties by rank; `nil` for `nil`; collective.
  public func split(color: Int?, key: Int) throws -> (any Communicator)? {
    let entries = try allGather(Self.bytes(of: [color == nil ? 0 : 1, color ?? 0, key]))
      .map { try Self.integers(of: $0, count: 3) }
    let colors = Set(entries.filter { $0[0] == 1 }.map { $0[1] }).sorted()
    let firstGroup = try broadcast(rank == 0 ? Self.bytes(of: [world.makeGroups(colors.count)]) : [])
    guard let color, let index = colors.firstIndex(of: color) else { return nil }
    let ranks = entries.indices.filter { entries[$0][0] == 1 && entries[$0][1] == color }
      .sorted { (entries[$0][2], $0) < (entries[$1][2], $1) }
    guard let newRank = ranks.firstIndex(of: rank) else { return nil }
    return ThreadCommunicator(
      rank: newRank, members: ranks.map { members[$0] },
      group: try Self.integers(of: firstGroup, count: 1)[0] + index, world: world, job: job)
  }

  /// Ends the run, not the process.
  ///
  /// The result of this rank is a `LockstepError` that tells the code, and every other rank of the run throws as soon as it
  /// waits for a message. A thread cannot be ended from outside, so a rank that never communicates goes on to its end; and
  /// the calling thread, which must not return, sleeps until the process ends, with its stack and what its frames own.
  public func abort(exitCode: Int32) -> Never {
    let failure = LockstepError(
      .communication, "rank \(members[rank]) ended the run with exit code \(exitCode)", rank: members[rank])
    world.abort(members[rank], failure: failure)
    job.finish(members[rank], failure: failure)
    while true { pause() }
  }

  private func requireMember(_ other: Int) {
    precondition(members.indices.contains(other), "rank \(other) is not in a group of \(size)")
  }

  private static func bytes(of integers: [Int]) -> [UInt8] {
    integers.flatMap { withUnsafeBytes(of: $0, Array.init) }
  }

  private static func integers(of bytes: [UInt8], count: Int) throws -> [Int] {
    guard bytes.count == count * MemoryLayout<Int>.size else {
      throw LockstepError.truncatedMessage(byteCount: bytes.count)
    }
    return bytes.withUnsafeBytes { buffer in
      (0..<count).map { buffer.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Int>.size, as: Int.self) }
    }
  }
}

/// The run that a thread rank belongs to, as far as a rank that aborts must know it.
protocol ThreadJob: Sendable {
  /// Sets the result of a rank that will not return.
  func finish(_ rank: Int, failure: LockstepError)
}
