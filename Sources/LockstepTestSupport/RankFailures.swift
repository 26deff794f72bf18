// SPDX-License-Identifier: Apache-2.0

import Lockstep
import Synchronization

/// Checks that a fit that fails on one rank fails on all, with the same error, whichever rank and reading it is.
///
/// The fit runs on four thread-ranks; in turn each rank's source throws at its first, second, … `readings`th reading.
///
/// - Throws: ``Violation`` naming the rank that did not fail or failed differently.
public func checkFailuresReachAllRanks(
  _ table: Table<some Scalar>, readings: Int, fit: @escaping @Sendable (any RowSource, ExecutionContext) throws -> Void
) throws {
  let size = 4
  let cuts = (0...size).map { table.rowCount * $0 / size }
  for failing in 0..<size {
    for reading in 1...readings {
      let results = ThreadRanks.run(size) { communicator in
        let share = Table(table.rows.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1]))
        let source = FailingSource(share, atReading: communicator.rank == failing ? reading : nil)
        try fit(source, ExecutionContext(communicator: communicator))
      }
      for (rank, result) in results.enumerated() {
        let label = "rank \(failing) fails at reading \(reading): rank \(rank)"
        switch result {
        case .success: throw Violation(description: "\(label) did not notice")
        case .failure(let error as LockstepError) where error.code == .malformedInput && error.rank == failing: continue
        case .failure(let error): throw Violation(description: "\(label) threw something else: \(error)")
        }
      }
    }
  }
}

/// A table whose reading fails at the given time.
public struct FailingSource<Element: Scalar>: RowSource {
  private final class Readings: Sendable { let count = Atomic(0) }
  let table: Table<Element>
  let failingReading: Int?
  private let readings = Readings()

  /// Reads like `table`, but for the given reading, counted from 1, which throws.
  public init(_ table: Table<Element>, atReading reading: Int?) {
    self.table = table
    failingReading = reading
  }

  /// The number of columns.
  public var columnCount: Int { table.columnCount }
  /// The number of rows.
  public var rowCount: Int { table.rowCount }
  /// `dense Double` or `dense Float`.
  public var layout: String { table.layout }

  /// Calls `body` once, or throws.
  public func forEachChunk(_ body: (any RowBlock) throws -> Void) throws {
    let reading = readings.count.wrappingAdd(1, ordering: .relaxed).newValue
    if reading == failingReading {
      throw LockstepError(.malformedInput, "the disk is gone", place: .init(file: "test.csv", line: reading))
    }
    try table.forEachChunk(body)
  }
}
