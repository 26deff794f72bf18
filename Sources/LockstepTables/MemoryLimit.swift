// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// How much memory a process may use for its rows, and where those go that are too many.
///
/// ```swift
/// let limit = try MemoryLimit(parsing: "512M")
/// ```
/// Rows are read piece by piece. The first stay in memory; the others are written, as numbers, to a file without a name in the scratch
/// directory, and every sweep reads them back window by window, the next while the one before is worked on. What a method itself
/// keeps of each row, k-means its cluster for example, comes on top.
public struct MemoryLimit: Hashable, Sendable {
  /// The limit for the whole process.
  public let byteCount: Int
  /// Where the file is made; `nil` for the system's choice, as `ScratchFile` says.
  public let scratchDirectory: String?

  /// The least that makes sense: the program itself needs about as much.
  public static let least = 1 << 26

  /// A limit.
  ///
  /// - Throws: `LockstepError` with code `.usage` for less than ``least``.
  public init(byteCount: Int, scratchDirectory: String? = nil) throws {
    guard byteCount >= Self.least else {
      throw LockstepError(
        .usage, "\(byteCount) bytes of memory are too few", remedy: "give at least \(Self.least >> 20)M")
    }
    self.byteCount = byteCount
    self.scratchDirectory = scratchDirectory
  }

  /// A limit as a user writes it: a number of bytes, or of K, M, G or T (powers of 1024): `512M`, `1.5G`, `2GiB`.
  ///
  /// - Throws: `LockstepError` with code `.usage` for what is no such number.
  public init(parsing text: String, scratchDirectory: String? = nil) throws {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text.dropFirst(digits.count).uppercased()
    let shifts = ["": 0, "B": 0, "K": 10, "M": 20, "G": 30, "T": 40]
    let letter = unit.hasSuffix("IB") ? String(unit.dropLast(2)) : unit.count == 2 ? String(unit.dropLast()) : unit
    guard let number = Double(digits), number.isFinite, let shift = shifts[letter],
      unit.isEmpty || ["", "B", "IB"].contains(unit.dropFirst()), number * Double(1 << shift) < 0x1p62
    else {
      throw LockstepError(.usage, "\"\(text)\" is no amount of memory", remedy: "write it as in 512M or 1.5G")
    }
    try self.init(byteCount: Int(number * Double(1 << shift)), scratchDirectory: scratchDirectory)
  }

  /// A limit of windows of any size, for tests with few rows.
  package init(windowByteCount: Int, scratchDirectory: String? = nil) {
    byteCount = 16 * windowByteCount
    self.scratchDirectory = scratchDirectory
  }

  /// The rows that stay in memory.
  package var heldByteCount: Int { byteCount / 4 }
  /// The rows that are read back at a time; three windows may be in memory at once.
  package var windowByteCount: Int { min(byteCount / 16, 1 << 28) }
}
