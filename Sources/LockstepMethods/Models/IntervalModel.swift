// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// What an interval around a prediction is to hold.
public enum PredictionInterval: String, Codable, Hashable, Sendable, CaseIterable {
  /// The mean of all rows with these columns.
  case confidence
  /// A single new row with these columns, of weight 1.
  case prediction
}

/// A model that knows how sure its predictions are.
package protocol IntervalModel: RowValuedModel {
  /// For each response the prediction, and the limits of its interval, n × 3q; local, no communication.
  ///
  /// - Parameters:
  ///   - rows: The rows.
  ///   - interval: What the interval is to hold.
  ///   - confidence: How sure it is to, above 0 and below 1.
  /// - Returns: Three numbers for each response of each row.
  /// - Throws: `LockstepError` with code `.usage` if the model lacks what it takes, `.shapeMismatch` for rows of other columns.
  func predictedIntervals(_ rows: any RowBlock, _ interval: PredictionInterval, confidence: Double) throws -> Matrix
  /// Throws if the model lacks what intervals take.
  func requireIntervals() throws
}

extension IntervalModel {
  /// The same for each of this rank's rows, block by block; no communication.
  package func intervalValues(
    of source: some RowSource, _ interval: PredictionInterval, confidence: Double, in context: ExecutionContext
  ) throws -> RowValues {
    guard confidence > 0, confidence < 1 else {
      throw LockstepError(.usage, "a confidence of \(confidence)", remedy: "give a number between 0 and 1, as 0.95")
    }
    try requireIntervals()
    return try rowValues(of: source, in: context) {
      .numbers(try predictedIntervals($0, interval, confidence: confidence))
    }
  }
}
