// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

/// The memory that the sweeps of one run of Lloyd's iteration keep for each row, beside its label.
///
/// A row has 1 + t floats: an upper bound of the distance to its centroid, and for each of t groups of centroids a lower
/// bound of the distances to the others.
public struct LloydBounds: Sendable, Hashable {
  /// The number of groups, t.
  public var groupCount: Int

  /// The number of floats that a row takes.
  public var floatsPerRow: Int { 1 + groupCount }

  /// Bounds of `groupCount` groups: 1, 2, 4, or a multiple of 8 up to 64.
  public init(groupCount: Int) {
    precondition(Self.isGroupCount(groupCount), "\(groupCount) is not 1, 2, 4 or a multiple of 8 up to 64")
    self.groupCount = groupCount
  }

  /// The most useful bounds within a budget; nil if not even one group fits, or bounds would not pay.
  ///
  /// - Parameters:
  ///   - clusterCount: k; at most a group for about ten clusters.
  ///   - byteBudgetPerRow: The bytes that label (four) and bounds of one row may take together.
  public init?(clusterCount: Int, byteBudgetPerRow: Int) {
    let most = min((byteBudgetPerRow - 8) / 4, max(1, (clusterCount + 5) / 10))
    guard clusterCount > 1, let groupCount = [64, 32, 16, 8, 4, 2, 1].first(where: { $0 <= most }) else { return nil }
    self.groupCount = groupCount
  }

  static func isGroupCount(_ count: Int) -> Bool {
    [1, 2, 4].contains(count) || (count > 0 && count % 8 == 0 && count <= LOCKSTEP_MAX_GROUPS)
  }
}
