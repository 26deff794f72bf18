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
        ? request.box(try context.read(request.request, options: request.options, as: Float.self))
        : request.box(try context.read(request.request, options: request.options))
    }.handedOver()
  }
}

/// What `lockstep_rows_read` is asked for.
private struct ReadingRequest {
  private var names: [String] = []
  private var query: String?
  private var queryReadsFiles = false
  private var format: PinnedFormat?
  var options = ReadOptions()
  var isSingle = false
  private var memory: String?
  private var scratch: String?

  init(_ document: JSONValue) throws {
    guard case .object(let members) = document else {
      throw LockstepError(.usage, "what to read is not told as a JSON object")
    }
    for (key, value) in members.sorted(by: { $0.key < $1.key }) where value != .null { try take(key, value) }
    guard query == nil || names.isEmpty else {
      throw LockstepError(.usage, "a query is read alone", remedy: "leave out the names of files")
    }
    if let memory { options.memoryLimit = try MemoryLimit(parsing: memory, scratchDirectory: scratch) }
    guard memory != nil || scratch == nil else {
      throw LockstepError(.usage, "scratch is for what memory does not hold", remedy: "give both")
    }
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
        try items.map { item in
          switch item {
          case .string(let name): return .name(name)
          case .integer(let number) where number >= 0: return .number(number)
          case .array(let ends):
            guard ends.count == 2, case .integer(let first) = ends[0], case .integer(let last) = ends[1], first >= 0,
              first <= last
            else { throw unexpected() }
            return .range(first...last)
          default: throw unexpected()
          }
        })
    }
    func word() throws -> String {
      guard let text = value.string else { throw unexpected() }
      return text
    }
    func number(from least: Int) throws -> Int {
      guard case .integer(let number) = value, number >= least, number <= Int(Int32.max) else { throw unexpected() }
      return number
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
    case "csv":
      guard case .object(let members) = value else { throw unexpected() }
      for (key, value) in members.sorted(by: { $0.key < $1.key }) where value != .null { try takeCSV(key, value) }
    case "missing": options.missing = try choice(MissingValuePolicy.self)
    case "single": isSingle = try flag()
    case "zeroBased": options.isZeroBased = try flag()
    case "columnCount": options.columnCount = try number(from: 1)
    case "threads": options.threadCount = try number(from: 1)
    case "memory": memory = try word()
    case "scratch": scratch = try word()
    case "categorical":
      options.categorical = value == .string("auto") ? .texts : .chosen(try columns())
    case "coding":
      let coding = try word()
      guard ["ones", "reference"].contains(coding) else { throw unexpected() }
      options.coding = coding == "ones" ? .ones : .reference([:])
    case "reference":
      guard case .object(let members) = value, case let levels = members.compactMapValues(\.string),
        levels.count == members.count
      else { throw unexpected() }
      options.coding = .reference(levels)
    case "encoding": options.encoding = try ColumnEncoding(json: value)
    case "label": options.label = try columns()
    case "columns": options.columns = try columns()
    case "except": options.except = try columns()
    case "targets": options.targets = try columns()
    case "weights": options.weights = try columns()
    default:
      throw LockstepError(
        .usage, "reading has no option \"\(key)\"",
        remedy:
          "it has categorical, coding, columnCount, columns, csv, encoding, except, format, label, memory, missing, names, query, queryReadsFiles, reference, scratch, single, targets, threads, "
          + "weights, zeroBased"
      )
    }
  }

  private mutating func takeCSV(_ key: String, _ value: JSONValue) throws {
    let shown = (try? value.encoded()).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let unexpected = LockstepError(.usage, "\(key) of CSV cannot be \(shown)")
    switch key {
    case "header":
      guard let header = value.string.flatMap(CSVHeader.init(rawValue:)) else { throw unexpected }
      options.csv.header = header
    case "delimiter":
      guard let text = value.string else { throw unexpected }
      options.csv.delimiter = try CSVOptions.delimiter(text)
    case "quotes":
      guard case .bool(let usesQuotes) = value else { throw unexpected }
      options.csv.usesQuotes = usesQuotes
    case "missingWords":
      guard case .array(let items) = value, case let words = items.compactMap(\.string), words.count == items.count,
        words.allSatisfy({ $0.utf8.count <= 255 })
      else { throw unexpected }
      options.csv.missingWords = CSVOptions.usualMissingWords + words
    case "skipLines":
      guard case .integer(let count) = value, count >= 0 else { throw unexpected }
      options.csv.skippedLineCount = count
    case "comment", "decimal", "thousands":
      guard let text = value.string else { throw unexpected }
      let mark = try CSVOptions.mark(text, of: key)
      switch key {
      case "comment": options.csv.comment = mark
      case "decimal": options.csv.decimalMark = mark
      default: options.csv.groupMark = mark
      }
    default:
      throw LockstepError(
        .usage, "CSV has no option \"\(key)\"",
        remedy: "it has comment, decimal, delimiter, header, missingWords, quotes, skipLines, thousands")
    }
  }

  func box(_ loaded: LoadedRows<some Scalar>) -> RowsBox {
    RowsBox(
      loaded, responseNames: loaded.targets?.columnNames, skippedRowCount: loaded.skippedRowCount,
      missing: loaded.missing, encoding: loaded.encoding)
  }
}
