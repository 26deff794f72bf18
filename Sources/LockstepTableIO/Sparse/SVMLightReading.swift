// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// The rows of an SVMLight (LibSVM) file whose lines begin in a part of its bytes.
///
/// A line is `label index:value …`, indices from 1 and ascending; `#` begins a comment, `qid:` is passed over. The rows are
/// sparse; the file's index 1 is column 0. The number of columns is the largest index of all parts, so that whoever reads
/// a part asks the others for their ``leastColumnCount``.
struct SVMLightReading<Element: Scalar>: Sendable {
  /// The name of the column that the labels make.
  static var labelName: String { "label" }

  /// What a piece of text holds.
  private struct Part: Sendable {
    var ends: [Int]
    var columns: [Int32]
    var values: [Element]
    var labels: [Double]
    var texts: [String]
    var skippedRowCount = 0
    /// The number of missing values of each column that has any.
    var missingCounts: [Int32: Int] = [:]
    var largestIndex: Int
    /// The offset in the file of the first label that is no number, and the label.
    var firstWord: (offset: Int, text: String)?

    /// Counts the entries that are NaN, and leaves out the rows with one if they are not wanted.
    mutating func countMissing(leavingOutRows leavesOut: Bool) {
      let all = self
      if leavesOut { (ends, columns, values, labels, texts) = ([], [], [], [], []) }
      var start = 0
      for (i, end) in all.ends.enumerated() {
        let entries = start..<end
        start = end
        let missing = entries.filter { all.values[$0].isNaN }
        for e in missing { missingCounts[all.columns[e], default: 0] += 1 }
        guard leavesOut else { continue }
        guard missing.isEmpty else {
          skippedRowCount += 1
          continue
        }
        columns += all.columns[entries]
        values += all.values[entries]
        labels.append(all.labels[i])
        texts.append(all.texts[i])
        ends.append(values.count)
      }
    }
  }

  /// The name, not the open file: there may be more files than a process may have open.
  private let name: String
  private let options: ReadOptions
  private let isWhole: Bool
  /// The rows of all columns that there may be, with their labels as numbers, and as texts if classes are wanted.
  private let rows: LoadedRows<Element>
  /// The first label that is no number, and the number of its line.
  private let firstWord: (line: Int, text: String)?
  /// The number of missing values of each column that has any.
  private let missingCounts: [Int32: Int]
  /// The number of columns that these rows need, or that the options give.
  let leastColumnCount: Int

  /// Parses a part of a file, at once or, under a limit of memory, in spans of its bytes.
  ///
  /// - Throws: `LockstepError` with code `.malformedInput` and file and line if the text is not as it should be.
  init(file: InputFile, byteCount: Int, options: ReadOptions, shard: FileShard, store: RowStore? = nil) throws {
    let limit = options.columnCount ?? SparseSize.limit(byteCount: byteCount)
    let limits =
      options.columnCount.map { "the \($0) columns that are given" }
      ?? "\(limit), which a file of \(byteCount) bytes is not trusted with"
    let isZeroBased = try options.isZeroBased || Self.saysZeroBased(file)
    let failure = SparseFailure(
      file: file, isSVMLight: true, firstIndex: isZeroBased ? 0 : 1, is32Bit: Element.self == Float.self, limits: limits
    )
    let missing = options.missing
    var missingCounts: [Int32: Int] = [:]
    var collector = RowCollector<Element>(store)
    var largestIndex = 0
    var firstWord: (offset: Int, text: String)?
    let spanByteCount = max((store?.limit.windowByteCount ?? .max) / 4, options.pieceByteCount)
    for span in shard.spans(of: byteCount, byteCount: spanByteCount) {
      var pieces = LinePieces(file: file, byteCount: byteCount, bytes: span)
      pieces.pieceByteCount = options.pieceByteCount
      let parts = try pieces.parse(threadCount: options.usedThreadCount) { text, offset in
        try Self.part(
          text, offset, missing: missing, firstIndex: isZeroBased ? 0 : 1, columnCount: limit, failure: failure)
      }
      try collector.append(
        try Self.joined(parts, columnCount: limit, wantsClasses: options.label != nil), from: file.name)
      for part in parts { missingCounts.merge(part.missingCounts) { $0 + $1 } }
      largestIndex = parts.reduce(largestIndex) { max($0, $1.largestIndex) }
      firstWord = firstWord ?? parts.lazy.compactMap(\.firstWord).first
    }
    name = file.name
    self.options = options
    // The file may be closed, or gone if it was unpacked, when it is known whether numbers are wanted.
    self.firstWord = try firstWord.map { (try file.lineEndCount(before: $0.offset) + 1, $0.text) }
    self.missingCounts = missingCounts
    isWhole = shard == .whole
    rows =
      try collector.finish() ?? Self.joined([], columnCount: limit, wantsClasses: options.label != nil)
    leastColumnCount = options.columnCount ?? largestIndex
  }

  /// The rows of all parts in one, with their labels in a table of their own.
  private static func joined(_ parts: [Part], columnCount: Int, wantsClasses: Bool) throws -> LoadedRows<Element> {
    var offsets = [0]
    var columns: [Int32] = []
    var values: [Element] = []
    let rowCount = parts.reduce(0) { $0 + $1.ends.count }
    let entryCount = parts.reduce(0) { $0 + $1.values.count }
    offsets.reserveCapacity(rowCount + 1)
    columns.reserveCapacity(entryCount)
    values.reserveCapacity(entryCount)
    for part in parts {
      let start = values.count
      for end in part.ends { offsets.append(start + end) }
      columns += part.columns
      values += part.values
    }
    let rows = try SparseRows(offsets: offsets, columns: columns, values: values, columnCount: max(columnCount, 1))
    let labels = DenseRows(parts.flatMap { $0.labels.map { Element($0) } }, columnCount: 1)
    return LoadedRows(
      rows: FileRows(sparse: [rows], columnCount: rows.columnCount), extraTables: [FileRows([labels], columnCount: 1)],
      labels: wantsClasses ? RowLabels(parts.flatMap(\.texts)) : nil,
      skippedRowCount: parts.reduce(0) { $0 + $1.skippedRowCount })
  }

  private static func part(
    _ text: UnsafeBufferPointer<CChar>, _ offset: Int, missing: MissingValuePolicy, firstIndex: Int,
    columnCount: Int, failure: SparseFailure
  ) throws -> Part {
    guard let base = text.baseAddress else { preconditionFailure("a piece of no bytes") }
    let lineCount = lockstep_count_bytes(base, text.count, 0x0A) + 1
    let colonCount = lockstep_count_bytes(base, text.count, CChar(UInt8(ascii: ":")))
    var outcome = LockstepSparseOutcome()
    var columns: [Int32] = []
    var values: [Element] = []
    var labels: [Double] = []
    var spans: [LockstepTextSpan] = []
    let ends = [Int64](unsafeUninitializedCapacity: lineCount) { ends, rowCount in
      labels = [Double](unsafeUninitializedCapacity: lineCount) { labels, labelCount in
        spans = [LockstepTextSpan](unsafeUninitializedCapacity: lineCount) { spans, spanCount in
          values = [Element](unsafeUninitializedCapacity: max(colonCount, 1)) { values, valueCount in
            columns = [Int32](unsafeUninitializedCapacity: max(colonCount, 1)) { columns, columnsCount in
              guard let e = ends.baseAddress, let l = labels.baseAddress, let s = spans.baseAddress,
                let v = values.baseAddress, let c = columns.baseAddress
              else { return }
              outcome = lockstep_svmlight_parse(
                base, text.count, Element.self == Float.self, missing != .error, Int64(firstIndex), Int64(columnCount),
                e,
                c, v, l, s)
              columnsCount = outcome.entryCount
            }
            valueCount = outcome.entryCount
          }
          spanCount = outcome.rowCount
        }
        labelCount = outcome.rowCount
      }
      rowCount = outcome.rowCount
    }
    try failure.check(outcome, text, at: offset)
    let texts = spans.map { span in
      String(decoding: text[span.offset..<span.offset + span.length].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    let word = labels.firstIndex { $0.isNaN }
    var part = Part(
      ends: ends.map(Int.init), columns: columns, values: values, labels: labels, texts: texts,
      largestIndex: Int(outcome.largestIndex), firstWord: word.map { (offset + spans[$0].offset, texts[$0]) })
    if outcome.incompleteRowCount > 0 { part.countMissing(leavingOutRows: missing == .skipRow) }
    return part
  }

  /// The rows, now that the number of columns of all parts is known.
  ///
  /// - Throws: `LockstepError`: `.usage` if a chosen column does not exist, `.malformedInput` if the labels are wanted as numbers
  ///   and one is none, `.noInput` if the whole file has no rows.
  func resolved(columnCount: Int) throws -> LoadedRows<Element> {
    let columnCount = max(columnCount, leastColumnCount)
    guard !isWhole || rows.rowCount + rows.skippedRowCount > 0 else {
      throw LockstepError(.noInput, "the file has no rows", place: .init(file: name))
    }
    guard columnCount > 0 || rows.rowCount == 0 else {
      throw LockstepError(
        .malformedInput, "no line has an entry", remedy: "give the number of columns", place: .init(file: name))
    }
    let selection = try SparseSelection(
      options, columnCount: columnCount, labelName: Self.labelName, file: name)
    if selection.wantsLabels, let word = firstWord {
      throw LockstepError(
        .malformedInput, "the label \(CSVFailure.quoted(Array(word.text.utf8))) is not a number",
        remedy: "numbers are needed here: write the labels as numbers",
        place: .init(file: name, line: word.line))
    }
    return try selection.loaded(
      rows.rows, labels: rows.extraTables[0], classes: rows.labels, skippedRowCount: rows.skippedRowCount,
      missing: missingCounts, file: name)
  }

  /// Whether a comment at the beginning says that indices count from 0, as scikit-learn writes it.
  private static func saysZeroBased(_ file: InputFile) throws -> Bool {
    let head: [UInt8] = try Array(unsafeUninitializedCapacity: 1 << 12) { buffer, count in
      count = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
    }
    return head.split(separator: 0x0A).prefix { $0.first == UInt8(ascii: "#") }
      .contains { String(decoding: $0, as: UTF8.self).contains("zero-based") }
  }

  /// Whether text looks like this: its first line that is neither blank nor a comment nor a lone label has `index:number` as its
  /// second field.
  static func isLikely(_ head: [UInt8]) -> Bool {
    for line in head.split(separator: 0x0A, omittingEmptySubsequences: true) {
      let content = line.prefix { $0 != UInt8(ascii: "#") }
      let fields = content.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
      guard let label = fields.first else { continue }
      guard !label.contains(where: { ",;|:\"".utf8.contains($0) }) else { return false }
      guard fields.count > 1 else { continue }
      let parts = fields[1].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[1].isEmpty else { return false }
      let isIndex = parts[0].elementsEqual("qid".utf8) || isNumberLike(parts[0]) && !parts[0].isEmpty
      return isIndex && isNumberLike(parts[1]) && !label.elementsEqual("%%MatrixMarket".utf8)
    }
    return false
  }

  private static func isNumberLike(_ text: ArraySlice<UInt8>) -> Bool {
    text.allSatisfy { "0123456789+-.eEnNaAiIfF".utf8.contains($0) }
  }
}
