// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// How the columns that were read became the columns of the rows: what a model must remember to read new data the same way.
///
/// A number stays a column. A categorical column becomes one column for each of its values, in the order of their bytes, with
/// 1 where a row has the value and 0 where it has another; they are named `city=Paris`, or `city[Paris]` if the base level has none.
public struct ColumnEncoding: Codable, Hashable, Sendable {
  /// A column as it was read.
  public struct Column: Codable, Hashable, Sendable {
    /// Its name, if the data has names.
    public var name: String?
    /// The mean of its values, which stands for those that are missing; `nil` if missing values were not to be replaced.
    public var mean: Double?
    /// Its values, if it is categorical.
    public var values: [String]?
    /// The value that has no column of its own: 0 in all others; `nil` if each has one.
    public var base: String?

    /// A column of numbers, or a categorical one if it has values.
    public init(name: String? = nil, mean: Double? = nil, values: [String]? = nil, base: String? = nil) {
      self.name = name
      self.mean = mean
      self.values = values
      self.base = base
    }

    /// The values that have a column, if it is categorical.
    package var codedValues: [String]? {
      guard let base else { return values }
      return values?.filter { ClassLabel.string($0) != .string(base) }
    }

    /// The number of columns that it becomes.
    var width: Int { codedValues?.count ?? 1 }
  }

  /// The columns, in the order of reading.
  public var columns: [Column]

  /// An encoding of these columns.
  public init(_ columns: [Column]) { self.columns = columns }

  /// The number of columns of the rows.
  public var columnCount: Int { columns.reduce(0) { $0 + $1.width } }

  /// The names of the columns as they were read, if they have any.
  public var sourceNames: [String]? {
    let names = columns.compactMap(\.name)
    return names.count == columns.count ? names : nil
  }

  /// The names of the columns of the rows, if those that were read have names.
  public var columnNames: [String]? {
    guard let names = sourceNames else { return nil }
    return zip(columns, names).flatMap { column, name in
      column.codedValues?.map { column.base == nil ? "\(name)=\($0)" : "\(name)[\($0)]" } ?? [name]
    }
  }

  /// The base levels, as in `city=Oslo`; those of columns without names have their numbers.
  package var bases: [String] {
    columns.enumerated().compactMap { i, column in column.base.map { "\(column.name ?? "\(i)")=\($0)" } }
  }

  /// Whether every column of numbers has a mean.
  public var hasMeans: Bool { columns.allSatisfy { $0.mean != nil || $0.values != nil } }

  /// What makes rows of this encoding out of rows as they were read.
  ///
  /// - Parameters:
  ///   - codes: The texts of each categorical column by the codes that stand in the rows.
  ///   - fillsMissing: Whether missing numbers become the means.
  /// - Returns: The encoder of a run.
  /// - Throws: `LockstepError` with code `.internalInconsistency` if a code is that of no value.
  func encoder(codes: [[String]], fillsMissing: Bool) throws -> RowEncoder {
    var steps: [RowEncoder.Step] = []
    var next = 0
    for column in columns {
      guard let values = column.codedValues else {
        steps.append(.number(fill: fillsMissing ? column.mean : nil))
        continue
      }
      let places = Dictionary(values.indices.map { (ClassLabel.string(values[$0]), Int32($0)) }) { first, _ in first }
      steps.append(
        .indicators(
          places: try codes[next].map { text in
            if let base = column.base, ClassLabel.string(base) == .string(text) { return -1 }
            guard let place = places[.string(text)] else {
              throw LockstepError(
                .internalInconsistency, "\"\(text)\" is not among the values of its column")
            }
            return place
          }, count: values.count))
      next += 1
    }
    return RowEncoder(steps)
  }
}
