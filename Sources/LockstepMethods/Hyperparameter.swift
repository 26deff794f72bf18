// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepStatistics

/// What is known of a parameter of a method: enough to ask for it on a command line, in JSON or in a form.
package struct ParameterDescription: Sendable {
  /// What kind of value it takes.
  package indirect enum Kind: Hashable, Sendable {
    /// A whole number.
    case integer
    /// A number.
    case number
    /// Yes or no.
    case boolean
    /// A text.
    case text
    /// One of some words.
    case choice([String])
    /// A list of values of one kind.
    case list(Kind)
  }

  /// The numbers that make sense; of a list, for each of its numbers.
  package struct Bounds: Hashable, Sendable {
    /// The least number, or the one that all are above.
    package var minimum: Double?
    /// Whether the minimum itself makes no sense.
    package var isMinimumExcluded = false
    /// The greatest number.
    package var maximum: Double?

    /// From a number on.
    static func atLeast(_ minimum: Double) -> Bounds { Bounds(minimum: minimum) }
    /// Above a number, and up to another if there is one.
    static func above(_ minimum: Double, upTo maximum: Double? = nil) -> Bounds {
      Bounds(minimum: minimum, isMinimumExcluded: true, maximum: maximum)
    }
  }

  /// The name in JSON.
  package let name: String
  /// The kind of its values.
  package let kind: Kind
  /// Whether it can be left open, which JSON writes as null.
  package let isOptional: Bool
  /// The numbers that make sense, if not all do.
  package let bounds: Bounds?
  /// The value where none is given.
  package let defaultValue: JSONValue
  /// What it does, in one line.
  package let help: String
}

/// A parameter of an estimator: what is known of it, and how it is read and set.
package struct Hyperparameter<E>: Sendable {
  package let name: String
  package let kind: ParameterDescription.Kind
  package let isOptional: Bool
  package let bounds: ParameterDescription.Bounds?
  package let help: String
  let value: @Sendable (E) -> JSONValue
  /// Sets the value; false if it is of another kind.
  let set: @Sendable (inout E, JSONValue) throws -> Bool

  /// A property of the estimator.
  package init<V: HyperparameterValue>(
    _ name: String, _ path: WritableKeyPath<E, V> & Sendable, bounds: ParameterDescription.Bounds? = nil,
    _ help: String
  ) {
    self.init(name, { $0[keyPath: path] }, bounds: bounds, help) { estimator, value in
      estimator[keyPath: path] = value
    }
  }

  /// What two closures read and set.
  package init<V: HyperparameterValue>(
    _ name: String, _ get: @escaping @Sendable (E) -> V, bounds: ParameterDescription.Bounds? = nil, _ help: String,
    set: @escaping @Sendable (inout E, V) throws -> Void
  ) {
    self.name = name
    kind = V.kind
    isOptional = V.isOptional
    self.bounds = bounds
    self.help = help
    value = { get($0).json }
    self.set = { estimator, json in
      guard let value = V(json: json) else { return false }
      try set(&estimator, value)
      return true
    }
  }

  /// What is known of it, with the default of an estimator that has all defaults.
  func description(defaults: E) -> ParameterDescription {
    ParameterDescription(
      name: name, kind: kind, isOptional: isOptional, bounds: bounds, defaultValue: value(defaults), help: help)
  }
}

/// A type that parameters can have.
package protocol HyperparameterValue: Sendable {
  static var kind: ParameterDescription.Kind { get }
  static var isOptional: Bool { get }
  /// The value of JSON; `nil` if it is of another kind.
  init?(json: JSONValue)
  var json: JSONValue { get }
}

extension HyperparameterValue { package static var isOptional: Bool { false } }

extension Int: HyperparameterValue {
  package static var kind: ParameterDescription.Kind { .integer }
  package init?(json: JSONValue) {
    switch json {
    case .integer(let value): self = value
    case .double(let value):
      guard let value = Int(exactly: value) else { return nil }
      self = value
    default: return nil
    }
  }
  package var json: JSONValue { .integer(self) }
}

extension UInt64: HyperparameterValue {
  package static var kind: ParameterDescription.Kind { .integer }
  package init?(json: JSONValue) {
    // JSON's numbers above 2⁶³ − 1 are doubles here.
    if case .double(let value) = json, let value = UInt64(exactly: value) {
      self = value
      return
    }
    guard let value = Int(json: json), let value = UInt64(exactly: value) else { return nil }
    self = value
  }
  package var json: JSONValue { Int(exactly: self).map(JSONValue.integer) ?? .double(Double(self)) }
}

extension Double: HyperparameterValue {
  package static var kind: ParameterDescription.Kind { .number }
  package init?(json: JSONValue) {
    switch json {
    case .integer(let value): self = Double(value)
    case .double(let value): self = value
    default: return nil
    }
  }
  // A whole number is written without a point, and is read as what it was written as.
  package var json: JSONValue {
    guard let whole = Int(exactly: self), self != 0 || sign == .plus else { return .double(self) }
    return .integer(whole)
  }
}

extension Bool: HyperparameterValue {
  package static var kind: ParameterDescription.Kind { .boolean }
  package init?(json: JSONValue) {
    guard case .bool(let value) = json else { return nil }
    self = value
  }
  package var json: JSONValue { .bool(self) }
}

extension String: HyperparameterValue {
  package static var kind: ParameterDescription.Kind { .text }
  package init?(json: JSONValue) {
    guard case .string(let value) = json else { return nil }
    self = value
  }
  package var json: JSONValue { .string(self) }
}

extension Optional: HyperparameterValue where Wrapped: HyperparameterValue {
  package static var kind: ParameterDescription.Kind { Wrapped.kind }
  package static var isOptional: Bool { true }
  package init?(json: JSONValue) {
    guard json != .null else {
      self = nil
      return
    }
    guard let value = Wrapped(json: json) else { return nil }
    self = value
  }
  package var json: JSONValue { map(\.json) ?? .null }
}

extension Array: HyperparameterValue where Element: HyperparameterValue {
  package static var kind: ParameterDescription.Kind { .list(Element.kind) }
  package init?(json: JSONValue) {
    guard case .array(let values) = json else { return nil }
    let elements = values.compactMap(Element.init(json:))
    guard elements.count == values.count else { return nil }
    self = elements
  }
  package var json: JSONValue { .array(map(\.json)) }
}

/// A parameter that is one of some words.
package protocol HyperparameterChoice: HyperparameterValue, RawRepresentable, CaseIterable where RawValue == String {}

extension HyperparameterChoice {
  package static var kind: ParameterDescription.Kind { .choice(allCases.map(\.rawValue)) }
  package init?(json: JSONValue) {
    guard let word = json.string, let value = Self(rawValue: word) else { return nil }
    self = value
  }
  package var json: JSONValue { .string(rawValue) }
}

extension CrossProduct.Precision: HyperparameterChoice {}

extension ParameterDescription.Kind {
  /// The kind in words: `whole number`, `list of numbers`.
  package var words: String {
    switch self {
    case .integer: "whole number"
    case .number: "number"
    case .boolean: "true or false"
    case .text: "text"
    case .choice(let words): words.joined(separator: ", ")
    case .list(let kind): "list of \(kind.words)s"
    }
  }

  /// The name in descriptions of methods.
  var name: String {
    switch self {
    case .integer: "integer"
    case .number: "number"
    case .boolean: "boolean"
    case .text: "text"
    case .choice: "choice"
    case .list(let kind): "list of \(kind.name)"
    }
  }
}

extension ParameterDescription {
  /// The description as an object of JSON, its bounds by JSON Schema's names.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "kind": .string(kind.name), "isOptional": .bool(isOptional), "default": defaultValue, "help": .string(help),
    ]
    if case .choice(let words) = kind { members["choices"] = .array(words.map(JSONValue.string)) }
    if let minimum = bounds?.minimum {
      members[bounds?.isMinimumExcluded == true ? "exclusiveMinimum" : "minimum"] = .double(minimum)
    }
    if let maximum = bounds?.maximum { members["maximum"] = .double(maximum) }
    return .object(members)
  }
}
