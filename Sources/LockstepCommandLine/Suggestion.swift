// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// What a verb or an option that does not exist was probably meant to be.
///
/// The parser names what is missing before what it does not know, so that `--cluster 3` would read as a missing `--clusters`.
enum Suggestion {
  /// A sentence on the first unknown word of a command, or `nil` if all are known.
  static func of(_ arguments: [String]) -> String? {
    var words = arguments[...]
    if words.first == "plan" || words.first == "help" { words = words.dropFirst() }
    guard let name = words.first, !name.hasPrefix("-") else { return nil }
    let verbs = LockstepCommand.configuration.subcommands
    guard let verb = verbs.first(where: { $0.configuration.commandName == name }) else {
      let names = verbs.compactMap { $0.configuration.commandName } + ["help"]
      return names.contains(name) ? nil : "there is no verb \(PrintableText.of(name))" + question(name, names)
    }
    let known = options(of: verb)
    for word in words.dropFirst().prefix(while: { $0 != "--" }) where word.hasPrefix("--") {
      let option = String(word.prefix { $0 != "=" })
      guard !known.contains(option), option != "--help", option != "--version" else { continue }
      return "\(name) has no option \(PrintableText.of(option))" + question(option, known)
    }
    return nil
  }

  private static func question(_ word: String, _ names: [String]) -> String {
    closest(to: word, among: names).map { "; did you mean \($0)?" } ?? ""
  }

  /// The names of a verb's options, those that are hidden included.
  private static func options(of verb: any ParsableCommand.Type) -> [String] {
    LockstepCommand.helpMessage(for: verb, includeHidden: true, columns: 1000)
      .split(separator: "\n").flatMap { line -> [String] in
        guard line.hasPrefix("  -") else { return [] }
        // The names stand before the explanation, from which blanks part them.
        return line.split(separator: " ").prefix { $0.hasPrefix("-") || $0.hasPrefix("<") }
          .map { $0.last == "," ? String($0.dropLast()) : String($0) }.filter { $0.hasPrefix("--") }
      }
  }

  /// The name that the fewest changes make of a word, if they are few; of a long one, a name that begins like it.
  static func closest(to word: String, among names: [String]) -> String? {
    let ranked = names.map { (name: $0, distance: distance(Array(word.utf8), Array($0.utf8))) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    if best.distance <= max(1, word.count / 4) { return best.name }
    return word.count >= 5 ? names.first { $0.hasPrefix(word) || word.hasPrefix($0) } : nil
  }

  /// How many letters to insert, delete or replace, or to exchange with their neighbours, to make one word the other.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var (before, previous) = ([Int](), Array(0...b.count))
    for i in 0..<a.count {
      var current = [i + 1]
      for j in 0..<b.count {
        var cost = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
        current.append(cost)
      }
      (before, previous) = (previous, current)
    }
    return previous[b.count]
  }
}
