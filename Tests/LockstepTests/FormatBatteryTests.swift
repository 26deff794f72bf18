// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// The same numbers in every format are the same rows, and give the same model, on any number of processes.
@Suite struct FormatBatteryTests {
  /// Numbers that have few digits in all formats, 32 bits included.
  private static func table(_ rowCount: Int) -> [[Double]] {
    var generator = SplitMix64(state: UInt64(rowCount))
    return (0..<rowCount).map { i in
      [Double(i % 5), Double.random(in: -99...99, using: &generator).rounded() / 8, Double(i) / 4 - 7]
    }
  }

  /// The numbers of rows of each file.
  private static let shapes = [[200], [1], [3], [150, 2, 48], [1, 1, 1, 1], [0, 2, 0, 5, 0]]

  private static func digest(_ rows: some RowSource, _ context: ExecutionContext) throws -> String {
    try LowOrderMoments().fit(rows, in: context).digest
  }

  @Test(arguments: TableFormat.all) func theFormatDoesNotShow(format: TableFormat) throws {
    guard format.isHere() else { try Test.cancel("what writes \(format.name) is not installed") }
    for shape in Self.shapes where format.canBeEmpty || !shape.contains(0) {
      let folder = try ReadTests.Folder()
      let rows = Self.table(shape.reduce(0, +))
      var start = 0
      var names: [String] = []
      for (i, count) in shape.enumerated() {
        names.append(try format.write(Array(rows[start..<start + count]), "\(folder.path)/part \(i).data"))
        start += count
      }
      let expected = try Self.digest(Table(DenseRows(rows.flatMap { $0 }, columnCount: 3)), .local)
      for size in 1...5 {
        let results = ThreadRanks.run(size) { [names] communicator in
          let context = ExecutionContext(communicator: communicator, threadCount: size == 2 ? 3 : 1)
          let loaded = try context.read(names, options: ReadOptions(columns: format.columns))
          return (try ReadTests.rows(loaded), try Self.digest(loaded, context))
        }
        let found = try results.map { try $0.get() }
        #expect(found.flatMap { $0.0 } == rows, "\(shape) rows on \(size) processes")
        #expect(found.allSatisfy { $0.1 == expected }, "\(shape) rows on \(size) processes")
      }
    }
  }
}
