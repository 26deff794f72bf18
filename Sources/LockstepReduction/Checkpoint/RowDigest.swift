// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// A digest of some rows, spread over the whole table, the first and the last among them: enough to tell other data, for little time.
///
/// It depends neither on the number of ranks nor on the files that the rows come from.
enum RowDigest {
  private static let runCount = 64
  private static let runLength = 32

  /// The digest of this rank's rows; those of all ranks are added up.
  ///
  /// - Parameters:
  ///   - source: The rows.
  ///   - firstRow: The global number of the first.
  ///   - totalRowCount: The number of rows on all ranks together.
  /// - Returns: The digest.
  /// - Throws: What the source throws.
  static func digest(of source: some RowSource, firstRow: Int, totalRowCount: Int) throws -> UInt64 {
    var sum: UInt64 = 0
    for run in runs(totalRowCount: totalRowCount) {
      let part = run.clamped(to: firstRow..<firstRow + source.rowCount)
      guard !part.isEmpty else { continue }
      guard let rows = try source.rows(part.lowerBound - firstRow..<part.upperBound - firstRow),
        rows.rowCount == part.count
      else {
        throw LockstepError(
          .malformedInput, "the source does not give the \(source.rowCount) rows that it announced",
          remedy: "do not change the data while it is read")
      }
      for row in part { sum &+= digest(of: Samples(rows, firstRow: part.lowerBound), row: row) }
    }
    return sum
  }

  private static func runs(totalRowCount: Int) -> [Range<Int>] {
    guard totalRowCount > runCount * runLength else { return totalRowCount > 0 ? [0..<totalRowCount] : [] }
    return (0..<runCount).map {
      let start = $0 * (totalRowCount - runLength) / (runCount - 1)
      return start..<start + runLength
    }
  }

  private static func digest(of samples: Samples, row: Int) -> UInt64 {
    let place = row - samples.firstRow
    var hash = start
    add(UInt64(row), to: &hash)
    for values in [samples.rows.row(place), samples.responses?.row(place), samples.weights?.row(place)] {
      for value in values ?? [] { add(value.bitPattern, to: &hash) }
    }
    switch samples.labels?[place] {
    case .integer(let number): add(UInt64(bitPattern: Int64(number)), to: &hash)
    case .string(let text): add(Self.hash(Array(text.utf8)), to: &hash)
    case nil: break
    }
    return hash
  }

  // FNV-1a, by words (Fowler, Noll, Vo), with a mix, so that sums of them are good as well.
  private static let start: UInt64 = 0xcbf2_9ce4_8422_2325
  private static func add(_ word: UInt64, to hash: inout UInt64) {
    hash = (hash ^ word) &* 0x0000_0100_0000_01b3
    hash ^= hash >> 29
  }

  /// The hash of some bytes; the change of a single one changes it.
  static func hash(_ bytes: [UInt8]) -> UInt64 {
    var hash = start
    add(UInt64(bytes.count), to: &hash)
    bytes.withUnsafeBytes { buffer in
      let wordCount = buffer.count / 8
      for i in 0..<wordCount {
        add(UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self)), to: &hash)
      }
      for i in 8 * wordCount..<buffer.count { add(UInt64(buffer[i]), to: &hash) }
    }
    return hash
  }
}
