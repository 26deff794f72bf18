// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors

/// What is wrong with a sparse text, in words.
struct SparseFailure {
  let file: InputFile
  /// `column` in SVMLight files, `entry` in Matrix Market files.
  let isSVMLight: Bool
  /// What indices count from.
  var firstIndex = 1
  let is32Bit: Bool
  /// The most that an index may be, for the message.
  let limits: String

  /// Throws if parsing did not come to the end of `text`, which is at `offset` in the file.
  func check(_ outcome: LockstepSparseOutcome, _ text: UnsafeBufferPointer<CChar>, at offset: Int) throws {
    guard outcome.stop != LockstepSparseDone else { return }
    let place = outcome.place.offset..<min(outcome.place.offset + outcome.place.length, text.count)
    let bytes = text[place].map { UInt8(bitPattern: $0) }
    let line = try file.lineEndCount(before: offset + outcome.place.offset) + 1
    throw error(outcome.stop, Self.quoted(bytes), line: line)
  }

  private func error(_ stop: LockstepSparseStop, _ field: String, line: Int) -> LockstepError {
    let (message, remedy): (String, String) =
      switch stop {
      case LockstepSparseOutOfRange:
        (
          "\(field) is too large for a \(is32Bit ? 32 : 64)-bit number",
          is32Bit ? "read 64-bit numbers, without \(option: .single), or fix it" : "fix it"
        )
      case LockstepSparseMissing:
        (
          "\(field) stands for a missing value",
          isSVMLight
            ? "fill it in, or pass \(option: .missing, "skip-row") to leave such rows out"
            : "fill it in, or pass \(option: .missing, "mean")"
        )
      case LockstepSparseNoEntry:
        isSVMLight
          ? ("\(field) is not an index, a colon and a number", "write lines as in: 1 3:0.5 7:2")
          : ("\(field) is not an entry of the matrix", "write a row, a column and, unless it is a pattern, a value")
      case LockstepSparseIndexTooSmall:
        (
          "\(field) has an index below \(firstIndex)",
          isSVMLight ? "count from 1, or pass \(option: .zeroBased) if indices count from 0" : "count from 1"
        )
      case LockstepSparseIndexTooLarge: ("\(field) has an index past \(limits)", "fix it, or the size that is given")
      case LockstepSparseNotAscending:
        ("the index of \(field) is not above the one before it", "sort each line by index, each index once")
      case LockstepSparseAboveDiagonal:
        (
          "\(field) lies above the diagonal of a symmetric matrix", "leave it out, or declare the matrix general"
        )
      default: ("\(field) is not a number", "fix it")
      }
    return LockstepError(.malformedInput, message, remedy: remedy, place: .init(file: file.name, line: line))
  }

  /// A field for a message: in quotes, in printable characters, and not too long.
  static func quoted(_ bytes: [UInt8]) -> String {
    CSVFailure.quoted(bytes)
  }
}

/// How large a sparse file may say that its matrix is.
enum SparseSize {
  /// The most rows or columns that a file of so many bytes may have: memory for empty ones must stay in proportion.
  static func limit(byteCount: Int) -> Int { min(max(1 << 24, 64 * byteCount), Int(Int32.max)) }
}
