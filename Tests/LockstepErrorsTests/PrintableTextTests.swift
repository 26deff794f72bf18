// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import Testing

@Suite struct PrintableTextTests {
  @Test func nothingThatATerminalObeysIsLeft() {
    let hostile = "a\u{1B}]0;owned\u{7}\u{1B}[31m\nb\r\u{9B}2J\u{202E}c\u{2028}"
    let error = LockstepError(
      .malformedInput, "\"\(hostile)\" is no name", remedy: hostile, place: .init(file: hostile, columnName: hostile),
      cause: hostile)
    for scalar in error.description.unicodeScalars {
      #expect(scalar.value >= 0x20 && !(0x7F..<0xA0).contains(scalar.value) && scalar.value != 0x202E)
    }
    #expect(error.description.contains("a\\u{1B}]0;owned"))
    #expect(PrintableText.of("größe \u{1F600}") == "größe \u{1F600}")
  }

  @Test func aLongNameIsCut() {
    let name = String(repeating: "x", count: 3_000_000)
    let error = LockstepError(
      .malformedInput, "column 0 is \"\(name)\"", place: .init(file: "a.csv", line: 2, column: 1, columnName: name))
    #expect(error.description.utf8.count < 2_000)
    #expect(PrintableText.of("abcdef", limit: 3) == "abc…")
  }

  @Test func rowsAreCountedFromOneAsColumnsAre() {
    #expect(LockstepError.Place(file: "x.npy", row: 0, column: 1).description == "x.npy, row 1, column 1")
  }
}
