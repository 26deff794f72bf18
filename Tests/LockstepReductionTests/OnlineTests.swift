// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

@Suite struct OnlineTests {
  let table = unevenTable(rowCount: 250, columnCount: 3)

  @Test(arguments: [1, 7, 16, 17, 100, 250]) func piecesOfAnySizeGiveTheBitsOfTheWhole(pieceRowCount: Int) throws {
    var stream = Online(ColumnTotals(), columnCount: 3)
    try Chunked(table, rowCount: pieceRowCount).forEachChunk { try stream.observe($0) }
    #expect(stream.rowCount == 250)
    #expect(try stream.output() == ColumnTotals().fit(table))
  }

  @Test func aSavedStreamGoesOnWhereItStopped() throws {
    var stream = Online(ColumnTotals(), columnCount: 3)
    try stream.observe(table.rows.rows(0..<99))
    var restored: Online<ColumnTotals> = try PackedDecoder().decode(from: PackedEncoder().encode(stream))
    try restored.observe(table.rows.rows(99..<250))
    #expect(try restored.output() == ColumnTotals().fit(table))
  }

  @Test func mergedStreamsAndStreamsOfSeveralRanksAgreeUpToRounding() throws {
    let expected = try ColumnTotals().fit(table)
    var first = Online(ColumnTotals(), columnCount: 3)
    var second = first
    try first.observe(table.rows.rows(0..<99))
    try second.observe(table.rows.rows(99..<200))
    first.merge(second)
    try first.observe(table.rows.rows(200..<250))
    #expect(first.rowCount == 250)
    #expect(relativeDifference(try first.output().sums, expected.sums) < 1e-14)

    let outputs = ThreadRanks.run(3) { communicator in
      var stream = Online(ColumnTotals(), columnCount: 3)
      let cuts = [0, 0, 99, 250]
      try stream.observe(table.rows.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1]))
      let context = ExecutionContext(communicator: communicator)
      _ = try stream.output(in: context)  // asking does not count anything twice
      return try stream.output(in: context)
    }
    for output in outputs {
      #expect(try output.get().rowCount == 250)
      #expect(relativeDifference(try output.get().sums, expected.sums) < 1e-14)
    }
  }

  @Test func aBlockThatFailsLeavesTheStreamAsItWas() throws {
    var stream = Online(ColumnTotals(blockSize: 4, refusesNegative: true), columnCount: 1)
    try stream.observe(DenseRows([1.0, 2.0, 3.0], columnCount: 1))
    #expect(throws: LockstepError.self) { try stream.observe(DenseRows([-1.0, 5.0], columnCount: 1)) }
    #expect(stream.rowCount == 3)
    #expect(try stream.output().sums == [6])
  }
}
