// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@Suite struct SparseRowsTests {
  /// 0 5 0 0 / nothing / 1 0 2 0 / 0 0 0 -3; the last entry of row 2 is followed by one that is stored and zero.
  let rows: SparseRows<Double>

  init() throws {
    rows = try SparseRows(
      offsets: [0, 1, 1, 4, 5], columns: [1, 0, 2, 3, 3], values: [5, 1, 2, 0, -3], columnCount: 4)
  }

  @Test func rowsAreDenseWhenAskedFor() {
    #expect(rows.rowCount == 4 && rows.columnCount == 4 && rows.entryCount == 5)
    #expect((0..<4).map { rows.row($0) } == [[0, 5, 0, 0], [0, 0, 0, 0], [1, 0, 2, 0], [0, 0, 0, -3]])
    #expect(rows.layout == "sparse Double")
  }

  @Test func viewsShareEntries() {
    let middle = rows.rows(1..<3)
    #expect(middle.rowCount == 2 && middle.entryCount == 3 && middle.row(1) == [1, 0, 2, 0])
    #expect(middle.rows(1..<2).row(0) == [1, 0, 2, 0])
    #expect(middle.rows(2..<2).rowCount == 0 && middle.rows(2..<2).entryCount == 0)
  }

  @Test func rowsAppend() throws {
    let joined = rows.rows(2..<4).appending([rows.rows(1..<2), rows.rows(0..<0), rows.rows(0..<1)])
    #expect(joined.layout == "sparse Double")
    #expect((0..<4).map { joined.row($0) } == [[1, 0, 2, 0], [0, 0, 0, -3], [0, 0, 0, 0], [0, 5, 0, 0]])
    let parts: [any RowBlock] = [rows.rows(0..<1), rows.rows(2..<3)]
    #expect(parts.concatenated?.row(1) == [1, 0, 2, 0])
  }

  @Test func rowsTravel() {
    let arrived = rows.rows(1..<4).transferable().rows
    #expect(arrived.layout == "sparse Double" && arrived.columnCount == 4)
    #expect((0..<3).map { arrived.row($0) } == (1..<4).map { rows.row($0) })
    let singles = SparseRows(DenseRows<Float>([0, 1.5, 0, 0], columnCount: 2)).transferable().rows
    #expect(SparseRows(DenseRows<Float>([0, 0], columnCount: 2)).transferable().rows.layout == "sparse Float")
    #expect(singles.layout == "sparse Float" && singles.row(0) == [0, 1.5] && singles.row(1) == [0, 0])
  }

  @Test func companionsTravel() {
    let accompanied = SupervisedRows(
      features: rows, responses: DenseRows([1, 2, 3, 4], columnCount: 1),
      weights: DenseRows([1, 1, 2, 2], columnCount: 1))
    let arrived = accompanied.rows(1..<3).transferable().rows
    #expect(arrived.layout == "sparse Double with 1 responses with weights")
    #expect(arrived.row(1) == [1, 0, 2, 0])
    #expect(accompanied.rows(0..<1).appending([accompanied.rows(2..<4)]).row(2) == [0, 0, 0, -3])
  }

  @Test func denseRowsLoseTheirZeros() {
    let made = SparseRows(DenseRows([0, 0, 7, 0, 0, 8], columnCount: 2))
    #expect(made.entryCount == 2 && (0..<3).map { made.row($0) } == [[0, 0], [7, 0], [0, 8]])
  }

  @Test func firstNonFiniteIsFound() throws {
    #expect(rows.firstNonFinite() == nil)
    let spoiled = try SparseRows(
      offsets: [0, 1, 1, 3, 4], columns: [1, 0, 2, 3], values: [Float(5), 1, .infinity, .nan], columnCount: 4)
    for (first, row) in [(0, 2), (1, 1), (2, 0)] {
      let place = try #require(spoiled.rows(first..<4).firstNonFinite())
      #expect(place.row == row && place.column == 2)
    }
    let last = try #require(spoiled.rows(3..<4).firstNonFinite())
    #expect(last.row == 0 && last.column == 3)
    #expect(spoiled.rows(0..<2).firstNonFinite() == nil)
  }

  @Test func magnitudesAreThoseOfTheEntries() {
    #expect(rows.columnMagnitudes() == [1, 5, 2, 3])
    #expect(rows.rows(1..<2).columnMagnitudes() == [0, 0, 0, 0])
  }

  @Test func partsThatDoNotFitTogetherAreRefused() {
    func message(_ offsets: [Int], _ columns: [Int32], columnCount: Int = 3, values: Int? = nil) -> String {
      do {
        _ = try SparseRows(
          offsets: offsets, columns: columns, values: [Double](repeating: 1, count: values ?? columns.count),
          columnCount: columnCount)
        return ""
      } catch { return String(describing: error) }
    }
    #expect(message([0, 1, 2], [0, 0]).isEmpty)
    #expect(message([0, 2], [1, 1]).contains("row 1: column 1 comes twice"))
    #expect(message([0, 1, 3], [0, 2, 1]).contains("row 2: column 1 comes after column 2"))
    #expect(message([0, 1], [3]).contains("column 3 of 3"))
    #expect(message([0, 1], [-1]).contains("column -1"))
    #expect(message([0, 2, 1, 2], [0, 1]).contains("entries from 2 to 1"))
    #expect(message([0, 5, 2], [0, 1]).contains("entries from 0 to 5"))
    #expect(message([1, 2], [0, 1]).contains("offsets from 1 to 2 of 2"))
    #expect(message([0, 1], [0, 1]).contains("offsets from 0 to 1 of 2"))
    #expect(message([], []).contains("offsets from -1"))
    #expect(message([0, 1], [0], values: 2).contains("1 columns for 2 values"))
    #expect(message([0, 0], [], columnCount: 0).contains("1 rows of no columns"))
    #expect(message([0, 0], [], columnCount: -1).contains("-1 columns"))
    #expect(message([0], [], columnCount: 0).isEmpty)
  }

  @Test func tablesGiveTheirRowsOnce() throws {
    let table = SparseTable(rows, columnNames: ["a", "b", "c", "d"])
    var seen: [any RowBlock] = []
    try table.forEachChunk { seen.append($0) }
    #expect(seen.count == 1 && seen[0].rowCount == 4 && table.columnNames?.last == "d" && table.layout == rows.layout)
  }
}
