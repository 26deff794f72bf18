// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

extension CSVStream {
  /// Room for rows that are counted and forgotten.
  private struct Room {
    var matrices: [MatrixReservation<Element>]
    var labels: MatrixReservation<Int64>?
    var names = LabelTable()
    var cache: CategoryCache
  }

  /// The line on which a row begins, counted among those that are kept, from 0; `nil` if there are fewer.
  ///
  /// The text is read from its beginning: this is for messages.
  func line(ofRow number: Int) throws -> Int? {
    let usesQuotes = plan.options.csv.usesQuotes
    let pieceByteCount = plan.options.pieceByteCount
    let (matrices, labels) = try reserve()
    var room = Room(
      matrices: matrices, labels: labels, cache: CategoryCache(columnCount: plan.categoricalPlaces.count))
    var line = 1 + head[..<plan.layout.dataStart].count { $0 == 0x0A }
    var passed = 0
    let rest = head[plan.layout.dataStart...]
    var buffer = TextBuffer(capacity: max(2 * pieceByteCount, rest.count))
    buffer[0..<rest.count].copyBytes(from: rest)
    var (count, known, isAtEnd, isInside) = (rest.count, 0, false, false)
    while !isAtEnd || count > 0 {
      var rowsEnd = 0
      while let end = buffer.rowEnd(known..<count, usesQuotes: usesQuotes, isInsideQuotes: &isInside) {
        (rowsEnd, known) = (end, end)
      }
      known = count
      if isAtEnd { rowsEnd = count }
      if rowsEnd > 0 {
        guard let kept = try keptCount(buffer, 0..<rowsEnd, &room) else { return nil }
        var start = 0
        while passed + kept > number, start < rowsEnd {
          var isInsideRow = false
          let end =
            buffer.rowEnd(start..<rowsEnd, usesQuotes: usesQuotes, isInsideQuotes: &isInsideRow) ?? rowsEnd
          let own = try keptCount(buffer, start..<end, &room) ?? 0
          if own > 0, passed == number { return line }
          passed += own
          line += Int(buffer.counts(start..<end, usesQuotes: false).evenLineEndCount)
          start = end
        }
        if start > 0 { return nil }
        passed += kept
        line += Int(buffer.counts(0..<rowsEnd, usesQuotes: false).evenLineEndCount)
        let left = count - rowsEnd
        if left > 0 { buffer[0..<left].copyMemory(from: UnsafeRawBufferPointer(buffer[rowsEnd..<count])) }
        (count, known) = (left, left)
      }
      if !isAtEnd {
        guard count < CSVStream.largestRow else { return nil }
        buffer.grow(to: count + pieceByteCount, keeping: count)
        let added = try file.readNext(into: buffer[count..<count + pieceByteCount])
        count += added
        isAtEnd = added < pieceByteCount
      }
    }
    return nil
  }

  /// The number of rows of a text that are kept; `nil` if it is not as it should be.
  private func keptCount(_ buffer: borrowing TextBuffer, _ range: Range<Int>, _ room: inout Room) throws -> Int? {
    let lineCount = Int(buffer.counts(range, usesQuotes: false).evenLineEndCount) + 1
    for matrix in room.matrices {
      guard matrix.grow(to: lineCount) else { return nil }
    }
    guard room.labels?.grow(to: lineCount) ?? true else { return nil }
    let scratch = UnsafeMutablePointer<Element>.allocate(capacity: max(1, plan.valueCount))
    scratch.initialize(repeating: 0, count: max(1, plan.valueCount))
    let tallies = UnsafeMutablePointer<UInt64>.allocate(capacity: plan.tallyCount)
    tallies.initialize(repeating: 0, count: plan.tallyCount)
    defer {
      scratch.deallocate()
      tallies.deallocate()
    }
    let outcome = plan.parse(
      buffer[range], into: room.matrices, at: 0, labels: room.labels, thread: 0, names: &room.names,
      cache: &room.cache, scratch: scratch, tallies: tallies, lineCount: lineCount)
    return outcome.stop == LockstepCSVDone ? Int(outcome.rowCount) : nil
  }
}
