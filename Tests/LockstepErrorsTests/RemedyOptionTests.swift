// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LockstepErrors

/// Options in remedies, in the words of each language.
struct RemedyOptionTests {
  private let error = LockstepError(
    .malformedInput, "the value is missing",
    remedy: "fill it in, or pass \(option: .missing, "skip-row"), without \(option: .columns)",
    place: .init(file: "a.csv", line: 3))

  @Test func eachLanguageHasItsWords() {
    #expect(error.remedy(in: .commandLine) == "fill it in, or pass --missing skip-row, without --columns")
    #expect(error.remedy(in: .python) == "fill it in, or pass missing=\"skip-row\", without columns=")
    #expect(error.remedy(in: .swift) == "fill it in, or pass missing: .skipRow, without columns")
    #expect(
      error.description(in: .commandLine).hasSuffix(
        "missing; fill it in, or pass --missing skip-row, without --columns"))
    #expect(error.remedy == error.remedy(in: .swift) && error.description == error.description(in: .swift))
  }

  @Test func everyOptionHasANameInEveryLanguage() {
    for option in RemedyOption.allCases {
      let error = LockstepError(.usage, "no", remedy: "give \(option: option)")
      #expect(error.remedy(in: .commandLine)?.hasPrefix("give --") == true)
      for language in [LockstepError.Language.swift, .python] {
        let text = error.remedy(in: language) ?? ""
        #expect(!text.contains("--") && text.count > 6 && text.allSatisfy(\.isASCII))
      }
    }
  }

  @Test func otherTextStaysAsItIs() {
    for text in ["", "plain", "\u{E000}", "\u{E000}nothing\u{E002} more", "a \u{E002} b \u{E000}"] {
      #expect(LockstepError(.usage, "no", remedy: text).remedy(in: .commandLine) == text)
    }
    var changed = error
    changed.remedy = nil
    #expect(changed.remedy == nil)
    changed.remedy = "do it"
    #expect(changed.remedy(in: .python) == "do it")
  }
}
