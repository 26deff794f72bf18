// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LockstepMethods

struct TextTableTests {
  private let table = TextTable(
    keys: [.init("cluster", ["0", "1"])],
    columns: [.init("rows", ["20", "7"]), .init("height", numbers: [1.5, -20.25]), .init("w", numbers: [3, 10])])

  @Test func alignsToTheRight() {
    #expect(
      table.lines(width: 80) == [
        "cluster  rows    height   w",
        "      0    20    1.5000   3",
        "      1     7  -20.2500  10",
      ])
  }

  @Test func wideTablesAreCutIntoPanels() {
    #expect(
      table.lines(width: 24) == [
        "cluster  rows    height", "      0    20    1.5000", "      1     7  -20.2500", "",
        "cluster   w", "      0   3", "      1  10",
      ])
  }

  @Test func aColumnThatIsTooWideStandsAlone() {
    #expect(table.lines(width: 1).count == 3 * 3 + 2)
  }

  @Test func longHeadingsAreCut() {
    let long = TextTable(keys: [], columns: [.init(String(repeating: "x", count: 50), ["1"])])
    #expect(long.lines(width: 80)[0] == String(repeating: "x", count: 23) + "…")
  }

  @Test func headingsCanBeBold() {
    #expect(table.lines(width: 80, isBold: true)[0] == "\u{1B}[1mcluster  rows    height   w\u{1B}[0m")
  }
}
