// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

@Suite struct CategoryTableTests {
  @Test func textsHaveCodesInTheOrderTheyCome() throws {
    let table = CategoryTable(limit: 3)
    table.prepare(columnCount: 2)
    let labels = RowLabels(["b", "a", "?", "b"])
    let codes = try table.codes(of: labels, missing: [2], column: 1, place: .init(file: "x"))
    #expect(codes[0] == 0 && codes[1] == 1 && codes[2].isNaN && codes[3] == 0)
    #expect(try table.codes(of: RowLabels([7, -7, 7]), column: 0, place: .init()) == [0, 1, 0])
    #expect(table.texts == [["7", "-7"], ["b", "a"]])
    #expect(throws: CategoryTable.Refusal.tooMany) {
      for text in ["c", "d"] { _ = try table.code(of: text, column: 1) }
    }
    table.clear()
    #expect(table.texts == [[], []])
  }

  @Test func closedTablesKnowTheirTextsOnly() throws {
    let table = CategoryTable(closed: [["x", "y"]])
    #expect(try table.codes(of: RowLabels(["y", "x"]), column: 0, place: .init()) == [1, 0])
    let error = #expect(throws: LockstepError.self) {
      try table.codes(of: RowLabels(["x", "z"]), column: 0, place: .init(file: "a", column: 4))
    }
    #expect(error?.message.hasPrefix("\"z\" is not a category") == true)
    #expect(error?.place?.row == 1 && error?.place?.column == 4)
    table.clear()
    #expect(table.texts == [["x", "y"]])
  }
}
