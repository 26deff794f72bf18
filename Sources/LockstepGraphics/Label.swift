// SPDX-License-Identifier: Apache-2.0

/// Text on its way into SVG and HTML.
package enum Label {
  /// The most characters of a name that are drawn.
  static let longest = 18

  /// The name with its end left out if it is long.
  package static func shortened(_ name: String) -> String {
    name.count > longest ? name.prefix(longest - 1) + "…" : name
  }

  /// The text with the characters that mean something to HTML, and those that nobody sees, written so that they do no harm.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default:
        let isControl = scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
        result.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
      }
    }
    return result
  }

  /// The lines, each escaped.
  static func escapedLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { escaped(String($0)) }.joined(separator: "\n")
  }
}
