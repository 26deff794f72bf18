// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import Testing

@testable import LockstepTableIO

@Suite struct ColumnPreviewTests {
  @Test func columnsAreSeenFromTheFirstRows() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a,b,c,d,e\n1,1.5,2024-01-31,x,\n-2,2,,3,NA\n\n,nan,1970-01-01 10:00,4,\n")
    let preview = try #require(try DataPreview.of(path))
    #expect(preview.rowCount == 3)
    #expect(preview.columns.map(\.name) == ["a", "b", "c", "d", "e"])
    #expect(preview.columns.map(\.kind) == [.wholeNumber, .number, .date, .text, .missing])
    #expect(preview.columns.map(\.missingCount) == [1, 1, 1, 0, 3])
  }

  @Test func onlyTheFirstRowsAreLookedAt() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write((0..<3000).map { $0 < 2000 ? "\($0)\n" : "x\n" }.joined())
    let preview = try #require(try DataPreview.of(path))
    #expect(preview.rowCount == DataPreview.largestRowCount)
    #expect(preview.columns == [ColumnPreview(name: nil, kind: .wholeNumber, missingCount: 0)])
  }

  @Test func sparseFilesTellNothing() throws {
    let directory = try TemporaryDirectory()
    #expect(try DataPreview.of(try directory.write("1 1:2 3:4\n")) == nil)
  }
}
