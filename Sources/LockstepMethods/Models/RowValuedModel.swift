// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// A model that says something about each row: what `predict` and `transform` of the command line write.
public protocol RowValuedModel: FittedModel {
  /// What it says, and by which verb it is asked.
  static var rowValuesDescription: RowValuesDescription { get }
  /// The values of each row; local, no communication.
  ///
  /// - Throws: `LockstepError` with code `.shapeMismatch` for rows of another number of columns, and what the method throws.
  func rowValues(of rows: any RowBlock) throws -> RowValues
}

/// A model that knows how likely each class is.
package protocol ProbabilisticModel: RowValuedModel {
  /// The logarithm of the probability of each class for each row, n × c; local, no communication.
  func predictedLogProbabilities(_ rows: any RowBlock) throws -> Matrix
}

/// What a model says about rows.
public struct RowValuesDescription: Hashable, Sendable {
  /// The verbs of the command line that ask a model.
  public enum Verb: String, Sendable {
    /// A label or a response.
    case predict
    /// New coordinates.
    case transform
  }

  /// The verb.
  public let verb: Verb
  /// What the values are, as a phrase: "the cluster of each row".
  public let meaning: String

  /// Values of that meaning, asked for by that verb.
  public init(_ verb: Verb, _ meaning: String) {
    self.verb = verb
    self.meaning = meaning
  }
}
