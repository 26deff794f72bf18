// SPDX-License-Identifier: Apache-2.0

/// The help of a verb, in the order in which people read it.
enum HelpText {
  /// The help with the section of the verb's own options before those that all verbs share.
  ///
  /// The parser puts options without a title last.
  static func withOwnOptionsFirst(_ help: String) -> String {
    var sections = help.split(separator: "\n\n", omittingEmptySubsequences: false).map(String.init)
    guard let own = sections.firstIndex(where: { $0.hasPrefix("OPTIONS:\n") }),
      let shared = sections.firstIndex(where: { section in sharedTitles.contains { section.hasPrefix($0 + ":\n") } }),
      shared < own
    else { return help }
    let section = sections.remove(at: own)
    let end = section.reversed().prefix { $0 == "\n" }
    sections.insert(String(section.dropLast(end.count)), at: shared)
    return sections.joined(separator: "\n\n") + String(end)
  }

  private static let sharedTitles = ["DATA", "OUTPUT", "CHECKPOINT", "COMMON"]
}
