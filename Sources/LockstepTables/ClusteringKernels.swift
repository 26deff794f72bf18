// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

/// What k-means asks of a block of n rows and p columns.
public protocol ClusteringKernels {
  /// Finds the nearest centroid of each row and, if asked, adds the rows of each cluster up, less the panels' shift.
  ///
  /// - Parameters:
  ///   - panels: The centroids, k × p, packed.
  ///   - labels: n numbers, the cluster of each row; read too unless `isFirstSweep`.
  ///   - bounds: What earlier sweeps learned of each row's distances; `nil` computes everything.
  ///   - isFirstSweep: Whether labels and bounds hold nothing yet.
  ///   - sums: Where to add the rows of each cluster up, row by row in order; `nil` if that is not wanted.
  /// - Returns: The number of labels that changed.
  @discardableResult
  func assign(
    to panels: CentroidPanels, labels: UnsafeMutableBufferPointer<Int32>, bounds: UnsafeMutableBufferPointer<Float>?,
    isFirstSweep: Bool, sums: ClusterSumsBuffer?
  ) -> Int

  /// The sum of ‖xᵢ − c(labelᵢ)‖² over the rows in order, each term from differences, and the terms if asked.
  @discardableResult
  func squaredDistances(
    to centroids: [Double], labels: UnsafeBufferPointer<Int32>, into distances: UnsafeMutableBufferPointer<Double>?
  ) -> Double

  /// Lowers each row's entry to ‖xᵢ − center‖² where that is less.
  func lowerMinimums(to center: [Double], _ minimums: UnsafeMutableBufferPointer<Double>)
}

/// Where a sweep of k-means puts the sums of the rows of each cluster, and their numbers.
public struct ClusterSumsBuffer {
  /// The sums, k × p.
  public let sums: UnsafeMutableBufferPointer<Double>
  /// The numbers of rows, k; with weights, of those whose weight is not 0.
  public let counts: UnsafeMutableBufferPointer<Int>
  /// How often each row counts, and where the sums of these go, k numbers; `nil` counts each row once.
  public let weights: (rows: UnsafeBufferPointer<Double>, clusters: UnsafeMutableBufferPointer<Double>)?
  /// Whether the buffers hold what the last sweep of the same rows left there, to be updated; otherwise they are
  /// added to.
  public let holdsLastSweep: Bool

  /// Buffers for k clusters.
  public init(
    sums: UnsafeMutableBufferPointer<Double>, counts: UnsafeMutableBufferPointer<Int>, holdsLastSweep: Bool = false,
    weights: (rows: UnsafeBufferPointer<Double>, clusters: UnsafeMutableBufferPointer<Double>)? = nil
  ) {
    self.sums = sums
    self.counts = counts
    self.weights = weights
    self.holdsLastSweep = holdsLastSweep
  }
}
