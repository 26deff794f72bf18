// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// Reads a CSV text that comes through a pipe, or out of a compressed file: from first to last, on one thread.
struct CSVStream<Element: Scalar> {
  let file: any ByteStream
  let plan: CSVPlan
  let head: [UInt8]

  /// The most bytes that a row may have: what goes on without a line end for longer is no table.
  static var largestRow: Int { 1 << 28 }

  /// What is said of a row that has more.
  static func rowTooLong(name: String, line: Int) -> LockstepError {
    LockstepError(
      .malformedInput, "a row has more than \(largestRow >> 20) MiB", remedy: "check that this is a CSV file",
      place: .init(file: name, line: line))
  }

  /// Reads the layout of the text.
  init(file: any ByteStream, options: ReadOptions, categories: CategoryTable? = nil) throws {
    var head: [UInt8] = []
    let layout = try CSVLayout(options: options, name: file.name) { byteCount in
      let missing = byteCount - head.count
      head += try Array(unsafeUninitializedCapacity: missing) { buffer, count in
        count = try file.readNext(into: UnsafeMutableRawBufferPointer(buffer))
      }
      return head
    }
    self.file = file
    self.head = head
    plan = try CSVPlan(layout: layout, options: options, name: file.name, categories: categories)
  }

  /// No rows, of the columns that the text has: for processes that leave the text to another.
  var withoutRows: LoadedRows<Element> { LoadedRows(CSVPart(emptyFor: plan), plan: plan) }

  /// Reads the rows, of which no more than the store holds stay in memory if there is one.
  ///
  /// - Throws: `LockstepError`, also if there are no rows but need to be.
  func read(
    store: RowStore? = nil, within memory: MemoryGuard = MemoryGuard(), needsRows: Bool = true
  ) throws -> LoadedRows<Element> {
    var memory = memory
    let usesQuotes = plan.options.csv.usesQuotes
    let pieceByteCount = plan.options.pieceByteCount
    let labelByteCount = plan.labelColumn == nil ? 0 : MemoryLayout<Int64>.stride
    let rowByteCount = plan.valueCount * MemoryLayout<Element>.stride + labelByteCount
    let scratch = UnsafeMutablePointer<Element>.allocate(capacity: max(1, plan.valueCount))
    scratch.initialize(repeating: 0, count: max(1, plan.valueCount))
    let tallies = UnsafeMutablePointer<UInt64>.allocate(capacity: plan.tallyCount)
    tallies.initialize(repeating: 0, count: plan.tallyCount)
    defer {
      scratch.deallocate()
      tallies.deallocate()
    }
    var (matrices, labels) = try reserve()
    var names = LabelTable()
    var cache = CategoryCache(columnCount: plan.categoricalPlaces.count)
    var part = CSVPart<Element>(emptyFor: plan)
    var collector = RowCollector<Element>(store)
    let largestRowCount =
      (store?.limit.windowByteCount).map { max(1, $0 / max(1, plan.valueCount * MemoryLayout<Element>.stride)) } ?? .max
    var hasRows = false
    func finishPart(_ rowCount: Int) throws {
      part.tables = matrices.map { $0.finish(rowCount: rowCount) }
      if let labels {
        part.labels = LabelMark.labels(
          UnsafeBufferPointer(start: labels.row(0), count: rowCount), names: [0: names.names])
      }
      (part.missingCounts, part.missingTextCounts, part.kinds) = plan.facts(
        (0..<plan.tallyCount).map { tallies[$0] }, rowCount: rowCount + part.skippedRowCount)
      tallies.update(repeating: 0, count: plan.tallyCount)
      try collector.append(LoadedRows(part, plan: plan), from: file.name)
      hasRows = hasRows || rowCount > 0 || part.skippedRowCount > 0
      part = CSVPart(emptyFor: plan)
    }

    var line = 1 + head[..<plan.layout.dataStart].count { $0 == 0x0A }
    var rowCount = 0
    let rest = head[plan.layout.dataStart...]
    var buffer = TextBuffer(capacity: max(2 * pieceByteCount, rest.count))
    buffer[0..<rest.count].copyBytes(from: rest)
    // The buffer holds `count` bytes, of which `known` are known to hold no more rows than those that end at `rowsEnd`.
    var count = rest.count
    var isAtEnd = false
    var isInside = false
    var known = 0
    while !isAtEnd || count > 0 {
      var rowsEnd = 0
      while let end = buffer.rowEnd(known..<count, usesQuotes: usesQuotes, isInsideQuotes: &isInside) {
        rowsEnd = end
        known = end
      }
      known = count
      if isAtEnd { rowsEnd = count }
      if rowsEnd > 0 {
        let lineEndCount = Int(buffer.counts(0..<rowsEnd, usesQuotes: false).evenLineEndCount)
        guard memory.allows((rowCount + lineEndCount + 1) * rowByteCount) else { throw noMemory }
        for matrix in matrices {
          guard matrix.grow(to: rowCount + lineEndCount + 1) else { throw noMemory }
        }
        guard labels?.grow(to: rowCount + lineEndCount + 1) ?? true else { throw noMemory }
        let outcome = plan.parse(
          buffer[0..<rowsEnd], into: matrices, at: rowCount, labels: labels, thread: 0, names: &names, cache: &cache,
          scratch: scratch, tallies: tallies, lineCount: lineEndCount + 1)
        if outcome.stop != LockstepCSVDone {
          let place = Int(outcome.offset)
          let length = min(Int(outcome.length), CSVFailure.shownByteCount + 1, rowsEnd - place)
          let failure = CSVFailure(
            stop: outcome.stop, offset: 0, text: Array(buffer[place..<place + max(0, length)]),
            field: Int(outcome.field))
          line += Int(buffer.counts(0..<place, usesQuotes: false).evenLineEndCount)
          throw failure.error(
            name: file.name, line: line, layout: plan.layout, is32Bit: Element.self == Float.self,
            categoryLimit: plan.options.categoryLimit)
        }
        line += lineEndCount
        rowCount += Int(outcome.rowCount)
        part.skippedRowCount += Int(outcome.skippedRowCount)
        if rowCount >= largestRowCount {
          try finishPart(rowCount)
          (matrices, labels) = try reserve()
          rowCount = 0
        }
        let left = count - rowsEnd
        if left > 0 { buffer[0..<left].copyMemory(from: UnsafeRawBufferPointer(buffer[rowsEnd..<count])) }
        count = left
        known = left
      }
      if !isAtEnd {
        guard count < CSVStream.largestRow else {
          throw CSVStream.rowTooLong(name: file.name, line: line)
        }
        buffer.grow(to: count + pieceByteCount, keeping: count)
        let added = try file.readNext(into: buffer[count..<count + pieceByteCount])
        count += added
        isAtEnd = added < pieceByteCount
      }
    }
    try finishPart(rowCount)
    if hasRows, let loaded = try collector.finish() { return loaded }
    guard !needsRows else { throw CSVReading<Element>.noRows(name: file.name) }
    return withoutRows
  }

  /// Room for the tables and the labels.
  func reserve() throws -> ([MatrixReservation<Element>], MatrixReservation<Int64>?) {
    let matrices = try plan.columns.map { columns in
      guard let matrix = MatrixReservation<Element>(capacity: 1024, columnCount: columns.count) else { throw noMemory }
      return matrix
    }
    let labels = plan.labelColumn.flatMap { _ in MatrixReservation<Int64>(capacity: 1024, columnCount: 1) }
    if plan.labelColumn != nil, labels == nil { throw noMemory }
    return (matrices, labels)
  }

  private var noMemory: LockstepError { CSVStream.noMemory(plan, name: file.name) }

  /// What is said where a text has more rows than memory holds.
  static func noMemory(_ plan: CSVPlan, name: String) -> LockstepError {
    LockstepError(
      .outOfMemory, "there is no memory for more rows of \(plan.valueCount) numbers",
      remedy:
        "choose fewer columns with \(option: .columns), or cut the file into several for processes on more machines",
      place: .init(file: name))
  }
}
