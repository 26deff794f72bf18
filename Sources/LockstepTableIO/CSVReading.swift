// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// The rows of a CSV file that begin in a part of its bytes, read without the other parts.
///
/// Whether a cut lies within a quoted field cannot be known without all the text before it. A part is therefore read as if it
/// began outside quotes, and its number of quotes is reported; whoever knows the numbers of the parts before it (an exclusive
/// scan of ``quoteCount``) says whether that was so:
///
/// ```swift
/// let reading = try CSVReading<Double>("all.csv", shard: FileShard(index: rank, count: size))
/// let rows = try reading.resolved(startingInsideQuotes: quotesBefore % 2 == 1)
/// ```
/// The part is read again only if it was not. What is wrong with the text is thrown by ``resolved(startingInsideQuotes:)``.
public struct CSVReading<Element: Scalar>: Sendable {
  /// The number of quotes among the bytes that belong to this part.
  ///
  /// Where it is 0 on all parts, no part begins inside quotes.
  public let quoteCount: Int

  private let file: InputFile
  private let pieces: CSVPieces<Element>
  private let first: CSVPart<Element>
  private let isWhole: Bool

  /// Reads a part of a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - options: How the file is written and what of it to read.
  ///   - shard: The part. Default: the whole file.
  /// - Throws: `LockstepError` with code `.noInput` if the file is missing, unreadable, a directory or without rows,
  ///   `.usage` if a chosen column does not exist, or the file is a pipe, which cannot be shared.
  public init(_ path: String, options: CSVOptions = CSVOptions(), shard: FileShard = .whole) throws {
    let file = try InputFile(path)
    guard let byteCount = file.byteCount else {
      throw LockstepError(
        .usage, "a pipe is read from first to last and cannot be shared by \(shard.count) processes",
        remedy: "write it to a file first, or use one process", place: .init(file: file.name))
    }
    try self.init(file: file, byteCount: byteCount, options: options, shard: shard)
  }

  init(file: InputFile, byteCount: Int, options: CSVOptions, shard: FileShard) throws {
    let layout = try CSVLayout(options: options, name: file.name) { wanted in
      try Array(unsafeUninitializedCapacity: wanted) { buffer, count in
        count = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
    guard layout.dataStart < byteCount else { throw CSVReading.noRows(name: file.name) }
    let plan = try CSVPlan(layout: layout, options: options, name: file.name)
    self.file = file
    pieces = CSVPieces(file: file, byteCount: byteCount, plan: plan, shard: shard)
    first = try pieces.read(startingInsideQuotes: false, isTentative: pieces.isSpeculative)
    quoteCount = first.quoteCount
    isWhole = shard == .whole
  }

  /// The rows, now that it is known where the part begins.
  ///
  /// - Parameter startingInsideQuotes: Whether the parts before this one have an odd number of quotes.
  /// - Returns: The rows of this part.
  /// - Throws: `LockstepError` with code `.malformedInput` and file, line and column if the text is not as it should be,
  ///   `.noInput` if the whole file has no rows.
  public func resolved(startingInsideQuotes: Bool = false) throws -> LoadedRows<Element> {
    let startsInside = startingInsideQuotes && pieces.isSpeculative
    let part =
      startsInside || first.isUndecided
      ? try pieces.read(startingInsideQuotes: startsInside, isTentative: false) : first
    if let failure = part.failure {
      let line = try file.lineEndCount(before: failure.offset) + 1
      throw failure.error(
        name: file.name, line: line, layout: pieces.plan.layout, is32Bit: Element.self == Float.self)
    }
    if isWhole, part.tables[0].rowCount == 0, part.skippedRowCount == 0 {
      throw CSVReading.noRows(name: file.name)
    }
    return LoadedRows(part, plan: pieces.plan)
  }

  static func noRows(name: String) -> LockstepError {
    LockstepError(.noInput, "the file has a header but no rows", place: .init(file: name))
  }
}

extension InputFile {
  /// The number of line ends before `offset`.
  func lineEndCount(before offset: Int) throws -> Int {
    let buffer = TextBuffer(capacity: 1 << 20)
    var total = 0
    var start = 0
    while start < offset {
      let count = try read(at: start, into: buffer[0..<min(1 << 20, offset - start)])
      if count == 0 { break }
      total += Int(buffer.counts(0..<count, usesQuotes: false).evenLineEndCount)
      start += count
    }
    return total
  }
}
