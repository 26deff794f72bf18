// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import Testing

@testable import LockstepCommandLine

/// Rows written as Parquet, where DuckDB is here; skipped elsewhere.
@Suite(.enabled(if: (try? ParquetFile.requireWriter(for: "x")) != nil, "no DuckDB here"), .serialized)
struct ParquetOutputTests {
  @Test(arguments: [1, 2, 3]) func rowsComeBackToTheBit(size: Int) throws {
    let scratch = try ScratchDirectory()
    let elements = (0..<20).map { Double($0 * $0) / 7 - 3 }
    for name in ["x.parquet", "x{rank}.parquet"] {
      let path = "\(scratch.path)/\(name)"
      let results = ThreadRanks.run(size) { communicator -> [[Double]] in
        let context = ExecutionContext(communicator: communicator)
        // The last rank has no rows.
        let share = max(1, size - 1)
        let own =
          communicator.rank < share ? 10 * communicator.rank / share..<10 * (communicator.rank + 1) / share : 0..<0
        let rows = DenseRows(Array(elements[own.lowerBound * 2..<own.upperBound * 2]), columnCount: 2)
        try RowFile(path).write(.numbers(ComputedRows([RowRun(rows)], columnCount: 2)), in: context)
        guard name == "x.parquet" || communicator.rank < share else { return [] }
        let reader = name == "x.parquet" ? context : ExecutionContext()
        let loaded = try reader.read(name == "x.parquet" ? path : "\(scratch.path)/x\(communicator.rank).parquet")
        #expect(loaded.columnNames == ["c0", "c1"])
        var found: [[Double]] = []
        try loaded.forEachChunk { chunk in for i in 0..<chunk.rowCount { found.append(chunk.row(i)) } }
        return found
      }
      #expect(try results.flatMap { try $0.get() } == (0..<10).map { [elements[2 * $0], elements[2 * $0 + 1]] })
      let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path).filter { !$0.hasSuffix(".parquet") }
      #expect(left.isEmpty, "nothing else stays")
    }
  }

  @Test func labelsOfTextsAreTexts() throws {
    let scratch = try ScratchDirectory()
    let path = "\(scratch.path)/x.parquet"
    let labels = RowLabels(["a", "with, a comma", "and \"quotes\"", "x", "NULL"])
    try RowFile(path).write(.labels(labels), in: ExecutionContext())
    let columns = ReadOptions(columns: .init(names: ["n"]), label: .init(names: ["c0"]))
    let loaded = try ExecutionContext().read(
      .query(DataQuery("SELECT 1 AS n, c0 FROM '\(path)'", allowsFiles: true)), options: columns)
    #expect(loaded.labels == labels)
  }
}
