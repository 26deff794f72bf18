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
    #expect(preview.columns.map(\.valueCount) == [2, 2, 2, 3, 0])
  }

  @Test func onlyTheFirstRowsAreLookedAt() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write((0..<3000).map { $0 < 2000 ? "\($0)\n" : "x\n" }.joined())
    let preview = try #require(try DataPreview.of(path))
    #expect(preview.rowCount == DataPreview.largestRowCount)
    #expect(preview.columns == [ColumnPreview(name: nil, kind: .wholeNumber, missingCount: 0, valueCount: 1000)])
  }

  @Test func rolesAreThoseOfTheOptions() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a,b,c,d,e\n1,x,2,3,y\n")
    let preview = try #require(try DataPreview.of(path))
    var options = ReadOptions(
      columns: ColumnSelection(names: ["b", "a"]), targets: ColumnSelection(names: ["c"]),
      label: ColumnSelection(names: ["e"]))
    #expect(try preview.roles(options, file: path) == [.feature, .feature, .target, .unused, .label])
    options.categorical = .texts
    #expect(try preview.roles(options, file: path)[1] == .categorical)
    options.categorical = .chosen(ColumnSelection(numbers: [0]))
    #expect(try preview.roles(options, file: path) == [.categorical, .feature, .target, .unused, .label])
  }

  @Test func sparseFilesTellNothing() throws {
    let directory = try TemporaryDirectory()
    #expect(try DataPreview.of(try directory.write("1 1:2 3:4\n")) == nil)
  }
}
