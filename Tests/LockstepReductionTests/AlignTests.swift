// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

@Suite struct AlignTests {
  /// Labels each swept row with its own number, so that what comes back shows where it went.
  struct Numbering: Pass {
    struct Partial: Mergeable { mutating func merge(_ later: Self) {} }
    let memory: RowMemory<Int32>
    func makePartial(columnCount: Int) -> Partial { Partial() }
    func accumulate(_ samples: Samples, into partial: inout Partial) {
      memory.withValues(firstRow: samples.firstRow, count: samples.rowCount) { values in
        for i in 0..<samples.rowCount {
          precondition(
            samples.rows.row(i) == [Double(samples.firstRow + i)], "row \(samples.firstRow + i) is not itself")
          values[i] = Int32(samples.firstRow + i)
        }
      }
    }
    func finalize(_ partial: Partial) -> Bool { true }
  }

  @Test(arguments: [1, 2, 3, 5, 8, 16]) func rowsAreNumberedSweptOnceAndTheirValuesComeHome(size: Int) throws {
    for rowCount in [0, 1, 7, 16, 33, 100] {
      let table = Table(rows: (0..<rowCount).map { [Double($0)] })
      for (name, cuts) in rankCuts(rowCount: rowCount, size: size) {
        let results = ThreadRanks.run(size) { communicator -> ([Int32], Range<Int>) in
          let context = ExecutionContext(communicator: communicator, threadCount: 2)
          let share = Table(table.rows.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1]))
          let aligned = try context.align(Chunked(share, rowCount: 5), blockRowCount: { _ in 8 })
          let memory = RowMemory<Int32>(aligned.sweptRange, repeating: -1)
          _ = try context.reduce(Numbering(memory: memory), over: aligned)
          return (try context.rowValues(of: memory, for: aligned), aligned.sweptRange)
        }
        var next = 0
        for (rank, result) in results.enumerated() {
          let (labels, swept) = try result.get()
          #expect(
            labels == (cuts[rank]..<cuts[rank + 1]).map(Int32.init), "\(name), rank \(rank) of \(size), n \(rowCount)")
          if !swept.isEmpty {
            #expect(swept.lowerBound == next && swept.lowerBound % 8 == 0, "\(name), rank \(rank) of \(size)")
            next = swept.upperBound
          }
        }
        #expect(next == rowCount)
      }
    }
  }

  @Test func aSourceThatShrinksIsAnError() throws {
    struct Shrinking: RowSource {
      let columnCount = 1
      let rowCount = 5
      let layout = "dense Double"
      func forEachChunk(_ body: (any RowBlock) throws -> Void) throws {
        try body(DenseRows([1.0, 2.0, 3.0], columnCount: 1))
      }
    }
    let error = #expect(throws: LockstepError.self) { try ColumnTotals().fit(Shrinking()) }
    #expect(error?.message == "the source has 3 rows now, and had 5 before")
  }

  @Test(arguments: [0, 1, 2]) func weightsOfOneRankAloneAreAnErrorOfAll(rank: Int) throws {
    let messages = ThreadRanks.run(3) { communicator in
      let rows = DenseRows([1.0, 2.0], columnCount: 1)
      let weights = communicator.rank == rank ? DenseRows([1.0, 1.0], columnCount: 1) : nil
      do {
        _ = try ExecutionContext(communicator: communicator)
          .align(TrainingRows(Table(rows), weights: weights)) { _ in 64 }
        return ""
      } catch let error as LockstepError { return error.message }
    }
    let found = try messages.map { try $0.get() }
    #expect(found == Array(repeating: found[0], count: 3))
    #expect(
      found[0].contains("dense Double with weights rows") && found[0].contains("dense Double rows"), "\(found[0])")
  }

  @Test(arguments: [1, 2, 5]) func aSampleDoesNotDependOnTheCut(size: Int) throws {
    let all = (0..<1003).map(Double.init)
    for count in [1, 7, 1003] {
      let parts = ThreadRanks.run(size) { communicator in
        let range = 1003 * communicator.rank / size..<1003 * (communicator.rank + 1) / size
        let aligned = try ExecutionContext(communicator: communicator)
          .align(Table(DenseRows(Array(all[range]), columnCount: 1))) { _ in 64 }
        var found: [Double] = []
        try aligned.forEachSampledRow(of: count) { found += $0 }
        return found
      }
      #expect(try parts.flatMap { try $0.get() } == (0..<count).map { all[$0 * 1003 / count] })
    }
  }
}
