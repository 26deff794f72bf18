// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

extension ModelFile {
  /// The file as one JSON object: the envelope, and the fields under `model`.
  public func encodedAsJSON() throws -> [UInt8] {
    var members = try envelope()
    members["model"] = .object(model.fieldsAsJSON)
    return try JSONValue.object(members).encoded() + [UInt8(ascii: "\n")]
  }

  /// Reads what ``encodedAsJSON()`` wrote.
  init(json bytes: [UInt8]) throws {
    let document = try JSONValue(parsing: bytes)
    _ = try Self.method(of: document)
    guard case .object(let members)? = document["model"] else {
      throw LockstepError(.malformedInput, "this model has no numbers", remedy: "save the model again")
    }
    let fields = try members.map { name, json in
      guard let value = ModelValue(json: json) else {
        throw LockstepError(.malformedInput, "\"\(name)\" is not an array of a model", remedy: "save the model again")
      }
      return ModelField(name, value)
    }
    try self.init(envelope: document, fields: fields)
  }
}

extension FittedModel {
  /// The fields as JSON, by name, and what follows from them.
  public var fieldsAsJSON: [String: JSONValue] {
    Dictionary((fields + derivedFields).map { ($0.name, $0.value.json) }) { first, _ in first }
  }
}
