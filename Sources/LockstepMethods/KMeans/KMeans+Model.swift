// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepTables

extension KMeans {
  /// The clusters that a fit found.
  public struct Model: FittedModel, Hashable {
    /// The centroids, k × p.
    public var centroids: Matrix
    /// Σᵢ ‖xᵢ − c(aᵢ)‖² for these centroids, in squared units of the data.
    public var objective: Double
    /// The number of iterations done.
    public var iterations: Int
    /// Whether the assignments repeated or the tolerance was met, before the iterations ran out.
    public var isConverged: Bool
    /// The number of rows of each cluster.
    public var clusterSizes: [Int]

    /// A model of its parts.
    public init(centroids: Matrix, objective: Double, iterations: Int, isConverged: Bool, clusterSizes: [Int]) {
      self.centroids = centroids
      self.objective = objective
      self.iterations = iterations
      self.isConverged = isConverged
      self.clusterSizes = clusterSizes
    }

    /// `kmeans`.
    public static var methodName: String { "kmeans" }
    /// The number of columns, p.
    public var columnCount: Int { centroids.columnCount }
    /// The number of clusters, k.
    public var clusterCount: Int { centroids.rowCount }

    /// `centroids`, `objective`, `iterations`, `isConverged`, `clusterSizes`.
    public var fields: [ModelField] {
      [
        ModelField("centroids", .matrix(centroids)), ModelField("objective", .scalar(objective)),
        ModelField("iterations", .scalar(iterations)), ModelField("isConverged", .bool(isConverged)),
        ModelField("clusterSizes", .vector(clusterSizes)),
      ]
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      try self.init(
        centroids: fields.matrix("centroids"), objective: fields.double("objective"),
        iterations: fields.integer("iterations"), isConverged: fields.bool("isConverged"),
        clusterSizes: fields.integers("clusterSizes"))
      guard clusterSizes.count == centroids.rowCount, clusterCount > 0 else {
        throw LockstepError(
          .malformedInput, "a kmeans model of \(centroids.rowCount) centroids and \(clusterSizes.count) cluster sizes",
          remedy: "save the model again")
      }
    }

    /// The nearest centroid of each row, ties to the lowest; local, no communication.
    ///
    /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns, `.notFinite` for a row
    ///   with a NaN or an infinity.
    /// - Complexity: 2nkp flops.
    public func predict(_ rows: any RowBlock) throws -> [Int32] {
      guard rows.columnCount == columnCount || rows.rowCount == 0 else {
        throw LockstepError(
          .shapeMismatch, "rows of \(rows.columnCount) columns for a model of \(columnCount)",
          remedy: "give the columns that the model was fitted to, in the same order")
      }
      if let place = rows.firstNonFinite() {
        throw LockstepError(
          .notFinite, "a row with a NaN or an infinity has no nearest centroid",
          place: .init(row: place.row, column: place.column + 1))
      }
      let panels = CentroidPanels(centroids.elements, shift: centroids.columnMedians, measuresSeparations: false)
      var labels = [Int32](repeating: 0, count: rows.rowCount)
      _ = labels.withUnsafeMutableBufferPointer {
        rows.assign(to: panels, labels: $0, bounds: nil, isFirstSweep: true, sums: nil)
      }
      return labels
    }
  }
}

extension KMeans.Model: CustomStringConvertible {
  /// A few lines for people: the summary, and each cluster's size and centroid.
  public var description: String {
    var lines = [
      "k-means: \(clusterCount) clusters of \(columnCount) columns, objective \(objective), "
        + "\(iterations) iterations, \(isConverged ? "converged" : "not converged")"
    ]
    for j in 0..<clusterCount {
      lines.append("  cluster \(j): \(clusterSizes[j]) rows, centroid \(Array(centroids.row(j)))")
    }
    do { lines.append("  digest \(try digest)") } catch { lines.append("  no digest: \(error)") }
    return lines.joined(separator: "\n")
  }
}
