// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Synchronization

/// What Arrow data is made of, wherever it is: batches of rows with one schema.
protocol ArrowBatches: Sendable {
  var name: String { get }
  var schema: ArrowSchema { get }
  /// The number of rows of each batch.
  var rowCounts: [Int] { get }
  /// Whether a batch costs as much for some of its rows as for all.
  var areUnpackedWhole: Bool { get }
  /// Some fields of a batch.
  func page(_ batch: Int, fields: [Int]) throws -> ArrowPage
  /// Lets go of what was loaded into memory.
  func release()
}

extension ArrowBatches {
  func release() {}
}

/// A file of Arrow's IPC formats, mapped into memory: the one with an index of its batches (Feather 2), or the stream.
///
/// Source: Apache Arrow, "Arrow columnar format", section "Serialization and interprocess communication"; format/File.fbs.
final class ArrowFile: ArrowBatches {
  /// A message: what describes it, and the memory that it describes.
  private struct Message: Sendable {
    var description: Range<Int>
    var body: Range<Int>
  }

  /// A batch of rows, and for each dictionary that it may refer to the messages that make it up.
  private struct Batch: Sendable {
    var message: Message
    var dictionaries: [Int64: [Int]]
  }

  let name: String
  let schema: ArrowSchema
  let rowCounts: [Int]
  let areUnpackedWhole: Bool
  private let mapping: MappedFile
  private let batches: [Batch]
  private let dictionaryMessages: [Message]
  private let limit: MemoryLimit?
  /// What was read last: chunks that follow each other are often of one batch.
  private let latest = Mutex<(batch: Int, fields: [Int], page: ArrowPage)?>(nil)
  private let dictionaries = Mutex<[[Int]: ArrowDictionary]>([:])

  static let magic = Array("ARROW1".utf8)
  /// The first version of Feather, which is another format.
  static let oldMagic = Array("FEA1".utf8)
  private static var streamMark: UInt32 { 0xFFFF_FFFF }

  /// Whether a file begins as a stream of messages does, whose first one is a schema.
  static func isStream(_ head: [UInt8]) -> Bool {
    head.withUnsafeBytes { head in
      guard head.count >= 16, head.loadUnaligned(as: UInt32.self) == streamMark else { return false }
      let byteCount = Int(head.loadUnaligned(fromByteOffset: 4, as: Int32.self))
      guard byteCount >= 8 else { return false }
      // A schema longer than the head is a schema still.
      guard byteCount <= head.count - 8 else { return true }
      let message = try? FlatTable(root: UnsafeRawBufferPointer(rebasing: head[8..<8 + byteCount]))
      return (try? message?.integer(1, or: UInt8(0))) == 1
    }
  }

  /// Reads what a file says of itself: its columns, and where its batches are.
  init(_ file: InputFile, byteCount: Int, limit: MemoryLimit? = nil) throws {
    self.limit = limit
    name = file.name
    mapping = try MappedFile(file, 0..<byteCount, isForAll: false)
    let bytes = mapping.bytes
    guard !bytes.starts(with: Self.oldMagic) else {
      throw LockstepError(
        .unsupported, "the file is of the first version of Feather", remedy: "write it with version=2, the default",
        place: .init(file: file.name))
    }
    do {
      let contents =
        bytes.starts(with: Self.magic) ? try Self.contents(ofFile: bytes) : try Self.contents(ofStream: bytes)
      (schema, batches, dictionaryMessages) = (contents.schema, contents.batches, contents.dictionaryMessages)
      var total = 0
      var isCompressed = false
      rowCounts = try contents.batches.map { batch in
        let rows = try Self.rows(of: batch.message, in: bytes)
        isCompressed = isCompressed || rows.isCompressed
        let (sum, isTooLong) = total.addingReportingOverflow(rows.rowCount)
        guard !isTooLong else { throw FlatTable.damaged }
        total = sum
        return rows.rowCount
      }
      areUnpackedWhole = isCompressed
    } catch { throw Self.placed(error, in: file.name) }
  }

  private static func placed(_ error: any Error, in file: String) -> LockstepError {
    var error = LockstepError(wrapping: error)
    error.place = error.place ?? .init(file: file)
    return error
  }

  private typealias Contents = (schema: ArrowSchema, batches: [Batch], dictionaryMessages: [Message])

  private static var cutOff: LockstepError {
    LockstepError(.malformedInput, "the file is cut off", remedy: "write or fetch it again")
  }

  // MARK: Where things are

  /// The batches that the index at a file's end lists.
  private static func contents(ofFile bytes: UnsafeRawBufferPointer) throws -> Contents {
    let tail = magic.count + 4
    guard bytes.count >= 8 + tail, bytes.suffix(magic.count).elementsEqual(magic) else { throw cutOff }
    let indexByteCount = Int(bytes.loadUnaligned(fromByteOffset: bytes.count - tail, as: Int32.self))
    guard indexByteCount > 0, indexByteCount <= bytes.count - tail - 8 else { throw FlatTable.damaged }
    let end = bytes.count - tail
    let index = try FlatTable(root: UnsafeRawBufferPointer(rebasing: bytes[end - indexByteCount..<end]))
    guard let table = try index.table(1) else { throw FlatTable.damaged }
    func messages(_ field: Int) throws -> [Message] {
      let blocks = try index.structures(field, byteCount: 24)
      return try (0..<blocks.count).map { i in
        let offset = Int(try blocks.integer(i, at: 0, as: Int64.self))
        let descriptionByteCount = Int(try blocks.integer(i, at: 8, as: Int32.self))
        let bodyByteCount = Int(try blocks.integer(i, at: 16, as: Int64.self))
        guard offset >= 0, descriptionByteCount >= 8, bodyByteCount >= 0, offset <= end,
          descriptionByteCount <= end - offset, bodyByteCount <= end - offset - descriptionByteCount
        else { throw FlatTable.damaged }
        // Releases before 0.15 wrote no mark before the length.
        let hasMark = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self) == streamMark
        let body = offset + descriptionByteCount
        return Message(description: offset + (hasMark ? 8 : 4)..<body, body: body..<body + bodyByteCount)
      }
    }
    let dictionaries = try messages(2)
    var known: [Int64: [Int]] = [:]
    for (i, message) in dictionaries.enumerated() {
      let (id, _) = try dictionary(message, in: bytes)
      known[id, default: []].append(i)
    }
    return (try ArrowSchema(table), try messages(3).map { Batch(message: $0, dictionaries: known) }, dictionaries)
  }

  /// The batches of a stream, found from first to last.
  private static func contents(ofStream bytes: UnsafeRawBufferPointer) throws -> Contents {
    var schema: ArrowSchema?
    var batches: [Batch] = []
    var dictionaries: [Message] = []
    var known: [Int64: [Int]] = [:]
    var offset = 0
    while offset < bytes.count {
      guard bytes.count - offset >= 8 else { throw cutOff }
      guard bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self) == streamMark else { throw FlatTable.damaged }
      let byteCount = Int(bytes.loadUnaligned(fromByteOffset: offset + 4, as: Int32.self))
      offset += 8
      if byteCount == 0 {
        guard offset == bytes.count else {
          throw LockstepError(
            .malformedInput, "\(bytes.count - offset) bytes follow the end of the stream",
            remedy: "keep streams in files of their own, and name all of them")
        }
        break
      }
      guard byteCount > 0 else { throw FlatTable.damaged }
      guard byteCount <= bytes.count - offset else { throw cutOff }
      let table = try FlatTable(root: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + byteCount]))
      let bodyByteCount = Int(try table.integer(3, or: Int64(0)))
      guard bodyByteCount >= 0 else { throw FlatTable.damaged }
      guard bodyByteCount <= bytes.count - offset - byteCount else { throw cutOff }
      let body = offset + byteCount..<offset + byteCount + bodyByteCount
      let message = Message(description: offset..<offset + byteCount, body: body)
      offset = body.upperBound
      switch try table.integer(1, or: UInt8(0)) {
      case 1:
        guard schema == nil, let header = try table.table(2) else { throw FlatTable.damaged }
        schema = try ArrowSchema(header)
      case 2:
        let (id, isDelta) = try dictionary(message, in: bytes)
        known[id] = (isDelta ? known[id] ?? [] : []) + [dictionaries.count]
        dictionaries.append(message)
      case 3: batches.append(Batch(message: message, dictionaries: known))
      default:
        throw LockstepError(.unsupported, "the stream holds something other than a table", remedy: "write a table")
      }
    }
    guard let schema else { throw FlatTable.damaged }
    return (schema, batches, dictionaries)
  }

  private static func header(
    _ message: Message, kind: UInt8, in bytes: UnsafeRawBufferPointer
  ) throws -> FlatTable {
    let table = try FlatTable(root: UnsafeRawBufferPointer(rebasing: bytes[message.description]))
    guard try table.integer(1, or: UInt8(0)) == kind, let header = try table.table(2) else { throw FlatTable.damaged }
    return header
  }

  private static func rows(of message: Message, in bytes: UnsafeRawBufferPointer) throws -> ArrowBatch {
    try ArrowBatch(
      try header(message, kind: 3, in: bytes), body: UnsafeRawBufferPointer(rebasing: bytes[message.body]))
  }

  private static func dictionary(
    _ message: Message, in bytes: UnsafeRawBufferPointer
  ) throws -> (id: Int64, isDelta: Bool) {
    let header = try header(message, kind: 2, in: bytes)
    return (try header.integer(0, or: Int64(0)), try header.isTrue(2))
  }

  // MARK: What is there

  func release() { mapping.release() }

  func page(_ batch: Int, fields: [Int]) throws -> ArrowPage {
    if areUnpackedWhole, let last = latest.withLock({ $0 }), last.batch == batch, last.fields == fields {
      return last.page
    }
    do {
      let stored = batches[batch]
      let parts = schema.fields.map { field in
        ArrowBatch.Part(type: field.dictionary.map { .number($0.index) } ?? field.type, layout: field.layout)
      }
      let page = try Self.rows(of: stored.message, in: mapping.bytes).page(
        parts, wanted: fields, limit: limit)
      let known = try fields.reduce(into: [:]) { known, f in
        known[f] = try schema.fields[f].dictionary.map { dictionary in
          try entries(stored.dictionaries[dictionary.id] ?? [], of: schema.fields[f])
        }
      }
      let complete = try page.with(known, schema)
      if areUnpackedWhole { latest.withLock { $0 = (batch, fields, complete) } }
      return complete
    } catch { throw Self.placed(error, in: name) }
  }

  /// The dictionary that some messages make up.
  private func entries(_ messages: [Int], of field: ArrowField) throws -> ArrowDictionary {
    if let found = dictionaries.withLock({ $0[messages] }) { return found }
    let pages = try messages.map { i in
      let message = dictionaryMessages[i]
      guard let rows = try Self.header(message, kind: 2, in: mapping.bytes).table(1) else { throw FlatTable.damaged }
      return try ArrowBatch(rows, body: UnsafeRawBufferPointer(rebasing: mapping.bytes[message.body])).page(
        [ArrowBatch.Part(type: field.type, layout: field.valueLayout)], wanted: [0], limit: limit)
    }
    let found = try ArrowDictionary(pages, type: field.type)
    dictionaries.withLock { $0[messages] = found }
    return found
  }
}
