// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// A method of the ``Catalog``: all that there is to say of it, and its estimator and model behind names and JSON.
///
/// The command line, the plan of a run, the interface for other languages, and the checks of completeness take from here what a
/// method is; nothing outside a method's own files needs to know its name.
public struct Method: Sendable {
  /// The name: command-line verb and tag of saved models.
  public let name: String
  /// What it does, in one line without a full stop.
  public let summary: String
  /// Its parameters, in the order to show them.
  public let parameters: [ParameterDescription]
  /// What it takes besides the columns that it computes on.
  public let roles: MethodRoles
  /// What a model of it says about each row, if it says anything.
  public let rowValues: RowValuesDescription?
  /// Whether a model of it gives the probability of each class for each row.
  public let givesProbabilities: Bool
  /// What a fit gives for each row besides the model, if it gives anything.
  public let rowOutput: String?
  /// Whether the number of its sweeps depends on the rows.
  public let iterates: Bool
  /// The command's verb, if it has one.
  public let verb: String?
  /// The page of the documentation that explains it.
  public let guide: String
  /// The type of its estimator.
  package let estimatorType: any CatalogEstimator.Type
  /// The one sweep of the method, if one is enough: what makes it mergeable across files and machines.
  public let sweep: MethodSweep?

  private let makeStream: (@Sendable (JSONValue) throws -> MethodStream)?
  private let readModel: @Sendable (ModelFields) throws -> any ReportedModel

  /// The method of an estimator.
  init<E: CatalogEstimator>(_ estimator: E.Type) { self.init(estimator, sweep: nil, makeStream: nil) }

  /// The method of an estimator that needs one sweep.
  init<E: CatalogEstimator & OnePassEstimator>(_ estimator: E.Type) {
    self.init(
      estimator, sweep: MethodSweep(estimator), makeStream: { try MethodStream(estimator, parameters: $0) })
  }

  private init<E: CatalogEstimator>(
    _ estimator: E.Type, sweep: MethodSweep?, makeStream: (@Sendable (JSONValue) throws -> MethodStream)?
  ) {
    name = E.Model.methodName
    summary = E.summary
    let defaults = E()
    parameters = E.hyperparameters.map { $0.description(defaults: defaults) }
    roles = E.roles
    rowValues = (E.Model.self as? any RowValuedModel.Type)?.rowValuesDescription
    givesProbabilities = E.Model.self is any ProbabilisticModel.Type
    rowOutput = (E.self as? any RowEmittingEstimator.Type)?.rowOutput
    iterates = E.iterates
    verb = E.verb
    guide = E.guide
    estimatorType = E.self
    self.sweep = sweep
    self.makeStream = makeStream
    readModel = { try E.Model(fields: $0) }
  }

  /// All parameters with their defaults, as an object of JSON.
  public var defaultParameters: JSONValue {
    .object(Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.defaultValue) }))
  }

  /// Whether it draws at random, from a seed that is a parameter.
  public var usesSeed: Bool { parameters.contains { $0.name == "seed" } }

  /// The model of these fields; throws if they do not make one.
  package func model(of fields: ModelFields) throws -> any ReportedModel { try readModel(fields) }

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

  /// The estimator of these parameters, to be fitted as often as one likes.
  ///
  /// - Throws: `LockstepError` with code `.usage` for parameters that do not exist or are of the wrong kind.
  package func estimator(_ parameters: JSONValue) throws -> any CatalogEstimator {
    try estimatorType.init(parameters: parameters)
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
  ) throws -> any FittedModel {
    try context.agree { try estimator(parameters) }.fit(rows, in: context) as any FittedModel
  }

  /// Fits to the rows of all ranks, and gives what ``rowOutput`` says for each of this rank's rows, in their order.
  ///
  /// Collective.
  ///
  /// - Throws: What ``fit(_:to:in:)`` throws, and `LockstepError` with code `.usage` if the method gives nothing for rows.
  public func fitWithRowValues(
    _ parameters: JSONValue, to rows: any RowSource, in context: ExecutionContext
  ) throws -> (model: any FittedModel, rowValues: RowValues) {
    try context.agree { try estimator(parameters) }.fitWithValues(rows, in: context)
  }
}

extension CatalogEstimator {
  /// The same for any estimator: throws if it gives nothing for rows.
  package func fitWithValues(
    _ rows: any RowSource, in context: ExecutionContext
  ) throws -> (model: any FittedModel, rowValues: RowValues) {
    guard let emitting = self as? any RowEmittingEstimator else {
      throw LockstepError(.usage, "\(Model.methodName) gives nothing for single rows")
    }
    return try emitting.erasedFit(rows, in: context)
  }
}

extension RowEmittingEstimator {
  fileprivate func erasedFit(
    _ rows: any RowSource, in context: ExecutionContext
  ) throws -> (model: any FittedModel, rowValues: RowValues) {
    let (model, values) = try fitWithRowValues(rows, in: context)
    return (model, values)
  }
}

extension Method {
  /// All that there is to say of the method, as an object of JSON.
  public var json: JSONValue {
    .object([
      "name": .string(name), "summary": .string(summary),
      "parameters": .object(Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.json) })),
      "targets": .string(roles.targets.rawValue), "label": .string(roles.label.rawValue),
      "weights": .string(roles.weights.rawValue), "rowValues": rowValues.map { .string($0.verb.rawValue) } ?? .null,
      "rowValuesMeaning": rowValues.map { .string($0.meaning) } ?? .null,
      "givesProbabilities": .bool(givesProbabilities), "rowOutput": rowOutput.map(JSONValue.string) ?? .null,
      "isStreamable": .bool(sweep != nil), "iterates": .bool(iterates), "usesSeed": .bool(usesSeed),
      "verb": verb.map(JSONValue.string) ?? .null, "guide": .string(guide),
    ])
  }
}
