// SPDX-License-Identifier: Apache-2.0
// The functions are documented in lockstep.h.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CLockstepInterface
import Glibc
import Lockstep

/// Where a function puts the words for its failure.
public typealias FailureOut = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

/// What `body` returns, or `nil` and the error as JSON in `failure`: no error crosses into C.
func attempt<Result>(_ failure: FailureOut, _ body: () throws -> Result) -> Result? {
  do { return try body() } catch {
    failure?.pointee = text(LockstepError(wrapping: error).json)
    return nil
  }
}

/// 0 if `body` returns, or -1 and the error as JSON in `failure`.
func attemptStatus(_ failure: FailureOut, _ body: () throws -> Void) -> Int32 {
  attempt(failure, body) == nil ? -1 : 0
}

/// A copy of a text that `lockstep_free` frees.
func text(_ string: String) -> UnsafeMutablePointer<CChar>? { strdup(string) }

/// A copy of a document that `lockstep_free` frees.
func text(_ document: JSONValue) -> UnsafeMutablePointer<CChar>? {
  // Objects of texts and numbers always encode.
  guard let bytes = try? document.encoded() else { return strdup("{}") }
  return text(String(decoding: bytes, as: UTF8.self))
}

extension LockstepError {
  /// The error as the interface tells it.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "code": .string(code.rawValue), "message": .string(message), "description": .string(description(in: .python)),
    ]
    members["remedy"] = remedy(in: .python).map(JSONValue.string)
    members["cause"] = cause.map(JSONValue.string)
    members["rank"] = rank.map(JSONValue.integer)
    if let place {
      var parts: [String: JSONValue] = [:]
      parts["file"] = place.file.map(JSONValue.string)
      parts["line"] = place.line.map(JSONValue.integer)
      parts["row"] = place.row.map(JSONValue.integer)
      parts["column"] = place.column.map(JSONValue.integer)
      parts["columnName"] = place.columnName.map(JSONValue.string)
      members["place"] = .object(parts)
    }
    return .object(members)
  }
}

extension JSONValue {
  /// A list of names, or null.
  init(names: [String]?) { self = names.map { .array($0.map(JSONValue.string)) } ?? .null }

  /// The document in a C string; an empty object for none.
  init(cString: UnsafePointer<CChar>?) throws {
    guard let cString else {
      self = .object([:])
      return
    }
    let bytes = UnsafeRawBufferPointer(start: cString, count: strlen(cString))
    if bytes.elementsEqual("{}".utf8) { self = .object([:]) } else { try self.init(parsing: Array(bytes)) }
  }
}

@c @implementation
public func lockstep_free(_ memory: UnsafeMutableRawPointer?) { free(memory) }
