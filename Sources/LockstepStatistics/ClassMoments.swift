// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// The moments of the columns over all rows, and over the rows of each class that occurs.
///
/// - Merging: the union of the classes, in order; moments of the same class merge as ``ColumnMoments`` do.
/// - Memory: 6p numbers for each class, and as many for all.
public struct ClassMoments: ColumnWidening {
  /// The number of columns, p.
  package let columnCount: Int
  /// The moments of all rows.
  package private(set) var all: ColumnMoments
  /// The classes seen, c, in order.
  package private(set) var classes: [ClassLabel] = []
  /// The moments of the rows of each class.
  package private(set) var moments: [ColumnMoments] = []

  /// The summary of no rows.
  package init(columnCount: Int) {
    self.columnCount = columnCount
    all = ColumnMoments(columnCount: columnCount)
  }

  /// Adds a block of rows, which come after those seen.
  ///
  /// - Parameters:
  ///   - samples: The rows, with their labels.
  ///   - known: The only classes that may occur; `nil` for any.
  /// - Throws: ``LockstepError`` with code `.usage` if there are no labels, `.notFinite` at the first number that is not finite,
  ///   `.malformedInput` at the first label that is not among the known classes.
  package mutating func observe(_ samples: Samples, among known: [ClassLabel]? = nil) throws {
    precondition(samples.columnCount == columnCount, "\(samples.columnCount) columns in moments of \(columnCount)")
    guard samples.rowCount > 0 else { return }
    guard let labels = samples.labels else {
      throw LockstepError(.usage, "the rows have no labels", remedy: "give the class of each row")
    }
    let (classes, codes) = labels.coded
    if let known { try ClassFeatureSums.require(classes, among: known, codes, firstRow: samples.firstRow) }
    let features = (samples.rows as? SupervisedRows)?.features ?? samples.rows
    var block = ClassMoments(columnCount: columnCount)
    // Numbers that are not finite, and weights, are found here, with their places in the whole.
    try block.all.observe(samples)
    var members = Array(repeating: [Int](), count: classes.count)
    for (i, code) in codes.enumerated() { members[Int(code)].append(i) }
    block.classes = classes
    block.moments = try members.map { rows in
      var moments = ColumnMoments(columnCount: columnCount)
      let weights = samples.weights?.rows(at: rows) as? DenseRows<Double>
      try moments.observe(
        Samples(SupervisedRows(features: features.rows(at: rows), weights: weights), firstRow: samples.firstRow))
      return moments
    }
    merge(block)
  }

  /// Absorbs the summary of the rows that follow.
  public mutating func merge(_ later: Self) {
    precondition(later.columnCount == columnCount, "moments of \(later.columnCount) and \(columnCount) columns")
    all.merge(later.all)
    let union = classes == later.classes ? classes : Set(classes).union(later.classes).sorted()
    let (mine, theirs) = (byClass, later.byClass)
    moments = union.map { label in
      guard var moments = mine[label] else { return theirs[label] ?? ColumnMoments(columnCount: columnCount) }
      if let other = theirs[label] { moments.merge(other) }
      return moments
    }
    classes = union
  }

  private var byClass: [ClassLabel: ColumnMoments] { Dictionary(uniqueKeysWithValues: zip(classes, moments)) }

  /// Whether there are well-formed moments of as many columns for each class, and the classes are in order.
  public var isWellFormed: Bool {
    all.isWellFormed && all.columnCount == columnCount && moments.count == classes.count
      && moments.allSatisfy { $0.isWellFormed && $0.columnCount == columnCount }
      && zip(classes, classes.dropFirst()).allSatisfy { $0 < $1 }
  }

  /// Whether the numbers of columns are the same.
  public func canMerge(_ later: Self) -> Bool { later.columnCount == columnCount }

  /// The summary of the same rows among more columns, of which the others are 0.
  public func widened(to columnCount: Int, places: [Int]) throws -> ClassMoments {
    try requireWidening(of: self.columnCount, to: columnCount, places)
    var wide = ClassMoments(columnCount: columnCount)
    wide.all = try all.widened(to: columnCount, places: places)
    wide.classes = classes
    wide.moments = try moments.map { try $0.widened(to: columnCount, places: places) }
    return wide
  }
}
