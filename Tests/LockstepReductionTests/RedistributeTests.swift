// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

@testable import LockstepReduction

struct RedistributeTests {
  /// Rows of two columns: a key from 0 to 5, and numbers whose sum depends on the order of addition.
  private static func table(_ rowCount: Int) -> Table<Double> {
    var source = SplitMix64(state: 5)
    return Table(
      DenseRows(
        (0..<rowCount).flatMap { _ in [Double(source.next() % 6), Double(source.next() % 1000) / 7 - 70] },
        columnCount: 2))
  }

  /// The rows of each key on the rank that the key has.
  private static func byKey(
    _ source: any RowSource, _ context: ExecutionContext, rowsInRound: Int = 1 << 20
  ) throws -> RedistributedRows {
    let aligned = try context.align(source) { _ in 16 }
    return try context.redistribute(
      aligned, rowsInRound: rowsInRound, shares: { Array(repeating: 1 / Double($0), count: $0) }
    ) { samples in
      var places = [[Int]](repeating: [], count: context.size)
      for i in 0..<samples.rowCount { places[Int(samples.rows.row(i)[0]) % context.size].append(i) }
      return places
    }
  }

  /// The sum of each key's numbers, added in the order of the rows.
  private static func sums(_ source: any RowSource, _ context: ExecutionContext, rowsInRound: Int) throws -> [Double] {
    let mine = try byKey(source, context, rowsInRound: rowsInRound)
    var sums = [Double](repeating: 0, count: 6)
    for i in mine.numbers.indices {
      guard let row = mine.rows?.row(i) else { break }
      sums[Int(row[0])] += row[1]
    }
    // A key has one rank, so that nothing is added here.
    return try context.merged(sums) { a, b in zip(a, b).map { $0 == 0 ? $1 : $0 } }
  }

  @Test(arguments: [1 << 20, 4]) func sumsByKeyHaveTheSameBitsByEveryDriver(rowsInRound: Int) throws {
    try checkDriversAgree(Self.table(203)) { try Self.sums($0, $1, rowsInRound: rowsInRound) }
  }

  @Test(arguments: [0, 1, 40]) func rowsArriveOnceInTheirOrder(rowCount: Int) throws {
    let table = Self.table(rowCount)
    for size in [1, 2, 3, 5] {
      for (name, cuts) in rankCuts(rowCount: rowCount, size: size) {
        for result in ThreadRanks.run(
          size,
          { communicator in
            let share = Table(table.rows.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1]))
            let context = ExecutionContext(communicator: communicator)
            let mine = try Self.byKey(Chunked(share, rowCount: 7), context, rowsInRound: 5)
            let expected = (0..<rowCount).filter { Int(table.rows.row($0)[0]) % size == communicator.rank }
            let origins = (0..<size).map { rank in expected.count { cuts[rank]..<cuts[rank + 1] ~= $0 } }
            #expect(mine.numbers == expected, "\(name)")
            #expect(mine.rowCounts == origins, "\(name)")
            #expect(mine.rows?.rowCount ?? 0 == expected.count, "\(name)")
            for (i, number) in expected.enumerated() { #expect(mine.rows?.row(i) == table.rows.row(number), "\(name)") }
          })
        { try result.get() }
      }
    }
  }

  @Test func rowsOfEveryKindGoWithWhatBelongsToThem() throws {
    let features = Self.table(30)
    let weights = DenseRows((0..<30).map { Double($0) / 2 }, columnCount: 1)
    let labels = RowLabels((0..<30).map { $0 % 4 })
    let kinds: [any RowBlock] = [
      SupervisedRows(features: features.rows, responses: weights, weights: weights, labels: labels),
      SupervisedRows(features: SparseRows(features.rows), labels: labels),
      DenseRows(features.rows.withUnsafeElements { $0.map { Float($0) } }, columnCount: 2),
    ]
    for rows in kinds {
      for result in ThreadRanks.run(
        3,
        { communicator in
          let own = rows.rows(10 * communicator.rank..<10 * communicator.rank + 10)
          let mine = try Self.byKey(
            Chunked(own, rowCount: 4), ExecutionContext(communicator: communicator), rowsInRound: 6)
          let found = try #require(mine.rows)
          #expect(found.layout == rows.layout)
          for (i, number) in mine.numbers.enumerated() {
            #expect(found.row(i) == rows.row(number))
            guard let all = rows as? SupervisedRows, let found = found as? SupervisedRows else { continue }
            #expect(found.weights?.row(i) == all.weights?.row(number))
            #expect(found.responses?.row(i) == all.responses?.row(number))
            #expect(found.labels?[i] == all.labels?[number])
          }
        })
      { try result.get() }
    }
  }

  @Test func aRowMayGoToManyRanks() throws {
    let table = Self.table(20)
    for result in ThreadRanks.run(
      4,
      { communicator in
        let context = ExecutionContext(communicator: communicator)
        let aligned = try context.align(Table(table.rows.rows(5 * communicator.rank..<5 * communicator.rank + 5))) {
          _ in 8
        }
        let all = try context.redistribute(aligned, shares: { Array(repeating: 1, count: $0) }) { samples in
          Array(repeating: Array(0..<samples.rowCount), count: 4)
        }
        #expect(all.numbers == Array(0..<20))
        #expect(all.rowCounts == [5, 5, 5, 5])
        #expect((0..<20).allSatisfy { all.rows?.row($0) == table.rows.row($0) })
      })
    { try result.get() }
  }

  @Test func aFailingSourceFailsAllRanks() throws {
    // The first reading is that of the rows of blocks that begin on other ranks, on ranks that have some.
    try checkFailuresReachAllRanks(Self.table(192), readings: 1) { source, context in
      let aligned = try context.align(source) { _ in 16 }
      _ = try context.redistribute(aligned, shares: { Array(repeating: 1 / Double($0), count: $0) }) { samples in
        Array(repeating: Array(0..<samples.rowCount), count: context.size)
      }
    }
  }

  @Test func ofSeveralFailuresAllRanksThrowTheLowest() throws {
    let results = ThreadRanks.run(5) { communicator in
      try ExecutionContext(communicator: communicator).exchange { () -> [Int] in
        guard communicator.rank == 0 || communicator.rank == 3 else {
          throw LockstepError(.malformedInput, "rank \(communicator.rank) cannot")
        }
        return Array(repeating: communicator.rank, count: 5)
      }
    }
    for result in results {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.message == "rank 1 cannot")
      #expect(error?.rank == 1)
    }
  }

  @Test func valuesCome() throws {
    for size in [1, 2, 3, 8] {
      let results = ThreadRanks.run(size) { communicator in
        try ExecutionContext(communicator: communicator).exchange { (0..<size).map { [communicator.rank, $0] } }
      }
      for (rank, result) in results.enumerated() { #expect(try result.get() == (0..<size).map { [$0, rank] }) }
    }
  }
}
