// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Where this rank's time went: reading, computing, and communicating (waiting for others included).
public final class TimeLedger: Sendable {
  /// Seconds of one rank, by kind.
  public struct Seconds: Codable, Hashable, Sendable {
    /// Opening and parsing data.
    public var read = 0.0
    /// Sweeps over this rank's rows.
    public var compute = 0.0
    /// Sending, receiving and waiting for other ranks.
    public var communicate = 0.0

    /// No time at all.
    public init() {}
  }
  private let seconds = Mutex(Seconds())
  private let sweeps = Atomic(0)

  /// Creates an empty ledger.
  public init() {}

  /// What has been measured so far.
  public var total: Seconds { seconds.withLock { $0 } }

  /// The number of sweeps over the rows so far.
  public var sweepCount: Int { sweeps.load(ordering: .relaxed) }

  func countSweep() { sweeps.add(1, ordering: .relaxed) }

  /// Runs `body` and books its wall time, failed or not.
  public func measure<T>(_ kind: WritableKeyPath<Seconds, Double> & Sendable, _ body: () throws -> T) rethrows -> T {
    let start = ContinuousClock.now
    defer {
      let elapsed = start.duration(to: .now)
      seconds.withLock { $0[keyPath: kind] += elapsed / .seconds(1) }
    }
    return try body()
  }
}
