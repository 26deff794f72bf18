// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// A summary of some rows that can absorb the summary of the rows after them.
///
/// Laws, tested for every conformance by `checkMergeLaws`:
/// - *Identity*: merging a summary of no rows, on either side, changes nothing, not even a bit.
/// - *Associativity*: regrouping merges changes a result by rounding only.
/// - *Homomorphism*: summarizing rows `a ++ b` equals summarizing `a` merged with summarizing `b`, up to rounding.
///
/// Commutativity is **not** required: drivers merge in row order, in a tree that the rows' numbers alone decide, so a result
/// never depends on which rank or thread finished first.
public protocol Mergeable: Codable, Sendable {
  /// Absorbs the summary of the rows that follow.
  mutating func merge(_ later: Self)

  /// Whether the arrays have the sizes that go with each other, and numbers are such that sums of them do not overflow.
  ///
  /// True unless a conformance says otherwise. Asked of summaries that come from a file, whose bytes may be anybody's.
  var isWellFormed: Bool { get }

  /// Whether `later` is of the same columns, so that it can be merged.
  ///
  /// True unless a conformance says otherwise. Asked of summaries that come from files; `self` and `later` are well formed.
  func canMerge(_ later: Self) -> Bool
}

extension Mergeable {
  /// True: nothing can be wrong.
  public var isWellFormed: Bool { true }
  /// True: all summaries merge.
  public func canMerge(_ later: Self) -> Bool { true }
}

/// A summary that can take in columns that were 0 in all rows seen, as those of values of a category that come up later.
package protocol ColumnWidening: Mergeable {
  /// The summary of the same rows among more columns, of which the others are 0.
  ///
  /// - Parameters:
  ///   - columnCount: The number of columns, without responses.
  ///   - places: The new places of the columns, ascending.
  /// - Returns: The summary.
  /// - Throws: `LockstepError` with code `.malformedInput` if the summary is not one of as many columns as there are places.
  func widened(to columnCount: Int, places: [Int]) throws -> Self
}

extension ColumnWidening {
  /// Throws unless this is a summary of as many columns as there are places.
  package func requireWidening(of ownColumnCount: Int, to columnCount: Int, _ places: [Int]) throws {
    guard places.count == ownColumnCount, places.allSatisfy((0..<columnCount).contains) else {
      throw LockstepError(
        .malformedInput, "a summary of \(ownColumnCount) columns cannot be one of \(columnCount)",
        remedy: "summarize the rows again")
    }
  }
}

/// The sizes that a summary from a file can have.
package enum SummaryLimit {
  /// Numbers of rows: sums of a few thousand of them are far from overflowing.
  package static let rowCounts = 0...1 << 48
  /// Numbers of columns, whose squares do not overflow either.
  package static let columnCounts = 0...Int(Int32.max)
}
