// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// A batch of rows as Arrow's messages hold it: a description, and the memory that it describes.
///
/// Source: Apache Arrow, format/Message.fbs, and "Arrow columnar format", section "Serialization and interprocess
/// communication". Every length and offset is checked here, before anything reads the memory.
struct ArrowBatch {
  /// What one field is stored as.
  struct Part {
    var type: ArrowType
    var layout: ArrowField.Layout
  }

  let rowCount: Int
  private let body: UnsafeRawBufferPointer
  private let nodes: FlatStructures
  private let buffers: FlatStructures
  private let extraBufferCounts: FlatStructures
  private let compression: ArrowCompression?

  /// Whether its memory has to be unpacked.
  var isCompressed: Bool { compression != nil }

  /// Reads the description.
  init(_ batch: FlatTable, body: UnsafeRawBufferPointer) throws {
    rowCount = Int(try batch.integer(0, or: Int64(0)))
    guard rowCount >= 0 else { throw FlatTable.damaged }
    self.body = body
    nodes = try batch.structures(1, byteCount: 16)
    buffers = try batch.structures(2, byteCount: 16)
    extraBufferCounts = try batch.structures(4, byteCount: 8)
    compression = try batch.table(3).map { table in
      let code = try table.integer(0, or: Int8(0))
      guard let compression = ArrowCompression(code: code) else {
        throw LockstepError(
          .unsupported, "columns are compressed by a method that is not known (\(code))",
          remedy: "write the file without compression, or with lz4 or zstd")
      }
      return compression
    }
    // Every column that has values has a bit for each row at least.
    guard rowCount / 8 / (compression?.largestRatio ?? 1) <= body.count else {
      throw LockstepError(
        .malformedInput, "there are no values for \(rowCount) rows",
        remedy: "write the file again, with columns of numbers")
    }
  }

  /// The columns of some of the parts that the batch is made of.
  ///
  /// What they are unpacked to goes to a scratch file, beyond what `limit` lets stay in memory.
  func page(_ parts: [Part], wanted: [Int], limit: MemoryLimit? = nil) throws -> ArrowPage {
    var unpacking = Unpacking(compression, limit: limit)
    var columns: [Int: ArrowColumn] = [:]
    var hasValues = rowCount == 0
    var (node, buffer, extra) = (0, 0, 0)
    var isWanted = [Bool](repeating: false, count: parts.count)
    for p in wanted { isWanted[p] = true }
    for (p, part) in parts.enumerated() {
      var bufferCount = part.layout.bufferCount
      for _ in 0..<part.layout.viewCount {
        let count = Int(try extraBufferCounts.integer(extra, at: 0, as: Int64.self))
        guard count >= 0, count <= buffers.count else { throw FlatTable.damaged }
        bufferCount += count
        extra += 1
      }
      guard bufferCount <= buffers.count - buffer else { throw FlatTable.damaged }
      if isWanted[p] {
        columns[p] = try column(part.type, node: node, buffers: buffer..<buffer + bufferCount, &unpacking)
        if case .number(let number) = part.type, number == .none {} else { hasValues = true }
      }
      node += part.layout.nodeCount
      buffer += bufferCount
    }
    // The number of rows would be a mere claim.
    guard hasValues else {
      throw LockstepError(
        .malformedInput, "none of the columns has values", remedy: "choose others with \(option: .columns)")
    }
    return ArrowPage(rowCount: rowCount, columns: columns, memory: unpacking.memory)
  }

  private func column(
    _ type: ArrowType, node: Int, buffers range: Range<Int>, _ unpacking: inout Unpacking
  ) throws -> ArrowColumn {
    guard try nodes.integer(node, at: 0, as: Int64.self) == rowCount else { throw FlatTable.damaged }
    var column = ArrowColumn()
    func validity(_ node: Int, _ buffer: Int, count: Int) throws -> UnsafePointer<UInt8>? {
      guard try nodes.integer(node, at: 8, as: Int64.self) != 0,
        try buffers.integer(buffer, at: 8, as: Int64.self) != 0
      else { return nil }
      return try bytes(buffer, atLeast: count / 8 + (count % 8 == 0 ? 0 : 1), &unpacking)
        .bindMemory(to: UInt8.self).baseAddress
    }
    switch type {
    case .number(let number):
      guard number != .none else { return column }
      guard range.count == 2, let byteCount = number.byteCount(of: rowCount) else { throw FlatTable.damaged }
      column.validity = try validity(node, range.lowerBound, count: rowCount)
      column.values = try bytes(range.lowerBound + 1, atLeast: byteCount, &unpacking).baseAddress
    case .list(let number, let width):
      let (count, isTooLong) = rowCount.multipliedReportingOverflow(by: width)
      guard range.count == 3, !isTooLong, let byteCount = number.byteCount(of: count),
        try nodes.integer(node + 1, at: 0, as: Int64.self) >= count
      else { throw FlatTable.damaged }
      column.validity = try validity(node, range.lowerBound, count: rowCount)
      column.elementValidity = try validity(node + 1, range.lowerBound + 1, count: count)
      column.values = try bytes(range.lowerBound + 2, atLeast: byteCount, &unpacking).baseAddress
    case .text(let layout):
      guard range.count >= 2 else { throw FlatTable.damaged }
      column.validity = try validity(node, range.lowerBound, count: rowCount)
      let width = if case .ends32 = layout { 4 } else if case .ends64 = layout { 8 } else { 16 }
      let count = if case .views = layout { rowCount } else { rowCount == 0 ? 0 : rowCount + 1 }
      let (byteCount, isTooLong) = count.multipliedReportingOverflow(by: width)
      guard !isTooLong else { throw FlatTable.damaged }
      column.values = try bytes(range.lowerBound + 1, atLeast: byteCount, &unpacking).baseAddress
      column.texts = try range.dropFirst(2).map { try bytes($0, atLeast: nil, &unpacking) }
    case .other: break
    }
    return column
  }

  /// The memory of a buffer: `count` bytes or more, all of them if `count` is `nil`.
  private func bytes(_ index: Int, atLeast count: Int?, _ unpacking: inout Unpacking) throws -> UnsafeRawBufferPointer {
    let offset = Int(try buffers.integer(index, at: 0, as: Int64.self))
    let byteCount = Int(try buffers.integer(index, at: 8, as: Int64.self))
    guard offset >= 0, byteCount >= 0, offset <= body.count, byteCount <= body.count - offset else {
      throw FlatTable.damaged
    }
    let stored = UnsafeRawBufferPointer(rebasing: body[offset..<offset + byteCount])
    let content = compression == nil ? stored : try unpacking.content(of: stored, atLeast: count)
    guard content.count >= count ?? 0 else {
      throw LockstepError(
        .malformedInput, "a column of \(rowCount) rows has \(content.count) of \(count ?? 0) bytes",
        remedy: "write the file again")
    }
    return content
  }
}

/// Unpacks the buffers of a batch, and keeps what it has unpacked.
private struct Unpacking {
  private let compression: ArrowCompression?
  private var decoder: (any BufferDecoder)?
  private(set) var memory: [any Sendable] = []
  private let limit: MemoryLimit?
  /// The number of bytes that may still be unpacked to memory.
  private var left: Int

  init(_ compression: ArrowCompression?, limit: MemoryLimit?) {
    self.compression = compression
    self.limit = limit
    left = limit?.heldByteCount ?? .max
  }

  /// What a buffer holds: the length of its content, or -1 if that is stored as it is, and then the content.
  mutating func content(of stored: UnsafeRawBufferPointer, atLeast count: Int?) throws -> UnsafeRawBufferPointer {
    guard let compression, !stored.isEmpty else { return stored }
    guard stored.count >= 8 else { throw FlatTable.damaged }
    let claimed = Int(stored.loadUnaligned(as: Int64.self))
    let packed = UnsafeRawBufferPointer(rebasing: stored[8...])
    guard claimed != -1 else { return packed }
    guard claimed >= 0, compression.canHold(claimed, in: packed.count) else { throw FlatTable.damaged }
    // What follows the values is not needed.
    let wanted = min(claimed, count ?? claimed)
    let room = try UnpackedBytes(count: wanted, limit: limit, inMemory: left)
    if wanted <= left { left -= wanted }
    let decoder = try self.decoder ?? compression.decoder()
    self.decoder = decoder
    try decoder.unpack(packed, into: room.bytes)
    room.finish()
    memory.append(room)
    return UnsafeRawBufferPointer(room.bytes)
  }
}
