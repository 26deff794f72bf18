// SPDX-License-Identifier: Apache-2.0

/// A name in which `{}`, `{rank}` or `{rank+1}` stand for the number of a process.
///
/// `:03` before the closing brace fills the number up with zeros to three digits. Doubled braces, `{{rank}}`, stand for themselves,
/// once.
package struct RankPattern: Hashable, Sendable {
  private enum Piece: Hashable, Sendable {
    case text(String)
    case rank(plus: Int, width: Int)
  }

  private let pieces: [Piece]

  /// Reads a pattern.
  ///
  /// Braces around anything else are text.
  package init(_ name: String) {
    var pieces: [Piece] = []
    var text = ""
    var rest = name[...]
    while let character = rest.first {
      if rest.hasPrefix("{{"), let end = rest.firstIndex(of: "}"), rest[end...].hasPrefix("}}"),
        RankPattern.placeholder(rest[rest.index(rest.startIndex, offsetBy: 2)..<end]) != nil
      {
        text += rest[rest.index(after: rest.startIndex)...end]
        rest = rest[rest.index(end, offsetBy: 2)...]
      } else if character == "{", let end = rest.firstIndex(of: "}"),
        let piece = RankPattern.placeholder(rest[rest.index(after: rest.startIndex)..<end])
      {
        pieces += [.text(text), piece]
        text = ""
        rest = rest[rest.index(after: end)...]
      } else {
        text.append(character)
        rest.removeFirst()
      }
    }
    self.pieces = pieces + [.text(text)]
  }

  private static func placeholder(_ content: Substring) -> Piece? {
    if content.isEmpty { return .rank(plus: 0, width: 0) }
    guard content.hasPrefix("rank") else { return nil }
    var rest = content.dropFirst(4)
    func number(after mark: Character) -> Int?? {
      guard rest.first == mark else { return .some(nil) }
      let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
      guard let value = Int(digits), value < 1 << 32 else { return nil }
      rest = rest.dropFirst(1 + digits.count)
      return value
    }
    guard let plus = number(after: "+"), let width = number(after: ":"), rest.isEmpty, width ?? 0 <= 20 else {
      return nil
    }
    return .rank(plus: plus ?? 0, width: width ?? 0)
  }

  /// Whether the name differs from process to process.
  package var dependsOnRank: Bool { pieces.count > 1 }

  /// The name for process `rank`.
  package func name(for rank: Int) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): return text
      case .rank(let plus, let width):
        let digits = String(rank + plus)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
      }
    }.joined()
  }
}
