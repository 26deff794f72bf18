// SPDX-License-Identifier: Apache-2.0
// The functions are documented in lockstep.h.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CLockstepInterface
import Lockstep

@c @implementation
public func lockstep_rows_read(
  _ context: OpaquePointer, _ request: UnsafePointer<CChar>, _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    let context = try ContextBox.at(context).context
    let document = try JSONValue(cString: request)
    // What is wrong with the request of one rank must reach all, since they wait in the reading.
    let request = try context.agree { try ReadingRequest(document) }
    return try Interrupts.guarding {
      request.isSingle
        ? try request.box(try context.read(request.request, options: request.options, as: Float.self), in: context)
        : try request.box(try context.read(request.request, options: request.options), in: context)
    }.handedOver()
  }
}

/// What `lockstep_rows_read` is asked for.
private struct ReadingRequest {
  private var names: [String] = []
  private var query: String?
  private var queryReadsFiles = false
  private var format: PinnedFormat?
  var options = CSVOptions()
  var isSingle = false
  private var targets: ColumnSelection?
  private var weights: ColumnSelection?

  init(_ document: JSONValue) throws {
    guard case .object(let members) = document else {
      throw LockstepError(.usage, "what to read is not told as a JSON object")
    }
    for (key, value) in members.sorted(by: { $0.key < $1.key }) where value != .null { try take(key, value) }
    guard query == nil || names.isEmpty else {
      throw LockstepError(.usage, "a query is read alone", remedy: "leave out the names of files")
    }
    options.columnsApart = [targets, weights].compactMap { $0 }
  }

  /// The files, or the query.
  var request: DataRequest {
    if let query { return .query(DataQuery(query, allowsFiles: queryReadsFiles)) }
    return format.map { .namesOf($0, names) } ?? .names(names)
  }

  private mutating func take(_ key: String, _ value: JSONValue) throws {
    func unexpected() -> LockstepError {
      let shown = (try? value.encoded()).map { String(decoding: $0, as: UTF8.self) } ?? ""
      return LockstepError(.usage, "\(key) cannot be \(shown)")
    }
    func flag() throws -> Bool {
      guard case .bool(let flag) = value else { throw unexpected() }
      return flag
    }
    func choice<Choice: RawRepresentable<String>>(_ type: Choice.Type) throws -> Choice {
      guard let choice = value.string.flatMap(Choice.init(rawValue:)) else { throw unexpected() }
      return choice
    }
    func columns() throws -> ColumnSelection {
      if value == .string("last") { return .last }
      guard case .array(let items) = value, !items.isEmpty else { throw unexpected() }
      return ColumnSelection(
        names: try items.map { item in
          switch item {
          case .string(let name): return name
          case .integer(let number) where number >= 0: return String(number)
          default: throw unexpected()
          }
        })
    }
    switch key {
    case "names":
      guard case .array(let items) = value, case let names = items.compactMap(\.string), names.count == items.count
      else { throw unexpected() }
      self.names = names
    case "query":
      guard let text = value.string else { throw unexpected() }
      query = text
    case "format": format = try choice(PinnedFormat.self)
    case "queryReadsFiles": queryReadsFiles = try flag()
    case "header": options.header = try choice(CSVHeader.self)
    case "missing": options.missing = try choice(MissingValuePolicy.self)
    case "delimiter":
      guard let text = value.string else { throw unexpected() }
      options.delimiter = try CSVOptions.delimiter(text)
    case "quotes": options.usesQuotes = try flag()
    case "single": isSingle = try flag()
    case "columnCount":
      guard case .integer(let count) = value, count > 0 else { throw unexpected() }
      options.columnCount = count
    case "categorical":
      options.categoricalColumns = value == .string("auto") ? .texts : .chosen(try columns())
    case "encoding": options.encoding = try ColumnEncoding(json: value)
    case "labels": options.labelColumn = try columns()
    case "columns": options.columns = try columns()
    case "targets": targets = try columns()
    case "weights": weights = try columns()
    default:
      throw LockstepError(
        .usage, "reading has no option \"\(key)\"",
        remedy:
          "it has categorical, columnCount, columns, delimiter, encoding, format, header, labels, missing, names, query, queryReadsFiles, quotes, single, targets, weights"
      )
    }
  }

  func box(_ loaded: LoadedRows<some Scalar>, in context: ExecutionContext) throws -> RowsBox {
    if weights != nil {
      let columnCount = loaded.apart.last?.columnCount ?? 1
      try context.agree {
        guard columnCount == 1 else {
          throw LockstepError(.usage, "\(columnCount) columns of weights", remedy: "name one column")
        }
      }
    }
    guard !loaded.apart.isEmpty || loaded.labels != nil else {
      return RowsBox(
        loaded, skippedRowCount: loaded.skippedRowCount, missing: loaded.missing, encoding: loaded.encoding)
    }
    let rows = loaded.accompanied(
      responses: targets == nil ? nil : 0, weights: weights == nil ? nil : loaded.apart.count - 1)
    return RowsBox(
      rows, responseNames: rows.responseNames, skippedRowCount: loaded.skippedRowCount, missing: loaded.missing,
      encoding: loaded.encoding)
  }
}
