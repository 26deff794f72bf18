// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables

/// A stream of Arrow's C stream interface: `struct ArrowArrayStream`.
package typealias ArrowArrayStream = CLockstepTableIO.ArrowArrayStream

extension LoadedRows {
  /// The rows of a stream of Arrow's C stream interface, by which libraries of any language hand over tables.
  ///
  /// ```swift
  /// let rows = try LoadedRows<Double>(arrowStream: &stream)
  /// let model = try PCA(componentCount: 2).fit(rows, in: world)
  /// ```
  /// Reads the stream to its end and releases it, also if this throws. The columns are copied to rows once; lists of one size that are
  /// the only column, and hold numbers of type `Element`, are shown where they are. Types are converted as ``DataReading`` does for
  /// Arrow files. The stream is trusted to point to as much memory as it says.
  ///
  /// - Parameters:
  ///   - stream: The stream, which must not be used afterwards.
  ///   - options: Which columns to read, and what to do with missing values.
  ///   - name: What to call the stream in error messages.
  /// - Throws: `LockstepError`: `.userCode` with the words of whoever makes the stream if it fails; `.unsupported` or
  ///   `.malformedInput` if a chosen column holds no numbers; `.usage` if a chosen column does not exist.
  package init(
    arrowStream stream: UnsafeMutablePointer<ArrowArrayStream>, options: ReadOptions = ReadOptions(),
    name: String = "the Arrow stream"
  ) throws {
    let store = ArrowStore(try ArrowStreamBatches(stream, name: name))
    self = try ColumnStoreRows(store, options: options).rows(0..<store.rowCount)
  }
}

/// The rows of a stream of Arrow's C stream interface, in 32 bits if all columns are of such numbers, otherwise in 64.
///
/// Reads the stream to its end and releases it, also if this throws.
///
/// - Parameters:
///   - stream: The stream, which must not be used afterwards.
///   - options: Which columns to read, and what to do with missing values.
///   - name: What to call the stream in error messages.
/// - Returns: The rows, as `LoadedRows<Float>` or `LoadedRows<Double>`.
/// - Throws: `LockstepError` as `LoadedRows.init(arrowStream:)` does.
package func rows(
  ofArrowStream stream: UnsafeMutablePointer<ArrowArrayStream>, options: ReadOptions = ReadOptions(),
  name: String = "the Arrow stream"
) throws -> any RowSource {
  let batches = try ArrowStreamBatches(stream, name: name)
  let store = ArrowStore(batches)
  let isSingle = batches.schema.fields.allSatisfy { field in
    switch field.type {
    case .number(let number), .list(let number, _): number == .float && field.dictionary == nil
    case .text, .other: false
    }
  }
  return isSingle
    ? try ColumnStoreRows<Float>(store, options: options).rows(0..<store.rowCount)
    : try ColumnStoreRows<Double>(store, options: options).rows(0..<store.rowCount) as any RowSource
}

/// The batches that a stream has given.
struct ArrowStreamBatches: ArrowBatches {
  let name: String
  let schema: ArrowSchema
  let rowCounts: [Int]
  let areUnpackedWhole = false
  private let pages: [ArrowPage]

  /// Reads a stream to its end, and releases it.
  init(_ stream: UnsafeMutablePointer<ArrowArrayStream>, name: String) throws {
    defer { stream.pointee.release?(stream) }
    func check(_ status: Int32) throws {
      guard status != 0 else { return }
      let words = stream.pointee.get_last_error?(stream).map { String(cString: $0) }
      throw LockstepError(
        .userCode, "whoever makes the table failed", place: .init(file: name), cause: words ?? "error \(status)")
    }
    guard let getSchema = stream.pointee.get_schema, let getNext = stream.pointee.get_next else {
      throw LockstepError(.usage, "the stream was released before", place: .init(file: name))
    }
    var description = CLockstepTableIO.ArrowSchema()
    try check(getSchema(stream, &description))
    defer { description.release?(&description) }
    let schema = try ArrowSchema(description, name: name)
    var pages: [ArrowPage] = []
    while true {
      let batch = ArrowForeignBatch()
      try check(getNext(stream, &batch.array))
      guard batch.array.release != nil else { break }
      do { pages.append(try batch.page(schema)) } catch {
        var error = LockstepError(wrapping: error)
        error.place = error.place ?? .init(file: name)
        throw error
      }
    }
    self.name = name
    self.schema = schema
    self.pages = pages
    rowCounts = pages.map(\.rowCount)
  }

  func page(_ batch: Int, fields: [Int]) throws -> ArrowPage { pages[batch] }
}

/// A batch of rows in the memory of whoever made it, given back when nobody looks at it any more.
///
/// Audited `@unchecked Sendable`: its memory is only read, and released once, by the last owner.
final class ArrowForeignBatch: @unchecked Sendable {
  fileprivate var array = ArrowArray()

  deinit { array.release?(&array) }

  /// What the batch holds, checked so far as that can be done from outside.
  fileprivate func page(_ schema: ArrowSchema) throws -> ArrowPage {
    let damaged = LockstepError(.malformedInput, "a batch does not have the columns that its schema tells")
    guard array.n_children == schema.fields.count, array.length >= 0, array.offset >= 0 else { throw damaged }
    guard array.null_count == 0 || array.n_buffers == 0 || array.buffers?[0] == nil else {
      throw LockstepError(.unsupported, "rows are missing as a whole", remedy: "hand over a table, not structures")
    }
    let rowCount = Int(array.length)
    let (end, isTooLong) = array.offset.addingReportingOverflow(array.length)
    let children: UnsafeMutablePointer<UnsafeMutablePointer<ArrowArray>?>? = array.children
    guard !isTooLong, schema.fields.isEmpty || children != nil else { throw damaged }
    var columns: [Int: ArrowColumn] = [:]
    var dictionaries: [Int: ArrowDictionary] = [:]
    for (f, field) in schema.fields.enumerated() {
      guard let child = children?[f]?.pointee, child.offset >= 0, child.length >= end else { throw damaged }
      let stored = field.dictionary.map { ArrowType.number($0.index) } ?? field.type
      columns[f] = try child.column(stored, first: Int(array.offset), rowCount: rowCount) ?? { throw damaged }()
      guard field.dictionary != nil, let entries = child.dictionary?.pointee else { continue }
      let values = try entries.column(field.type, first: 0, rowCount: Int(entries.length)) ?? { throw damaged }()
      dictionaries[f] = try ArrowDictionary(
        [ArrowPage(rowCount: Int(entries.length), columns: [0: values], memory: [])], type: field.type)
    }
    return try ArrowPage(rowCount: rowCount, columns: columns, memory: [self]).with(dictionaries, schema)
  }
}

extension ArrowArray {
  /// Where the values of rows from `first` on are; `nil` if there is less than the type needs.
  fileprivate func column(_ type: ArrowType, first: Int, rowCount: Int) -> ArrowColumn? {
    var column = ArrowColumn()
    column.first = Int(offset) + first
    column.validityFirst = column.first
    func buffer(_ i: Int) -> UnsafeRawPointer? { i < Int(n_buffers) ? buffers?[i] : nil }
    func validity() -> UnsafePointer<UInt8>? {
      null_count == 0 ? nil : buffer(0)?.assumingMemoryBound(to: UInt8.self)
    }
    switch type {
    case .number(let number):
      if number == .none { return column }
      column.validity = validity()
      column.values = buffer(1)
      guard column.values != nil || rowCount == 0 else { return nil }
    case .list(let number, let width):
      let all: UnsafeMutablePointer<UnsafeMutablePointer<ArrowArray>?>? = children
      let (needed, isTooLong) = (column.first + rowCount).multipliedReportingOverflow(by: width)
      guard n_children == 1, !isTooLong, let child = all?[0]?.pointee, child.offset >= 0, child.length >= needed,
        let elements = child.column(.number(number), first: 0, rowCount: rowCount * width)
      else { return nil }
      column.validity = validity()
      column.values = elements.values
      column.firstElement = elements.first
      column.elementValidity = elements.validity
      column.elementValidityFirst = elements.validityFirst
    case .text(let layout):
      column.validity = validity()
      column.values = buffer(1)
      guard rowCount > 0 else { return column }
      guard let values = column.values else { return nil }
      func texts(_ byteCount: Int) -> [UnsafeRawBufferPointer]? {
        guard byteCount >= 0 else { return nil }
        return [UnsafeRawBufferPointer(start: buffer(2), count: buffer(2) == nil ? 0 : byteCount)]
      }
      let end = column.first + rowCount
      switch layout {
      case .ends32: column.texts = texts(Int((values + 4 * end).loadUnaligned(as: Int32.self))) ?? []
      case .ends64: column.texts = texts(Int((values + 8 * end).loadUnaligned(as: Int64.self))) ?? []
      case .views:
        // The last buffer tells the lengths of those before it.
        guard n_buffers >= 3, let lengths = buffer(Int(n_buffers) - 1) else { return nil }
        column.texts = (0..<Int(n_buffers) - 3).map { i in
          let count = Int((lengths + 8 * i).loadUnaligned(as: Int64.self))
          return UnsafeRawBufferPointer(start: buffer(2 + i), count: buffer(2 + i) == nil ? 0 : max(0, count))
        }
      }
    case .other: break
    }
    return column
  }
}
