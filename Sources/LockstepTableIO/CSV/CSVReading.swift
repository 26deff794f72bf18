// SPDX-License-Identifier: Apache-2.0

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
package struct CSVReading<Element: Scalar>: Sendable {
  /// The number of quotes among the bytes that belong to this part.
  ///
  /// Where it is 0 on all parts, no part begins inside quotes.
  package let quoteCount: Int

  private let file: any TextSource
  private let byteCount: Int
  private let plan: CSVPlan
  private let shard: FileShard
  private let store: RowStore?
  private let first: Outcome

  /// What was found in the part.
  private struct Outcome: Sendable {
    var loaded: LoadedRows<Element>
    var quoteCount = 0
    var failure: CSVFailure?
    /// Whether reading was given up because a last row had no end in sight.
    var isUndecided = false
  }

  /// Reads a part of a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - options: How the file is written and what of it to read.
  ///   - shard: The part. Default: the whole file.
  /// - Throws: `LockstepError` with code `.noInput` if the file is missing, unreadable, a directory or without rows,
  ///   `.usage` if a chosen column does not exist, or the file is a pipe, which cannot be shared.
  package init(_ path: String, options: ReadOptions = ReadOptions(), shard: FileShard = .whole) throws {
    let file = try InputFile(path)
    guard let byteCount = file.byteCount else {
      throw InputFile.sharedPipe(file.name, processCount: shard.count)
    }
    try self.init(file: file, byteCount: byteCount, options: options, shard: shard)
  }

  init(
    file: any TextSource, byteCount: Int, options: ReadOptions, shard: FileShard, store: RowStore? = nil,
    categories: CategoryTable? = nil, needsRows: Bool = true
  ) throws {
    let layout = try CSVLayout(options: options, name: file.name) { wanted in
      try Array(unsafeUninitializedCapacity: wanted) { buffer, count in
        count = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
    guard layout.dataStart < byteCount || !needsRows else { throw CSVReading.noRows(name: file.name) }
    self.file = file
    self.needsRows = needsRows
    self.byteCount = byteCount
    plan = try CSVPlan(layout: layout, options: options, name: file.name, categories: categories)
    self.shard = shard
    self.store = store
    let bytes = shard.range(of: byteCount)
    isSpeculative = bytes.lowerBound > layout.dataStart && !bytes.isEmpty
    first = try Self.read(
      file, byteCount, plan, shard, store, startingInsideQuotes: false, isSpeculative: isSpeculative,
      isTentative: isSpeculative)
    quoteCount = first.quoteCount
  }

  /// Whether a file without rows is an error.
  private let needsRows: Bool
  /// Whether the part may begin inside quotes.
  private let isSpeculative: Bool

  /// Reads the part, as a whole or, under a limit of memory, in spans of its bytes.
  private static func read(
    _ file: any TextSource, _ byteCount: Int, _ plan: CSVPlan, _ shard: FileShard, _ store: RowStore?,
    startingInsideQuotes: Bool, isSpeculative: Bool, isTentative: Bool
  ) throws -> Outcome {
    let none = LoadedRows(CSVPart<Element>(emptyFor: plan), plan: plan)
    var outcome = Outcome(loaded: none)
    var collector = RowCollector<Element>(store)
    var isInside = startingInsideQuotes
    // Text of short numbers takes up to four times the memory when they are doubles.
    let spanByteCount = max((store?.limit.windowByteCount ?? .max) / 4, plan.options.pieceByteCount)
    for span in shard.spans(of: byteCount, byteCount: spanByteCount) {
      let pieces = CSVPieces<Element>(
        file: file, byteCount: byteCount, plan: plan, bytes: span, isSpeculative: isSpeculative)
      let part = try pieces.read(startingInsideQuotes: isInside, isTentative: isTentative)
      outcome.quoteCount += part.quoteCount
      isInside = isInside != (part.quoteCount % 2 == 1)
      if outcome.failure == nil, !outcome.isUndecided {
        outcome.failure = part.failure
        outcome.isUndecided = part.isUndecided
        try collector.append(LoadedRows(part, plan: plan), from: file.name)
      }
      // Whoever may have begun inside quotes must know the number of quotes all the same.
      if outcome.failure != nil, !isSpeculative { break }
    }
    outcome.loaded = try collector.finish() ?? none
    return outcome
  }

  /// The rows, now that it is known where the part begins.
  ///
  /// - Parameter startingInsideQuotes: Whether the parts before this one have an odd number of quotes.
  /// - Returns: The rows of this part.
  /// - Throws: `LockstepError` with code `.malformedInput` and file, line and column if the text is not as it should be,
  ///   `.noInput` if the whole file has no rows.
  package func resolved(startingInsideQuotes: Bool = false) throws -> LoadedRows<Element> {
    let startsInside = startingInsideQuotes && isSpeculative
    let isWrong = startsInside || first.isUndecided
    // A part of a file is all that its process reads: the texts met so far are those of the wrong reading.
    if isWrong { plan.categories?.clear() }
    let outcome =
      isWrong
      ? try Self.read(
        file, byteCount, plan, shard, store, startingInsideQuotes: startsInside, isSpeculative: isSpeculative,
        isTentative: false) : first
    if let failure = outcome.failure {
      let line = try file.lineEndCount(before: failure.offset) + 1
      throw failure.error(
        name: file.name, line: line, layout: plan.layout, is32Bit: Element.self == Float.self,
        categoryLimit: plan.options.categoryLimit)
    }
    if needsRows, shard == .whole, outcome.loaded.rowCount == 0, outcome.loaded.skippedRowCount == 0 {
      throw CSVReading.noRows(name: file.name)
    }
    return outcome.loaded
  }

  static func noRows(name: String) -> LockstepError {
    LockstepError(.noInput, "the file has a header but no rows", place: .init(file: name))
  }
}
