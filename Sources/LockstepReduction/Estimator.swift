// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// Hyperparameters that can be fitted to a table.
///
/// An estimator is a value and `fit` returns another, the model, so "not fitted yet" cannot happen.
public protocol Estimator: Codable, Sendable {
  /// What `fit` returns.
  associatedtype Model: Codable & Sendable
  /// Throws ``LockstepError`` with code `.usage` if the hyperparameters make no sense. Called once by `fit`.
  func validate() throws
  /// Fits to the rows of all ranks. Collective; the model has the same bits on every rank.
  func fit(_ rows: some RowSource, in context: ExecutionContext) throws -> Model
}

/// An estimator that needs one sweep: it gets `fit` for free and can be used ``Online``.
public protocol OnePassEstimator: Estimator, Pass where Output == Model {}

extension OnePassEstimator {
  /// Fits to the rows of all ranks in one sweep.
  public func fit(_ rows: some RowSource, in context: ExecutionContext = .local) throws -> Model {
    try context.agree { try validate() }
    return try context.reduce(self, over: rows)
  }
}
