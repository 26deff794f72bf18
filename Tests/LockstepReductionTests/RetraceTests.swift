// SPDX-License-Identifier: Apache-2.0

import LockstepCommunication
import LockstepErrors
import LockstepReduction
import LockstepTables
import LockstepTestSupport
import Testing

/// Counts rows on the way up; on the way down each row is told its number from the seed at the root.
private struct NumberingPass: RetraceablePass {
  typealias Output = Int
  struct Partial: Retraceable {
    var rowCount = 0
    mutating func mergeTracing(_ later: Self) -> Int {
      defer { rowCount += later.rowCount }
      return rowCount
    }
    static func split(_ seed: Int, along earlierRowCount: Int) -> (earlier: Int, later: Int) {
      (seed, seed + earlierRowCount)
    }
  }
  let output: RowMemory<Double>
  var failingRow: Int?

  func blockRowCount(columnCount: Int) -> Int { 4 }
  func makePartial(columnCount: Int) -> Partial { Partial() }
  func summarize(_ samples: Samples) -> (Partial, Range<Int>) {
    (Partial(rowCount: samples.rowCount), samples.firstRow..<samples.firstRow + samples.rowCount)
  }
  func finalizeTracing(_ partial: Partial) throws -> (output: Int, seed: Int) {
    if failingRow == -1 { throw LockstepError(.rankDeficient, "nothing to finalize") }
    return (partial.rowCount, 1000)
  }
  func emit(_ seed: Int, from leaf: Range<Int>) throws {
    if let failingRow, leaf.contains(failingRow) { throw LockstepError(.outputFailed, "row \(failingRow) is lost") }
    output.withValues(firstRow: leaf.lowerBound, count: leaf.count) {
      for i in 0..<leaf.count {
        $0[2 * i] = Double(seed + i)
        $0[2 * i + 1] = -1
      }
    }
  }
}

@Suite struct RetraceTests {
  private func numbers(
    _ n: Int, ranks: Int, _ cuts: [Int], threads: Int, failingRow: Int? = nil
  ) -> [Result<(Int, [Double]), any Error>] {
    let table = Table<Double>(DenseRows((0..<n).map(Double.init), columnCount: 1))
    return ThreadRanks.run(ranks) { communicator in
      // Some of the time, what the sweep writes goes to a scratch file.
      let context = ExecutionContext(
        communicator: communicator, threadCount: threads,
        memoryLimit: ranks % 2 == 1 ? MemoryLimit(windowByteCount: 40) : nil)
      let share = Table(table.rows.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1]))
      let aligned = try context.align(share) { _ in 4 }
      let output = try context.makeRowOutput(for: aligned, valuesPerRow: 2)
      let count = try context.retrace(NumberingPass(output: output, failingRow: failingRow), over: aligned)
      let runs = try context.returnRows(output, for: aligned)
      return (count, try runs.flatMap { run in try run.rows().column(0) })
    }
  }

  @Test func everyRowGetsItsShareOfTheSeedAndComesHome() throws {
    for n in [0, 1, 3, 4, 5, 30, 61] {
      for ranks in [1, 2, 3, 4, 5, 7, 8] {
        for (name, cuts) in rankCuts(rowCount: n, size: ranks) {
          let results = numbers(n, ranks: ranks, cuts, threads: ranks < 3 ? 3 : 1)
          var all: [Double] = []
          for result in results {
            let (count, rows) = try result.get()
            #expect(count == n)
            all += rows
          }
          #expect(all == (0..<n).map { Double(1000 + $0) }, "\(n) rows on \(ranks) ranks, \(name)")
        }
      }
    }
  }

  @Test(arguments: [-1, 0, 13, 29]) func aFailureOnTheWayReachesAllRanks(failingRow: Int) {
    for ranks in [1, 3, 4] {
      let results = numbers(30, ranks: ranks, (0...ranks).map { 30 * $0 / ranks }, threads: 2, failingRow: failingRow)
      for result in results {
        #expect { try result.get() } throws: {
          let code = ($0 as? LockstepError)?.code
          return failingRow < 0 ? code == .rankDeficient : code == .outputFailed
        }
      }
    }
  }
}

extension RowBlock {
  fileprivate func column(_ number: Int) -> [Double] { (0..<rowCount).map { row($0)[number] } }
}
