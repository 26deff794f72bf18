// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// What every model can do: be written as named arrays, be read back, and be found by name.
///
/// The list of fields is the model's one outer form. Its digest, its files (JSON and NPZ), `--json` and the tables that the
/// command line prints are all made from it.
public protocol FittedModel: Codable, Sendable {
  /// The name of the method: command-line verb and tag of saved models.
  static var methodName: String { get }
  /// The number of columns of the rows that the model was fitted to.
  var columnCount: Int { get }
  /// The model as named arrays, in the order to show them. The names are part of the command line's contract.
  var fields: [ModelField] { get }
  /// What follows from the fields, for those who read JSON or NPZ: not part of the digest, and not read back. None by default.
  var derivedFields: [ModelField] { get }
  /// The model of these fields; throws if they do not make one.
  init(fields: ModelFields) throws
}

extension FittedModel {
  /// Nothing.
  public var derivedFields: [ModelField] { [] }
}

/// A named array of a model.
public struct ModelField: Hashable, Sendable {
  /// The name.
  public let name: String
  /// The numbers.
  public let value: ModelValue
  /// Whether the digest covers it.
  ///
  /// A field that was added to a method later, and that says no more than the others, leaves the digests of its models as they were.
  package let isDigested: Bool

  /// A named array.
  public init(_ name: String, _ value: ModelValue) { self.init(name, value, isDigested: true) }

  /// A named array that the digest need not cover.
  package init(_ name: String, _ value: ModelValue, isDigested: Bool) {
    self.name = name
    self.value = value
    self.isDigested = isDigested
  }
}

/// An array of a model: its shape, and its elements row after row.
///
/// A scalar has the empty shape.
public enum ModelValue: Hashable, Sendable {
  /// Real numbers.
  case doubles([Double], shape: [Int])
  /// Counts and codes.
  case integers([Int], shape: [Int])
  /// Yes or no.
  case bool(Bool)
  /// Names.
  case strings([String])

  /// One number.
  public static func scalar(_ value: Double) -> ModelValue { .doubles([value], shape: []) }
  /// One count.
  public static func scalar(_ value: Int) -> ModelValue { .integers([value], shape: []) }
  /// A vector.
  public static func vector(_ values: [Double]) -> ModelValue { .doubles(values, shape: [values.count]) }
  /// A vector of counts.
  public static func vector(_ values: [Int]) -> ModelValue { .integers(values, shape: [values.count]) }
  /// A matrix.
  public static func matrix(_ matrix: Matrix) -> ModelValue {
    .doubles(matrix.elements, shape: [matrix.rowCount, matrix.columnCount])
  }
}

/// The fields of a model that is being read, by name, checked as they are taken.
public struct ModelFields: Sendable {
  /// The method whose model it should be, for messages.
  let methodName: String
  let values: [String: ModelValue]

  /// Fields by name.
  public init(methodName: String, _ fields: [ModelField]) {
    self.methodName = methodName
    values = Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
  }

  /// Whether there is a field of that name.
  public func contains(_ name: String) -> Bool { values[name] != nil }

  private func take<T>(_ name: String, _ kind: String, _ read: (ModelValue) -> T?) throws -> T {
    guard let value = values[name] else {
      throw LockstepError(.malformedInput, "a \(methodName) model without \"\(name)\"", remedy: "save the model again")
    }
    guard let result = read(value) else {
      throw LockstepError(
        .malformedInput, "\"\(name)\" of a \(methodName) model is not \(kind)", remedy: "save the model again")
    }
    return result
  }

  /// A matrix.
  public func matrix(_ name: String) throws -> Matrix {
    try take(name, "a matrix") {
      guard case .doubles(let elements, let shape) = $0.asDoubles, shape.count == 2 else { return nil }
      return Matrix(rowCount: shape[0], columnCount: shape[1], elements: elements)
    }
  }

  /// A vector.
  public func vector(_ name: String) throws -> [Double] {
    try take(name, "a vector") {
      guard case .doubles(let elements, let shape) = $0.asDoubles, shape.count == 1 else { return nil }
      return elements
    }
  }

  /// An array of so many dimensions: its elements, row after row, and its shape.
  public func array(_ name: String, dimensions: Int) throws -> (elements: [Double], shape: [Int]) {
    try take(name, "an array of \(dimensions) dimensions") {
      guard case .doubles(let elements, let shape) = $0.asDoubles, shape.count == dimensions else { return nil }
      return (elements, shape)
    }
  }

  /// A vector of integers.
  public func integers(_ name: String) throws -> [Int] {
    try take(name, "a vector of integers") {
      guard case .integers(let elements, let shape) = $0, shape.count == 1 else { return nil }
      return elements
    }
  }

  /// A number.
  public func double(_ name: String) throws -> Double {
    try take(name, "a number") {
      guard case .doubles(let elements, let shape) = $0.asDoubles, shape.isEmpty else { return nil }
      return elements[0]
    }
  }

  /// An integer.
  public func integer(_ name: String) throws -> Int {
    try take(name, "an integer") {
      guard case .integers(let elements, let shape) = $0, shape.isEmpty else { return nil }
      return elements[0]
    }
  }

  /// Yes or no.
  public func bool(_ name: String) throws -> Bool {
    try take(name, "true or false") {
      guard case .bool(let value) = $0 else { return nil }
      return value
    }
  }

  /// Names.
  public func strings(_ name: String) throws -> [String] {
    try take(name, "an array of strings") {
      guard case .strings(let value) = $0 else { return nil }
      return value
    }
  }
}

extension ModelValue {
  // Whole numbers are written without a point in some formats and come back as integers.
  fileprivate var asDoubles: ModelValue {
    guard case .integers(let elements, let shape) = self else { return self }
    return .doubles(elements.map(Double.init), shape: shape)
  }
}
