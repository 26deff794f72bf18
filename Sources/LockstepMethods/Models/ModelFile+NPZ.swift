// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTableIO

extension ModelFile {
  /// The name of the array that holds the envelope, as a string of JSON.
  ///
  /// No field of a model has it.
  static var metadataName: String { "metadata" }

  /// The file as arrays: one for each field, by name, and the envelope.
  func npzFile() throws -> NPZFile {
    let metadata = String(decoding: try JSONValue.object(envelope()).encoded(), as: UTF8.self)
    return NPZFile(
      [(Self.metadataName, NPYArray(shape: [], .string([metadata])))]
        + (model.fields + model.derivedFields).map { ($0.name, $0.value.npyArray) })
  }

  /// Reads what ``npzFile()`` made.
  init(npz: NPZFile) throws {
    guard case .string(let texts)? = npz[Self.metadataName]?.elements, texts.count == 1 else {
      throw LockstepError(
        .malformedInput, "this is not a model: it has no string \"\(Self.metadataName)\"",
        remedy: "give a file that -o wrote")
    }
    let fields = try npz.entries.filter { $0.name != Self.metadataName }.map { entry in
      guard let value = ModelValue(entry.array) else {
        throw LockstepError(
          .malformedInput, "\"\(entry.name)\" is not an array of a model", remedy: "save the model again")
      }
      return ModelField(entry.name, value)
    }
    try self.init(envelope: try JSONValue(parsing: Array(texts[0].utf8)), fields: fields)
  }
}

extension ModelValue {
  /// The value as NumPy's array; yes and no are the bytes 1 and 0, which nothing else is.
  var npyArray: NPYArray {
    switch self {
    case .doubles(let elements, let shape): NPYArray(shape: shape, .double(elements))
    case .integers(let elements, let shape): NPYArray(shape: shape, .int64(elements.map(Int64.init)))
    case .bool(let value): NPYArray(shape: [], .uint8([value ? 1 : 0]))
    case .strings(let strings): NPYArray(shape: [strings.count], .string(strings))
    }
  }

  /// Reads what ``npyArray`` made; `nil` if it is not an array that a model can have.
  init?(_ array: NPYArray) {
    switch array.elements {
    case .double(let elements): self = .doubles(elements, shape: array.shape)
    case .int64(let elements): self = .integers(elements.map(Int.init), shape: array.shape)
    case .uint8(let elements):
      guard array.shape.isEmpty, elements[0] < 2 else { return nil }
      self = .bool(elements[0] == 1)
    case .string(let strings):
      guard array.shape.count == 1 else { return nil }
      self = .strings(strings)
    }
  }
}
