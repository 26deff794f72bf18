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
    #expect(try indices("0", names: ["1", "0"] + names.dropFirst(2)) == [0], "a number is a number")
    #expect(try indices("\"0\"", names: ["1", "0"] + names.dropFirst(2)) == [1], "what is quoted is a name")
    #expect(try indices("\"3\",\"a,b\"", names: names) == [3, 4])
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
    #expect(
      try failure("2019", names: ["2019"] + names.dropFirst())
        == "f.csv: there is no column 2019; there are 7 columns; one is named \"2019\": quote the name, as in '\"2019\"'"
    )
    #expect(try failure("5-7", names: names).hasPrefix("f.csv: there is no column 5-7; there are 7 columns"))
    #expect(try failure("price", names: nil).hasSuffix("numbered 0 to 6, without names"))
    #expect(try failure("x", names: names) == "f.csv: 2 columns are named \"x\"; choose by number: 5, 6")
    #expect(try failure("5-2", names: nil).hasPrefix("the range of columns 5-2 runs backwards; write 2-5"))
    #expect(try failure("price,0-1", names: names) == "f.csv: column 1 (\"price\") is chosen twice")
    #expect(try failure("1,,2", names: nil).contains("has an empty item"))
    #expect(try failure("", names: nil).contains("has an empty item"))
    #expect(try failure("99999999999999999999", names: nil).contains("no column is named"))
    #expect(try failure("-3", names: nil).contains("no column is named \"-3\""))
  }

  @Test func columnsAreLeftOut() throws {
    func tables(_ options: ReadOptions) throws -> [[Int]] {
      try ColumnSelection.tables(of: options, columnCount: 7, names: names, file: "f.csv").tables
    }
    #expect(try tables(ReadOptions(except: "time")) == [[1, 2, 3, 4, 5, 6]])
    #expect(try tables(ReadOptions(columns: [.range(0...3)], except: ["price", 3])) == [[0, 2]])
    #expect(try tables(ReadOptions(except: [.range(5...6)], targets: .last)) == [[0, 1, 2, 3], [4]])
    #expect(throws: LockstepError.self) { try tables(ReadOptions(except: "nobody")) }
    #expect(throws: LockstepError.self) { try tables(ReadOptions(weights: [0, 1])) }
  }

  @Test func numbersThatAreNamesOfOthersAreNoted() {
    func notes(_ columns: ColumnSelection, _ names: [String]) -> [String] {
      ColumnSelection.notes(on: ReadOptions(columns: columns), columnCount: names.count, names: names)
    }
    #expect(notes(0, ["1", "0"]).count == 1 && notes(0, ["0", "1"]).isEmpty && notes("0", ["1", "0"]).isEmpty)
    #expect(notes(.all, ["", "a", "b"]).count == 1 && notes(0, ["", "a"]).isEmpty && notes(.all, ["", ""]).isEmpty)
  }

  @Test func distances() {
    #expect(EditDistance.between("kitten", "sitting") == 3)
    #expect(EditDistance.between("", "abc") == 3)
    #expect(EditDistance.between("Same", "sAME") == 0)
    #expect(EditDistance.nearest(to: "pric", in: ["rice", "price"]) == "price")
    #expect(EditDistance.nearest(to: "a", in: []) == nil)
  }
}
