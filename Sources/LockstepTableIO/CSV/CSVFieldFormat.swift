// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO

/// How the fields of a CSV text are written, as the kernel takes it.
struct CSVFieldFormat: Sendable {
  private let words: [UInt8]
  private let decimalMark: CChar
  private let groupMark: CChar

  init(_ options: CSVOptions) {
    words = options.missingWords.filter { !$0.isEmpty }.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    decimalMark = CChar(bitPattern: options.decimalMark)
    groupMark = CChar(bitPattern: options.groupMark ?? 0)
  }

  /// Calls `body` with the format, which is valid for the time of the call.
  func withFormat<Result>(_ body: (LockstepCSVFieldFormat) -> Result) -> Result {
    words.withUnsafeBufferPointer { words in
      body(LockstepCSVFieldFormat(missingWords: words.baseAddress, decimalMark: decimalMark, groupMark: groupMark))
    }
  }

  /// What a field is.
  func kind(of field: [UInt8]) -> LockstepCSVFieldKind {
    var value = 0.0
    return field.withUnsafeBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes in
        guard let base = bytes.baseAddress else { return LockstepCSVFieldMissing }
        return withFormat { format in
          withUnsafePointer(to: format) { lockstep_csv_field_double($0, base, bytes.count, &value) }
        }
      }
    }
  }
}
