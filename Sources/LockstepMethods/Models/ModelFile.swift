// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables
import LockstepTableIO

/// A saved model: the model, and what is worth knowing about how it was made.
///
/// ```swift
/// try ModelFile(model, rowCount: rows.rowCount, columnNames: rows.columnNames).write(to: "clusters.json")
/// let saved = try ModelFile(reading: "clusters.json")
/// ```
/// Two forms hold the same: `.json` for people and other languages, and `.npz`, which NumPy opens, for large models. Both
/// give every number back to the bit (NaN as NaN). The file carries the model's digest, and one that has changed since it was
/// written is refused.
public struct ModelFile: Sendable {
  /// The model.
  public var model: any FittedModel
  /// The number of rows it was fitted to, on all ranks together.
  public var rowCount: Int
  /// The names of the columns it was fitted to, if they had any.
  public var columnNames: [String]?
  /// The names of the responses, if there are any and they had names.
  public var responseNames: [String]?
  /// How the columns of its data became those it was fitted to, if it was not one for one: the values of categorical columns,
  /// and the means that stood for missing values.
  ///
  /// The digest, which is that of the model's own numbers, does not cover it.
  public var encoding: ColumnEncoding?
  /// The method's parameters, as an object of JSON.
  public var parameters: JSONValue

  /// What a file says it is.
  static let format = "lockstep-model"
  /// The version of the format that is written, and the only one so far.
  static let version = 1

  /// The form of a file, by the ending of its name.
  public enum Form: String, CaseIterable, Sendable {
    /// One JSON object.
    case json
    /// NumPy's archive of arrays.
    case npz

    /// The form that the ending of `path` means.
    ///
    /// - Throws: `LockstepError` with code `.usage` for any other ending.
    public init(path: String) throws {
      let name = path.split(separator: "/").last ?? ""
      guard let dot = name.lastIndex(of: "."), let form = Form(rawValue: name[name.index(after: dot)...].lowercased())
      else {
        throw LockstepError(
          .usage, "\"\(path)\" is no name for a model", remedy: "end it in .json, or in .npz for NumPy's arrays")
      }
      self = form
    }
  }

  /// A model to be saved.
  public init(
    _ model: any FittedModel, rowCount: Int, columnNames: [String]? = nil, responseNames: [String]? = nil,
    encoding: ColumnEncoding? = nil, parameters: JSONValue = .object([:])
  ) {
    self.model = model
    self.rowCount = rowCount
    self.columnNames = columnNames
    self.responseNames = responseNames
    self.encoding = encoding
    self.parameters = parameters
  }

  /// A model with what is known of the rows it was fitted to: their number on all ranks, the names of columns and responses, and
  /// categories.
  ///
  /// Collective.
  ///
  /// ```swift
  /// let rows = try world.read("houses.csv", targets: "price", categorical: .texts)
  /// let saved = try ModelFile(LinearRegression().fit(rows, in: world), fittedTo: rows, in: world)
  /// print(saved.columnNames ?? [])
  /// ```
  /// - Throws: `LockstepError` with code `.communication`.
  public init(
    _ model: any FittedModel, fittedTo rows: any RowSource, parameters: JSONValue = .object([:]),
    in context: ExecutionContext = .local
  ) throws { try self.init(model, fittedTo: rows, RowFacts(of: rows), parameters: parameters, in: context) }

  /// The same for rows of which more is known than they tell.
  ///
  /// Collective.
  package init(
    _ model: any FittedModel, fittedTo rows: any RowSource, _ facts: RowFacts, parameters: JSONValue,
    in context: ExecutionContext
  ) throws {
    let shares = try context.gathered(
      FittedShare(columns: StreamColumns(rows, facts), rowCount: rows.rowCount))
    // A rank whose files have no rows may not know the names.
    let columns = shares.map(\.columns).filter { $0.count == model.columnCount }
    self.init(
      model, rowCount: shares.reduce(0) { $0 + $1.rowCount }, columnNames: columns.lazy.compactMap(\.names).first,
      responseNames: shares.lazy.compactMap(\.columns.responseNames).first,
      encoding: columns.lazy.compactMap(\.encoding).first, parameters: parameters)
  }

  /// Writes the file, as JSON or NPZ by the ending of its name, complete or not at all.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed`, or `.usage` for another ending.
  public func write(to path: String) throws {
    switch try Form(path: path) {
    case .json: try AtomicFile.write(try encodedAsJSON(), to: path)
    case .npz: try npzFile().write(to: path)
    }
  }

  /// Reads a file that ``write(to:)`` wrote.
  ///
  /// What it is is seen from its bytes, not from its name.
  ///
  /// - Throws: `LockstepError`: `.noInput` if it cannot be read, `.malformedInput` if it is not a model, is of a newer
  ///   version or an unknown method, or has changed since it was written.
  public init(reading path: String) throws {
    let bytes = try WholeFile.read(path)
    try self.init(file: path) {
      bytes.starts(with: [0x50, 0x4B]) ? try Self(npz: try NPZFile(path)) : try Self(json: bytes)
    }
  }

  /// Reads the text of a JSON file; `file` is its name, for messages.
  public init(json: [UInt8], file: String) throws { try self.init(file: file) { try Self(json: json) } }

  private init(file: String, _ body: () throws -> ModelFile) throws {
    do { self = try body() } catch var error as LockstepError {
      error.place = error.place ?? .init()
      error.place?.file = file
      throw error
    }
  }
}

/// What a rank knows of the rows that a model was fitted to.
private struct FittedShare: Codable, Sendable {
  var columns: StreamColumns
  var rowCount: Int
}

extension ModelFile {
  /// Everything but the fields of the model.
  func envelope() throws -> [String: JSONValue] {
    var members: [String: JSONValue] = [
      "format": .string(Self.format), "version": .integer(Self.version),
      "method": .string(type(of: model).methodName), "rowCount": .integer(rowCount),
      "columnNames": columnNames.map { .array($0.map(JSONValue.string)) } ?? .null,
      "parameters": parameters, "digest": .string(try model.digest),
    ]
    if let responseNames { members["responseNames"] = .array(responseNames.map(JSONValue.string)) }
    if let encoding { members["encoding"] = encoding.json }
    return members
  }

  /// The method that an envelope belongs to; throws if it is no envelope that this version can read.
  static func method(of envelope: JSONValue) throws -> Method {
    guard envelope["format"]?.string == format else {
      throw LockstepError(
        .malformedInput, "this is not a model", remedy: "give a file that -o wrote; it says \"format\": \"\(format)\"")
    }
    guard case .integer(let found)? = envelope["version"], found >= 1 else {
      throw LockstepError(.malformedInput, "this model has no version", remedy: "save the model again")
    }
    guard found <= version else {
      throw LockstepError(
        .malformedInput, "this model is of version \(found), and versions up to \(version) can be read",
        remedy: "read it with the newer release that wrote it")
    }
    guard let name = envelope["method"]?.string, let method = Catalog.method(named: name) else {
      let name = envelope["method"]?.string.map { "\"\($0)\"" } ?? "no method"
      throw LockstepError(
        .malformedInput, "this is a model of \(name), which this release does not know",
        remedy: "read it with the release that wrote it")
    }
    return method
  }

  /// A file of an envelope and the fields of the model; refuses fields that are not those that were written.
  init(envelope: JSONValue, fields: [ModelField]) throws {
    let method = try Self.method(of: envelope)
    model = try method.model(of: ModelFields(methodName: method.name, fields))
    let digest = try model.digest
    guard envelope["digest"]?.string == digest else {
      throw LockstepError(
        .malformedInput,
        "the numbers are not those that were saved: the digest is \(digest) and should be "
          + (envelope["digest"]?.string ?? "there"),
        remedy: "fetch the file again, or save the model again")
    }
    guard case .integer(let rowCount)? = envelope["rowCount"], rowCount >= 0 else {
      throw LockstepError(
        .malformedInput, "this model does not tell its number of rows", remedy: "save the model again")
    }
    self.rowCount = rowCount
    parameters = envelope["parameters"] ?? .object([:])
    columnNames = try Self.names(envelope["columnNames"], count: model.columnCount)
    responseNames = try Self.names(envelope["responseNames"], count: nil)
    encoding = try envelope["encoding"].flatMap { json in
      guard json != .null else { return nil }
      let encoding = try ColumnEncoding(json: json)
      guard encoding.columnCount == model.columnCount else {
        throw LockstepError(
          .malformedInput, "columns encoded as \(encoding.columnCount) for a model of \(model.columnCount)",
          remedy: "save the model again")
      }
      return encoding
    }
  }

  /// The names in a list of JSON, as many as there should be.
  private static func names(_ list: JSONValue?, count: Int?) throws -> [String]? {
    guard case .array(let names)? = list else { return nil }
    let texts = names.compactMap(\.string)
    guard texts.count == names.count, texts.count == count ?? texts.count else {
      throw LockstepError(
        .malformedInput, "\(texts.count) column names for a model of \(count ?? names.count) columns",
        remedy: "save the model again")
    }
    return texts
  }
}
