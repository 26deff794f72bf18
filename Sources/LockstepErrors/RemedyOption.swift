// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// An option that a remedy speaks of: the library knows which one it is, and each language has its own words for it.
///
/// ```swift
/// LockstepError(.malformedInput, "the value is missing", remedy: "fill it in, or read with \(option: .missing, "skip-row")")
/// ```
package enum RemedyOption: String, CaseIterable, Sendable {
  /// The columns to read.
  case columns
  /// The columns that are categories.
  case categorical
  /// What to do about missing values.
  case missing
  /// Whether the first row has names.
  case header
  /// What separates two fields.
  case delimiter
  /// Quotes that are ordinary text.
  case noQuotes
  /// The decimal mark.
  case decimal
  /// What groups the digits of a number.
  case thousands
  /// Indices that count from 0.
  case zeroBased
  /// Numbers of 32 bits.
  case single
  /// A limit of memory.
  case memory
  /// The directory for what the limit does not hold.
  case scratch
  /// A query that may read files.
  case queryFiles
  /// A checkpoint that is not gone on from.
  case fresh
  /// Sums in any order.
  case irreproducible
  /// The covariances of a regression's coefficients.
  case covariance

  /// What the language calls it.
  func name(in language: LockstepError.Language) -> String {
    switch (self, language) {
    case (.queryFiles, .commandLine): "sql-allow-files"
    case (.queryFiles, .swift): "allowsFiles"
    case (.queryFiles, .python): "query_reads_files"
    case (.memory, .swift): "memoryLimit"
    case (.noQuotes, .commandLine): "no-quotes"
    case (.noQuotes, .swift): "usesQuotes: false"
    case (.noQuotes, .python): "quotes=False"
    case (.decimal, .swift): "decimalMark"
    case (.thousands, .swift): "groupMark"
    case (.zeroBased, .commandLine): "zero-based"
    case (.zeroBased, .swift): "isZeroBased: true"
    case (.zeroBased, .python): "zero_based=True"
    case (.scratch, .swift): "scratchDirectory"
    case (.irreproducible, .swift): "isReproducible"
    case (.covariance, .swift): "keepsCovariance: true"
    case (.covariance, .python): "keepsCovariance=True"
    default: rawValue
    }
  }

  /// The option, perhaps with a value, as one writes it in the language.
  func words(_ value: String?, in language: LockstepError.Language) -> String {
    let name = name(in: language)
    switch (language, value) {
    case (.commandLine, let value?): return "--\(name) \(value == ";" ? "';'" : value)"
    case (.commandLine, nil): return "--\(name)"
    // A mark is a character, not a case.
    case (.swift, let value?) where value.count == 1: return "\(name): \"\(value)\""
    case (.swift, let value?): return "\(name): .\(Self.camelCase(value))"
    case (.swift, nil): return name
    case (.python, let value?): return "\(name)=\"\(value)\""
    case (.python, nil): return name.contains("=") ? name : "\(name)="
    }
  }

  private static func camelCase(_ value: String) -> String {
    let words = value.split(separator: "-")
    return words.prefix(1).joined() + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  // Private characters, which no text for people has.
  private static let (start, separator, end): (Character, Character, Character) = ("\u{E000}", "\u{E001}", "\u{E002}")

  /// The place of the option in a text that no language has been chosen for.
  fileprivate func placeholder(_ value: String?) -> String {
    "\(Self.start)\(rawValue)\(value.map { "\(Self.separator)\($0)" } ?? "")\(Self.end)"
  }

  /// A text with the options in a language's words.
  static func text(_ template: String, in language: LockstepError.Language) -> String {
    guard template.contains(start) else { return template }
    var text = ""
    var rest = template[...]
    while let first = rest.firstIndex(of: start), let last = rest[first...].firstIndex(of: end) {
      let parts = rest[rest.index(after: first)..<last].split(separator: separator, maxSplits: 1)
      text += rest[..<first]
      if let option = parts.first.flatMap({ RemedyOption(rawValue: String($0)) }) {
        text += option.words(parts.count > 1 ? String(parts[1]) : nil, in: language)
      } else {
        text += rest[first...last]
      }
      rest = rest[rest.index(after: last)...]
    }
    return text + rest
  }
}

extension DefaultStringInterpolation {
  /// The option, in the words of the language in which the text is shown.
  package mutating func appendInterpolation(option: RemedyOption, _ value: String? = nil) {
    appendInterpolation(option.placeholder(value))
  }
}

extension LockstepError {
  /// A language whose words remedies have for options.
  public enum Language: UInt8, Sendable {
    /// The labels of arguments: `missing: .skipRow`.
    case swift
    /// The options of the command: `--missing skip-row`.
    case commandLine
    /// Keyword arguments: `missing="skip-row"`.
    case python
  }

  private static let chosenLanguage = Atomic(Language.swift.rawValue)

  /// The language of this process: Swift, unless the program says otherwise.
  public static var language: Language {
    get { Language(rawValue: chosenLanguage.load(ordering: .relaxed)) ?? .swift }
    set { chosenLanguage.store(newValue.rawValue, ordering: .relaxed) }
  }

  /// The remedy in the words of a language.
  public func remedy(in language: Language) -> String? {
    remedyTemplate.map { RemedyOption.text($0, in: language) }
  }
}
