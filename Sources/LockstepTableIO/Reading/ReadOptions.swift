// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// What to read of the data, and how.
///
/// ```swift
/// let rows = try world.read("houses.csv", options: ReadOptions(targets: "price", weights: "times", missing: .mean))
/// ```
public struct ReadOptions: Hashable, Sendable {
  /// The features, in this order; by default all columns that have no other role.
  public var columns: ColumnSelection
  /// Columns that are not features, whatever `columns` says; `nil`, the default, for none.
  public var except: ColumnSelection?
  /// The columns that hold what is to be explained; `nil`, the default, for none.
  public var targets: ColumnSelection?
  /// The one column that holds the weight of each row; `nil`, the default, for none.
  public var weights: ColumnSelection?
  /// The one column that holds the class of each row, as a number or any text; `nil`, the default, for none.
  public var label: ColumnSelection?
  /// What to do with missing values; ``MissingValuePolicy/error`` by default.
  public var missing: MissingValuePolicy
  /// The features that are categorical; none by default.
  public var categorical: CategoricalColumns
  /// How the values of categorical columns become columns; ``CategoryCoding/ones`` by default.
  public var coding: CategoryCoding
  /// The most values that a categorical column may have; ``CategoricalColumns/defaultLimit`` by default.
  public var categoryLimit: Int
  /// The encoding of a model, to follow: its columns are categorical, with its values, and its means stand for missing numbers.
  ///
  /// `nil`, the default, finds values and means in the data. A value that the encoding does not know is an error. If no columns are
  /// chosen, those of the encoding's names are taken where the data has them.
  public var encoding: ColumnEncoding?
  /// The number of columns of sparse files that do not say it; `nil`, the default, takes the largest index there is.
  public var columnCount: Int?
  /// The number of threads that read, on which the result does not depend; `nil`, the default, takes the context's.
  public var threadCount: Int?
  /// The memory that the rows may take; `nil`, the default, takes the context's limit, if it has one.
  public var memoryLimit: MemoryLimit?
  /// Whether the indices of SVMLight files count from 0, as they also do where a comment at the beginning says so; `false` by default.
  public var isZeroBased: Bool
  /// How CSV files are written.
  public var csv: CSVOptions
  /// The number of bytes that a thread reads at a time.
  var pieceByteCount = 1 << 19

  /// Creates options; what is not given has its default.
  ///
  /// - Precondition: `threadCount` ≥ 1, `categoryLimit` is from 1 to 2²⁰, and `columnCount` is from 1 to 2³¹ − 1, where they are given.
  public init(
    columns: ColumnSelection = .all, except: ColumnSelection? = nil, targets: ColumnSelection? = nil,
    weights: ColumnSelection? = nil, label: ColumnSelection? = nil, missing: MissingValuePolicy = .error,
    categorical: CategoricalColumns = .none, coding: CategoryCoding = .ones,
    categoryLimit: Int = CategoricalColumns.defaultLimit,
    encoding: ColumnEncoding? = nil, columnCount: Int? = nil, threadCount: Int? = nil,
    memoryLimit: MemoryLimit? = nil, isZeroBased: Bool = false, csv: CSVOptions = CSVOptions()
  ) {
    precondition(threadCount ?? 1 >= 1, "\(threadCount ?? 0) threads cannot read")
    precondition(columnCount.map { $0 > 0 && $0 <= Int(Int32.max) } ?? true, "\(columnCount ?? 0) columns")
    precondition(categoryLimit >= 1 && categoryLimit <= 1 << 20, "\(categoryLimit) values of a categorical column")
    self.columns = columns
    self.except = except
    self.targets = targets
    self.weights = weights
    self.label = label
    self.missing = missing
    self.categorical = categorical
    self.coding = coding
    self.categoryLimit = categoryLimit
    self.encoding = encoding
    self.columnCount = columnCount
    self.threadCount = threadCount
    self.memoryLimit = memoryLimit
    self.isZeroBased = isZeroBased
    self.csv = csv
  }

  /// The number of threads for whoever reads without a context.
  var usedThreadCount: Int { threadCount ?? 1 }

  /// The columns that are read into tables of their own: the targets, then the weights.
  var extraColumns: [ColumnSelection] { [targets, weights].compactMap { $0 } }
}
