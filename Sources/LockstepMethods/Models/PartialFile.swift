// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import LockstepReduction
import LockstepTableIO

/// A saved summary of some rows: what a method of one sweep has learned of them, to be merged with the summaries of other rows.
///
/// ```swift
/// let both = try PartialFile(merging: [PartialFile(reading: "day1.part"), PartialFile(reading: "day2.part")])
/// let model = try both.model()
/// ```
/// The first line is an object of JSON that says what it is; the numbers follow as they are in memory. A file that has changed
/// since it was written is refused. Merged summaries agree with one fit of all rows up to rounding.
public struct PartialFile: Sendable {
  /// The method.
  public let method: Method
  /// The method's parameters, as an object of JSON.
  public let parameters: JSONValue
  /// The number of rows, on all ranks together.
  public let rowCount: Int
  /// The number of columns; 0 of no rows.
  public let columnCount: Int
  /// The number of responses.
  public let responseCount: Int
  /// The names of the columns, if they had any.
  public let columnNames: [String]?
  /// The names of the responses, if there are any and they had names.
  public let responseNames: [String]?
  /// The numbers.
  private let summary: [UInt8]

  static let format = "lockstep-partial"
  static let version = 1

  /// A summary and what belongs to it.
  ///
  /// - Precondition: `method` needs one sweep.
  public init(
    _ summary: [UInt8], method: Method, parameters: JSONValue, rowCount: Int, columnCount: Int, responseCount: Int = 0,
    columnNames: [String]? = nil, responseNames: [String]? = nil
  ) {
    precondition(method.sweep != nil, "\(method.name) needs more than one sweep")
    self.summary = summary
    self.method = method
    self.parameters = parameters
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.responseCount = responseCount
    self.columnNames = columnNames
    self.responseNames = responseNames
  }

  /// The model of the rows that are summarized.
  ///
  /// - Throws: What the method's `finalize` throws; `LockstepError` with code `.malformedInput` if the numbers do not fit together.
  public func model() throws -> any FittedModel { try sweep.model(parameters, of: summary) }

  private var sweep: MethodSweep {
    guard let sweep = method.sweep else { preconditionFailure("\(method.name) needs more than one sweep") }
    return sweep
  }
}

extension PartialFile {
  /// The summary of the rows of all parts, in order.
  ///
  /// - Throws: `LockstepError` with code `.usage` for no parts, or parts of different methods or parameters; `.shapeMismatch` for
  ///   parts of different columns, `.malformedInput` for a part whose numbers do not fit together.
  public init(merging parts: [PartialFile]) throws {
    guard let first = parts.first else { throw LockstepError(.usage, "there is nothing to merge") }
    let filled = parts.first { $0.rowCount > 0 } ?? first
    for (i, part) in parts.enumerated() {
      func differ(_ code: LockstepError.Code, _ what: String, _ theirs: String, _ ours: String) throws -> Never {
        throw LockstepError(
          code, "part \(i + 1) has \(what) \(theirs), part 1 has \(ours)", remedy: "merge parts of the same making")
      }
      if part.method.name != first.method.name {
        try differ(.usage, "the method", part.method.name, first.method.name)
      }
      if part.parameters != first.parameters {
        try differ(
          .usage, "the parameters", String(decoding: try part.parameters.encoded(), as: UTF8.self),
          String(decoding: try first.parameters.encoded(), as: UTF8.self))
      }
      guard part.rowCount > 0 else { continue }
      if part.columnCount != filled.columnCount || part.responseCount != filled.responseCount {
        try differ(
          .shapeMismatch, "columns and responses", "\(part.columnCount) + \(part.responseCount)",
          "\(filled.columnCount) + \(filled.responseCount)")
      }
      if let theirs = part.columnNames, let ours = filled.columnNames, theirs != ours {
        try differ(.shapeMismatch, "the columns", theirs.joined(separator: ","), ours.joined(separator: ","))
      }
    }
    // Summaries of no rows may know no columns.
    let summaries = parts.filter { $0.rowCount > 0 }.map(\.summary)
    self.init(
      try first.sweep.merged(summaries.isEmpty ? [first.summary] : summaries), method: first.method,
      parameters: first.parameters, rowCount: parts.reduce(0) { $0 + $1.rowCount }, columnCount: filled.columnCount,
      responseCount: filled.responseCount, columnNames: parts.lazy.compactMap(\.columnNames).first,
      responseNames: parts.lazy.compactMap(\.responseNames).first)
  }

  /// Writes the file, complete or not at all.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed`.
  public func write(to path: String) throws { try AtomicFile.write(try encoded(), to: path) }

  /// The bytes of the file.
  public func encoded() throws -> [UInt8] {
    func names(_ list: [String]?) -> JSONValue { list.map { .array($0.map(JSONValue.string)) } ?? .null }
    let envelope = JSONValue.object([
      "format": .string(Self.format), "version": .integer(Self.version), "method": .string(method.name),
      "parameters": parameters, "rowCount": .integer(rowCount), "columnCount": .integer(columnCount),
      "responseCount": .integer(responseCount), "columnNames": names(columnNames),
      "responseNames": names(responseNames), "digest": .string(try Self.digest(of: summary)),
    ])
    return try envelope.encoded() + [UInt8(ascii: "\n")] + summary
  }

  /// Reads a file that ``write(to:)`` wrote.
  ///
  /// - Throws: `LockstepError`: `.noInput` if it cannot be read, `.malformedInput` if it is no summary, is of a newer version or an
  ///   unknown method, or has changed since it was written.
  public init(reading path: String) throws { try self.init(decoding: try WholeFile.read(path), file: path) }

  /// Reads the bytes of a file; `file` is its name, for messages.
  public init(decoding bytes: [UInt8], file: String) throws {
    func refuse(_ message: String, _ remedy: String = "summarize the rows again") -> LockstepError {
      LockstepError(.malformedInput, message, remedy: remedy, place: .init(file: file))
    }
    guard bytes.first == UInt8(ascii: "{"), let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
      let envelope = try? JSONValue(parsing: Array(bytes[..<end])), envelope["format"]?.string == Self.format
    else { throw refuse("this is not a summary of rows", "give a file that --partial wrote") }
    guard envelope["version"] == .integer(Self.version) else {
      throw refuse("this summary is of another version", "read it with the release that wrote it")
    }
    guard let name = envelope["method"]?.string, let method = Catalog.method(named: name), method.sweep != nil else {
      throw refuse("this is a summary of a method that this release does not know")
    }
    let summary = Array(bytes[(end + 1)...])
    guard envelope["digest"]?.string == (try Self.digest(of: summary)) else {
      throw refuse("the numbers are not those that were saved", "fetch the file again, or summarize the rows again")
    }
    guard case .integer(let rows)? = envelope["rowCount"], case .integer(let columns)? = envelope["columnCount"],
      case .integer(let responses)? = envelope["responseCount"]
    else { throw refuse("this summary does not tell its size") }
    guard SummaryLimit.rowCounts.contains(rows), SummaryLimit.columnCounts.contains(columns),
      SummaryLimit.columnCounts.contains(responses)
    else { throw refuse("a summary cannot be of \(rows) rows of \(columns) columns with \(responses) responses") }
    func names(_ key: String) -> [String]? {
      guard case .array(let names)? = envelope[key] else { return nil }
      return names.compactMap(\.string)
    }
    self.init(
      summary, method: method, parameters: envelope["parameters"] ?? .object([:]), rowCount: rows, columnCount: columns,
      responseCount: responses, columnNames: names("columnNames"), responseNames: names("responseNames"))
  }

  private static func digest(of bytes: [UInt8]) throws -> String {
    let hash = try SHA256()
    try bytes.withUnsafeBytes(hash.update)
    return try hash.finalize()
  }
}
