// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// Arrow data as a table of numbered rows.
struct ArrowStore: ColumnStore {
  private let batches: any ArrowBatches
  /// The number of the first row of each batch, and that of all rows.
  private let starts: [Int]

  init(_ batches: any ArrowBatches) {
    self.batches = batches
    var starts = [0]
    for count in batches.rowCounts { starts.append(starts[starts.count - 1] + count) }
    self.starts = starts
  }

  var name: String { batches.name }
  var rowCount: Int { starts[starts.count - 1] }
  var columnCount: Int { schema.columns.count }
  var columnNames: [String]? { schema.columnNames }
  var isCheap: Bool { !batches.areUnpackedWhole }
  private var schema: ArrowSchema { batches.schema }

  /// That of the pieces that are read: of what is compressed, one for each thread.
  func workingByteCount(threadCount: Int) -> Int {
    let rowCount = (batches.rowCounts.max() ?? 0)
    let byteCount = columnCount * MemoryLayout<Double>.stride
    return batches.areUnpackedWhole
      ? min(threadCount, batches.rowCounts.count) * rowCount * byteCount : min(rowCount, 1 << 16) * byteCount
  }

  func requireNumbers(in columns: [Int]) throws {
    for column in columns {
      let field = schema.fields[schema.columns[column].field]
      switch field.type {
      case .number, .list: continue
      case .text:
        throw LockstepError(
          .malformedInput, "the column holds texts, not numbers",
          remedy: "leave it out with \(option: .columns), or write numbers", place: place(column: column))
      case .other(let name):
        throw LockstepError(
          .unsupported, "the column holds \(name), not numbers", remedy: "leave it out with \(option: .columns)",
          place: place(column: column))
      }
    }
  }

  // MARK: Batches

  /// The batches that rows are in, and the rows of each that are meant.
  private func parts(of rows: Range<Int>) -> [(batch: Int, rows: Range<Int>)] {
    guard !rows.isEmpty else { return [] }
    // The last batch that does not begin behind the first row.
    var (low, high) = (0, starts.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= rows.lowerBound { low = middle } else { high = middle }
    }
    var parts: [(batch: Int, rows: Range<Int>)] = []
    while low < batches.rowCounts.count, starts[low] < rows.upperBound {
      let own = rows.clamped(to: starts[low]..<starts[low + 1])
      if !own.isEmpty { parts.append((low, own.lowerBound - starts[low]..<own.upperBound - starts[low])) }
      low += 1
    }
    return parts
  }

  func pieces(of rows: Range<Int>) -> [Range<Int>] {
    parts(of: rows).flatMap { batch, own in
      let own = own.lowerBound + starts[batch]..<own.upperBound + starts[batch]
      if batches.areUnpackedWhole { return [own] }
      return stride(from: own.lowerBound, to: own.upperBound, by: 1 << 16).map {
        $0..<min($0 + 1 << 16, own.upperBound)
      }
    }
  }

  func copy(_ rows: Range<Int>, to targets: [ColumnTarget], isSingle: Bool) throws {
    let fields = Set(targets.flatMap(\.columns).map { schema.columns[$0].field }).sorted()
    var done = 0
    for (batch, own) in parts(of: rows) {
      let page = try batches.page(batch, fields: fields)
      for target in targets {
        let columns = target.columns.map { number -> LockstepColumn in
          let column = schema.columns[number]
          let field = schema.fields[column.field]
          let isDecoded = field.dictionary != nil
          return page.columns[column.field]?.numbers(
            of: isDecoded ? .number(.double) : field.type, element: column.element)
            ?? LockstepColumn()
        }
        lockstep_columns_to_rows(
          columns, Int64(columns.count), Int64(own.lowerBound), Int64(own.count), isSingle,
          target.address + done * columns.count * (isSingle ? 4 : 8), Int64(columns.count))
      }
      withExtendedLifetime(page) {}
      done += own.count
    }
  }

  func release() { batches.release() }

  func shown<Element: Scalar>(
    _ columns: [Int], of rows: Range<Int>, as type: Element.Type
  ) throws -> [DenseRows<Element>]? {
    guard !batches.areUnpackedWhole, schema.fields.count == 1,
      case .list(let number, let width) = schema.fields[0].type,
      number == (type == Float.self ? .float : .double), columns == Array(0..<width)
    else { return nil }
    var runs: [DenseRows<Element>] = []
    for (batch, own) in parts(of: rows) {
      let page = try batches.page(batch, fields: [0])
      guard let column = page.columns[0], column.validity == nil, column.elementValidity == nil,
        let values = column.values
      else { return nil }
      let first = values + (column.firstElement + (column.first + own.lowerBound) * width) * MemoryLayout<Element>.size
      guard UInt(bitPattern: first) % UInt(MemoryLayout<Element>.alignment) == 0 else { return nil }
      let elements = UnsafeBufferPointer(
        start: first.bindMemory(to: Element.self, capacity: own.count * width), count: own.count * width)
      let storage = RowStorage(adopting: elements) { [page, batches] in withExtendedLifetime((page, batches)) {} }
      runs.append(DenseRows(storage, rowCount: own.count, columnCount: width))
    }
    return runs
  }

  // MARK: Labels

  func labels(_ number: Int, of rows: Range<Int>) throws -> StoredLabels {
    let field = schema.fields[schema.columns[number].field]
    switch field.type {
    case .text(let layout): return try texts(schema.columns[number].field, layout, of: rows)
    case .number(let type) where field.dictionary == nil && type.isWhole:
      return try integers(number, of: rows)
    case .number, .list:
      // Piece by piece: the number of rows is a claim until they are there.
      let numbers = try pieces(of: rows).flatMap { piece in
        try [Double](unsafeUninitializedCapacity: piece.count) { buffer, count in
          guard let address = buffer.baseAddress else { return }
          try copy(
            piece, to: [ColumnTarget(columns: [number], address: UnsafeMutableRawPointer(address))], isSingle: false)
          count = piece.count
        }
      }
      return try labels(ofNumbers: numbers, firstRow: rows.lowerBound, column: number)
    case .other(let name):
      throw LockstepError(
        .unsupported, "the column holds \(name), not labels", remedy: "choose a column of whole numbers or texts",
        place: place(column: number))
    }
  }

  /// Whole numbers of up to 64 bits, all of whose digits count.
  private func integers(_ number: Int, of rows: Range<Int>) throws -> StoredLabels {
    let f = schema.columns[number].field
    guard case .number(let type) = schema.fields[f].type else {
      return StoredLabels(labels: RowLabels([Int]()), missing: [])
    }
    var labels: [Int64] = []
    var missing: [Int] = []
    for (batch, own) in parts(of: rows) {
      let page = try batches.page(batch, fields: [f])
      for row in own {
        guard let column = page.columns[f], column.isPresent(row) else {
          missing.append(labels.count)
          labels.append(0)
          continue
        }
        guard let label = column.index(row, type) else {
          throw LockstepError(
            .malformedInput, "the label is above 2^63", remedy: "number the classes from 0",
            place: place(row: starts[batch] + row, column: number))
        }
        labels.append(Int64(label))
      }
      withExtendedLifetime(page) {}
    }
    return StoredLabels(labels: RowLabels(labels), missing: missing)
  }

  private func texts(_ f: Int, _ layout: ArrowText, of rows: Range<Int>) throws -> StoredLabels {
    var names = LabelTable()
    var indices: [Int64] = []
    var missing: [Int] = []
    for (batch, own) in parts(of: rows) {
      let page = try batches.page(batch, fields: [f])
      // The number of each entry of a dictionary among the labels, once it is met.
      var numbers = [Int](repeating: -1, count: page.columns[f]?.dictionary?.texts.count ?? 0)
      for row in own {
        guard let column = page.columns[f], column.isPresent(row) else {
          missing.append(indices.count)
          indices.append(0)
          continue
        }
        guard let index = schema.fields[f].dictionary?.index, let dictionary = column.dictionary else {
          do { indices.append(Int64(names.number(of: try column.text(row, layout)))) } catch {
            throw LockstepError(
              .malformedInput, "the text is not where the column has its texts", remedy: "write the file again",
              place: place(row: starts[batch] + row, column: f))
          }
          continue
        }
        guard let entry = column.index(row, index), numbers.indices.contains(entry) else {
          var error = ArrowDictionary.absent
          error.place = place(row: starts[batch] + row, column: f)
          throw error
        }
        if numbers[entry] < 0, let text = dictionary.texts[entry] {
          numbers[entry] = Array(text.utf8).withUnsafeBytes { names.number(of: $0) }
        }
        if numbers[entry] < 0 { missing.append(indices.count) }
        indices.append(Int64(max(0, numbers[entry])))
      }
      withExtendedLifetime(page) {}
    }
    let texts = names.names
    // Where all labels are missing there is no text that they could refer to.
    return StoredLabels(
      labels: RowLabels(indices: indices, names: texts.isEmpty && !indices.isEmpty ? [""] : texts), missing: missing)
  }
}

extension ArrowNumber {
  /// Whether the values are whole numbers as they are stored.
  fileprivate var isWhole: Bool {
    let others = [
      LockstepColumnFloat64, LockstepColumnFloat32, LockstepColumnFloat16, LockstepColumnBit, LockstepColumnDecimal128,
      LockstepColumnDecimal64, LockstepColumnDecimal32, LockstepColumnNull,
    ]
    return factor == 1 && divisor == 1 && !others.contains { $0.rawValue == kind.rawValue }
  }
}
