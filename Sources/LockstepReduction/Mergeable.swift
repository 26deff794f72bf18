// SPDX-License-Identifier: Apache-2.0

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
}
