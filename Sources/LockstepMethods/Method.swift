// SPDX-License-Identifier: Apache-2.0

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
  /// What a fit gives for each row besides the model, if it gives anything.
  public let rowOutput: String?
  /// The type of its estimator.
  public let estimatorType: any CatalogEstimator.Type
  /// The one sweep of the method, if one is enough: what makes it mergeable across files and machines.
  public let sweep: MethodSweep?

  private let makeStream: (@Sendable (JSONValue) throws -> MethodStream)?
  private let readModel: @Sendable (ModelFields) throws -> any FittedModel
  private let fitModel: @Sendable (JSONValue, any RowSource, ExecutionContext) throws -> any FittedModel
  private let fitWithRows:
    (@Sendable (JSONValue, any RowSource, ExecutionContext) throws -> (any FittedModel, RowValues))?

  /// The method of an estimator.
  public init<E: CatalogEstimator>(_ estimator: E.Type) { self.init(estimator, sweep: nil, makeStream: nil) }

  /// The method of an estimator that needs one sweep.
  public init<E: CatalogEstimator & OnePassEstimator>(_ estimator: E.Type) {
    self.init(
      estimator, sweep: MethodSweep(estimator), makeStream: { try MethodStream(estimator, parameters: $0) })
  }

  private init<E: CatalogEstimator>(
    _ estimator: E.Type, sweep: MethodSweep?, makeStream: (@Sendable (JSONValue) throws -> MethodStream)?
  ) {
    name = E.Model.methodName
    summary = E.summary
    let defaults = E().parameters
    defaultParameters = defaults
    rowValues = (E.Model.self as? any RowValuedModel.Type)?.rowValuesDescription
    estimatorType = E.self
    self.sweep = sweep
    self.makeStream = makeStream
    readModel = { try E.Model(fields: $0) }
    fitModel = { parameters, rows, context in
      let estimator = try context.agree { try E(parameters: parameters, defaults: defaults) }
      return try estimator.fit(rows, in: context)
    }
    if let emitting = E.self as? any RowEmittingEstimator.Type {
      rowOutput = emitting.rowOutput
      fitWithRows = { try emitting.fitWithRows($0, defaults, $1, $2) }
    } else {
      rowOutput = nil
      fitWithRows = nil
    }
  }

  /// The model of these fields; throws if they do not make one.
  public func model(of fields: ModelFields) throws -> any FittedModel { try readModel(fields) }

  /// A stream without rows yet.
  ///
  /// - Throws: `LockstepError` with code `.usage` if the method needs more than one sweep, or for parameters that make no sense.
  public func stream(_ parameters: JSONValue) throws -> MethodStream {
    guard let makeStream else {
      throw LockstepError(
        .usage, "\(name) needs more than one sweep, so it cannot take rows that are seen once",
        remedy: "give all rows to fit")
    }
    return try makeStream(parameters)
  }

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

  /// Fits to the rows of all ranks, and gives what ``rowOutput`` says for each of this rank's rows, in their order.
  ///
  /// Collective.
  ///
  /// - Throws: What ``fit(_:to:in:)`` throws, and `LockstepError` with code `.usage` if the method gives nothing for rows.
  public func fitWithRowValues(
    _ parameters: JSONValue, to rows: any RowSource, in context: ExecutionContext
  ) throws -> (model: any FittedModel, rowValues: RowValues) {
    guard let fitWithRows else {
      throw LockstepError(.usage, "\(name) gives nothing for single rows")
    }
    return try fitWithRows(parameters, rows, context)
  }
}

extension RowEmittingEstimator {
  fileprivate static func fitWithRows(
    _ parameters: JSONValue, _ defaults: JSONValue, _ rows: any RowSource, _ context: ExecutionContext
  ) throws -> (any FittedModel, RowValues) {
    let estimator = try context.agree { try Self(parameters: parameters, defaults: defaults) }
    let (model, values) = try estimator.fitWithRowValues(rows, in: context)
    return (model, values)
  }
}
