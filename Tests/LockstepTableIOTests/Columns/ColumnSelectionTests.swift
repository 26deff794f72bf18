// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import Testing

@testable import LockstepTableIO

@Suite struct ColumnSelectionTests {
  private let names = ["time", "price", "wind-speed", "3", "a,b", "x", "x"]

  private func indices(_ list: String, names: [String]?) throws -> [Int] {
    try ColumnSelection(parsing: list).indices(columnCount: 7, names: names, file: "f.csv")
  }

  private func failure(_ list: String, names: [String]?) throws -> String {
    do { return "\(try indices(list, names: names))" } catch { return "\(error)" }
  }

  @Test func namesNumbersAndRanges() throws {
    #expect(try indices("price,4-6,0", names: names) == [1, 4, 5, 6, 0])
    #expect(try indices(" wind-speed , \"a,b\"", names: names) == [2, 4])
    #expect(try indices("3", names: names) == [3])
    #expect(try indices("6,2-2,0-1", names: nil) == [6, 2, 0, 1])
    #expect(try ColumnSelection.all.indices(columnCount: 3) == [0, 1, 2])
    #expect(try ColumnSelection.all.indices(columnCount: 3, excluding: [1]) == [0, 2])
    #expect(try ColumnSelection(names: ["a,b"]).indices(columnCount: 7, names: names) == [4])
    #expect(try ColumnSelection(numbers: [5]).indices(columnCount: 7, names: nil) == [5])
  }

  @Test func saysWhatExists() throws {
    let list = "the columns are time, price, wind-speed, 3, a,b, x, x"
    #expect(
      try failure("prise", names: names) == "f.csv: no column is named \"prise\"; did you mean \"price\"? \(list)")
    #expect(try failure("Price", names: names).contains("did you mean \"price\"?"))
    #expect(try failure("zzzzzz", names: names) == "f.csv: no column is named \"zzzzzz\"; \(list)")
    #expect(
      try failure("7", names: nil) == "f.csv: there is no column 7; there are 7 columns, numbered 0 to 6")
    #expect(try failure("5-7", names: names).hasPrefix("f.csv: there is no column 5-7; there are 7 columns"))
    #expect(try failure("price", names: nil).hasSuffix("numbered 0 to 6, without names"))
    #expect(try failure("x", names: names) == "f.csv: 2 columns are named \"x\"; choose by number: 5, 6")
    #expect(try failure("5-2", names: nil).hasPrefix("the range of columns 5-2 runs backwards; write 2-5"))
    #expect(try failure("price,0-1", names: names) == "f.csv: column 1 (\"price\") is chosen twice")
    #expect(try failure("1,,2", names: nil).contains("has an empty item"))
    #expect(try failure("", names: nil).contains("has an empty item"))
    #expect(try failure("99999999999999999999", names: nil).contains("there is no column"))
    #expect(try failure("-3", names: nil).contains("there is no column -3"))
  }

  @Test func distances() {
    #expect(EditDistance.between("kitten", "sitting") == 3)
    #expect(EditDistance.between("", "abc") == 3)
    #expect(EditDistance.between("Same", "sAME") == 0)
    #expect(EditDistance.nearest(to: "pric", in: ["rice", "price"]) == "price")
    #expect(EditDistance.nearest(to: "a", in: []) == nil)
  }
}
