// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import LockstepErrors
import LockstepReduction
import LockstepTables

/// An estimator that can join the ``Catalog``: it has defaults, JSON parameters and a model that can be saved.
public protocol CatalogEstimator: Estimator where Model: FittedModel {
  /// What it does, in one line without a full stop.
  static var summary: String { get }
  /// The estimator with all defaults.
  init()
  /// The bytes that a fit keeps of each of this rank's rows besides the row, at the most; none by default.
  func byteCountPerRow(rowCount: Int, columnCount: Int) -> Double
}

/// An estimator whose fit gives something for each row besides the model: clusters, scores, rows of Q.
public protocol RowEmittingEstimator: CatalogEstimator {
  /// What it gives, as a phrase: "the cluster of each row".
  static var rowOutput: String { get }
  /// Fits to the rows of all ranks, and gives what ``rowOutput`` says for each of this rank's rows, in their order. Collective.
  func fitWithRowValues(
    _ rows: some RowSource, in context: ExecutionContext
  ) throws -> (model: Model, rowValues: RowValues)
}

extension CatalogEstimator {
  /// Nothing.
  public func byteCountPerRow(rowCount: Int, columnCount: Int) -> Double { 0 }

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
  /// - Parameters:
  ///   - parameters: An object of JSON.
  ///   - defaults: All parameters with their defaults, from whoever has them already: making them takes longer than a small fit.
  /// - Throws: `LockstepError` with code `.usage` for a name that is no parameter's, or a value of the wrong kind.
  public init(parameters: JSONValue, defaults: JSONValue? = nil) throws {
    if case .object(let given) = parameters, given.isEmpty {
      self.init()
      return
    }
    guard case .object(let given) = parameters, case .object(var all) = defaults ?? Self().parameters else {
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
