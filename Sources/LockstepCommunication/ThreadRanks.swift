// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// Runs one program on several ranks that are threads of this process.
///
/// ```swift
/// let sums = ThreadRanks.run(4) { world in
///   try world.allGather([UInt8(world.rank)]).reduce(0) { $0 + Int($1[0]) }
/// }                                                             // four times .success(6)
/// ```
public enum ThreadRanks {
  /// Calls `body` once per rank, each on its own thread, and returns what they returned or threw, in rank order.
  ///
  /// Returns when every rank has ended. A rank that throws does not leave the others hanging: those who need a message of
  /// it, directly or through others, throw a `LockstepError` with code `.communication` and the message "rank 2 failed",
  /// with the first error's words as cause; so do all who wait for each other, or for a rank that has returned. A rank that
  /// needs nothing of the failed one runs to its end.
  ///
  /// - Parameters:
  ///   - count: The number of ranks, at least 1. It need not fit the machine's cores: ranks that wait sleep.
  ///   - body: The program, given its communicator. Threads have a stack of 8 MiB.
  /// - Returns: `count` results. A rank whose thread the system refuses to start has an error, too.
  public static func run<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (ThreadCommunicator) throws -> Value
  ) -> [Result<Value, any Error>] {
    precondition(count >= 1, "a run needs at least one rank, not \(count)")
    let world = ThreadWorld(rankCount: count)
    let job = Job<Value>(rankCount: count)
    let members = Array(0..<count)
    let threads = members.map { rank in
      var status: Int32 = 0
      let thread = RankThread(status: &status) {
        let communicator = ThreadCommunicator(rank: rank, members: members, group: 0, world: world, job: job)
        let result = Result { try body(communicator) }
        switch result {
        case .success: world.end(rank)
        case .failure(let error): world.end(rank, failure: .failedRank(rank, error))
        }
        job.finish(rank, result)
      }
      if thread == nil {
        let error = LockstepError(
          .communication, "cannot start a thread for rank \(rank) of \(count)", rank: rank,
          cause: String(cString: strerror(status)))
        world.end(rank, failure: .failedRank(rank, error))
        job.finish(rank, .failure(error))
      }
      return thread
    }
    let (results, sleepers) = job.wait()
    for (rank, thread) in threads.enumerated() {
      // A rank that aborted never returns from its thread.
      if sleepers.contains(rank) { thread?.detach() } else { thread?.join() }
    }
    return results
  }
}

/// The results of a run as they come in.
private final class Job<Value: Sendable>: ThreadJob {
  private struct State {
    var results: [Result<Value, any Error>?]
    var sleepers: Set<Int> = []
  }

  private let monitor: Monitor<State>

  init(rankCount: Int) {
    monitor = Monitor(State(results: Array(repeating: nil, count: rankCount)), conditionCount: 1)
  }

  func finish(_ rank: Int, _ result: Result<Value, any Error>) {
    monitor.withLock { state in
      // An abort from another thread of the rank may have come first; it stands.
      guard state.results[rank] == nil else { return }
      state.results[rank] = result
      monitor.signal(0)
    }
  }

  func finish(_ rank: Int, failure: LockstepError) {
    monitor.withLock { state in
      guard state.results[rank] == nil else { return }
      state.results[rank] = .failure(failure)
      state.sleepers.insert(rank)
      monitor.signal(0)
    }
  }

  /// All results, and the ranks whose threads never end, once the last result is there.
  func wait() -> ([Result<Value, any Error>], Set<Int>) {
    monitor.wait(for: 0) { state in
      let results = state.results.compactMap { $0 }
      return results.count == state.results.count ? (results, state.sleepers) : nil
    }
  }
}

extension LockstepError {
  /// What the others throw when they need something of a rank that has thrown.
  static func failedRank(_ rank: Int, _ error: any Error) -> LockstepError {
    LockstepError(
      .communication, "rank \(rank) failed", rank: rank, cause: LockstepError(wrapping: error).description)
  }
}
