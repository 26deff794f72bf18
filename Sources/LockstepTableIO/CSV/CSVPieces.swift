// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables
import Synchronization

/// Reads the rows that begin in a range of a file's bytes, piece by piece, on several threads.
///
/// A thread reads a piece, counts its line ends and quotes, learns from the piece before it which row is its first and whether
/// it begins inside quotes, tells the next piece, reads on to the end of its last row, and parses straight into place. Where
/// lines turn out to be no rows (blank, or left out), the rows behind are moved up at the end.
struct CSVPieces<Element: Scalar>: Sendable {
  let file: any TextSource
  let byteCount: Int
  let plan: CSVPlan
  /// The bytes whose line ends begin the rows.
  private let range: Range<Int>
  /// Whether a row begins at the start of the range as well, with no line end before it.
  private let beginsWithRow: Bool
  /// Whether the range may begin inside quotes, so that its quotes must be counted even when parsing fails.
  let isSpeculative: Bool

  init(file: any TextSource, byteCount: Int, plan: CSVPlan, bytes: Range<Int>, isSpeculative: Bool) {
    self.file = file
    self.byteCount = byteCount
    self.plan = plan
    self.isSpeculative = isSpeculative
    let dataStart = plan.layout.dataStart
    beginsWithRow = bytes.contains(dataStart)
    // The row at an offset is begun by the line end before it.
    let lower = beginsWithRow ? dataStart : bytes.lowerBound - 1
    range = lower..<max(lower, bytes.upperBound - 1)
    isEmpty = !beginsWithRow && (bytes.lowerBound <= dataStart || bytes.isEmpty)
  }

  /// Whether no row can begin in the range.
  let isEmpty: Bool

  /// What a piece learns from the one before it.
  private struct Position: Sendable {
    var line = 0
    var isInsideQuotes: Bool
    var quoteCount = 0
  }

  /// What the threads have done.
  private struct Progress: Sendable {
    var runs: [(piece: Int, line: Int, rowCount: Int)] = []
    var skippedRowCount = 0
    var tallies: [UInt64]
    /// The labels that each thread has met.
    var labelNames: [Int: [String]] = [:]
    var failure: (piece: Int, failure: CSVFailure)?
    var error: (piece: Int, error: any Error)?
    var isUndecided = false
    /// What watches the memory for rows, if the size of the text does not.
    var memory: MemoryGuard?

    /// The first piece that went wrong.
    var failedPiece: Int { min(failure?.piece ?? .max, error?.piece ?? .max) }
  }

  /// Reads all rows of the range, with the assumption that it begins inside quotes or not.
  func read(startingInsideQuotes: Bool, isTentative: Bool) throws -> CSVPart<Element> {
    guard !isEmpty else { return CSVPart(emptyFor: plan) }
    var capacity = (range.count + 1) / plan.leastRowByteCount + 2
    var isExact = false
    while true {
      let matrices = reserved(capacity)
      guard matrices != nil || !isExact else {
        throw LockstepError(
          .outOfMemory, "there is no memory for \(capacity) rows of \(plan.valueCount) numbers",
          remedy: "use more processes, or choose fewer columns with \(option: .columns)", place: .init(file: file.name))
      }
      let marks = plan.labelColumn.flatMap { _ in MatrixReservation<Int64>(capacity: capacity, columnCount: 1) }
      let hasRoom = matrices != nil && (plan.labelColumn == nil || marks != nil)
      let (end, progress) = run(
        into: matrices ?? [], labels: marks, capacity: hasRoom ? capacity : 0,
        startingInsideQuotes: startingInsideQuotes, isTentative: isTentative)
      if let error = progress.error, error.piece == progress.failedPiece { throw error.error }
      if progress.failure == nil, !progress.isUndecided, let matrices, hasRoom, end.line <= capacity {
        return part(rows: matrices, labels: marks, end: end, progress: progress)
      }
      if progress.failure != nil || progress.isUndecided {
        var part = CSVPart<Element>(emptyFor: plan)
        part.quoteCount = end.quoteCount
        part.failure = progress.failure?.failure
        part.isUndecided = progress.isUndecided
        return part
      }
      // Blank lines made more lines than there can be rows, or the system refused the room for the most there can be.
      capacity = end.line
      isExact = true
    }
  }

  private func reserved(_ capacity: Int) -> [MatrixReservation<Element>]? {
    var matrices: [MatrixReservation<Element>] = []
    for columns in plan.columns {
      guard let matrix = MatrixReservation<Element>(capacity: capacity, columnCount: columns.count) else { return nil }
      matrices.append(matrix)
    }
    return matrices
  }

  private func part(
    rows matrices: [MatrixReservation<Element>], labels: MatrixReservation<Int64>?, end: Position, progress: Progress
  ) -> CSVPart<Element> {
    var rowCount = 0
    for run in progress.runs.sorted(by: { $0.piece < $1.piece }) {
      for matrix in matrices { matrix.move(from: run.line, to: rowCount, count: run.rowCount) }
      labels?.move(from: run.line, to: rowCount, count: run.rowCount)
      rowCount += run.rowCount
    }
    var part = CSVPart<Element>(emptyFor: plan)
    part.tables = matrices.map { $0.finish(rowCount: rowCount) }
    if let labels {
      part.labels = LabelMark.labels(
        UnsafeBufferPointer(start: labels.row(0), count: rowCount), names: progress.labelNames)
    }
    part.skippedRowCount = progress.skippedRowCount
    (part.missingCounts, part.missingTextCounts, part.kinds) = plan.facts(
      progress.tallies, rowCount: rowCount + progress.skippedRowCount)
    part.quoteCount = end.quoteCount
    return part
  }

  private func run(
    into matrices: [MatrixReservation<Element>], labels: MatrixReservation<Int64>?, capacity: Int,
    startingInsideQuotes: Bool, isTentative: Bool
  ) -> (Position, Progress) {
    let pieceByteCount = plan.options.pieceByteCount
    let pieceCount = max(1, (range.count + pieceByteCount - 1) / pieceByteCount)
    let order = OrderedPieces(count: pieceCount, value: Position(isInsideQuotes: startingInsideQuotes))
    let progress = Shared(Progress(tallies: Array(repeating: 0, count: plan.tallyCount), memory: file.memory))
    WorkerThreads.run(min(plan.options.usedThreadCount, pieceCount)) { thread in
      work(
        order: order, progress: progress, matrices: matrices, labels: labels, thread: thread, capacity: capacity,
        isTentative: isTentative)
    }
    return (order.current, progress.value.withLock { $0 })
  }

  /// A value under a lock that closures of several threads can share.
  private final class Shared<Value: Sendable>: Sendable {
    let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
  }

  /// What one thread does: takes piece after piece until none is left.
  private func work(
    order: OrderedPieces<Position>, progress: Shared<Progress>, matrices: [MatrixReservation<Element>],
    labels: MatrixReservation<Int64>?, thread: Int, capacity: Int, isTentative: Bool
  ) {
    let pieceByteCount = plan.options.pieceByteCount
    let usesQuotes = plan.options.csv.usesQuotes
    var buffer = TextBuffer(capacity: min(pieceByteCount, range.count) + 4096)
    let scratch = UnsafeMutablePointer<Element>.allocate(capacity: max(1, plan.valueCount))
    scratch.initialize(repeating: 0, count: max(1, plan.valueCount))
    let tallies = UnsafeMutablePointer<UInt64>.allocate(capacity: plan.tallyCount)
    tallies.initialize(repeating: 0, count: plan.tallyCount)
    var names = LabelTable()
    var cache = CategoryCache(columnCount: plan.categoricalPlaces.count)
    defer {
      let found = names.names
      progress.value.withLock { progress in
        for i in progress.tallies.indices { progress.tallies[i] += tallies[i] }
        progress.labelNames[thread] = found
      }
      scratch.deallocate()
      tallies.deallocate()
    }
    while let piece = order.take() {
      let start = range.lowerBound + piece * pieceByteCount
      let count = min(pieceByteCount, range.upperBound - start)
      var counts: LockstepCSVCounts?
      do {
        try Cancellation.check()
        try fill(&buffer, 0..<count, from: start)
        counts = buffer.counts(0..<count, usesQuotes: usesQuotes)
      } catch {
        progress.value.withLock { progress in
          if piece < progress.error?.piece ?? .max { progress.error = (piece, error) }
        }
        order.stop()
      }
      let beginsWithRow = beginsWithRow && piece == 0
      let position = order.pass(piece) { position in
        guard let counts else { return position }
        var next = position
        next.line += position.isInsideQuotes ? Int(counts.oddLineEndCount) : Int(counts.evenLineEndCount)
        next.line += beginsWithRow ? 1 : 0
        next.quoteCount += Int(counts.quoteCount)
        next.isInsideQuotes = position.isInsideQuotes != (counts.quoteCount % 2 == 1)
        return next
      }
      guard let counts else { return }
      let lineCount =
        (position.isInsideQuotes ? Int(counts.oddLineEndCount) : Int(counts.evenLineEndCount)) + (beginsWithRow ? 1 : 0)
      guard lineCount > 0, position.line + lineCount <= capacity else { continue }
      guard piece < progress.value.withLock({ $0.failedPiece }) else { continue }

      do {
        try requireMemory(rowCount: position.line + lineCount, progress)
        var isInside = position.isInsideQuotes
        let first =
          beginsWithRow ? 0 : buffer.rowEnd(0..<count, usesQuotes: usesQuotes, isInsideQuotes: &isInside) ?? count
        isInside = position.isInsideQuotes != (counts.quoteCount % 2 == 1)
        guard
          let end = try readLastRow(
            &buffer, from: count, at: start, isInsideQuotes: isInside,
            limit: isTentative ? max(pieceByteCount, 1 << 20) : .max)
        else {
          progress.value.withLock { $0.isUndecided = true }
          continue
        }
        let outcome = plan.parse(
          buffer[first..<end], into: matrices, at: position.line, labels: labels, thread: thread, names: &names,
          cache: &cache, scratch: scratch, tallies: tallies, lineCount: lineCount)
        let failure = failure(outcome, buffer: buffer, first: first, end: end, offset: start)
        progress.value.withLock { progress in
          progress.runs.append((piece, position.line, Int(outcome.rowCount)))
          progress.skippedRowCount += Int(outcome.skippedRowCount)
          if let failure, piece < progress.failure?.piece ?? .max { progress.failure = (piece, failure) }
        }
        // Whoever may have begun inside quotes must know the number of quotes all the same.
        if failure != nil, !isSpeculative { order.stop() }
      } catch {
        progress.value.withLock { progress in
          if piece < progress.error?.piece ?? .max { progress.error = (piece, error) }
        }
        order.stop()
      }
    }
  }

  /// Lets a text that was compressed take no more memory than there is.
  private func requireMemory(rowCount: Int, _ progress: Shared<Progress>) throws {
    let labelByteCount = plan.labelColumn == nil ? 0 : MemoryLayout<Int64>.stride
    let byteCount = rowCount * (plan.valueCount * MemoryLayout<Element>.stride + labelByteCount)
    guard progress.value.withLock({ $0.memory?.allows(byteCount) ?? true }) else {
      throw CSVStream<Element>.noMemory(plan, name: file.name)
    }
  }

  private func failure(
    _ outcome: LockstepCSVOutcome, buffer: borrowing TextBuffer, first: Int, end: Int, offset: Int
  ) -> CSVFailure? {
    guard outcome.stop != LockstepCSVDone else { return nil }
    let place = first + Int(outcome.offset)
    let length = min(Int(outcome.length), CSVFailure.shownByteCount + 1, end - place)
    return CSVFailure(
      stop: outcome.stop, offset: offset + place, text: Array(buffer[place..<place + max(0, length)]),
      field: Int(outcome.field))
  }

  private func fill(_ buffer: inout TextBuffer, _ place: Range<Int>, from offset: Int) throws {
    guard try file.read(at: offset, into: buffer[place]) == place.count else {
      throw InputFile.becameShorter(file.name)
    }
  }

  /// Reads on behind the first `count` bytes of the buffer, which are at `start` in the file, to the end of the row there.
  ///
  /// A row whose quotes are never closed is not read to the end of the file: it is enough to know that.
  /// - Returns: The end of the row in the buffer, or `nil` if it takes more than `limit` bytes to find.
  private func readLastRow(
    _ buffer: inout TextBuffer, from count: Int, at start: Int, isInsideQuotes: Bool, limit: Int
  ) throws -> Int? {
    let usesQuotes = plan.options.csv.usesQuotes
    var isInside = isInsideQuotes
    var isKnownToClose = false
    var end = count
    var step = 1024
    while start + end < byteCount {
      guard end - count < limit else { return nil }
      guard file.memory == nil || end < CSVStream<Element>.largestRow else {
        throw CSVStream<Element>.rowTooLong(name: file.name, line: try file.lineEndCount(before: start + count) + 1)
      }
      // Looked at once: each look may go to the end of the file.
      if end - count > 1 << 24, !isKnownToClose {
        guard try isClosed(from: start + end, isInsideQuotes: isInside) else { return end }
        isKnownToClose = true
      }
      let next = min(end + step, byteCount - start)
      buffer.grow(to: next, keeping: end)
      try fill(&buffer, end..<next, from: start + end)
      if let rowEnd = buffer.rowEnd(end..<next, usesQuotes: usesQuotes, isInsideQuotes: &isInside) { return rowEnd }
      end = next
      step = min(2 * step, 1 << 20)
    }
    return end
  }

  /// Whether a row that goes on at `offset` ends before the file does, or outside quotes at least.
  private func isClosed(from offset: Int, isInsideQuotes: Bool) throws -> Bool {
    var buffer = TextBuffer(capacity: 1 << 20)
    var isInside = isInsideQuotes
    var offset = offset
    while offset < byteCount {
      let count = min(1 << 20, byteCount - offset)
      try fill(&buffer, 0..<count, from: offset)
      if buffer.rowEnd(0..<count, usesQuotes: plan.options.csv.usesQuotes, isInsideQuotes: &isInside) != nil {
        return true
      }
      offset += count
    }
    return !isInside
  }
}
