// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// A file with one line, or one entry, for each input row, in input order: `.csv`, `.npy` or `.parquet`.
///
/// With `{rank}` in its name each process writes its own. Otherwise all processes write one file, each at its place, so it
/// has to be on a file system that all of them see.
struct RowFile: Equatable {
  /// The name as the user gave it, or without doubled braces where it is one file's.
  let name: String
  private let pattern: RankPattern

  /// A file of that name.
  ///
  /// - Throws: `LockstepError` with code `.usage` for another ending, `.unsupported` if nothing here writes Parquet.
  init(_ name: String) throws {
    if ParquetFile.isName(name) {
      try ParquetFile.requireWriter(for: name)
    } else {
      _ = try RowFileWriter<Double>.Format(path: name)
    }
    pattern = RankPattern(name)
    self.name = pattern.dependsOnRank ? name : pattern.name(for: 0)
  }

  /// Whether each process has a file of its own.
  var isPerRank: Bool { pattern.dependsOnRank }

  /// The file of a rank.
  func path(rank: Int) -> String { pattern.name(for: rank) }

  /// Writes the values of all ranks.
  ///
  /// Collective.
  func write(_ values: RowValues, in context: ExecutionContext) throws {
    guard !ParquetFile.isName(name) else { return try writeParquet(values, in: context) }
    switch values {
    case .integers(let values): try write(values.map(Int64.init), columnCount: 1, in: context)
    case .labels(let labels):
      // A rank without rows may not know the kind.
      if try context.gathered(labels.isText).contains(true) { return try write(texts: labels, in: context) }
      try write(labels.integers.map(Int64.init), columnCount: 1, in: context)
    case .numbers(let rows): try write(Pieces(rows), in: context)
    }
  }

  /// Writes the values as CSV, as all processes do, of which DuckDB then makes the file.
  private func writeParquet(_ values: RowValues, in context: ExecutionContext) throws {
    let (ownColumnCount, isText): (Int, Bool) =
      switch values {
      case .integers: (1, false)
      case .labels(let labels): (1, labels.isText)
      case .numbers(let rows): (rows.columnCount, false)
      }
    // A rank without rows may not know how many columns the others have, nor their kind.
    let columnCount = try context.gathered(ownColumnCount).max() ?? 1
    let areTexts = try context.gathered(isText).contains(true)
    let type: ParquetFile.ColumnType =
      switch values {
      case .integers: .integer
      case .labels: areTexts ? .text : .integer
      case .numbers: .double
      }
    let cut = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
    // A name that nobody can foresee, and nothing is lost that has it.
    let token = try context.decide { UInt64.random(in: 1 << 60..<1 << 62) }
    let rows = try RowFile("\(name[..<cut]).\(name[cut...]).\(String(token, radix: 36)).csv")
    try rows.write(values, in: context)
    try context.agree {
      guard isPerRank || context.rank == 0 else { return }
      try ParquetFile.write(
        rowsOf: rows.path(rank: context.rank), types: Array(repeating: type, count: max(columnCount, 1)),
        to: path(rank: context.rank))
    }
  }

  /// Numbers to write: all in memory, or loaded into memory piece by piece.
  fileprivate struct Pieces<Element: RowFileElement> {
    var columnCount: Int
    let rowCount: Int
    let forEach: ((UnsafeBufferPointer<Element>) throws -> Void) throws -> Void

    init(_ elements: [Element], columnCount: Int) {
      self.columnCount = columnCount
      rowCount = elements.count / max(columnCount, 1)
      forEach = { body in try elements.withUnsafeBufferPointer { try body($0) } }
    }
  }

  private func write<Element: RowFileElement>(
    _ elements: [Element], columnCount: Int, in context: ExecutionContext
  ) throws { try write(Pieces(elements, columnCount: columnCount), in: context) }

  private func write<Element: RowFileElement>(_ pieces: Pieces<Element>, in context: ExecutionContext) throws {
    // A rank without rows may not know how many columns the others have.
    let columnCount = try context.gathered(max(pieces.columnCount, 1)).max() ?? pieces.columnCount
    let writer = try RowFileWriter<Element>(.init(path: name), columnCount: columnCount)
    if isPerRank {
      return try context.agree {
        try writer.write(rowCount: pieces.rowCount, pieces.forEach, to: path(rank: context.rank))
      }
    }
    // What cannot be loaded into memory fails on all ranks.
    let byteCount = try context.agree {
      var total = 0
      try pieces.forEach { total += writer.byteCount(of: $0) }
      return total
    }
    try write(
      rowCount: pieces.rowCount, byteCount: byteCount, in: context,
      head: { writer.head(totalRowCount: $0) },
      body: { file, offset in
        var offset = offset
        try pieces.forEach { offset = try writer.write($0, to: file, at: offset) }
      })
  }

  /// Writes labels that are texts.
  private func write(texts labels: RowLabels, in context: ExecutionContext) throws {
    let width = try context.gathered(LabelFileWriter.width(of: labels)).max() ?? 0
    let writer = try LabelFileWriter(.init(path: name), width: width)
    let bytes = writer.bytes(of: labels)
    if isPerRank {
      return try context.agree {
        try AtomicFile.write(writer.head(totalRowCount: labels.count) + bytes, to: path(rank: context.rank))
      }
    }
    try write(
      rowCount: labels.count, byteCount: bytes.count, in: context, head: { writer.head(totalRowCount: $0) },
      body: { file, offset in try bytes.withUnsafeBytes { try file.write($0, at: offset) } })
  }

  /// Writes one file together: each rank its part, rank 0 the head too.
  private func write(
    rowCount: Int, byteCount: Int, in context: ExecutionContext, head: (_ totalRowCount: Int) -> [UInt8],
    body: (AtomicFile, _ offset: Int) throws -> Void
  ) throws {
    let shares = try context.gathered([rowCount, byteCount])
    let head = head(shares.reduce(0) { $0 + $1[0] })
    let offset = shares[..<context.rank].reduce(head.count) { $0 + $1[1] }
    let file = try context.decide { try AtomicFile(creating: name) }
    do {
      try context.agree {
        if context.rank == 0 { try head.withUnsafeBytes { try file.write($0, at: 0) } }
        do {
          try body(file, offset)
        } catch var error as LockstepError where context.rank != 0 && error.code == .outputFailed {
          error.remedy =
            "if this process is on another machine, give each process its own file, with {rank} in the name"
          throw error
        }
      }
      try context.agree { if context.rank == 0 { try file.commit() } }
    } catch {
      if context.rank == 0 { file.discard() }
      throw error
    }
  }

  /// Values as lines of CSV.
  static func lines(_ values: RowValues) throws -> [UInt8] {
    switch values {
    case .integers(let values):
      values.map(Int64.init).withUnsafeBufferPointer { RowFileWriter<Int64>(.csv, columnCount: 1).bytes(of: $0) }
    case .labels(let labels) where labels.isText:
      LabelFileWriter(.csv, width: 0).bytes(of: labels)
    case .labels(let labels):
      labels.integers.map(Int64.init).withUnsafeBufferPointer {
        RowFileWriter<Int64>(.csv, columnCount: 1).bytes(of: $0)
      }
    case .numbers(let rows):
      try rows.inMemory().withUnsafeElements {
        RowFileWriter<Double>(.csv, columnCount: rows.columnCount).bytes(of: $0)
      }
    }
  }
}

extension RowFile.Pieces<Double> {
  fileprivate init(_ rows: ComputedRows) {
    columnCount = rows.columnCount
    rowCount = rows.rowCount
    forEach = { try rows.forEachRun($0) }
  }
}
