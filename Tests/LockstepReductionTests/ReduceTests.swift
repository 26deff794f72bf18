// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

@Suite struct ReduceTests {
  @Test func mergeLaws() throws {
    try checkMergeLaws(ColumnTotals(), unevenTable(rowCount: 23, columnCount: 3).rows, tolerance: 1e-14) { $0.sums }
  }

  @Test(arguments: [1, 15, 16, 17, 100, 1000]) func driversAgree(rowCount: Int) throws {
    try checkDriversAgree(unevenTable(rowCount: rowCount, columnCount: 3)) { source, context in
      try ColumnTotals().fit(source, in: context)
    }
  }

  @Test func driversAgreeOnFloats() throws {
    let rows = (0..<200).map { i in [Float(i) * 0.1, 1 / Float(i + 1)] }
    try checkDriversAgree(Table(rows: rows)) { source, context in try ColumnTotals().fit(source, in: context) }
  }

  @Test func theTestDataShowsRegrouping() throws {
    // Otherwise "drivers agree" would hold of any bracketing and prove nothing.
    let table = unevenTable(rowCount: 1000, columnCount: 3)
    let blocks = [4, 16, 64, 1024].map { size in try? ColumnTotals(blockSize: size).fit(table).sums }
    #expect(Set(blocks.map { $0.map { "\($0)" } ?? "" }).count >= 3)
  }

  @Test func switchingReproducibilityOffChangesRoundingOnly() throws {
    let table = unevenTable(rowCount: 1000, columnCount: 3)
    let exact = try ColumnTotals().fit(table).sums
    let results = ThreadRanks.run(3) { communicator in
      let cuts = [0, 10, 500, 1000]
      let share = Table(table.rows.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1]))
      let context = ExecutionContext(communicator: communicator, threadCount: 2, isReproducible: false)
      return try ColumnTotals().fit(share, in: context)
    }
    for result in results {
      #expect(try result.get().rowCount == 1000)
      #expect(relativeDifference(try result.get().sums, exact) < 1e-13)
    }
  }

  @Test func failuresReachAllRanks() throws {
    try checkFailuresReachAllRanks(unevenTable(rowCount: 100, columnCount: 2), readings: 1) { source, context in
      // Three sweeps; only aligning ranks read more than once before the first.
      for _ in 0..<3 { _ = try ColumnTotals().fit(source, in: context) }
    }
  }

  @Test func theLowestRankAndRowIsTheOneThatAllReport() throws {
    var rows = (0..<100).map { [Double($0)] }
    rows[40] = [-1]
    rows[77] = [-2]
    let table = Table(rows: rows)
    for size in [1, 2, 4] {
      let results = ThreadRanks.run(size) { communicator in
        let cuts = (0...size).map { 100 * $0 / size }
        let share = Table(table.rows.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1]))
        let context = ExecutionContext(communicator: communicator, threadCount: 3)
        _ = try ColumnTotals(refusesNegative: true).fit(share, in: context)
      }
      for result in results {
        let error = #expect(throws: LockstepError.self) { try result.get() }
        #expect(error?.place?.row == 40)
      }
    }
  }

  @Test func differentColumnCountsAreRefusedOnAllRanks() throws {
    let results = ThreadRanks.run(3) { communicator in
      let table = Table(
        rows: [[Double]](repeating: Array(repeating: 1, count: communicator.rank == 2 ? 5 : 8), count: 4))
      _ = try ColumnTotals().fit(table, in: ExecutionContext(communicator: communicator))
    }
    for result in results {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.code == .shapeMismatch)
      #expect(error?.message == "rank 2 has 5 columns, rank 0 has 8")
    }
  }

  @Test func differentLayoutsAreRefusedOnAllRanks() throws {
    let results = ThreadRanks.run(2) { communicator in
      let context = ExecutionContext(communicator: communicator)
      if communicator.rank == 0 {
        _ = try ColumnTotals().fit(Table(rows: [[1.0]]), in: context)
      } else {
        _ = try ColumnTotals().fit(Table(rows: [[Float(1)]]), in: context)
      }
    }
    for result in results { #expect(throws: LockstepError.self) { try result.get() } }
  }

  @Test func noRowsAnywhereIsTheMethodsError() throws {
    let results = ThreadRanks.run(3) { communicator in
      _ = try ColumnTotals().fit(Table<Double>(rows: []), in: ExecutionContext(communicator: communicator))
    }
    for result in results {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.code == .tooFewRows)
    }
  }

  @Test func agreeReturnsEachRanksOwnValueOrOneError() throws {
    let fine = ThreadRanks.run(4) { communicator in
      try ExecutionContext(communicator: communicator).agree { communicator.rank * 10 }
    }
    #expect(try fine.map { try $0.get() } == [0, 10, 20, 30])
    struct Odd: Error {}
    let failed = ThreadRanks.run(4) { communicator in
      try ExecutionContext(communicator: communicator).agree { if communicator.rank >= 2 { throw Odd() } }
    }
    for result in failed {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.rank == 2)
      #expect(error?.code == .userCode)
    }
  }
}
