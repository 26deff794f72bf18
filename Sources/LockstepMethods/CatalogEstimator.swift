// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// An estimator that can join the ``Catalog``, with all that there is to say of its method.
package protocol CatalogEstimator: Estimator where Model: ReportedModel {
  /// What it does, in one line without a full stop.
  static var summary: String { get }
  /// Its parameters, in the order to show them.
  static var hyperparameters: [Hyperparameter<Self>] { get }
  /// What it takes besides the columns that it computes on; nothing by default.
  static var roles: MethodRoles { get }
  /// Whether the number of its sweeps depends on the rows; not by default.
  static var iterates: Bool { get }
  /// The command's verb, if it has one; the method's name by default.
  static var verb: String? { get }
  /// The page of the documentation that explains it; named as the method by default.
  static var guide: String { get }
  /// The estimator with all defaults.
  init()
  /// Throws if rows that are read once are not enough for these parameters; they are by default.
  func requireSingleReading() throws
  /// The bytes that a fit keeps of each of this rank's rows besides the row, at the most; none by default.
  func byteCountPerRow(rowCount: Int, columnCount: Int) -> Double
}

/// What a method takes besides the columns that it computes on.
package struct MethodRoles: Hashable, Sendable {
  /// Whether something is needed.
  package enum Need: String, Sendable {
    /// It is not taken.
    case none
    /// It may be there.
    case optional
    /// It must be there.
    case required
  }

  /// The columns that are to be explained.
  package var targets = Need.none
  /// The class of each row.
  package var label = Need.none
  /// How often each row counts.
  package var weights = Need.none
}

extension MethodRoles {
  /// Throws if rows have something that the method would not look at.
  ///
  /// - Parameters:
  ///   - given: What the rows have.
  ///   - method: The name of the method.
  /// - Throws: `LockstepError` with code `.usage`.
  package func requireTaken(_ given: RowRoles, by method: String) throws {
    for (isGiven, need, name) in [
      (given.hasWeights, weights, "weights"), (given.responseCount > 0, targets, "targets"),
      (given.hasLabels, label, "labels"),
    ] where isGiven && need == .none {
      throw LockstepError(.usage, "\(method) takes no \(name)", remedy: "leave the \(name) out")
    }
  }
}

/// An estimator whose fit gives something for each row besides the model: clusters, scores, rows of Q.
package protocol RowEmittingEstimator: CatalogEstimator {
  /// What it gives, as a phrase: "the cluster of each row".
  static var rowOutput: String { get }
  /// Fits to the rows of all ranks, and gives what ``rowOutput`` says for each of this rank's rows, in their order. Collective.
  func fitWithRowValues(
    _ rows: some RowSource, in context: ExecutionContext
  ) throws -> (model: Model, rowValues: RowValues)
}

extension CatalogEstimator {
  package static var roles: MethodRoles { MethodRoles() }
  package static var iterates: Bool { false }
  package static var verb: String? { Model.methodName }
  package static var guide: String { Model.methodName }

  package func byteCountPerRow(rowCount: Int, columnCount: Int) -> Double { 0 }

  package func requireSingleReading() throws {}

  /// Throws unless the parameters make sense and the method takes all that the rows have besides their columns.
  package func validate(for rows: some RowSource) throws {
    try Self.roles.requireTaken(rows.roles, by: Model.methodName)
    try validate()
  }

  /// The one-line help of a parameter.
  package static func help(_ name: String) -> String {
    guard let parameter = hyperparameters.first(where: { $0.name == name }) else {
      preconditionFailure("\(Model.methodName) has no parameter \(name)")
    }
    return parameter.help
  }

  /// The parameters as an object of JSON, also those that are left open, so that every name can be seen.
  package var parameters: JSONValue {
    .object(Dictionary(uniqueKeysWithValues: Self.hyperparameters.map { ($0.name, $0.value(self)) }))
  }

  /// An estimator of JSON parameters; those that are not named have their defaults.
  ///
  /// - Throws: `LockstepError` with code `.usage` for a name that is no parameter's, or a value of the wrong kind.
  package init(parameters: JSONValue) throws {
    self.init()
    guard case .object(let given) = parameters else {
      throw LockstepError(.usage, "the parameters of \(Model.methodName) are not a JSON object")
    }
    guard !given.isEmpty else { return }
    let all = Self.hyperparameters
    for (name, value) in given.sorted(by: { $0.key < $1.key }) {
      guard let parameter = all.first(where: { $0.name == name }) else {
        throw LockstepError(
          .usage, "\(Model.methodName) has no parameter \"\(name)\"",
          remedy: "it has " + all.map(\.name).sorted().joined(separator: ", "))
      }
      guard try parameter.set(&self, value) else {
        throw LockstepError(
          .usage, "the parameter \"\(name)\" of \(Model.methodName) is of the wrong kind",
          remedy: (parameter.isOptional ? "give null, or " : "give ") + "a value of the kind: \(parameter.kind.words)")
      }
    }
  }
}
