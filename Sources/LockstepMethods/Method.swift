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
  package let parameters: [ParameterDescription]
  /// What it takes besides the columns that it computes on.
  package let roles: MethodRoles
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
  /// What its streams do, if one sweep is enough.
  private let streaming: Streaming?
  private let readModel: @Sendable (ModelFields) throws -> any ReportedModel

  /// The method of an estimator.
  init<E: CatalogEstimator>(_ estimator: E.Type) { self.init(estimator, streaming: nil) }

  /// The method of an estimator that needs one sweep.
  init<E: CatalogEstimator & OnePassEstimator>(_ estimator: E.Type) {
    self.init(estimator, streaming: Streaming(estimator))
  }

  private init<E: CatalogEstimator>(_ estimator: E.Type, streaming: Streaming?) {
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
    self.streaming = streaming
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

  /// Whether one sweep is enough: what was learned of some rows can be merged with that of others, and rows can come in pieces.
  public var isStreamable: Bool { streaming != nil }

  /// A stream without rows yet.
  ///
  /// - Throws: `LockstepError` with code `.usage` if the method needs more than one sweep, or for parameters that make no sense.
  package func stream(_ parameters: JSONValue) throws -> MethodStream {
    try requireStreaming().make(self, parameters)
  }

  /// A stream that has seen the rows of all ranks: every rank has the same.
  ///
  /// Collective.
  ///
  /// - Throws: What ``stream(_:)`` throws, and the sweep over the rows.
  package func stream(
    _ parameters: JSONValue, of rows: any RowSource, in context: ExecutionContext
  ) throws -> MethodStream {
    try context.agree { try requireStreaming() }.summarize(parameters, rows, context)
  }

  private func requireStreaming() throws -> Streaming {
    guard let streaming else {
      throw LockstepError(
        .usage, "\(name) needs more than one sweep, so it cannot take rows that are seen once",
        remedy: "give all rows to fit")
    }
    return streaming
  }

  /// What a stream has seen before the first rows.
  func makeState(_ parameters: JSONValue, columnCount: Int) throws -> any StreamState {
    try requireStreaming().makeState(parameters, columnCount)
  }

  /// What a stream had seen when it was saved.
  func readState(_ bytes: [UInt8]) throws -> any StreamState { try requireStreaming().readState(bytes) }

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
    try agreedEstimator(parameters, for: rows, in: context).fit(rows, in: context) as any FittedModel
  }

  /// Fits to the rows of all ranks, and gives what ``rowOutput`` says for each of this rank's rows, in their order.
  ///
  /// Collective.
  ///
  /// - Throws: What ``fit(_:to:in:)`` throws, and `LockstepError` with code `.usage` if the method gives nothing for rows.
  public func fitWithRowValues(
    _ parameters: JSONValue, to rows: any RowSource, in context: ExecutionContext
  ) throws -> (model: any FittedModel, rowValues: RowValues) {
    try agreedEstimator(parameters, for: rows, in: context).fitWithValues(rows, in: context)
  }

  /// The estimator, if it takes all that the rows of all ranks have.
  ///
  /// Collective.
  private func agreedEstimator(
    _ parameters: JSONValue, for rows: any RowSource, in context: ExecutionContext
  ) throws -> any CatalogEstimator {
    try context.agree {
      try roles.requireTaken(rows.roles, by: name)
      return try estimator(parameters)
    }
  }
}

/// What the streams of a method do, whatever its estimator's type.
private struct Streaming: Sendable {
  let make: @Sendable (Method, JSONValue) throws -> MethodStream
  let makeState: @Sendable (JSONValue, _ columnCount: Int) throws -> any StreamState
  let readState: @Sendable ([UInt8]) throws -> any StreamState
  let summarize: @Sendable (JSONValue, any RowSource, ExecutionContext) throws -> MethodStream

  init<E: CatalogEstimator & OnePassEstimator>(_ estimator: E.Type) {
    make = { try MethodStream($0, try E(parameters: $1)) }
    makeState = { try OnlineState<E>(parameters: $0, columnCount: $1) }
    readState = { try OnlineState<E>(decoding: $0) }
    summarize = { parameters, rows, context in
      try context.agree { try E(parameters: parameters) }.stream(of: rows, in: context)
    }
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
      "isStreamable": .bool(isStreamable), "iterates": .bool(iterates), "usesSeed": .bool(usesSeed),
      "verb": verb.map(JSONValue.string) ?? .null, "guide": .string(guide),
    ])
  }
}
