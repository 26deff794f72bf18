// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import LockstepErrors
import LockstepReduction
import LockstepTables

/// A method of the ``Catalog``: its estimator and its model behind names and JSON.
public struct Method: Sendable {
  /// The name: command-line verb and tag of saved models.
  public let name: String
  /// What it does, in one line without a full stop.
  public let summary: String
  /// All parameters with their defaults, as an object of JSON.
  public let defaultParameters: JSONValue
  /// What a model of it says about each row, if it says anything.
  public let rowValues: RowValuesDescription?

  private let readModel: @Sendable (ModelFields) throws -> any FittedModel
  private let fitModel: @Sendable (JSONValue, any RowSource, ExecutionContext) throws -> any FittedModel

  /// The method of an estimator.
  public init<E: CatalogEstimator>(_ estimator: E.Type) {
    name = E.Model.methodName
    summary = E.summary
    defaultParameters = E().parameters
    rowValues = (E.Model.self as? any RowValuedModel.Type)?.rowValuesDescription
    readModel = { try E.Model(fields: $0) }
    fitModel = { parameters, rows, context in
      let estimator = try context.agree { try E(parameters: parameters) }
      return try estimator.fit(rows, in: context)
    }
  }

  /// The model of these fields; throws if they do not make one.
  public func model(of fields: ModelFields) throws -> any FittedModel { try readModel(fields) }

  /// Fits to the rows of all ranks.
  ///
  /// Collective; the model has the same bits on every rank.
  ///
  /// - Parameters:
  ///   - parameters: An object of JSON; what it does not name has its default.
  ///   - rows: This rank's rows.
  ///   - context: The ranks and threads.
  /// - Returns: The model.
  /// - Throws: `LockstepError` with code `.usage` for parameters that do not exist or make no sense, and what the fit throws.
  public func fit(
    _ parameters: JSONValue, to rows: any RowSource, in context: ExecutionContext
  ) throws -> any FittedModel { try fitModel(parameters, rows, context) }
}

/// An estimator that can join the ``Catalog``: it has defaults, JSON parameters and a model that can be saved.
public protocol CatalogEstimator: Estimator where Model: FittedModel {
  /// What it does, in one line without a full stop.
  static var summary: String { get }
  /// The estimator with all defaults.
  init()
}

extension CatalogEstimator {
  /// The parameters as an object of JSON.
  public var parameters: JSONValue {
    // Hyperparameters are numbers, names and arrays: they always encode.
    guard let bytes = try? JSONEncoder().encode(self), let value = try? JSONValue(parsing: Array(bytes)) else {
      preconditionFailure("the parameters of \(Model.methodName) do not encode")
    }
    return value
  }

  /// An estimator of JSON parameters; those that are not named have their defaults.
  ///
  /// - Throws: `LockstepError` with code `.usage` for a name that is no parameter's, or a value of the wrong kind.
  public init(parameters: JSONValue) throws {
    guard case .object(let given) = parameters, case .object(var all) = Self().parameters else {
      throw LockstepError(.usage, "the parameters of \(Model.methodName) are not a JSON object")
    }
    for (name, value) in given.sorted(by: { $0.key < $1.key }) {
      guard all.updateValue(value, forKey: name) != nil else {
        throw LockstepError(
          .usage, "\(Model.methodName) has no parameter \"\(name)\"",
          remedy: "it has " + all.keys.filter { $0 != name }.sorted().joined(separator: ", "))
      }
    }
    do { self = try JSONDecoder().decode(Self.self, from: Data(try JSONValue.object(all).encoded())) } catch {
      throw LockstepError(
        .usage, "the parameters of \(Model.methodName) do not make sense", cause: Self.words(for: error))
    }
  }

  private static func words(for error: any Error) -> String {
    guard let error = error as? DecodingError else { return String(describing: error) }
    let context: DecodingError.Context
    switch error {
    case .dataCorrupted(let found), .keyNotFound(_, let found), .typeMismatch(_, let found),
      .valueNotFound(_, let found):
      context = found
    @unknown default: return String(describing: error)
    }
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? context.debugDescription : "\"\(path)\": \(context.debugDescription)"
  }
}
