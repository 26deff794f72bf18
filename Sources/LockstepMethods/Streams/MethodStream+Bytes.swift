// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTableIO
import LockstepTables

/// The saved form of a stream: the first line is an object of JSON that says what it is; the numbers follow as they are in memory.
///
/// One that has changed since it was written is refused.
extension MethodStream {
  private static let format = "lockstep-partial"
  private static let version = 3

  /// The stream as bytes, with its method and parameters, the columns, and the names of its rows.
  ///
  /// - Throws: `LockstepError` with code `.unsupported` where no library has SHA-256.
  public func encoded() throws -> [UInt8] {
    let summary = try state?.encoded() ?? []
    var members: [String: JSONValue] = [
      "format": .string(Self.format), "version": .integer(Self.version), "method": .string(method.name),
      "parameters": parameters, "rowCount": .integer(rowCount), "skippedRowCount": .integer(skippedRowCount),
      "rows": JSONValue(names: runNames),
    ]
    if let columns {
      members["columnCount"] = .integer(columns.count)
      members["responseCount"] = .integer(columns.responseCount)
      members["columnNames"] = columns.names.map { JSONValue(names: $0) }
      members["responseNames"] = columns.responseNames.map { JSONValue(names: $0) }
      members["encoding"] = columns.encoding?.json
    }
    members["digest"] = .string(try Self.digest(of: members, summary))
    return try JSONValue.object(members).encoded() + [UInt8(ascii: "\n")] + summary
  }

  /// Writes what ``encoded()`` makes to a file, complete or not at all.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed`.
  public func write(to path: String) throws { try AtomicFile.write(try encoded(), to: path) }

  /// Reads a file that ``write(to:)``, or `--partial` of the command, has written.
  ///
  /// - Throws: `LockstepError`: `.noInput` if it cannot be read, `.malformedInput` if it is no stream, is of another version or an
  ///   unknown method, or has changed since it was written.
  public init(reading path: String) throws {
    do { try self.init(decoding: try WholeFile.read(path)) } catch var error as LockstepError {
      error.place = error.place ?? .init(file: path)
      throw error
    }
  }

  /// The stream that ``encoded()`` saved.
  ///
  /// - Throws: `LockstepError` with code `.malformedInput` for bytes that are no stream.
  public init(decoding bytes: [UInt8]) throws { try self.init(decoding: bytes, checksDigest: true) }

  /// The same, perhaps without a look at the digest, which few damaged bytes pass: for programs that try what comes after it.
  public init(decoding bytes: [UInt8], checksDigest: Bool) throws {
    func refusal(_ message: String, _ remedy: String = "summarize the rows again") -> LockstepError {
      LockstepError(.malformedInput, message, remedy: remedy)
    }
    guard bytes.first == UInt8(ascii: "{"), let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
      let envelope = try? JSONValue(parsing: Array(bytes[..<end])), case .object(var members) = envelope,
      [Self.format, "lockstep-stream"].contains(envelope["format"]?.string)
    else {
      throw refusal("this is not a summary of rows", "give a summary that was saved, by the command or a program")
    }
    guard envelope["version"] == .integer(Self.version) else {
      throw refusal("this summary of rows is of another version", "read it with the release that wrote it")
    }
    guard let name = envelope["method"]?.string, let method = Catalog.method(named: name), method.isStreamable else {
      throw refusal("this is a summary of a method that this release does not know")
    }
    let summary = Array(bytes[(end + 1)...])
    if checksDigest {
      let digest = members.removeValue(forKey: "digest")
      guard digest?.string == (try Self.digest(of: members, summary)) else {
        throw refusal("the numbers are not those that were saved", "fetch the file again, or summarize the rows again")
      }
    }
    guard case .integer(let rowCount)? = envelope["rowCount"],
      case .integer(let skippedRowCount)? = envelope["skippedRowCount"],
      let runNames = envelope.names("rows"), let parameters = envelope["parameters"]
    else { throw refusal("this summary of rows does not tell its size") }
    let empty = try method.stream(parameters)
    let state = summary.isEmpty ? nil : try Self.state(of: method, summary) { refusal($0) }
    let columns = try state.map { try Self.columns(envelope, $0.columnCount) { refusal($0) } }
    guard SummaryLimit.rowCounts.contains(skippedRowCount), rowCount == state?.rowCount ?? 0 else {
      throw refusal("a summary cannot be of \(rowCount) rows without \(skippedRowCount)")
    }
    self.init(method, parameters: empty.parameters, state, columns: columns, runNames: runNames)
    self.skippedRowCount = skippedRowCount
  }

  private static func state(
    of method: Method, _ summary: [UInt8], _ refusal: (String) -> LockstepError
  ) throws -> any StreamState {
    var failure = refusal("the numbers of this summary do not fit together")
    do {
      let state = try method.readState(summary)
      if state.isWellFormed { return state }
    } catch { failure.cause = String(describing: error) }
    throw failure
  }

  private static func columns(
    _ envelope: JSONValue, _ columnCount: Int, _ refusal: (String) -> LockstepError
  ) throws -> StreamColumns {
    guard envelope["columnCount"] == .integer(columnCount),
      case .integer(let responseCount)? = envelope["responseCount"],
      SummaryLimit.columnCounts.contains(responseCount)
    else { throw refusal("the columns of this summary of rows are not those of its numbers") }
    let columns = StreamColumns(
      count: columnCount, responseCount: responseCount, names: envelope.names("columnNames"),
      responseNames: envelope.names("responseNames"),
      encoding: try envelope["encoding"].map { try ColumnEncoding(json: $0) })
    guard columns.isWellFormed else { throw refusal("the names of this summary of rows do not fit its columns") }
    return columns
  }

  private static func digest(of members: [String: JSONValue], _ summary: [UInt8]) throws -> String {
    let hash = try SHA256()
    try JSONValue.object(members).encoded().withUnsafeBytes(hash.update)
    try summary.withUnsafeBytes(hash.update)
    return try hash.finalize()
  }
}

extension JSONValue {
  /// A list of names.
  fileprivate init(names: [String]) { self = .array(names.map(JSONValue.string)) }

  /// The names in a member that is a list of them.
  fileprivate func names(_ key: String) -> [String]? {
    guard case .array(let list)? = self[key], case let names = list.compactMap(\.string), names.count == list.count
    else { return nil }
    return names
  }
}
