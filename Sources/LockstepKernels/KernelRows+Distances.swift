// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

/// Squared distances are sums of squared differences, each fused into a sum of its lane: lane l of eight holds the columns
/// l, l + 8, l + 16 …, what is left over of the columns sits in the last lanes (or the first, below eight columns), and
/// the lanes are added in a fixed order. So a distance depends on the row and the centre alone.
extension KernelRows {
  /// Computes ‖xᵢ − c_labels[i]‖² for each row i.
  ///
  /// - Parameters:
  ///   - centroids: k × p, row-major.
  ///   - labels: A number below k for each row.
  ///   - distances: Where to put the distances, one a row; nil if only their sum is wanted.
  /// - Returns: The sum of the distances, added row by row in order.
  @discardableResult
  public func squaredDistances(
    to centroids: UnsafePointer<Double>, labels: UnsafePointer<Int32>, into distances: UnsafeMutablePointer<Double>?
  ) -> Double {
    lockstep_squared_distances(view, centroids, labels, distances)
  }

  /// Lowers each row's `minimums[i]` to ‖xᵢ − centre‖², if that is less: one round of k-means++.
  ///
  /// - Returns: The sum of the new minimums, added row by row in order.
  /// - Complexity: One reading of the rows, at the speed of memory.
  public func lowerMinimums(to centre: UnsafePointer<Double>, _ minimums: UnsafeMutablePointer<Double>) -> Double {
    lockstep_update_minimums(view, centre, minimums)
  }
}
