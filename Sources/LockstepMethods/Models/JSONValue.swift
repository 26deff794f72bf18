// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import LockstepErrors

/// A JSON document in memory, written by Foundation's encoder.
///
/// JSON has no NaN and no infinities: NaN is written as `null`, infinities as the strings `"Infinity"` and `"-Infinity"`.
/// Finite numbers are written with the fewest digits that read back to the same bits.
public indirect enum JSONValue: Hashable, Sendable {
  /// Nothing, or not a number.
  case null
  /// Yes or no.
  case bool(Bool)
  /// A whole number.
  case integer(Int)
  /// A number.
  case double(Double)
  /// Text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Named values.
  case object([String: JSONValue])

  /// The document as compact UTF-8, keys sorted.
  public func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self))
  }

  /// Reads a document.
  ///
  /// - Throws: ``LockstepError`` with code `.malformedInput` if it is not JSON.
  public init(parsing bytes: [UInt8], file: String? = nil) throws {
    guard JSONValue.depth(of: bytes) <= JSONValue.largestDepth else {
      throw LockstepError(
        .malformedInput, "the JSON document is nested more than \(JSONValue.largestDepth) levels deep",
        place: .init(file: file))
    }
    do { self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes)) } catch {
      throw LockstepError(
        .malformedInput, "not a JSON document", place: .init(file: file), cause: String(describing: error))
    }
  }

  /// The most levels of a document: decoding takes stack for each, and threads of other languages may have little.
  private static let largestDepth = 64

  /// The number of brackets that are open at a time.
  private static func depth(of bytes: [UInt8]) -> Int {
    var (depth, most) = (0, 0)
    var (isText, isEscaped) = (false, false)
    for byte in bytes {
      if isText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isText = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        most = max(most, depth)
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
    }
    return most
  }

  /// An object without the members that are null: parameters that were not given.
  package var withoutNulls: JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members.filter { $0.value != .null })
  }

  /// The member of an object.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  /// The text, if it is text.
  public var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }
}

extension JSONValue: Codable {
  /// Reads any JSON value.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      // A negative zero looks like a whole number and is not one.
      self = try value == 0 && container.decode(Double.self).sign == .minus ? .double(-0.0) : .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .double(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// Writes the value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .double(let value) where value.isNaN: try container.encodeNil()
    case .double(let value) where value.isInfinite: try container.encode(value < 0 ? "-Infinity" : "Infinity")
    case .double(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let values): try container.encode(values)
    case .object(let members): try container.encode(members)
    }
  }
}

extension ModelValue {
  /// The value as JSON: scalars plain, matrices as arrays of rows.
  public var json: JSONValue {
    func nested<T>(_ elements: ArraySlice<T>, _ shape: ArraySlice<Int>, _ leaf: (T) -> JSONValue) -> JSONValue {
      guard let count = shape.first else { return leaf(elements[elements.startIndex]) }
      let stride = shape.dropFirst().reduce(1, *)
      return .array(
        (0..<count).map { i in
          let start = elements.startIndex + i * stride
          return nested(elements[start..<start + stride], shape.dropFirst(), leaf)
        })
    }
    switch self {
    case .doubles(let elements, let shape): return nested(elements[...], shape[...], JSONValue.double)
    case .integers(let elements, let shape): return nested(elements[...], shape[...], JSONValue.integer)
    case .bool(let value): return .bool(value)
    case .strings(let values): return .array(values.map(JSONValue.string))
    }
  }

  /// Reads what ``json`` wrote; `nil` if it is not an array that a model can have.
  public init?(json: JSONValue) {
    var leaves: [JSONValue] = []
    var shape: [Int] = []
    func walk(_ value: JSONValue, depth: Int) -> Bool {
      guard case .array(let values) = value else {
        leaves.append(value)
        return depth == shape.count
      }
      if depth == shape.count, leaves.isEmpty { shape.append(values.count) }
      return depth < shape.count && shape[depth] == values.count && values.allSatisfy { walk($0, depth: depth + 1) }
    }
    guard walk(json, depth: 0) else { return nil }
    if case .bool(let value) = json {
      self = .bool(value)
      return
    }
    let integers = leaves.compactMap { leaf -> Int? in if case .integer(let value) = leaf { value } else { nil } }
    if integers.count == leaves.count {
      self = .integers(integers, shape: shape)
      return
    }
    let doubles = leaves.compactMap { leaf -> Double? in
      switch leaf {
      case .integer(let value): Double(value)
      case .double(let value): value
      case .null: .nan
      case .string("Infinity"): .infinity
      case .string("-Infinity"): -.infinity
      default: nil
      }
    }
    if doubles.count == leaves.count {
      self = .doubles(doubles, shape: shape)
      return
    }
    let strings = leaves.compactMap(\.string)
    guard strings.count == leaves.count, shape.count == 1 else { return nil }
    self = .strings(strings)
  }
}
