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
public protocol ProbabilisticModel: RowValuedModel {
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

/// One value, or one row of values, for each row of a block.
public enum RowValues: Equatable, Sendable {
  /// A code for each row: a cluster.
  case integers([Int32])
  /// A class for each row.
  case labels(RowLabels)
  /// Numbers for each row.
  case doubles(Matrix)
  /// Numbers for each row, as many as there are data.
  case rows(DenseRows<Double>)
  /// Numbers for each row, too many for the memory: dense runs of doubles that are brought there one after the other.
  case runs([RowRun], columnCount: Int)

  /// Numbers for each row in dense runs of doubles, one in memory or several elsewhere.
  init(_ runs: [RowRun], columnCount: Int) {
    if runs.count == 1, let rows = runs[0].inMemory as? DenseRows<Double> {
      self = .rows(rows)
    } else {
      self = .runs(runs, columnCount: columnCount)
    }
  }

  /// The number of rows.
  public var rowCount: Int {
    switch self {
    case .integers(let values): values.count
    case .labels(let values): values.count
    case .doubles(let values): values.rowCount
    case .rows(let values): values.rowCount
    case .runs(let runs, _): runs.reduce(0) { $0 + $1.rowCount }
    }
  }
}

extension RowValues {
  /// The values with all that is elsewhere in memory.
  ///
  /// - Throws: What bringing it there throws.
  public func inMemory() throws -> RowValues {
    guard case .runs(let runs, let columnCount) = self else { return self }
    return .rows(try runs.inMemory(columnCount: columnCount))
  }

  /// The values as JSON, one entry for each row.
  ///
  /// - Throws: What bringing values into memory throws.
  public func json() throws -> [JSONValue] {
    switch self {
    case .runs: try inMemory().json()
    case .integers(let values): values.map { .integer(Int($0)) }
    case .labels(let values):
      (0..<values.count).map {
        switch values[$0] {
        case .integer(let value): .integer(value)
        case .string(let text): .string(text)
        }
      }
    case .doubles(let values) where values.columnCount == 1: values.elements.map(JSONValue.double)
    case .doubles(let values): values.rows.map { .array($0.map(JSONValue.double)) }
    case .rows(let values): (0..<values.rowCount).map { .array(values.row($0).map(JSONValue.double)) }
    }
  }
}

extension RowValues {
  /// Whether both hold the same numbers in the same form.
  public static func == (a: RowValues, b: RowValues) -> Bool {
    switch (a, b) {
    case (.integers(let a), .integers(let b)): a == b
    case (.labels(let a), .labels(let b)): a == b
    case (.doubles(let a), .doubles(let b)): a == b
    case (.rows(let a), .rows(let b)):
      a.columnCount == b.columnCount && a.withUnsafeElements { a in b.withUnsafeElements { a.elementsEqual($0) } }
    default: false
    }
  }
}
