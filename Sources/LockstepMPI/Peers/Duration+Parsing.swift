// SPDX-License-Identifier: Apache-2.0

extension Duration {
  /// Reads `30s`, `5m`, `1.5h`, or a number of seconds; `nil` for anything else.
  package init?(parsing text: some StringProtocol) {
    let factors: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    let factor = text.last.flatMap { factors[$0] }
    guard let number = Double(String(factor == nil ? text[...] : text.dropLast())), number >= 0, number <= 1e6 else {
      return nil
    }
    self = .seconds(number * (factor ?? 1))
  }
}
