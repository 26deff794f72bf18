// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Text that comes from files and names, made fit for messages and tables.
package enum PrintableText {
  /// A text in which characters that a terminal would obey stand as escapes, of no more than `limit` characters.
  ///
  /// These are control characters, line ends, and marks that turn the direction of what follows. Bytes of a file's name that are no
  /// text are shown as `\xff`.
  package static func of(_ text: String, limit: Int = .max) -> String {
    var result = ""
    var count = 0
    for scalar in text.unicodeScalars {
      guard count < limit else { return result + "…" }
      if let byte = scalar.byteInName {
        result += "\\x" + String(byte, radix: 16)
        count += 1
        continue
      }
      result += isObeyed(scalar) ? scalar.escaped(asASCII: true) : String(scalar)
      count += 1
    }
    return result
  }

  /// A value of the data in quotes, of at most `limit` characters; `the value` where messages may not show any.
  package static func quoted(_ value: String, limit: Int = 40) -> String {
    LockstepError.quotesValues ? "\"\(of(value, limit: limit))\"" : "the value"
  }

  fileprivate static let quotesValues = Atomic<Bool>((getenv("LOCKSTEP_NO_VALUES").map { $0[0] == 0 } ?? true))

  private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

extension LockstepError {
  /// Whether messages quote values of the data that are not as they should be; `true` unless the environment has `LOCKSTEP_NO_VALUES`.
  ///
  /// Where others read a program's messages, the place alone has to do.
  public static var quotesValues: Bool {
    get { PrintableText.quotesValues.load(ordering: .relaxed) }
    set { PrintableText.quotesValues.store(newValue, ordering: .relaxed) }
  }
}
