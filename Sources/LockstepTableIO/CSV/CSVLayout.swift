// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors

/// What the start of a CSV file says about all of it.
struct CSVLayout: Sendable, Equatable {
  /// The byte between two fields.
  var delimiter: UInt8
  /// The number of columns.
  var columnCount: Int
  /// The columns' names, if the first row is a header.
  var columnNames: [String]?
  /// The offset of the first row of data.
  var dataStart: Int

  /// Finds the layout in the bytes that a file begins with.
  ///
  /// `isWhole` says that the file has no more than `head`; if it has, and the first row does not end within `head`, the
  /// result is `nil`. Throws if there is no row, or the first one cannot be a row.
  init?(head: [UInt8], isWhole: Bool, options: ReadOptions, name: String) throws {
    try OtherFormats.reject(head, name: name)
    try options.csv.checkMarks()
    // Programs that put files together leave marks in the middle, and two in front.
    var start = 0
    while head[start...].starts(with: [0xEF, 0xBB, 0xBF]) { start += 3 }
    var line = 1
    for _ in 0..<options.csv.skippedLineCount {
      guard let end = head[start...].firstIndex(of: 0x0A) else {
        guard isWhole else { return nil }
        throw LockstepError(
          .noInput, "the file has no more than the \(options.csv.skippedLineCount) lines that are skipped",
          place: .init(file: name))
      }
      start = end + 1
      line += 1
    }
    while let end = CSVLayout.passedLineEnd(head, from: start, options.csv) {
      start = end
      line += 1
    }
    let rest = head[start...]
    guard rest.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else {
      guard isWhole else { return nil }
      let message = head.isEmpty ? "the file is empty" : "the file has no rows, only blank lines"
      throw LockstepError(.noInput, message, place: .init(file: name))
    }
    try CSVLayout.rejectLoneReturns(rest, usesQuotes: options.csv.usesQuotes, place: .init(file: name, line: line))
    var isInside = false
    let length = rest.withUnsafeBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes in
        bytes.baseAddress.map { lockstep_csv_row_end($0, bytes.count, options.csv.usesQuotes, &isInside) } ?? 1
      }
    }
    if length > rest.count, !isWhole { return nil }
    let end = min(start + length, head.count)
    if isInside {
      throw LockstepError(
        .malformedInput, "a quote in the first row is never closed",
        remedy: CSVFailure.quoteRemedy, place: .init(file: name, line: line))
    }
    var row = head[start..<end]
    if row.last == 0x0A { row.removeLast() }
    if row.last == 0x0D { row.removeLast() }
    let delimiter = options.csv.delimiter ?? CSVLayout.delimiter(in: row, options.csv)
    var fields = try CSVLayout.fields(
      of: row, delimiter: delimiter, usesQuotes: options.csv.usesQuotes, place: .init(file: name, line: line))
    // A delimiter at the end of a row adds no column. A field with nothing in quotes is a column.
    if fields.count > 1, let last = fields.last, last.bytes.isEmpty, !last.isQuoted {
      let format = CSVFieldFormat(options.csv)
      let isData =
        options.csv.header != .yes
        && !fields.contains { format.kind(of: $0.bytes) == LockstepCSVFieldText }
      // In the first row of data it is a missing value if the next row has one there.
      let next =
        try isData
        ? CSVLayout.secondRow(
          head, from: end, delimiter: delimiter, isWhole: isWhole, options: options, name: name) : nil
      if next?.count != fields.count || next?.last?.isEmpty != false { fields.removeLast() }
    }
    let hasHeader: Bool? =
      switch options.csv.header {
      case .yes: true
      case .no: false
      case .automatic:
        try CSVLayout.isHeader(fields.map(\.bytes), options, place: .init(file: name, line: line)) {
          try CSVLayout.secondRow(head, from: end, delimiter: delimiter, isWhole: isWhole, options: options, name: name)
        }
      }
    guard let hasHeader else { return nil }
    self.delimiter = delimiter
    columnCount = fields.count
    columnNames = hasHeader ? fields.map { String(decoding: $0.bytes, as: UTF8.self) } : nil
    dataStart = hasHeader ? end : start
  }

  /// Whether a first row names the columns; `nil` if the row after it must be seen to tell, and is not whole.
  ///
  /// - Throws: `LockstepError` with code `.malformedInput` if the row may as well be data.
  private static func isHeader(
    _ fields: [[UInt8]], _ options: ReadOptions, place: LockstepError.Place, secondRow: () throws -> [[UInt8]]?
  ) throws -> Bool? {
    // Numbers of columns behind a field without a name, as pandas writes them with an index.
    if fields.count > 1, fields[0].isEmpty,
      fields.dropFirst().enumerated().allSatisfy({ $1.elementsEqual("\($0)".utf8) })
    {
      return true
    }
    let format = CSVFieldFormat(options.csv)
    let kinds = fields.map { format.kind(of: $0) }
    guard let text = kinds.firstIndex(of: LockstepCSVFieldText) else { return false }
    let names = fields.map { String(decoding: $0, as: UTF8.self) }
    let texts = [options.label, options.chosenCategories].compactMap { $0 }
    let chosen = [options.columns, options.except].compactMap { $0 } + options.extraColumns + texts
    if chosen.contains(where: { $0.isNamed(in: names) }) || options.rowColumns(among: names) != options.columns {
      return true
    }
    func requireNames() throws -> Bool {
      guard let number = kinds.firstIndex(where: { $0 == LockstepCSVFieldNumber || $0 == LockstepCSVFieldDate }) else {
        return true
      }
      throw LockstepError(
        .malformedInput,
        "the first row has a text, \(CSVFailure.quoted(fields[text])), and a number, "
          + "\(CSVFailure.quoted(fields[number])): it may name the columns, or be the first of the data",
        remedy: "pass \(option: .header, "yes") or \(option: .header, "no")", place: place)
    }
    guard !texts.isEmpty || options.encoding != nil else { return try requireNames() }
    // Columns that are chosen by name are in a header.
    if chosen.contains(where: \.usesNames) { return true }
    let file = place.file ?? ""
    let (tables, label) = try ColumnSelection.tables(of: options, columnCount: fields.count, names: nil, file: file)
    let places = try options.categoricalPlaces(of: tables[0], columnCount: fields.count, names: nil, file: file)
    let columns = places.map { tables[0][$0] } + [label].compactMap { $0 }
    if kinds.indices.contains(where: { !columns.contains($0) && kinds[$0] == LockstepCSVFieldText }) {
      return try requireNames()
    }
    // Only labels and categories are texts: a name if the next one is a number, else most likely a label or category too.
    guard let next = try secondRow() else { return nil }
    return columns.contains {
      $0 < next.count && kinds[$0] == LockstepCSVFieldText && format.kind(of: next[$0]) != LockstepCSVFieldText
        && !next[$0].isEmpty
    }
  }

  /// Throws if the lines end with CR alone, in the first row or what there is of it.
  private static func rejectLoneReturns(
    _ rest: ArraySlice<UInt8>, usesQuotes: Bool, place: LockstepError.Place
  ) throws {
    var isInside = false
    for (i, byte) in zip(rest.indices, rest) {
      if usesQuotes, byte == UInt8(ascii: "\"") { isInside.toggle() }
      guard !isInside else { continue }
      if byte == 0x0A { return }
      guard byte == 0x0D, i + 1 < rest.endIndex, rest[i + 1] != 0x0A, rest[i + 1] != 0x0D else { continue }
      throw LockstepError(
        .malformedInput, "a carriage return stands alone in the first row, where lines end with LF or CR LF",
        remedy: "convert the line ends, for example with tr '\\r' '\\n'", place: place)
    }
  }

  /// The fields of the row after the first, none if there is none; `nil` if it is not whole.
  private static func secondRow(
    _ head: [UInt8], from start: Int, delimiter: UInt8, isWhole: Bool, options: ReadOptions, name: String
  ) throws -> [[UInt8]]? {
    var start = start
    while let end = passedLineEnd(head, from: start, options.csv) { start = end }
    guard let row = row(head, from: start, isWhole: isWhole, usesQuotes: options.csv.usesQuotes) else { return nil }
    // What is wrong with the row is reported when it is read.
    return try? fields(
      of: row.bytes, delimiter: delimiter, usesQuotes: options.csv.usesQuotes, place: .init(file: name)
    ).map(\.bytes)
  }

  /// The row at an offset without its line end, and the offset of the next; `nil` if it is not whole.
  static func row(
    _ head: [UInt8], from start: Int, isWhole: Bool, usesQuotes: Bool
  ) -> (bytes: ArraySlice<UInt8>, next: Int)? {
    var isInside = false
    let length = head[start...].withUnsafeBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes in
        bytes.baseAddress.map { lockstep_csv_row_end($0, bytes.count, usesQuotes, &isInside) } ?? 1
      }
    }
    if start + length > head.count, !isWhole { return nil }
    var row = head[start..<min(start + length, head.count)]
    if row.last == 0x0A { row.removeLast() }
    if row.last == 0x0D { row.removeLast() }
    return (row, start + length)
  }

  /// The end of a line that is blank or a comment.
  private static func passedLineEnd(_ bytes: [UInt8], from start: Int, _ options: CSVOptions) -> Int? {
    var i = start
    while i < bytes.count, bytes[i] != options.delimiter || bytes[i] == 0x20,
      bytes[i] == 0x20 || bytes[i] == 0x09 || bytes[i] == 0x0D
    {
      i += 1
    }
    guard i < bytes.count else { return nil }
    if let comment = options.comment, bytes[i] == comment { return bytes[i...].firstIndex(of: 0x0A).map { $0 + 1 } }
    return bytes[i] == 0x0A ? i + 1 : nil
  }

  /// The likeliest delimiter: the one that the row has most of outside quotes, the first in this order among equals.
  ///
  /// A mark of numbers is none if there is another.
  private static func delimiter(in row: ArraySlice<UInt8>, _ options: CSVOptions) -> UInt8 {
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")]
    var counts = [0, 0, 0, 0]
    var isInside = false
    for byte in row {
      if options.usesQuotes, byte == UInt8(ascii: "\"") { isInside.toggle() }
      if !isInside, let i = candidates.firstIndex(of: byte) { counts[i] += 1 }
    }
    // Decimal commas between semicolons may be more than these.
    let pieces = row.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
    if pieces.count > 1, row.allSatisfy({ "0123456789+-.,;eE ".utf8.contains($0) }),
      pieces.allSatisfy({ $0.count { $0 == UInt8(ascii: ",") } <= 1 })
    {
      return UInt8(ascii: ";")
    }
    let others = counts.indices.filter { ![options.decimalMark, options.groupMark].contains(candidates[$0]) }
    let isGroupMarkAlone = others.allSatisfy { counts[$0] == 0 } && !candidates.contains(options.decimalMark)
    let possible = isGroupMarkAlone ? Array(counts.indices) : others
    return candidates[possible.dropFirst().reduce(possible[0]) { counts[$1] > counts[$0] ? $1 : $0 }]
  }

  /// The fields of a row, without quotes and the blanks around them.
  static func fields(
    of row: ArraySlice<UInt8>, delimiter: UInt8, usesQuotes: Bool, place: LockstepError.Place
  ) throws -> [(bytes: [UInt8], isQuoted: Bool)] {
    let quote = UInt8(ascii: "\"")
    func isBlank(_ byte: UInt8) -> Bool { (byte == 0x20 || byte == 0x09) && byte != delimiter }
    func stray(_ column: Int) -> LockstepError {
      var place = place
      place.column = column
      return CSVFailure.strayQuote(place: place)
    }
    var fields: [(bytes: [UInt8], isQuoted: Bool)] = []
    // A run of blanks separates two fields, and those at the ends of a row none.
    let isRun = delimiter == 0x20
    let row = isRun ? row[...(row.lastIndex { $0 != 0x20 } ?? row.startIndex - 1)] : row
    var i = row.startIndex
    while true {
      while isRun, i < row.endIndex, row[i] == 0x20 { i += 1 }
      while i < row.endIndex, isBlank(row[i]) { i += 1 }
      var field: [UInt8] = []
      let isQuoted = usesQuotes && i < row.endIndex && row[i] == quote
      if isQuoted {
        i += 1
        while i < row.endIndex {
          if row[i] == quote {
            i += 1
            guard i < row.endIndex, row[i] == quote else { break }
          }
          field.append(row[i])
          i += 1
        }
        while i < row.endIndex, isBlank(row[i]) { i += 1 }
        guard i == row.endIndex || row[i] == delimiter else { throw stray(fields.count + 1) }
      } else {
        while i < row.endIndex, row[i] != delimiter {
          guard !usesQuotes || row[i] != quote else { throw stray(fields.count + 1) }
          field.append(row[i])
          i += 1
        }
        while let last = field.last, isBlank(last) { field.removeLast() }
      }
      fields.append((field, isQuoted))
      guard i < row.endIndex else { return fields }
      i += 1
    }
  }
}

extension CSVLayout {
  /// The most bytes that a first row may have.
  private static var largestHead: Int { 1 << 26 }

  /// Finds the layout with `read`, which is called with growing numbers of bytes and returns that many from the start of the
  /// file, or all there are.
  init(options: ReadOptions, name: String, reading read: (Int) throws -> [UInt8]) throws {
    var byteCount = 1 << 12
    while true {
      let head = try read(byteCount)
      if let layout = try CSVLayout(head: head, isWhole: head.count < byteCount, options: options, name: name) {
        self = layout
        return
      }
      guard byteCount < CSVLayout.largestHead else {
        throw LockstepError(
          .malformedInput, "the first \(byteCount >> 20) MiB have no end of a row",
          remedy: "check that this is a CSV file",
          place: .init(file: name))
      }
      byteCount *= 2
    }
  }
}
