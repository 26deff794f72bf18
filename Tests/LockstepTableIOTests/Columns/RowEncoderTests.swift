// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

@Suite struct RowEncoderTests {
  private let encoding = ColumnEncoding([
    .init(name: "x", mean: 7), .init(name: "k", values: ["a", "b", "c"]), .init(name: "y", mean: -1),
  ])

  @Test func namesAndCounts() {
    #expect(encoding.columnCount == 5 && encoding.hasMeans)
    #expect(encoding.columnNames == ["x", "k=a", "k=b", "k=c", "y"])
    #expect(encoding.sourceNames == ["x", "k", "y"])
    #expect(ColumnEncoding([.init(values: ["a"])]).columnNames == nil)
  }

  private func encoded<Element: Scalar>(_ elements: [Element], fillsMissing: Bool = true) throws -> [[Element]] {
    // The codes are those of the order in which the texts were met.
    let encoder = try encoding.encoder(codes: [["c", "a"]], fillsMissing: fillsMissing)
    return Table(encoder.apply(to: DenseRows(elements, columnCount: 3))).nested
  }

  @Test func categoriesAreSpread() throws {
    #expect(try encoded([1.5, 0, 2, 3, 1, .nan]) == [[1.5, 0, 0, 1, 2], [3, 1, 0, 0, -1]])
    #expect(try encoded([Float(1.5), 0, 2, .nan, .nan, 4]) == [[1.5, 0, 0, 1, 2], [7, 0, 0, 0, 4]])
    #expect(try encoded([.nan, 0, 2], fillsMissing: false)[0][0].isNaN)
  }

  @Test func rowsOfOnesOwnAreFilledInPlaceAndOthersAreCopied() throws {
    let encoder = try ColumnEncoding([.init(mean: 7), .init(mean: -1)]).encoder(codes: [], fillsMissing: true)
    let own = DenseRows([1, .nan, .nan, 4], columnCount: 2)
    #expect(Table(encoder.apply(to: own)).nested == [[1, -1], [7, 4]])
    #expect(Table(own).nested == [[1, -1], [7, 4]])

    let numbers: [Float] = [1, .nan, .nan, 4, 5, 6]
    numbers.withUnsafeBufferPointer { numbers in
      let shown = DenseRows(RowStorage(borrowing: numbers), rowCount: 3, columnCount: 2)
      #expect(Table(encoder.apply(to: shown)).nested == [[1, -1], [7, 4], [5, 6]])
      #expect(numbers[1].isNaN && numbers[2].isNaN)
      let complete = encoder.apply(to: shown.rows(2..<3))
      complete.withUnsafeElements { #expect($0.baseAddress == numbers.baseAddress.map { $0 + 4 }) }
    }
  }

  @Test func sparseRowsKeepTheirPlaces() throws {
    let encoder = try ColumnEncoding([.init(mean: 7), .init(mean: -1)]).encoder(codes: [], fillsMissing: true)
    let rows = try SparseRows(offsets: [0, 1, 1, 3], columns: [1, 0, 1], values: [.nan, .nan, 2.0], columnCount: 2)
    let filled = encoder.apply(to: rows.rows(1..<3))
    #expect(filled.row(0) == [0, 0] && filled.row(1) == [7, 2])
  }
}
