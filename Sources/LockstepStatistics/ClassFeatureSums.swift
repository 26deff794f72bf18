// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// For each class that occurs, its rows, its weight and the sum of each of p columns of counts.
///
/// With weights wᵢ, the sums are N_cj = Σ wᵢ xᵢⱼ over the rows of class c. A weight counts a row that often. Counts are not negative,
/// and need not be whole.
///
/// - Merging: the union of the classes, in order, and sums.
/// - Accuracy: sums of whole numbers are exact up to 2⁵³. Otherwise no terms cancel: relative errors are at most u = 2⁻⁵³ for each
///   row of a block and for each level of the tree, and a few u as a rule.
/// - Memory: c · p numbers.
public struct ClassFeatureSums: ColumnWidening {
  /// The number of columns, p.
  package let columnCount: Int
  /// The classes seen, c, in order.
  package private(set) var classes: [ClassLabel] = []
  /// The number of rows of each class, those of weight 0 included.
  package private(set) var rowCounts: [Int] = []
  /// The sum of the weights of each class; the number of rows where there are none.
  package private(set) var weights: [Double] = []
  /// The sums of the columns, c × p, class after class.
  package private(set) var sums: [Double] = []

  /// The summary of no rows.
  package init(columnCount: Int) { self.columnCount = columnCount }

  /// The number of rows in a block: about a megabyte of doubles, and with many columns more, so that adding sums up stays small
  /// beside making them of rows that are mostly zeros.
  package static func blockRowCount(columnCount: Int) -> Int {
    let columns = max(columnCount, 1)
    let fitting = BlockSize.powerOfTwo(atMost: (1 << 17) / columns)
    return min(max(fitting, BlockSize.powerOfTwo(atLeast: columns / 4), 1024), 8192)
  }

  /// Adds a block of rows, which come after those seen.
  ///
  /// - Parameters:
  ///   - samples: The rows, with their labels.
  ///   - known: The only classes that may occur; `nil` for any.
  /// - Throws: ``LockstepError`` with code `.usage` if there are no labels, `.notFinite` or `.malformedInput` at the first number
  ///   that cannot be a count, or label that is not among the known classes.
  package mutating func observe(_ samples: Samples, among known: [ClassLabel]? = nil) throws {
    precondition(samples.columnCount == columnCount, "\(samples.columnCount) columns in sums of \(columnCount)")
    guard samples.rowCount > 0 else { return }
    guard let labels = samples.labels else {
      throw LockstepError(.usage, "the rows have no labels", remedy: "give the class of each row")
    }
    try samples.rows.requireCounts(firstRow: samples.firstRow)
    var block = ClassFeatureSums(columnCount: columnCount)
    let (classes, codes) = labels.coded
    if let known { try Self.require(classes, among: known, codes, firstRow: samples.firstRow) }
    block.classes = classes
    block.rowCounts = Array(repeating: 0, count: classes.count)
    block.weights = Array(repeating: 0, count: classes.count)
    block.sums = Array(repeating: 0, count: classes.count * columnCount)
    try samples.withCheckedWeights { weights in block.add(samples.rows, codes, weights) }
    merge(block)
  }

  private mutating func add(_ rows: any RowBlock, _ codes: [Int32], _ rowWeights: UnsafePointer<Double>?) {
    rowCounts.withUnsafeMutableBufferPointer { counts in for code in codes { counts[Int(code)] += 1 } }
    if let rowWeights {
      weights.withUnsafeMutableBufferPointer { sums in
        for (i, code) in codes.enumerated() { sums[Int(code)] += rowWeights[i] }
      }
    } else {
      weights = rowCounts.map(Double.init)
    }
    sums.withUnsafeMutableBufferPointer { sums in
      codes.withUnsafeBufferPointer { codes in
        guard let sums = sums.baseAddress, let codes = codes.baseAddress else { return }
        rows.addClassSums(classes: codes, weights: rowWeights, to: sums)
      }
    }
  }

  /// Throws unless all classes are known.
  static func require(
    _ classes: [ClassLabel], among known: [ClassLabel], _ codes: [Int32], firstRow: Int
  ) throws {
    let allowed = Set(known)
    let strange = Set(classes.indices.filter { !allowed.contains(classes[$0]) })
    guard !strange.isEmpty, let row = codes.firstIndex(where: { strange.contains(Int($0)) }) else { return }
    throw LockstepError(
      .malformedInput,
      "the label \(PrintableText.quoted("\(classes[Int(codes[row])])")) is none of the \(known.count) classes that were given",
      remedy: "add it to them, or leave the row out", place: .init(row: firstRow + row))
  }

  /// Absorbs the summary of the rows that follow.
  public mutating func merge(_ later: Self) {
    precondition(later.columnCount == columnCount, "sums of \(later.columnCount) and \(columnCount) columns")
    guard !later.classes.isEmpty else { return }
    guard !classes.isEmpty else {
      self = later
      return
    }
    if classes == later.classes { return add(later, at: Array(classes.indices)) }
    let union = Set(classes).union(later.classes).sorted()
    let indices = Dictionary(uniqueKeysWithValues: zip(union, union.indices))
    func places(of labels: [ClassLabel]) -> [Int] { labels.compactMap { indices[$0] } }
    if union.count > classes.count {
      var widened = ClassFeatureSums(columnCount: columnCount)
      widened.classes = union
      widened.rowCounts = Array(repeating: 0, count: union.count)
      widened.weights = Array(repeating: 0, count: union.count)
      widened.sums = Array(repeating: 0, count: union.count * columnCount)
      widened.add(self, at: places(of: classes))
      self = widened
    }
    add(later, at: places(of: later.classes))
  }

  /// Whether there are a number of rows, a weight and p sums for each class, and the classes are in order.
  public var isWellFormed: Bool {
    let c = classes.count
    return SummaryLimit.columnCounts.contains(columnCount) && rowCounts.count == c && weights.count == c
      && sums.count == c * columnCount && rowCounts.allSatisfy(SummaryLimit.rowCounts.contains)
      && weights.allSatisfy { $0 >= 0 } && zip(classes, classes.dropFirst()).allSatisfy { $0 < $1 }
  }

  /// Whether the numbers of columns are the same.
  public func canMerge(_ later: Self) -> Bool { later.columnCount == columnCount }

  /// The summary of the same rows among more columns, of which the others are 0.
  public func widened(to columnCount: Int, places: [Int]) throws -> ClassFeatureSums {
    try requireWidening(of: self.columnCount, to: columnCount, places)
    var wide = ClassFeatureSums(columnCount: columnCount)
    (wide.classes, wide.rowCounts, wide.weights) = (classes, rowCounts, weights)
    wide.sums = Array(repeating: 0, count: classes.count * columnCount)
    for c in classes.indices {
      for (j, place) in places.enumerated() { wide.sums[c * columnCount + place] = sums[c * self.columnCount + j] }
    }
    return wide
  }

  /// Adds the numbers of the classes of `other` to those of the classes at `places`.
  private mutating func add(_ other: Self, at places: [Int]) {
    let p = columnCount
    for (theirs, mine) in places.enumerated() {
      rowCounts[mine] += other.rowCounts[theirs]
      weights[mine] += other.weights[theirs]
    }
    sums.withUnsafeMutableBufferPointer { sums in
      other.sums.withUnsafeBufferPointer { others in
        for (theirs, mine) in places.enumerated() {
          for j in 0..<p { sums[mine * p + j] += others[theirs * p + j] }
        }
      }
    }
  }
}
