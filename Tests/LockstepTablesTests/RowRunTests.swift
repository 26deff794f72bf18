// SPDX-License-Identifier: Apache-2.0

import LockstepTables
import Synchronization
import Testing

struct RowRunTests {
  /// Runs of 3, 0, 4 and 1 rows of one column, numbered from 0, and which of them were brought.
  private func runs(_ brought: BroughtRuns) -> [RowRun] {
    var start = 0
    return [3, 0, 4, 1].enumerated().map { i, count in
      let rows = DenseRows((start..<start + count).map(Double.init), columnCount: 1)
      start += count
      return RowRun(rowCount: count) {
        brought.numbers.withLock { _ = $0.insert(i) }
        return rows
      }
    }
  }

  private final class BroughtRuns: Sendable {
    let numbers = Mutex<Set<Int>>([])
  }

  @Test func onlyWhatIsWantedIsBrought() throws {
    for lower in 0...8 {
      for upper in lower...8 {
        let brought = BroughtRuns()
        var found: [Double] = []
        try runs(brought).forEachBlock(of: lower..<upper) { block in
          for i in 0..<block.rowCount { found += block.row(i) }
        }
        #expect(found == (lower..<upper).map(Double.init))
        let expected = [(0, 0..<3), (2, 3..<7), (3, 7..<8)].filter { $0.1.overlaps(lower..<upper) }.map(\.0)
        #expect(brought.numbers.withLock { $0 } == Set(expected), "\(lower)..<\(upper)")
      }
    }
  }

  private struct Refusal: Error, Equatable { var number: Int }

  @Test func theFirstFailureInOrderIsThrown() {
    let failing = (0..<4).map { i in
      RowRun(rowCount: 1) { () throws -> any RowBlock in
        guard i < 2 else { throw Refusal(number: i) }
        return DenseRows([Double(i)], columnCount: 1)
      }
    }
    var seen = 0
    #expect(throws: Refusal(number: 2)) { try failing.forEachBlock(of: 0..<4) { _ in seen += 1 } }
    #expect(seen == 2)
    // The body's own failure comes before that of a run which was asked for meanwhile.
    #expect(throws: Refusal(number: 10)) {
      try failing.forEachBlock(of: 0..<4) { if $0.row(0)[0] == 1 { throw Refusal(number: 10) } }
    }
  }
}
